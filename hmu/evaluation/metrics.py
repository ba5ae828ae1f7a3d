"""Answers and what was asked → numbers. Knows nothing of models, tokens or files."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

from hmu.wanted import used

_BINS = 15


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """How well classes were named.

    Args:
        accuracy: share of right answers, in [0, 1].
        majority: accuracy of always naming the commonest class of the data, in [0, 1]; what accuracy must beat.
        macro_f1: mean of the classes' F1, over every class asked for or answered, in [0, 1].
    """

    accuracy: float
    majority: float
    macro_f1: float


@dataclass(frozen=True, slots=True)
class AcceptabilityMetrics(ClassMetrics):
    """The same, and what CoLA is scored by.

    Args:
        matthews: Matthews correlation, in [−1, 1]; 0 where one class alone is asked for or answered.
    """

    matthews: float


@dataclass(frozen=True, slots=True)
class TextMetrics:
    """How well sentences were written.

    Args:
        coverage: share of an input's concepts that its sentence uses, mean over inputs, in [0, 1]; None where no
            input asks for any.
        bleu: corpus BLEU over all references, in [0, 100].
    """

    coverage: float | None
    bleu: float


def class_metrics(answers: Sequence[int], truth: Sequence[int]) -> ClassMetrics:
    """Compare class numbers with the right ones, one each per input."""
    return ClassMetrics(
        accuracy=float(accuracy_score(truth, answers)),
        majority=Counter(truth).most_common(1)[0][1] / len(truth),
        macro_f1=float(f1_score(truth, answers, average="macro", zero_division=0)),
    )


def acceptability_metrics(answers: Sequence[int], truth: Sequence[int]) -> AcceptabilityMetrics:
    """`class_metrics` and Matthews correlation."""
    one = len({*answers, *truth}) < 2  # of which scikit-learn makes 0, too, and warns
    matthews = 0.0 if one else float(matthews_corrcoef(truth, answers))
    return AcceptabilityMetrics(**asdict(class_metrics(answers, truth)), matthews=matthews)


def calibration_error(probabilities: Sequence[Sequence[float]], truth: Sequence[int]) -> float:
    """Expected calibration error over 15 bins of equal width: Σ (rows of the bin / rows) · |accuracy − confidence|.

    Args:
        probabilities: of every class, for each input; its confidence is that of the likeliest one, the answer. A bin
            takes in its upper end.
        truth: the right class of each input.

    Returns:
        In [0, 1]: 0 where answers are right as often as they are sure to be.
    """
    bins: dict[int, list[float]] = {}
    for shares, right in zip(probabilities, truth, strict=True):
        confidence = max(shares)
        number = max(0, math.ceil(confidence * _BINS) - 1)
        bins.setdefault(number, []).append((shares.index(confidence) == right) - confidence)
    return sum(abs(sum(gaps)) for gaps in bins.values()) / len(truth)


def text_metrics(
    outputs: Sequence[str], concepts: Sequence[Sequence[str]], references: Sequence[Sequence[str]]
) -> TextMetrics:
    """Compare sentences with their concepts and references, one output per input."""
    covered = [coverage(output, wanted) for output, wanted in zip(outputs, concepts, strict=True)]
    mean = sum(covered) / len(covered) if any(concepts) else None
    return TextMetrics(coverage=mean, bleu=bleu(outputs, references))


def coverage(output: str, concepts: Sequence[str]) -> float:
    """Share of the concepts whose Snowball (English) stem is the stem of an output word; 1 where none is asked."""
    return used(output, concepts) / len(concepts) if concepts else 1.0


def bleu(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Corpus BLEU as sacrebleu computes it: tokeniser 13a, lower case, all references.

    Args:
        outputs: one sentence per input.
        references: each input's right sentences; inputs may have different numbers of them.
    """
    metric = BLEU(lowercase=True, tokenize="13a", force=True)  # force: silent where outputs space their full stops
    return float(metric.corpus_score(list(outputs), _streams(references)).score)


def chrf(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Corpus chrF2 as sacrebleu computes it (6 characters, no words), lower case, all references, in [0, 100]."""
    return float(CHRF(lowercase=True).corpus_score(list(outputs), _streams(references)).score)


def rouge_l(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """ROUGE-L as rouge-score computes it: F1 on Porter stems, the best of an input's references, mean over inputs.

    Returns:
        In [0, 1].
    """
    from rouge_score.rouge_scorer import RougeScorer  # noqa: PLC0415 - the page does without it

    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    best = [scorer.score_multi(right, said)["rougeL"].fmeasure for said, right in zip(outputs, references, strict=True)]
    return float(sum(best) / len(best))


def _streams(references: Sequence[Sequence[str]]) -> list[Any]:
    """The references as sacrebleu takes them: the first of every input, the second, …; None where there is none."""
    most = max(map(len, references))
    return [[r[i] if i < len(r) else None for r in references] for i in range(most)]
