"""The further metrics, against counts made by hand and against the libraries' own values for one sentence."""

import math

import pytest
from sacrebleu import sentence_chrf

from hmu.evaluation.metrics import acceptability_metrics, calibration_error, chrf, rouge_l, text_metrics


def test_matthews_correlation_is_that_of_its_formula() -> None:
    """Three true positives, two true negatives, one false positive, two false negatives."""
    truth, answers = [1, 1, 1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 1]
    found = acceptability_metrics(answers, truth)
    assert found.matthews == pytest.approx((3 * 2 - 1 * 2) / math.sqrt(4 * 5 * 3 * 4))
    assert (found.accuracy, found.majority) == pytest.approx((5 / 8, 5 / 8))


@pytest.mark.parametrize(("answers", "truth"), [([1, 1, 1], [1, 0, 1]), ([0, 0], [0, 0]), ([1, 0], [1, 1])])
def test_one_class_alone_correlates_with_nothing(answers: list[int], truth: list[int]) -> None:
    """Catches a majority class that is taken for a skill."""
    assert acceptability_metrics(answers, truth).matthews == 0


def test_the_calibration_error_is_that_counted_by_hand() -> None:
    """Confidences 0.9 (right, wrong) share a bin, 0.6 (right) has one of its own: 2/3 · 0.4 + 1/3 · 0.4."""
    shares = [(0.9, 0.1), (0.1, 0.9), (0.6, 0.4)]
    assert calibration_error(shares, [0, 0, 0]) == pytest.approx(2 / 3 * abs(0.5 - 0.9) + 1 / 3 * abs(1 - 0.6))


def test_the_bins_are_fifteen_of_equal_width() -> None:
    """0.605 and 0.66 lie in (9/15, 10/15]: one right and one wrong make up for one another there; 0.67 lies outside."""
    together = [(0.605, 0.395), (0.66, 0.34)]
    apart = [(0.605, 0.395), (0.67, 0.33)]
    assert calibration_error(together, [0, 1]) == pytest.approx(abs(0.5 - (0.605 + 0.66) / 2))
    assert calibration_error(apart, [0, 1]) == pytest.approx((1 - 0.605) / 2 + 0.67 / 2)


@pytest.mark.parametrize(
    ("shares", "truth", "error"), [((1.0, 0.0), 0, 0.0), ((1.0, 0.0), 1, 1.0), ((0.5, 0.5), 0, 0.5)]
)
def test_certainty_is_right_or_wrong_altogether(shares: tuple[float, float], truth: int, error: float) -> None:
    assert calibration_error([shares], [truth]) == error


def test_chrf_of_one_sentence_is_the_librarys_and_takes_the_best_reference() -> None:
    output, references = "The dogs run.", ["a dog runs", "the dogs ran."]
    assert chrf([output], [references]) == pytest.approx(sentence_chrf(output.lower(), references).score)
    assert chrf([output, "A cat."], [["the DOGS run."], ["x", "a cat.", "y"]]) == pytest.approx(100)


def test_rouge_l_is_f1_of_the_longest_common_subsequence_of_stems() -> None:
    """Dog, run and ball of four and five words: precision 3/4, recall 3/5; the other reference shares one word."""
    found = rouge_l(["dogs running a ball"], [["the dog runs with balls", "a cat sleeps here now"]])
    assert found == pytest.approx(2 * (3 / 4) * (3 / 5) / (3 / 4 + 3 / 5))


def test_rouge_l_is_the_mean_over_inputs() -> None:
    assert rouge_l(["a dog", "nothing"], [["a dog", "a cat"], ["some words"]]) == pytest.approx(0.5)


def test_where_no_concept_is_asked_for_there_is_no_coverage() -> None:
    """Catches a task of free text that is told to cover everything."""
    assert text_metrics(["a dog"], [[]], [["a dog"]]).coverage is None
    assert text_metrics(["a dog", "x"], [["dog"], []], [["a dog"], ["x"]]).coverage == 1
