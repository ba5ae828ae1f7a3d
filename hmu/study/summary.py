"""Lines of results → what they say: claims with verdicts, and every arm on every task. Writes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from hmu.evaluation.synthetic import STEPS
from hmu.study.arms import ARMS, BASELINE
from hmu.study.claims import CLAIMS, GLUE_MEAN, GLUE_TASKS, Claim
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
        majority: accuracy of the commonest class; None where there are no classes.
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
        sampled: the same with the latent drawn (τ = 1); None where there is none.
        noise: name of the noise → what it costs, mean over seeds.
        condensed: what reading the latents alone costs, mean over seeds; None where there are none.
        unit: mean over seeds of what is told of the unit (mean gate, its spread, active units, KL per token).
    """

    task: str
    metric: str
    arm: str
    value: Spread
    difference: Paired | None
    sampled: Spread | None
    noise: Mapping[str, float]
    condensed: float | None
    unit: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """How one arm's training went on one task, or what it keeps over time.

    Args:
        task, arm: which.
        seeds: how many runs it is the mean of.
        x: steps of the optimizer, or tokens since what is remembered.
        y: mean loss, or P(the right token).
    """

    task: str
    arm: str
    seeds: int
    x: tuple[int, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """Under what runs are comparable.

    Args:
        preset, rows, held_out, trunk: see `Run`.
    """

    preset: str
    rows: int = 0
    held_out: float = 0.0
    trunk: str = ""


METRIC = {"common_gen": "coverage", "roc_stories": "perplexity", "cola": "matthews", SYNTHETIC: "retention@200"}
"""A task's first metric where it is not accuracy."""
_UNIT = ("gate_mean", "gate_std", "active_units", "kl_per_token")


def comparable(results: Iterable[Result], preset: str) -> list[Result]:
    """The results that the claims are judged by: of this preset, all training rows, the given files.

    Raises:
        ValueError: for runs that `check` finds cannot be compared.
    """
    chosen = [result for result in results if setting_of(result) == Setting(preset)]
    check(chosen)
    return chosen


def check(results: Sequence[Result]) -> None:
    """Refuse runs of one setting that are not alike in what they must have in common.

    Raises:
        ValueError: if runs of one task read different vocabularies, files or trunks or were trained in different
            precisions, or runs of one arm by different recipes. Lines from before one of these was told pass.
    """
    told: dict[tuple[str, ...], set[str]] = {}
    for result in results:
        for what, value in _common(result).items():
            told.setdefault((result["preset"], result["task"], *what), set()).add(value)
    for where, seen in told.items():
        if len(seen) > 1:
            *run, name = where
            raise ValueError(f"results of {'/'.join(run)}: {len(seen)} {name}; report them apart, or run them again")


def _common(result: Result) -> dict[tuple[str, ...], str]:
    """What all runs of a task have in common, and what those of an arm, with the value that this one has."""
    task = {"vocabularies": result.get("vocabulary"), "trunks": result.get("trunk_sha256")}
    task |= {"precisions": precision_of(result)}
    task |= {f"versions of {file}": digest for file, digest in result.get("data", {}).items()}
    arm = {(result["arm"], "recipes"): result.get("recipe")}
    return {what: value for what, value in ({(name,): v for name, v in task.items()} | arm).items() if value}


def precision_of(result: Result) -> str:
    """What a result was trained in; lines from before there was a choice say nothing and are fp32."""
    return str(result.get("precision", "fp32"))


def setting_of(result: Result) -> Setting:
    """Under what a result was got; lines from before there were trunks have none."""
    return Setting(result["preset"], result["rows"], result["held_out"], result.get("trunk", ""))


def tried(results: Iterable[Result], preset: str) -> dict[Setting, list[ArmRow]]:
    """Every other setting than that which the claims are judged by: all of its arms on all of its tasks."""
    groups: dict[Setting, list[Result]] = {}
    for result in results:
        groups.setdefault(setting_of(result), []).append(result)
    for group in groups.values():
        check(group)
    return {setting: arm_rows(groups[setting]) for setting in sorted(groups) if setting != Setting(preset)}


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


def claim_rows(results: Sequence[Result]) -> list[Row]:
    """Every claim, in the paper's order."""
    return [_row(claim, results) for claim in CLAIMS]


def training_curves(results: Sequence[Result]) -> list[Curve]:
    """Mean loss over the training of each arm, at the steps that all its runs tell."""
    return [curve for task, arm, runs in _groups(results) if (curve := _losses_of(task, arm, runs))]


def retention_curves(results: Sequence[Result]) -> list[Curve]:
    """P(the right token) t tokens later, mean over the runs of each arm."""
    return [_retention_of(arm, runs) for task, arm, runs in _groups(results) if task == SYNTHETIC]


def _groups(results: Sequence[Result]) -> Iterator[tuple[str, str, list[Result]]]:
    """Every task and arm that was run, with its runs; arms in their order."""
    for task in dict.fromkeys(result["task"] for result in results):
        for arm in ARMS:
            runs = [result for result in results if (result["task"], result["arm"]) == (task, arm)]
            if runs:
                yield task, arm, runs


def _losses_of(task: str, arm: str, runs: Sequence[Result]) -> Curve | None:
    told = [dict(run["losses"]) for run in runs if run.get("losses")]
    if not told:
        return None
    steps = sorted(set.intersection(*map(set, told)))
    return Curve(task, arm, len(told), tuple(steps), tuple(fmean(one[step] for one in told) for step in steps))


def _retention_of(arm: str, runs: Sequence[Result]) -> Curve:
    kept = [[run["metrics"][SYNTHETIC][f"retention@{t}"] for t in STEPS] for run in runs]
    return Curve(SYNTHETIC, arm, len(runs), STEPS, tuple(map(fmean, zip(*kept, strict=True))))


def _row(claim: Claim, results: Sequence[Result]) -> Row:
    if not claim.task:
        return Row(claim, None, None, None, None, UNMEASURABLE, _recomputed(claim, results))
    first, second = (values(results, claim.task, claim.metric, arm) for arm in (BASELINE, CLAIMED_ARM))
    difference = paired(first, second)
    most = set(values(results, claim.task, "majority", BASELINE).values()) if claim.metric == "accuracy" else set()
    return Row(
        claim,
        spread(list(first.values())) if first else None,
        spread(list(second.values())) if second else None,
        difference,
        min(most) if most else None,
        verdict(difference, claim.claimed),
    )


def _recomputed(claim: Claim, results: Sequence[Result]) -> tuple[float, float] | None:
    first, second = (values(results, SYNTHETIC, claim.recomputed, arm) for arm in (BASELINE, CLAIMED_ARM))
    return (fmean(first.values()), fmean(second.values())) if first and second else None


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
    mine = [result for result in results if result["arm"] == arm and task in result["metrics"]]
    return ArmRow(
        task=task,
        metric=metric,
        arm=arm,
        value=spread(list(found.values())),
        difference=None if arm == BASELINE else paired(values(results, task, metric, BASELINE), found),
        sampled=spread(list(sampled.values())) if sampled else None,
        noise=_means([_losses(result, task, metric) for result in mine]),
        condensed=_means([_condensed(result, task, metric) for result in mine]).get(metric),
        unit=_means([{name: result["metrics"][task].get(name) for name in _UNIT} for result in mine]),
    )


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
