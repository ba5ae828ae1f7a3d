"""The synthetic memory tasks, asked of checkpoints: what each still knows, of one question and of others like it.

The rows are those that `hmu.evaluation.retention` measures, so none that a training read. Knows nothing of the page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from app.desk import Desk
from app.handlers.asks import Ask, whole
from hmu.checkpoint import Checkpoint
from hmu.evaluation.retention import answers, check_checkpoint
from hmu.evaluation.synthetic import PAIRS, STEPS
from hmu.tasks import synthetic
from hmu.tasks.synthetic import Row

RETENTION, RECALL = "retention", "recall"
MOST_FILLERS, MOST_PAIRS = STEPS[-1], PAIRS[-1][1]
MOST_ROWS = 2**20
"""Addresses of rows that the page may ask for."""
TEXTS = 8
"""Texts of one question about retention, and behind each point of a curve."""
CURVES = {RETENTION: STEPS, RECALL: tuple(pairs for _, pairs in PAIRS)}
"""Part → the amounts that its curve is measured at."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every checkpoint.

    Args:
        part: `RETENTION`, a token after some steps; or `RECALL`, the values of some keys.
        amount: steps, 1 to `MOST_FILLERS`; or pairs, 1 to `MOST_PAIRS`.
        first: the address of the first row.

    Raises:
        ValueError: for a part that there is none of, or a number outside its range.
    """

    part: str
    amount: int
    first: int = 0

    def __post_init__(self) -> None:
        if self.part not in (RETENTION, RECALL):
            raise ValueError(f'part "{self.part!s:.60}" is unknown; choose {RETENTION} or {RECALL}')
        whole("steps" if self.part == RETENTION else "pairs", self.amount, 1, CURVES[self.part][-1])
        whole("row", self.first, 0, MOST_ROWS)

    @property
    def tokens(self) -> int:
        """Length of each of its texts."""
        if self.part == RETENTION:
            return self.amount + 2
        return next(length for length, most in PAIRS if self.amount <= most)

    @property
    def texts(self) -> int:
        """Several with one question each, or one with many."""
        return TEXTS if self.part == RETENTION else 1

    def rows(self, count: int) -> list[Row]:
        """So many texts like it, its own first."""
        places = range(self.first, self.first + count)
        if self.part == RETENTION:
            return [synthetic.retention(0, place, self.amount) for place in places]
        return [synthetic.recall(0, place, self.tokens, self.amount) for place in places]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one checkpoint holds likeliest.

    Args:
        token: by name.
        probability: of it, in [0, 1].
        right: of the right token, in [0, 1].
        is_right: whether the two are one.
    """

    token: str
    probability: float
    right: float
    is_right: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: the key that is asked for (for retention the token itself), what is right, and every answer."""

    key: str
    right: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Mean P(the right token), in [0, 1], over steps or pairs."""

    amounts: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Recollection:
    """What every checkpoint recalls of one question, and how well over all amounts, one curve each."""

    question: Question
    asked: tuple[Asked, ...]
    curves: tuple[Curve, ...]


def recollect(desk: Desk, asks: Sequence[Ask], question: Question) -> Recollection:
    """Ask every checkpoint the same.

    Args:
        desk: where the models are.
        asks: checkpoints of the synthetic tasks, with their controls; a forced gate is for no text of these.
        question: is asked.

    Raises:
        ValueError: for a checkpoint that does not know these tasks, or reads fewer tokens, naming it.
    """
    found, curves, rows = [], [], question.rows(question.texts)
    for ask in asks:
        checkpoint = desk.touch.get(desk.entry(ask.checkpoint).id)
        check_checkpoint(checkpoint)
        if not _fits(checkpoint, question):
            limit = checkpoint.model.config.max_source_length
            raise ValueError(f"{ask.checkpoint}: reads at most {limit} tokens, not {question.tokens}; choose fewer")
        found.append(_answers(checkpoint, ask, question, rows))
        curves.append(_curve(checkpoint, ask, question))
    names = _names(desk, asks[0])
    asked = [(int(key), int(right)) for row in rows for key, right in _questions(row, question.part)]
    return Recollection(
        question,
        tuple(Asked(names(key), names(right), tuple(of)) for (key, right), *of in zip(asked, *found, strict=True)),
        tuple(curves),
    )


def _questions(row: Row, part: str) -> list[tuple[Tensor, Tensor]]:
    if part == RETENTION:
        return [(row.source[0], row.answers[0])]
    return list(zip(row.asked, row.answers, strict=True))


def _names(desk: Desk, ask: Ask) -> Callable[[int], str]:
    tokenizer = desk.touch.get(ask.checkpoint).tokenizer
    return lambda token: str(tokenizer.convert_ids_to_tokens(token))


def _answers(checkpoint: Checkpoint, ask: Ask, question: Question, rows: Sequence[Row]) -> list[Answer]:
    shares, right = _shares(checkpoint, ask, rows, question)
    best = shares.max(-1)
    tokens = checkpoint.tokenizer.convert_ids_to_tokens(best.indices.tolist())
    of_right = shares.gather(-1, right[:, None])[:, 0].tolist()
    same = (best.indices == right).tolist()
    return [Answer(*one) for one in zip(tokens, best.values.tolist(), of_right, same, strict=True)]


def _curve(checkpoint: Checkpoint, ask: Ask, question: Question) -> Curve:
    values = []
    asked = [Question(question.part, amount, question.first) for amount in CURVES[question.part]]
    asked = [one for one in asked if _fits(checkpoint, one)]
    for one in asked:
        shares, right = _shares(checkpoint, ask, one.rows(TEXTS), one)
        values.append(float(shares.gather(-1, right[:, None]).mean()))
    return Curve(tuple(one.amount for one in asked), tuple(values))


def _fits(checkpoint: Checkpoint, question: Question) -> bool:
    return question.tokens <= checkpoint.model.config.max_source_length


def _shares(checkpoint: Checkpoint, ask: Ask, rows: Sequence[Row], question: Question) -> tuple[Tensor, Tensor]:
    """Every question's probabilities (q, vocabulary) and right token (q)."""
    batch = synthetic.join(rows)
    logits = answers(checkpoint, batch, range(question.first, question.first + len(rows)), ask.controls)
    right = batch.answers
    if question.part == RETENTION:
        logits, right = logits[:, :1], right[:, :1]
    return torch.softmax(logits, -1).flatten(0, 1), right.flatten()
