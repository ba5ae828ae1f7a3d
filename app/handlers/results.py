"""What a scored table holds, as values, and as CSV and JSON to take away. Asks no model and computes no metric."""

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from app.cells import harmless
from hmu import Controls


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a table.

    Args:
        task: a name in `hmu.TASKS`.
        text_column: what is read; for concepts a text or a list of texts.
        answer_column: the right class, by number or name, or the right sentence or sentences; None if nobody knows.
        second_column: the second text, where the task reads two; None for a task of one text.
    """

    task: str
    text_column: str
    answer_column: str | None = None
    second_column: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One set-up and how well it did.

    Args:
        checkpoint, controls: the set-up.
        metrics: accuracy, majority, macro_f1 and for some tasks matthews, or bleu and for concepts coverage, as
            `hmu.evaluation.metrics` has them; empty without an answer column.
        confusion: inputs by right class (outer) and answered class (inner), both in the order of `Result.classes`;
            empty for sentences and without an answer column.
    """

    checkpoint: str
    controls: Controls
    metrics: Mapping[str, float] = field(default_factory=dict)
    confusion: tuple[tuple[int, ...], ...] = ()

    @property
    def name(self) -> str:
        """The checkpoint, and what is turned."""
        return self.checkpoint + self.turned

    @property
    def turned(self) -> str:
        """What is turned, in brackets behind a space; empty where nothing is."""
        turned = [f"δ {self.controls.gate_bias:g}"] if self.controls.gate_bias else []
        turned += [f"τ {self.controls.temperature:g}, seed {self.controls.seed}"] if self.controls.temperature else []
        return f" ({', '.join(turned)})" if turned else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one set-up says to one input.

    Args:
        output: a class or a sentence.
        probability: of the class; of a sentence the geometric mean over its tokens; in [0, 1].
        distribution: every class's probability, in the order of `Result.classes`; empty for a sentence.
    """

    output: str
    probability: float
    distribution: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One input and what became of it.

    Args:
        number: its row in the table, from 1; the first of them, where several rows are one input.
        text: what was read.
        right: the right class, or every right sentence; empty without an answer column.
        answers: one for each column.
        second: the second text; None for a task of one text.
    """

    number: int
    text: str
    right: tuple[str, ...]
    answers: tuple[Answer, ...]
    second: str | None = None

    @property
    def difference(self) -> float | None:
        """How far the first two answers are apart, in [0, 1]; None if there is one.

        Classes: the total variation distance ½ Σ |p − q|. Sentences: the share of their words, as multisets without
        case, that they do not have in common.
        """
        if len(self.answers) < 2:
            return None
        first, second = self.answers[:2]
        if first.distribution:
            return sum(abs(p - q) for p, q in zip(first.distribution, second.distribution, strict=True)) / 2
        one, other = (Counter(re.findall(r"\w+", answer.output.lower())) for answer in (first, second))
        return 1 - (one & other).total() / ((one | other).total() or 1) if one != other else 0.0


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that was found.

    Args:
        question: what was asked.
        classes: the task's class names; empty for sentences.
        columns: the set-ups, in order.
        rows: the inputs, in the table's order.
        notes: what was not read whole.
    """

    question: Question
    classes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def differ_most(result: Result, n: int = 10) -> tuple[Row, ...]:
    """The n rows in which the first two columns differ most, the most first; none for a single column.

    Sentences that differ at all, if only in case or order, come before those that do not.
    """

    def distance(row: Row) -> tuple[bool, float]:
        return bool(result.classes) or row.answers[0].output != row.answers[1].output, row.difference or 0.0

    return tuple(sorted(result.rows, key=distance, reverse=True)[:n]) if len(result.columns) > 1 else ()


def table_csv(result: Result) -> str:
    """A line for each row, with each column's output and its probability; nothing in it is computed by a spreadsheet.

    Written to a file as "utf-8-sig", it opens with its accents in every spreadsheet.
    """
    asked, compared = result.question.answer_column is not None, len(result.columns) > 1
    two = result.question.second_column is not None
    heads = [f"{column.name}: {what}" for column in result.columns for what in ("output", "probability")]
    lines: list[list[Any]] = [
        ["row", "text", *["second"] * two, *["answer"] * asked, *heads, *["difference"] * compared]
    ]
    for row in result.rows:
        answers = [part for answer in row.answers for part in (answer.output, round(answer.probability, 6))]
        difference = [] if row.difference is None else [round(row.difference, 6)]
        lines.append(
            [row.number, row.text, *[row.second] * two, *[" | ".join(row.right)] * asked, *answers, *difference]
        )
    written = io.StringIO()
    csv.writer(written).writerows([[harmless(cell) for cell in line] for line in lines])
    return written.getvalue()


def table_json(result: Result) -> str:
    """The whole result as one JSON object; an infinite gate bias is a string."""
    value = asdict(result)
    for column, named in zip(result.columns, value["columns"], strict=True):
        bias = column.controls.gate_bias
        named["name"] = column.name
        named["controls"]["gate_bias"] = bias if math.isfinite(bias) else str(bias)
    for row, written in zip(result.rows, value["rows"], strict=True):
        written["difference"] = row.difference
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)
