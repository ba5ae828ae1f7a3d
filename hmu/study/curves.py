"""Lines of results → curves over steps: how trainings went, and what is kept of a token."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from hmu.evaluation.synthetic import STEPS
from hmu.study.arms import ARMS
from hmu.study.results import Result
from hmu.tasks.synthetic import SYNTHETIC


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


def training_curves(results: Sequence[Result]) -> list[Curve]:
    """Mean loss over the training of each arm, at the steps that all its runs tell."""
    return [curve for task, arm, runs in groups(results) if (curve := _losses_of(task, arm, runs))]


def retention_curves(results: Sequence[Result]) -> list[Curve]:
    """P(the right token) t tokens later, mean over the runs of each arm."""
    return [_retention_of(arm, runs) for task, arm, runs in groups(results) if task == SYNTHETIC]


def groups(results: Sequence[Result]) -> Iterator[tuple[str, str, list[Result]]]:
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
