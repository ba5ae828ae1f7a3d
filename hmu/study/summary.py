"""Lines of results → what they say: claims with verdicts, and every arm on every task. Writes nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from hmu.evaluation.synthetic import STEPS
from hmu.study.alike import Setting, check, setting_of
from hmu.study.arms import ARMS, BASELINE
from hmu.study.claims import CLAIMS, GLUE_MEAN, GLUE_TASKS, Claim
from hmu.study.curves import groups
from hmu.study.presets import PUBLISHED
from hmu.study.results import Result
from hmu.study.statistics import UNMEASURABLE, Paired, Spread, paired, spread, verdict
from hmu.tasks.synthetic import SYNTHETIC

CLAIMED_ARM = "hmu"
"""The arm that a claim is about: the unit as published."""

Values = dict[int, float]
"""Seed → value."""


@dataclass(frozen=True, slots=True)
class Row:
    """One claim beside what was measured.

    Args:
        claim: which.
        baseline, hmu: over their seeds; None where nothing was run.
        recomputed: the published protocol's figure for both, mean over seeds; None where there is none.
        difference: HMU minus baseline over the seeds that both have.
        majority: accuracy of the commonest class, or what guessing gives; None where there is neither.
        verdict: one of the four of `hmu.study.statistics`.
    """

    claim: Claim
    baseline: Spread | None
    hmu: Spread | None
    difference: Paired | None
    majority: float | None
    verdict: str
    recomputed: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One arm on one task, by the task's first metric.

    Args:
        task, metric, arm: which.
        value: over its seeds.
        difference: from the baseline; None for the baseline itself.
        from_unit: from the unit as published; None for that and for the baseline.
        sampled: the same with the latent drawn (τ = 1); None where there is none.
        noise: name of the noise → what it costs, mean over seeds.
        condensed: what reading the latents alone costs, mean over seeds; None where there are none.
        unit: mean over seeds of what is told of the unit (mean gate, its spread, active units, KL per token).
        majority: accuracy of the commonest class; None where there are no classes.
        seeds: seed → value.
        metrics: every other metric of the answers, too.
        differences: each of them less the baseline's; none of the baseline itself.
        noisy: what all kinds of noise cost, in the mean, over seeds; None where none was tried.
        filtering: the difference of that from the baseline's; below 0 the arm loses less.
        noisy_inputs: how many inputs the noise was tried on.
    """

    task: str
    metric: str
    arm: str
    value: Spread
    difference: Paired | None
    from_unit: Paired | None
    sampled: Spread | None
    noise: Mapping[str, float]
    condensed: float | None
    unit: Mapping[str, float]
    majority: float | None
    seeds: Mapping[int, float]
    metrics: Mapping[str, Spread]
    differences: Mapping[str, Paired]
    noisy: Spread | None
    filtering: Paired | None
    noisy_inputs: int


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """The published retention figure of one arm, which measures nothing: mean over seeds.

    Args:
        arm: which.
        trained: whether after the training, or before its first step.
        by_steps: t → the figure.
        shuffled: with the texts in another order; None where that was not measured.
    """

    arm: str
    trained: bool
    by_steps: Mapping[int, float]
    shuffled: float | None


METRIC = {"common_gen": "coverage", "roc_stories": "perplexity", "cola": "matthews", SYNTHETIC: "retention@200"}
"""A task's first metric where it is not accuracy."""
_UNIT = ("gate_mean", "gate_std", "active_units", "kl_per_token")
_APART = (*_UNIT, "gate_channel_std", "published_shuffled", *(f"published@{t}" for t in STEPS))
"""What is told apart from the other metrics."""


def tried(results: Iterable[Result], preset: str) -> dict[Setting, list[ArmRow]]:
    """Every other setting than that which the claims are judged by: all of its arms on all of its tasks.

    Runs of `PUBLISHED` are none of them: what they measure is no figure of a model.
    """
    groups: dict[Setting, list[Result]] = {}
    for result in results:
        if setting_of(result) != Setting(preset) and result["preset"] != PUBLISHED:
            groups.setdefault(setting_of(result), []).append(result)
    for group in groups.values():
        check(group)
    return {setting: arm_rows(groups[setting]) for setting in sorted(groups)}


def values(results: Sequence[Result], task: str, metric: str, arm: str, part: str = "metrics") -> Values:
    """Seed → a metric of an arm on a task, as far as there are runs."""
    if task == GLUE_MEAN:
        each = [values(results, one, metric, arm, part) for one in GLUE_TASKS]
        seeds = set.intersection(*(set(found) for found in each))
        return {seed: fmean(found[seed] for found in each) for seed in sorted(seeds)}
    found = {}
    for result in results:
        value = result[part].get(task, {}).get(metric)
        if result["arm"] == arm and value is not None:
            found[result["seed"]] = value
    return found


def claim_rows(results: Sequence[Result], published: Sequence[Result] = ()) -> list[Row]:
    """Every claim, in the paper's order.

    Args:
        results: what the claims are judged by.
        published: runs of `PUBLISHED`, which tell what the published protocol gives.
    """
    return [_row(claim, results, published) for claim in CLAIMS]


