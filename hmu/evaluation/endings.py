"""Endings of stories as people may read them: how many repeat themselves, and some to look at.

Knows nothing of models. The beginnings stay where they are: their terms do not let them be handed on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

DRAWN, SHOWN = 200, 20
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


@dataclass(frozen=True, slots=True)
class Endings:
    """Endings drawn from a file's answers.

    Args:
        seed: of the draw.
        drawn: how many.
        repeating: how many of them have some three words in a row twice.
        shown: the first few: place of the story in its file from 1, and the ending.
    """

    seed: int
    drawn: int
    repeating: int
    shown: tuple[tuple[int, str], ...]


def draw(answers: Sequence[str], seed: int) -> Endings:
    """Draw endings, at most `DRAWN`, without putting back."""
    places = Random(seed).sample(range(len(answers)), min(DRAWN, len(answers)))
    repeating = sum(repeats(answers[place]) for place in places)
    return Endings(seed, len(places), repeating, tuple((place + 1, answers[place]) for place in places[:SHOWN]))


def repeats(text: str) -> bool:
    """Whether three words in a row stand twice in a text, in any case."""
    words = _WORD.findall(text.casefold())
    runs = list(zip(words, words[1:], words[2:], strict=False))
    return len(set(runs)) < len(runs)
