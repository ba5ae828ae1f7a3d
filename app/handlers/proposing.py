"""A table and a task → which of its columns are probably the texts and the answer. Asks no model."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.handlers.uploads import Table
from hmu import TASKS, find_task
from hmu.tasks import Task

_TEXTS = ("text", "sentence", "review", "headline", "title", "description", "content", "input", "source")
_LABELS = ("label", "labels", "class", "category", "sentiment", "topic", "answer", "target", "gold")
_CONCEPTS = ("concepts", "concept_set", "keywords", "words", "input", "source", "text")
_REFERENCES = ("target", "targets", "reference", "references", "sentence", "output", "answer", "scene")
_TWO_TEXTS = (
    *(task.pair for task in TASKS.values() if task.pair),
    *(("text1", "text2"), ("first", "second"), ("text", "second")),
)


@dataclass(frozen=True, slots=True)
class Guess:
    """Which columns are probably asked about.

    Args:
        text_column: what is read.
        answer_column: what is right; None where nothing looks like an answer.
        second_column: the second text, for a task that reads two; None for another, or where no column is left.
    """

    text_column: str
    answer_column: str | None
    second_column: str | None = None


def columns_for(table: Table, task: str) -> Guess:
    """Propose a question's columns: those with well-known names, else by what their cells could be.

    Raises:
        ValueError: for an unknown task.
    """
    asked, columns = find_task(task), table.columns
    if asked.generates:
        readable = _fitting(table, str, list)
        texts = [*_named(columns, _CONCEPTS), *_fitting(table, list), *readable, *columns]
        others = [name for name in columns if name != texts[0]]
        answers = [*_named(others, _REFERENCES), *_longest(table, [name for name in readable if name in others])]
        return Guess(texts[0], answers[0] if answers else None)
    labelled = [name for name in columns if all(class_number(asked, row[name]) is not None for row in table.rows)]
    answers = [*_named(labelled, _LABELS), *_named(columns, _LABELS), *labelled]
    others = [name for name in columns if name not in answers[:1]]
    if asked.pair:
        text, second = _two_texts(table, asked, others)
        return Guess(text, answers[0] if answers and answers[0] != text else None, second)
    texts = [*_named(others, _TEXTS), *_longest(table, _fitting(table, str)), *columns]
    text = next((name for name in texts if name in others), columns[0])
    return Guess(text, answers[0] if answers and answers[0] != text else None)


def class_number(task: Task, cell: object) -> int | None:
    """The class that a cell means: its number from 0, or its name in any case; None if it means none."""
    word = str(cell).strip().casefold() if type(cell) in {int, str} else ""  # a bool is an int to isinstance
    names = [name.casefold() for name in task.labels]
    if word in names:
        return names.index(word)
    return next((number for number in range(len(names)) if word == str(number)), None)


def _two_texts(table: Table, task: Task, others: Sequence[str]) -> tuple[str, str | None]:
    """The columns of both texts: by the names of the task's own fields or a task's alike, else the two longest."""
    for names in (task.pair, *_TWO_TEXTS):
        found = _named(others, names)
        if len(found) == len(names):
            return found[0], found[1]
    longest = _longest(table, [name for name in _fitting(table, str) if name in others])[:2]
    found = [*sorted(longest, key=table.columns.index), *(name for name in others if name not in longest)]
    return (found or table.columns)[0], found[1] if len(found) > 1 else None


def _fitting(table: Table, *kinds: type) -> list[str]:
    """Columns whose every cell is of one of these types."""
    return [name for name in table.columns if all(isinstance(row[name], kinds) for row in table.rows)]


def _named(columns: Sequence[str], known: Sequence[str]) -> list[str]:
    """Those of some columns whose names are known, in the order of the known ones."""
    by_name = {name.casefold().replace(" ", "_"): name for name in reversed(columns)}
    return [by_name[name] for name in known if name in by_name]


def _longest(table: Table, columns: Sequence[str]) -> list[str]:
    """Some columns by the length of their cells, the longest first."""
    return sorted(columns, key=lambda name: -sum(len(row[name]) for row in table.rows))
