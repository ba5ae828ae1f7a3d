"""GLUE's tasks but SST-2: four that ask about a pair of sentences, and one about a single sentence."""

from collections.abc import Mapping

from hmu.tasks.base import GLUE_MOST, Example, HubData, Row, Task, squeeze

GLUE = "nyu-mll/glue"


def _pair(
    name: str,
    title: str,
    pair: tuple[str, str],
    labels: tuple[str, ...],
    validation: str = "validation",
    most: Mapping[str, int] | None = None,
) -> Task:
    """A task that asks how two texts stand to one another; rows that share the first one stay together."""

    def example(row: Row) -> Example:
        first, second = (row[field] for field in pair)
        return Example(source=squeeze(first), second=squeeze(second), label=row["label"], group=first)

    return Task(
        name=name,
        title=title,
        folder=f"glue/{name}",
        fields={pair[0]: str, pair[1]: str, "label": int},
        prepare=squeeze,
        example=example,
        labels=labels,
        pair=pair,
        hub=HubData(GLUE, name, {"train": "train", "validation": validation}, most=most or {}),
    )


def _cola(row: Row) -> Example:
    return Example(source=squeeze(row["sentence"]), label=row["label"], group=row["sentence"])


MRPC = _pair("mrpc", "Same meaning (MRPC)", ("sentence1", "sentence2"), ("not equivalent", "equivalent"))
RTE = _pair("rte", "Entailment (RTE)", ("sentence1", "sentence2"), ("entailment", "not entailment"))
QNLI = _pair(
    "qnli",
    "Answer in the sentence (QNLI)",
    ("question", "sentence"),
    ("entailment", "not entailment"),
    most=GLUE_MOST,
)
MNLI = _pair(
    "mnli",
    "Inference in three classes (MNLI, matched)",
    ("premise", "hypothesis"),
    ("entailment", "neutral", "contradiction"),
    "validation_matched",
    most=GLUE_MOST,
)
COLA = Task(
    name="cola",
    title="Acceptable English (CoLA)",
    folder="glue/cola",
    fields={"sentence": str, "label": int},
    prepare=squeeze,
    example=_cola,
    labels=("unacceptable", "acceptable"),
    matthews=True,
    hub=HubData(GLUE, "cola"),
)