def _row(claim: Claim, results: Sequence[Result], published: Sequence[Result]) -> Row:
    if not claim.task:
        return Row(claim, None, None, None, None, UNMEASURABLE, _recomputed(claim, [*results, *published]))
    first, second = (values(results, claim.task, claim.metric, arm) for arm in (BASELINE, CLAIMED_ARM))
    difference = paired(first, second)
    most = set(values(results, claim.task, "majority", BASELINE).values()) if claim.metric == "accuracy" else set()
    return Row(
        claim,
        spread(list(first.values())) if first else None,
        spread(list(second.values())) if second else None,
        difference,
        min(most) if most else claim.chance if second or first else None,
        verdict(difference, claim.claimed),
    )


def _recomputed(claim: Claim, results: Sequence[Result]) -> tuple[float, float] | None:
    if claim.recomputed is None:
        return None
    first, second = (values(results, *claim.recomputed, arm) for arm in (BASELINE, CLAIMED_ARM))
    return (fmean(first.values()), fmean(second.values())) if first and second else None


def published_rows(results: Sequence[Result]) -> list[PublishedRow]:
    """The published retention figure, at every t and with the texts in another order, trained and not."""
    found = []
    for task, arm, runs in groups(results):
        for trained in (False, True):
            told = [run["metrics"][SYNTHETIC] if trained else run.get("untrained") for run in runs if task == SYNTHETIC]
            means = _means([{name: one[name] for name in one if name.startswith("published")} for one in told if one])
            if means:
                by_steps = {t: means[f"published@{t}"] for t in STEPS if f"published@{t}" in means}
                found.append(PublishedRow(arm, trained, by_steps, means.get("published_shuffled")))
    return found


def arm_rows(results: Sequence[Result]) -> list[ArmRow]:
    """Every arm on every task that was run, tasks in the order of the claims, arms in theirs."""
    tasks = list(dict.fromkeys(claim.task for claim in CLAIMS if claim.task and claim.task != GLUE_MEAN))
    rows = (_arm_row(results, task, arm) for task in tasks for arm in ARMS)
    return [row for row in rows if row is not None]


def _arm_row(results: Sequence[Result], task: str, arm: str) -> ArmRow | None:
    metric = METRIC.get(task, "accuracy")
    found = values(results, task, metric, arm)
    if not found:
        return None
    sampled = values(results, task, metric, arm, "sampled")
    base, unit = (values(results, task, metric, one) for one in (BASELINE, CLAIMED_ARM))
    noisy, without = (_filtering(results, task, metric, one) for one in (arm, BASELINE))
    mine = [result for result in results if result["arm"] == arm and task in result["metrics"]]
    metrics = _spreads([result["metrics"][task] for result in mine])
    return ArmRow(
        task=task,
        metric=metric,
        arm=arm,
        value=spread(list(found.values())),
        difference=None if arm == BASELINE else paired(base, found),
        from_unit=None if arm in (BASELINE, CLAIMED_ARM) else paired(unit, found),
        sampled=spread(list(sampled.values())) if sampled else None,
        noise=_means([_losses(result, task, metric) for result in mine]),
        condensed=_means([_condensed(result, task, metric) for result in mine]).get(metric),
        unit=_means([{name: result["metrics"][task].get(name) for name in _UNIT} for result in mine]),
        majority=min(values(results, task, "majority", arm).values(), default=None),
        seeds=dict(sorted(found.items())),
        metrics=metrics,
        differences={} if arm == BASELINE else _differences(results, task, metrics, arm),
        noisy=spread(list(noisy.values())) if noisy else None,
        filtering=None if arm == BASELINE else paired(without, noisy),
        noisy_inputs=max((result["noise"].get(task, {}).get("inputs", 0) for result in mine), default=0),
    )


def _differences(results: Sequence[Result], task: str, metrics: Iterable[str], arm: str) -> dict[str, Paired]:
    found = {name: paired(*(values(results, task, name, one) for one in (BASELINE, arm))) for name in metrics}
    return {name: difference for name, difference in found.items() if difference is not None}


def _filtering(results: Sequence[Result], task: str, metric: str, arm: str) -> Values:
    """Seed → the mean of what every kind of noise costs."""
    found = {}
    for result in results:
        lost = [each for each in _losses(result, task, metric).values() if each is not None]
        if result["arm"] == arm and lost:
            found[result["seed"]] = fmean(lost)
    return found


def _spreads(tables: Sequence[Mapping[str, Any]]) -> dict[str, Spread]:
    names = dict.fromkeys(name for table in tables for name in table if name not in _APART)
    told = {name: [table[name] for table in tables if table.get(name) is not None] for name in names}
    return {name: spread(found) for name, found in told.items() if found}


def _losses(result: Result, task: str, metric: str) -> dict[str, Any]:
    losses = result["noise"].get(task, {}).get("losses", {})
    return {noise: lost.get(metric) for noise, lost in losses.items()}


def _condensed(result: Result, task: str, metric: str) -> dict[str, Any]:
    return {metric: result["condensed"].get(task, {}).get("lost", {}).get(metric)}


def _means(tables: Sequence[Mapping[str, float | None]]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for table in tables:
        for name, value in table.items():
            if value is not None:
                found.setdefault(name, []).append(value)
    return {name: fmean(values) for name, values in found.items()}
