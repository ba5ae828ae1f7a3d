"""What a task is: how a row of data becomes a source text and what is asked about it.

Knows nothing of tokens, models or metrics.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """One source and what is right for it.

    Args:
        source: the text that the encoder reads.
        label: number of the right class, for classification.
        references: right outputs, for generation.
        group: rows of one group stay on one side when a slice is cut.
    """

    source: str
    label: int | None = None
    references: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A task by name.

    Args:
        name: as in files, configs and commands.
        title: as people read it.
        folder: where its files lie below a data root.
        labels: class names by number; empty for generation.
        prepare: a user's text → the source text the model was trained on.
        example: a row of its file → an example.
        merge: rows' examples → one example per input, for scoring.
        vary: training examples → as many others with the same answers, by the draws; none if a task has no such.
        fields: what every row must have, and of which type.
        scored_on: the given file, in `folder`, that a model card reports on.
    """

    name: str
    title: str
    folder: str
    fields: Mapping[str, type]
    prepare: Callable[[str], str]
    example: Callable[[Row], Example]
    merge: Callable[[Iterable[Example]], list[Example]] = list
    vary: Callable[[Sequence[Example], Random], list[Example]] | None = None
    labels: tuple[str, ...] = ()
    scored_on: str = "validation.jsonl.gz"

    @property
    def generates(self) -> bool:
        """Whether the answer is a text (true) or a class (false)."""
        return not self.labels
