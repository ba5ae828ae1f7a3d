"""Texts of one source → how much they differ. Knows nothing of models or of how the texts were made.

Every figure depends on how many texts there are: compare equally many.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Variety:
    """How much some texts differ.

    Args:
        distinct_1, distinct_2: different words, and pairs of neighbours, over all of them, in [0, 1].
        self_bleu: how like the others a text is, in [0, 100]; None for a single text.
        different: texts that are not alike to the letter.
    """

    distinct_1: float
    distinct_2: float
    self_bleu: float | None
    different: int


def variety(texts: Sequence[str]) -> Variety:
    """All of them at once.

    Raises:
        ValueError: for no texts.
    """
    if not texts:
        raise ValueError("variety: no texts; give at least one")
    return Variety(distinct(texts, 1), distinct(texts, 2), self_bleu(texts), len(set(texts)))


def distinct(texts: Sequence[str], n: int) -> float:
    """Share of the n-grams of lower-cased words that are different ones, over all texts together.

    Words are runs of letters and digits; no n-gram spans two texts.

    Args:
        texts: any number.
        n: words in a gram, from 1.

    Returns:
        In [0, 1]: 1 where none occurs twice, 0 where the texts have none.

    Raises:
        ValueError: for n below 1.
    """
    if n < 1:
        raise ValueError(f"distinct: n-grams of {n} words; give a whole number from 1")
    grams = [gram for text in texts for gram in _grams(_WORD.findall(text.lower()), n)]
    return len(set(grams)) / len(grams) if grams else 0.0


def _grams(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]


def self_bleu(texts: Sequence[str]) -> float | None:
    """Mean over texts of each one's sentence BLEU with all the others as references.

    As sacrebleu computes it: tokeniser 13a, lower case, exponential smoothing, effective order, so that a text of fewer
    than four tokens can reach 100.

    Returns:
        In [0, 100]: 100 where every text has a twin, 0 where no two share a word; None for fewer than two texts, where
        there is nothing to compare.
    """
    from sacrebleu.metrics.bleu import BLEU  # noqa: PLC0415 - needs an extra, which the other figures do without

    if len(texts) < 2:
        return None
    metric = BLEU(lowercase=True, tokenize="13a", effective_order=True)
    scores = [metric.sentence_score(text, [*texts[:i], *texts[i + 1 :]]).score for i, text in enumerate(texts)]
    return min(100.0, sum(scores) / len(scores))  # a twin scores 100 and a rounding error
