"""Answers and what was asked → numbers. Knows nothing of models, tokens or files."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import snowballstemmer
from sacrebleu.metrics.bleu import BLEU
from sklearn.metrics import accuracy_score, f1_score

_WORD = re.compile(r"\w+")


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
class TextMetrics:
    """How well sentences were written.

    Args:
        coverage: share of an input's concepts that its sentence uses, mean over inputs, in [0, 1].
        bleu: corpus BLEU over all references, in [0, 100].
    """

    coverage: float
    bleu: float


def class_metrics(answers: Sequence[int], truth: Sequence[int]) -> ClassMetrics:
    """Compare class numbers with the right ones, one each per input."""
    return ClassMetrics(
        accuracy=float(accuracy_score(truth, answers)),
        majority=Counter(truth).most_common(1)[0][1] / len(truth),
        macro_f1=float(f1_score(truth, answers, average="macro", zero_division=0)),
    )


def text_metrics(
    outputs: Sequence[str], concepts: Sequence[Sequence[str]], references: Sequence[Sequence[str]]
) -> TextMetrics:
    """Compare sentences with their concepts and references, one output per input."""
    covered = [coverage(output, wanted) for output, wanted in zip(outputs, concepts, strict=True)]
    return TextMetrics(coverage=sum(covered) / len(covered), bleu=bleu(outputs, references))


def coverage(output: str, concepts: Sequence[str]) -> float:
    """Share of the concepts whose Snowball (English) stem is the stem of an output word; 1 where none is asked."""
    if not concepts:
        return 1.0
    stemmer = snowballstemmer.stemmer("english")
    written = set(stemmer.stemWords(_WORD.findall(output.lower())))
    wanted = stemmer.stemWords([concept.lower() for concept in concepts])
    return sum(stem in written for stem in wanted) / len(wanted)


def bleu(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Corpus BLEU as sacrebleu computes it: tokeniser 13a, lower case, all references.

    Args:
        outputs: one sentence per input.
        references: each input's right sentences; inputs may have different numbers of them.
    """
    most = max(map(len, references))
    streams: list[Any] = [[r[i] if i < len(r) else None for r in references] for i in range(most)]
    metric = BLEU(lowercase=True, tokenize="13a", force=True)  # force: silent where outputs space their full stops
    return float(metric.corpus_score(list(outputs), streams).score)
