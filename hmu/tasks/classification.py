"""Tasks with one text and one class: news topic and sentiment."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hmu.tasks.base import GLUE_MOST, Example, HubData, Row, Task, squeeze

_DROPPED = 0.15
"""Share of the words that a varied text lacks."""


def _ag_news(row: Row) -> Example:
    return Example(source=squeeze(row["text"]), label=row["label"], group=row["text"])


def _sst2(row: Row) -> Example:
    return Example(source=_lower(row["sentence"]), label=row["label"], group=row["sentence"])


def _lower(text: str) -> str:
    return squeeze(text).lower()


def _vary(examples: Sequence[Example], draw: Random) -> list[Example]:
    """The same classes for the same texts with words left out, never all of them."""
    return [replace(example, source=_thinned(example.source, draw)) for example in examples]


def _thinned(text: str, draw: Random) -> str:
    words = text.split()
    kept = [word for word in words if draw.random() >= _DROPPED]
    return " ".join(kept or words)


AG_NEWS = Task(
    name="ag_news",
    title="News topic (AG-News)",
    folder="ag_news",
    fields={"text": str, "label": int},
    prepare=squeeze,
    example=_ag_news,
    vary=_vary,
    labels=("World", "Sports", "Business", "Sci/Tech"),
    scored_on="test.jsonl.gz",
    hub=HubData("fancyzhx/ag_news", splits={"train": "train", "test": "test"}),
)

SST2 = Task(
    name="sst2",
    title="Sentiment of a film review (SST-2)",
    folder="glue/sst2",
    fields={"sentence": str, "label": int},
    prepare=_lower,
    example=_sst2,
    vary=_vary,
    phrases=True,
    labels=("negative", "positive"),
    hub=HubData(
        "stanfordnlp/sst2",
        splits={"train": "train", "train_full": "train", "validation": "validation"},
        most=GLUE_MOST,
    ),
)
