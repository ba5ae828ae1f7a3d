"""Tables that people bring, and what came of them → values of sheets, meters and plots. Knows nothing of models."""

from collections.abc import Sequence
from typing import Any

from app import words
from app.handlers.results import Result, Row, differ_most
from app.handlers.uploads import Table
from hmu.plots import BASELINE, MEMORY, confusion_map

Json = dict[str, Any]
NO_PLOT: Json = {"empty": ""}
_PREVIEWED, _SHOWN = 5, 160


def preview(table: Table) -> Json:
    """The first rows of a table, as they were read."""
    caption = words.DATA_PREVIEW.format(name=table.name, rows=len(table.rows))
    rows = [[_cell(row[name]) for name in table.columns] for row in table.rows[:_PREVIEWED]]
    return made(caption, table.columns, rows) | {"theirs": True}


def scores(result: Result, titles: Sequence[str]) -> Json | None:
    """Every column's metrics, one line each; None if nobody knows what is right."""
    if not result.columns[0].metrics:
        return None
    measured = [name for name in words.METRICS if name in result.columns[0].metrics]
    rows = [
        [title, *(words.METRICS[name][1].format(column.metrics[name]) for name in measured)]
        for title, column in zip(titles, result.columns, strict=True)
    ]
    caption = (
        words.CLASS_SCORES if result.classes else words.CONCEPT_SCORES if "coverage" in measured else words.TEXT_SCORES
    )
    return made(caption, ("", *(words.METRICS[name][0] for name in measured)), rows, range(1, len(measured) + 1))


def confusions(result: Result, titles: Sequence[str], gated: Sequence[bool]) -> list[Json]:
    """Every column's confusion, in the colour of its arm; nothing to draw for sentences or without an answer column."""
    return [
        confusion_map(column.confusion, result.classes, title, MEMORY if gate else BASELINE)
        if column.confusion
        else NO_PLOT
        for column, title, gate in zip(result.columns, titles, gated, strict=True)
    ]


def differing(result: Result, titles: Sequence[str]) -> Json | None:
    """The rows in which the first two columns differ most; None for one column."""
    rows = differ_most(result)
    if not rows:
        return None
    alike = sum(row.answers[0].output == row.answers[1].output for row in result.rows)
    first, second, total = *titles[:2], len(result.rows)
    caption = words.DIFFER_MOST.format(first=first, second=second, alike=alike, rows=total)
    number, text, other, right, difference = words.DIFFER_HEADS
    texts = [text] if result.question.second_column is None else [text, other]
    asked = [right] * (result.question.answer_column is not None)
    head = [number, *texts, *asked, first, second, difference]
    told = (0, *(range(1 + len(texts), len(head) - 1) if result.classes else ()))
    return made(caption, head, [_differing(row, bool(asked)) for row in rows], (0, len(head) - 1), told)


def _differing(row: Row, asked: bool) -> list[str]:
    texts = [row.text] if row.second is None else [row.text, row.second]
    right = [_cut(" | ".join(row.right))] * asked
    said = [words.ANSWERED.format(_cut(answer.output), answer.probability) for answer in row.answers[:2]]
    return [words.COUNT.format(row.number), *map(_cut, texts), *right, *said, f"{row.difference or 0:.3f}"]


def meter(done: int = 0, total: int = 0, said: str = "", fault: bool = False, going: bool = False) -> Json:
    """A progress bar's value; no bar while `total` is 0, unless something is `going` on with no end in sight."""
    return {"done": done, "total": total, "said": said, "fault": fault, "going": going}


def _cell(cell: object) -> str:
    return "" if cell is None else _cut(", ".join(cell) if isinstance(cell, list) else str(cell))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def made(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[int] = (),
    told: Sequence[int] = (),
) -> Json:
    """A sheet's value (`app.components.sheet.sheet`)."""
    value = {"caption": caption, "head": list(head), "rows": [list(row) for row in rows]}
    return value | {"right": list(right), "told": list(told)}
