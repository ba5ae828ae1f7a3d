"""The endpoint for many texts at once, each with or without its right answer."""

from typing import Any, TypedDict

from app.desk import Desk
from app.handlers import scoring
from app.handlers.asks import Ask, controls_of
from app.handlers.results import Result, Row
from app.handlers.uploads import table_of


class _Text(TypedDict):
    text: str | list[str]


class Given(_Text, total=False):
    """One row."""

    second: str
    answer: str | int | list[str]


def score(
    desk: Desk,
    checkpoint: str,
    task: str,
    rows: list[Given],
    gate_bias: float = 0.0,
    latent_temperature: float = 0.0,
    seed: int = 0,
) -> dict[str, Any]:
    """Let a checkpoint answer many texts at once, and measure it where the right answers are given.

    Classes: accuracy, majority, macro_f1 (and matthews for CoLA), and a confusion matrix by right class, then answered
    class. Sentences, written greedily: bleu, and coverage of concepts; rows with the same concepts are one input with
    several right sentences.
    """
    ask = Ask(checkpoint, task, "", controls_of(gate_bias, latent_temperature, seed))
    table = table_of("rows", rows, ("text", "second", "answer"))
    second, answer = (name if name in table.columns else None for name in ("second", "answer"))
    question = scoring.Question(task, "text", answer, second)
    *_, result = scoring.score(desk.unqueued(), [ask], table, question)
    assert isinstance(result, Result)
    column = result.columns[0]
    return {
        "metrics": dict(column.metrics) or None,
        "classes": list(result.classes),
        "confusion": [list(counts) for counts in column.confusion] or None,
        "rows": [_answered(row, result.classes) for row in result.rows],
        "notes": [*table.notes, *result.notes],
    }


def _answered(row: Row, classes: tuple[str, ...]) -> dict[str, Any]:
    answer = row.answers[0]
    return {
        "row": row.number,
        "text": row.text,
        "second": row.second,
        "right": list(row.right),
        "output": answer.output,
        "probability": answer.probability,
        "probabilities": dict(zip(classes, answer.distribution, strict=True)) or None,
    }
