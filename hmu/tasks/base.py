"""What a task is: how a row of data becomes a source text and what is asked about it.

Knows nothing of tokens, models or metrics.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """One source and what is right for it.

    Args:
        source: the text that the encoder reads, the first one of a pair.
        label: number of the right class, or of the right ending.
        references: right outputs, for generation.
        group: rows of one group stay on one side when a slice is cut.
        second: the other text of a pair.
        endings: what there is to choose from, for a task that chooses.
        concepts: words that an answer should use; None for those of the source.
    """

    source: str
    label: int | None = None
    references: tuple[str, ...] = ()
    group: str = ""
    second: str | None = None
    endings: tuple[str, ...] = ()
    concepts: tuple[str, ...] | None = None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The words that an answer should use, where its task asks for any."""
        return tuple(self.source.split()) if self.concepts is None else self.concepts


@dataclass(frozen=True, slots=True)
class HubData:
    """Where a task's rows are on the Hugging Face Hub, under the field names that the task reads.

    Args:
        repo: owner/name of the data set.
        config: which of its parts; None where it has one.
        splits: our file's name up to the first dot → the split, as the library `datasets` writes it.
        file: a CSV file of the repository that holds all rows; None where the data set is read as such.
        on_request: whether its authors hand it out to those who ask, so that it cannot be fetched.
        most: our file's name, likewise → the most rows that it keeps of the split: `random.Random(42).sample` of all,
            in the split's order. A file that is not named keeps all.
    """

    repo: str
    config: str | None = None
    splits: Mapping[str, str] = field(default_factory=lambda: {"train": "train", "validation": "validation"})
    file: str | None = None
    on_request: bool = False
    most: Mapping[str, int] = field(default_factory=dict)


TRAIN = "train.jsonl.gz"
"""A task's training rows, in its folder, where no other file is asked for."""
GLUE_MOST: Mapping[str, int] = {"train": 20_000}
"""The most rows of a GLUE task that the paper trains on (its experimental setting)."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task by name: it writes a text, names a class (`labels`), or chooses among a row's own endings (`chooses`).

    Args:
        name: as in files, configs and commands.
        title: as people read it.
        folder: where its files lie below a data root.
        labels: class names by number, for classification.
        prepare: a user's text → the source text the model was trained on; each text of a pair alike.
        example: a row of its file → an example.
        merge: rows' examples → one example per input, for scoring.
        vary: training examples → as many others, made of these by the draws; none if a task has no such.
        adopt: sentences of other tasks, and this one's examples → further examples that those sentences answer, by
            the draws; none if a task has no such.
        fields: what every row must have, and of which type.
        scored_on: the given file, in `folder`, that a model card reports on.
        pair: the two fields that are read together, with a separator token between; empty for one text.
        chooses: whether the likelier of the endings is the answer. It is scored only, under a checkpoint that writes
            such endings: nothing is trained on it.
        asks_concepts: whether the answer should use the words of the source.
        matthews: whether its classes are scored by Matthews correlation too.
        phrases: whether training rows are parts of one another, so that a slice is apart only without these.
        within: field → the whole numbers that it may hold, beside the label's.
        hub: where its rows are for those who have no data root.
    """

    name: str
    title: str
    folder: str
    fields: Mapping[str, type]
    prepare: Callable[[str], str]
    example: Callable[[Row], Example]
    merge: Callable[[Iterable[Example]], list[Example]] = list
    vary: Callable[[Sequence[Example], Random], list[Example]] | None = None
    adopt: Callable[[Sequence[str], Sequence[Example], Random], list[Example]] | None = None
    labels: tuple[str, ...] = ()
    scored_on: str = "validation.jsonl.gz"
    pair: tuple[str, ...] = ()
    chooses: bool = False
    asks_concepts: bool = False
    matthews: bool = False
    phrases: bool = False
    within: Mapping[str, range] = field(default_factory=dict)
    hub: HubData | None = None

    @property
    def generates(self) -> bool:
        """Whether the answer is a text (true) or the number of a class or an ending (false)."""
        return not self.labels and not self.chooses

    @property
    def allowed(self) -> Mapping[str, range]:
        """Field → the whole numbers that it may hold."""
        return {**({"label": range(len(self.labels))} if self.labels else {}), **self.within}


def sentences(text: str) -> list[str]:
    """A text cut behind each full stop, exclamation or question mark that a space follows."""
    return re.split(r"(?<=[.!?])\s+", text)


def squeeze(text: str) -> str:
    """A text with single spaces between its words and none around them."""
    return " ".join(text.split())
