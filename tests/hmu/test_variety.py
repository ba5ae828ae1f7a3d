"""How much texts differ, against counts made by hand."""

import random

import pytest

from hmu.evaluation.variety import Variety, distinct, self_bleu, variety


def test_distinct_counts_grams_as_by_hand() -> None:
    """a b a | a c: the pair (a, a) spans two texts and is none."""
    texts = ["a b a", "a c"]
    assert distinct(texts, 1) == pytest.approx(3 / 5)
    assert distinct(texts, 2) == 1.0
    assert distinct([*texts, "a b"], 2) == pytest.approx(3 / 4)


def test_distinct_ignores_case_and_punctuation() -> None:
    assert distinct(["The dog.", "the, DOG!"], 1) == pytest.approx(2 / 4)


def test_distinct_of_texts_without_a_gram_is_zero() -> None:
    assert distinct(["", "dog"], 2) == 0.0


def test_grams_of_no_words_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^distinct: n-grams of 0 words; give a whole number from 1$"):
        distinct(["a"], 0)


def test_self_bleu_equals_its_formula() -> None:
    """Three of four words, two of three pairs, one of two triples; no quadruple, which is smoothed to a half."""
    expected = 100 * (3 / 4 * 2 / 3 * 1 / 2 * 1 / 2) ** (1 / 4)
    assert self_bleu(["the cat sat on", "the cat sat by"]) == pytest.approx(expected)


def test_a_text_is_compared_with_all_others_and_not_with_itself() -> None:
    assert self_bleu(["one two three four", "five six seven eight"]) == 0.0
    assert self_bleu(["a dog ran home", "A Dog ran home", "six seven eight nine"]) == pytest.approx(200 / 3)


@pytest.mark.parametrize("text", ["Go.", "the cat sat on the mat , twice ."])
def test_twins_of_any_length_reach_a_hundred_and_no_more(text: str) -> None:
    assert self_bleu([text] * 5) == 100.0


def test_a_single_text_has_nothing_to_be_compared_with() -> None:
    assert variety(["A dog, a ball."]) == Variety(distinct_1=3 / 4, distinct_2=1.0, self_bleu=None, different=1)


def test_empty_texts_are_compared_without_a_fault() -> None:
    assert variety(["", "", "a dog"]) == Variety(distinct_1=1.0, distinct_2=1.0, self_bleu=0.0, different=2)


def test_the_order_of_the_texts_does_not_matter() -> None:
    texts = ["A dog runs.", "A dog runs after a ball.", "The ball rolls.", "A dog runs.", "Nobody throws the ball."]
    shuffled = random.Random(1).sample(texts, len(texts))
    one, other = variety(texts), variety(shuffled)
    assert one.self_bleu == pytest.approx(other.self_bleu)
    assert (one.distinct_1, one.distinct_2, one.different) == (other.distinct_1, other.distinct_2, 4)


def test_no_texts_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^variety: no texts; give at least one$"):
        variety([])
