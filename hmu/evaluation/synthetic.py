"""Everything that is measured on the synthetic tasks, as one value. Knows nothing of printing."""

from dataclasses import dataclass

from hmu.evaluation.published import Published, published
from hmu.evaluation.retention import Bench, Copied, Recalled, Retained

STEPS = (1, 10, 50, 100, 200, 400)
"""t: fillers between a token and the question for it."""
PAIRS = ((64, 4), (128, 8), (256, 16), (512, 64))
"""Source tokens and pairs of the recall rows, as in the Zoology paper's figure 2."""
LENGTHS = (8, 32, 128)
"""Tokens to copy."""
FIGURES = len(STEPS) + len(PAIRS) + len(LENGTHS)
"""How many times `measure` reads the bench's rows."""


@dataclass(frozen=True, slots=True)
class Recollection:
    """What a checkpoint remembers under one setting.

    Args:
        retention: for each of `STEPS`.
        recall: for each of `PAIRS`.
        copy: for each of `LENGTHS`.
        published: the paper's own figure, which measures nothing.
    """

    retention: tuple[Retained, ...]
    recall: tuple[Recalled, ...]
    copy: tuple[Copied, ...]
    published: Published


def measure(bench: Bench) -> Recollection:
    """Every figure.

    Raises:
        ValueError: if the checkpoint reads fewer tokens than they need.
    """
    return Recollection(
        retention=tuple(bench.retention(steps) for steps in STEPS),
        recall=tuple(bench.recall(length, pairs) for length, pairs in PAIRS),
        copy=tuple(bench.copy(length) for length in LENGTHS),
        published=published(bench, STEPS),
    )
