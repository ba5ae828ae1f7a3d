"""Noise in the source, word by word or a whole text more: what an example looks like after it.

A draw has an address (seed, number of the example, side of a pair), so it depends on neither order nor share: what 10 %
hits, 20 % hits too. Knows nothing of models or tokens.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from hmu.tasks import Example

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Noise:
    """One kind of noise.

    Args:
        kind: drop (a word is left out; never the last one of a text), replace (it becomes a word of the same data),
            typos (it gets one typing error), or unrelated (another example's source stands before or behind).
        share: of the words that are hit, in (0, 1]: each by its own draw. Without effect on unrelated, which is 1.

    Raises:
        ValueError: for another kind or share.
    """

    kind: str
    share: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in _KINDS and self.kind != _UNRELATED:
            raise ValueError(f'noise: "{self.kind}" is unknown; choose one of {", ".join((*_KINDS, _UNRELATED))}')
        if not 0 < self.share <= 1 or (self.kind == _UNRELATED and self.share != 1):
            raise ValueError(f"noise: share {self.share:g}; give one above 0 and up to 1, such as drop:0.2")

    def __str__(self) -> str:
        return self.kind if self.kind == _UNRELATED else f"{self.kind}:{self.share:g}"


def parse_noise(text: str) -> Noise:
    """The noise that a text such as "drop:0.2" or "unrelated" names.

    Raises:
        ValueError: if it names none.
    """
    kind, _, share = text.partition(":")
    if kind in _KINDS and not share:
        raise ValueError(f"noise: {text} has no share; give one above 0 and up to 1, such as {kind}:0.2")
    try:
        return Noise(kind, float(share) if share else 1.0)
    except ValueError as error:
        if str(error).startswith("noise"):
            raise
        raise ValueError(f"noise: share {share!r} is no number; write it as in drop:0.2") from None


def corrupted(examples: Sequence[Example], noise: Noise, seed: int = 0) -> list[Example]:
    """Each example with noise in its source, of a pair in both texts; what is right for it stays.

    Args:
        examples: the whole set: words and texts that come in are taken from it.
        noise: which.
        seed: of the draws.
    """
    return [
        replace(
            example,
            source=texts[0],
            second=None if example.second is None else texts[1],
            concepts=example.wanted,
        )
        for example, texts in zip(examples, _texts(examples, noise, seed), strict=True)
    ]


def _texts(examples: Sequence[Example], noise: Noise, seed: int) -> Iterator[list[str]]:
    """Both texts of each example; the second is empty where there is none."""
    sides = [(example.source, example.second or "") for example in examples]
    known = sorted({word for side in sides for text in side for word in text.split()})
    for number, texts in enumerate(sides):
        if noise.kind == _UNRELATED:
            yield _with_another(sides, number, random.Random(f"{seed}/{number}"))
        else:
            draws = [random.Random(f"{seed}/{number}/{side}") for side in range(2)]
            yield [_hit(text, noise, known, draw) for text, draw in zip(texts, draws, strict=True)]


def _hit(text: str, noise: Noise, known: Sequence[str], draw: random.Random) -> str:
    """A text whose words have been hit or not; every word takes its draws, whatever the share is."""
    words = text.split()
    hit = _KINDS[noise.kind]
    done = []
    for word in words:
        struck, other = draw.random() < noise.share, random.Random(draw.random())
        done.append(hit(word, known, other) if struck else word)
    return " ".join(word for word in done if word) or (words[-1] if words else "")


def _with_another(sides: Sequence[tuple[str, str]], number: int, draw: random.Random) -> list[str]:
    """The texts of an example with those of another one, before or behind."""
    if len(sides) < 2:
        return list(sides[number])
    other = draw.randrange(len(sides) - 1)
    foreign = sides[other + (other >= number)]
    order = draw.random() < 0.5
    pairs = zip(sides[number], foreign, strict=True)
    return [" ".join((mine, its) if order else (its, mine)).strip() for mine, its in pairs]


def _drop(_word: str, _known: Sequence[str], _draw: random.Random) -> str:
    return ""


def _replace(word: str, known: Sequence[str], draw: random.Random) -> str:
    """Another word of the data, each as likely; the word itself where there is no other."""
    others = len(known) - 1
    if others < 1:
        return word
    chosen = known[draw.randrange(others)]
    return known[others] if chosen == word else chosen


def _typo(word: str, _known: Sequence[str], draw: random.Random) -> str:
    """One error: two letters change places, one is left out, put in, or exchanged; never the same word."""
    place, letter = draw.randrange(len(word)), draw.choice(_LETTERS)
    changed = {
        "swap": word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
        "delete": word[:place] + word[place + 1 :],
        "insert": word[:place] + letter + word[place:],
        "exchange": word[:place] + letter + word[place + 1 :],
    }
    kinds = draw.sample(list(changed), len(changed))
    return next(changed[kind] for kind in kinds if changed[kind] not in {word, ""})


_KINDS: dict[str, Callable[[str, Sequence[str], random.Random], str]] = {
    "drop": _drop,
    "replace": _replace,
    "typos": _typo,
}
_UNRELATED = "unrelated"

NOISES = (*(Noise(kind, share) for kind in _KINDS for share in (0.1, 0.2, 0.3)), Noise(_UNRELATED))
"""What filtering is measured on: each kind at 10, 20 and 30 % of the words, and an unrelated text."""
