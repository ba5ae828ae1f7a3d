"""What checkpoints recalled → the sentences, sheets and plots of the Memory tab. Knows nothing of models or gradio."""

from collections.abc import Sequence

from app import words
from app.handlers.memory import RETENTION, Answer, Recollection
from app.saying import LINE
from app.sheets import Json, made
from hmu.plots import BASELINE, MEMORY, recollection


def summary(found: Recollection, titles: Sequence[str]) -> Json:
    """What was asked, and how many each recalls, for a line."""
    question, told = found.question, words.ASKED_TOKEN if found.question.part == RETENTION else words.ASKED_PAIRS
    lines = [told.format(questions=len(found.asked), amount=question.amount, tokens=question.tokens)]
    for place, title in enumerate(titles):
        of = [one.answers[place] for one in found.asked]
        right, mean = sum(answer.is_right for answer in of), sum(answer.right for answer in of) / len(of)
        lines.append(words.RECALLED.format(title, right=right, questions=len(of), mean=mean))
    return {"text": LINE.join(lines)}


def answered(found: Recollection, titles: Sequence[str]) -> Json:
    """Every question with every answer."""
    retains = found.question.part == RETENTION
    head = [words.WAS_READ] if retains else [words.KEY, words.VALUE]
    rows = [
        [*([one.right] if retains else [one.key, one.right]), *(_answer(answer) for answer in one.answers)]
        for one in found.asked
    ]
    told = range(len(head), len(head) + len(titles))
    caption = words.RETENTION_SHEET if retains else words.RECALL_SHEET
    return made(caption, [*head, *titles], rows, (), tuple(told))


def curves(found: Recollection, titles: Sequence[str], gated: Sequence[bool]) -> Json:
    """P(the right token) of each, over steps or pairs; where the question stands is marked."""
    lines = [
        (title, curve.amounts, curve.values, MEMORY if gate else BASELINE)
        for title, curve, gate in zip(titles, found.curves, gated, strict=True)
    ]
    return recollection(lines, found.question.part == RETENTION, found.question.amount)


def _answer(answer: Answer) -> str:
    told = words.RIGHT if answer.is_right else words.WRONG
    return told.format(answer.token, probability=answer.probability, right=answer.right)
