"""Seeds → mean, spread, paired difference with its interval, verdict. Knows nothing of tasks or claims."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from scipy.stats import t as student

ENOUGH = 5
"""Seeds below which nothing is judged."""
LEVEL = 0.95
"""Of the interval."""

HOLDS, FAILS, TOO_FEW = "holds", "does not hold", "not yet enough seeds"
UNMEASURABLE = "not measurable as defined"


@dataclass(frozen=True, slots=True)
class Spread:
    """Values of one arm over seeds.

    Args:
        mean: of them.
        sd: sample standard deviation; None for a single one.
        seeds: how many.
    """

    mean: float
    sd: float | None
    seeds: int


@dataclass(frozen=True, slots=True)
class Paired:
    """The difference of two arms over the seeds that both have, second minus first.

    Args:
        mean: of the differences.
        low, high: ends of the two-sided 95 % t interval of that mean; None for fewer than two seeds.
        seeds: how many pairs.
    """

    mean: float
    low: float | None
    high: float | None
    seeds: int


def spread(values: Sequence[float]) -> Spread:
    """Mean and standard deviation of at least one value."""
    return Spread(fmean(values), stdev(values) if len(values) > 1 else None, len(values))


def paired(first: Mapping[int, float], second: Mapping[int, float]) -> Paired | None:
    """Compare two arms, seed by seed.

    Args:
        first, second: seed → value.

    Returns:
        None where no seed has both.
    """
    differences = [second[seed] - first[seed] for seed in sorted(first.keys() & second.keys())]
    if not differences:
        return None
    mean, count = fmean(differences), len(differences)
    if count < 2:
        return Paired(mean, None, None, count)
    half = float(student.ppf((1 + LEVEL) / 2, count - 1)) * stdev(differences) / math.sqrt(count)
    return Paired(mean, mean - half, mean + half, count)


def verdict(found: Paired | None, claimed: int) -> str:
    """What the difference says about a claim.

    Args:
        found: the difference.
        claimed: +1 if the second arm is claimed to have the higher value, −1 the lower.

    Returns:
        "holds" with at least five seeds and the whole interval on the claimed side, "does not hold" with five seeds
        and otherwise, "not yet enough seeds" before.
    """
    if found is None or found.seeds < ENOUGH or found.low is None or found.high is None:
        return TOO_FEW
    return HOLDS if min(found.low * claimed, found.high * claimed) > 0 else FAILS
