"""What the tasks say together: a small difference that comes back on each of them is more than a large one on one."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

from hmu.study.arms import BASELINE
from hmu.study.statistics import LEVEL, Paired
from hmu.study.summary import ArmRow
from hmu.study.wording import named, number, paired_text, table
from hmu.tasks import find_task, task_title

ENOUGH_TASKS = 6
"""Below which no sign test, two-sided, could come below 0.05."""


@dataclass(frozen=True, slots=True)
class AcrossRow:
    """A metric that many tasks share: on how many of them an arm is below the baseline, or above it.

    Args:
        arm, metric: which.
        tasks: how many have the difference.
        lower, higher: on how many the mean over seeds is below, above; a tie is neither.
        p: of the two-sided sign test of these two.
        surely_lower, surely_higher: the tasks whose 95 % interval leaves 0 out.
    """

    arm: str
    metric: str
    tasks: int
    lower: int
    higher: int
    p: float
    surely_lower: tuple[str, ...]
    surely_higher: tuple[str, ...]


def across(rows: Sequence[ArmRow]) -> list[AcrossRow]:
    """Every arm and metric with differences on enough tasks; the same data's majority is no metric of an arm."""
    arms = dict.fromkeys(row.arm for row in rows)
    metrics = dict.fromkeys(name for row in rows for name in row.differences if name != "majority")
    found = (_across(rows, arm, metric) for arm in arms for metric in metrics)
    return [row for row in found if row.tasks >= ENOUGH_TASKS]


def _across(rows: Sequence[ArmRow], arm: str, metric: str) -> AcrossRow:
    told = {row.task: row.differences[metric] for row in rows if row.arm == arm and metric in row.differences}
    lower, higher = (sum(side * one.mean > 0 for one in told.values()) for side in (-1, 1))
    return AcrossRow(
        arm=arm,
        metric=metric,
        tasks=len(told),
        lower=lower,
        higher=higher,
        p=float(binomtest(lower, lower + higher).pvalue) if lower + higher else 1.0,
        surely_lower=tuple(_leaving_0_out(told, -1)),
        surely_higher=tuple(_leaving_0_out(told, 1)),
    )


def _leaving_0_out(told: dict[str, Paired], side: int) -> Iterator[str]:
    for task, one in told.items():
        if one.low is not None and one.high is not None and min(side * one.low, side * one.high) > 0:
            yield task


def short_line(found: Sequence[AcrossRow], arm: str) -> str:
    """What no claim is about, and all tasks agree in: a line for the report's beginning, or nothing."""
    agreed = [row for row in found if row.arm == arm and row.p < 1 - LEVEL]
    if not agreed:
        return ""
    each = (
        f"{named(row.metric)} {'lower' if row.lower > row.higher else 'higher'} on {max(row.lower, row.higher)} of "
        f"{row.tasks} (p = {row.p:.3f})"
        for row in agreed
    )
    return f"- beside the claims, over all tasks (sign test), `{arm}` against the baseline: {'; '.join(each)}\n"


def across_section(found: Sequence[AcrossRow], rows: Sequence[ArmRow]) -> str:
    """The tasks together, as a table.

    Args:
        found: what `across` gave.
        rows: what it was given.
    """
    if not found:
        return ""
    told = (
        f"Arms minus the baseline, in each metric that at least {ENOUGH_TASKS} tasks share: on how many tasks the mean "
        "over seeds is lower or higher, the two-sided sign test of that (it counts tasks, not seeds, and is not "
        "corrected for the number of lines), and where the interval leaves 0 out. Of calibration error and log loss, "
        "less is better."
    )
    head = ("arm", "metric", "tasks", "lower", "higher", "sign test, p", "surely lower", "surely higher")
    cells = (
        (
            f"`{row.arm}`",
            named(row.metric),
            *map(str, (row.tasks, row.lower, row.higher)),
            number(row.p, 3),
            *(", ".join(map(task_title, sure)) or "–" for sure in (row.surely_lower, row.surely_higher)),
        )
        for row in found
    )
    losses = _worse_than_alike(rows, {row.arm for row in found if row.metric == "log_loss"})
    clear = list(dict.fromkeys(row.metric for row in found if row.p < 1 - LEVEL))
    parts = ("## All tasks together", told, table(head, cells), losses, _arm_by_arm(rows, clear))
    return "\n\n".join(part for part in parts if part)


def _arm_by_arm(rows: Sequence[ArmRow], metrics: Sequence[str]) -> str:
    """The metrics in which the tasks agree, of every arm: whether it is the unit, its size or one of its parts."""
    told = [row for row in rows if any(metric in row.differences for metric in metrics)]
    if not told:
        return ""
    head = ("task", "arm", *map(named, metrics))
    cells = (
        (task_title(row.task), f"`{row.arm}`", *(paired_text(row.differences.get(metric)) for metric in metrics))
        for row in told
    )
    what = f"Arm by arm, what a sign test has below {1 - LEVEL:.2f}, minus the baseline's [95 %] (seeds):"
    return f"{what}\n\n{table(head, cells)}"


def _worse_than_alike(rows: Sequence[ArmRow], arms: set[str]) -> str:
    """Where a log loss says little, since calling every class alike would have a lower one in all these arms."""
    losses: dict[str, list[float]] = {}
    for row in rows:
        if row.arm in arms | {BASELINE} and "log_loss" in row.metrics:
            losses.setdefault(row.task, []).append(row.metrics["log_loss"].mean)
    above = [task for task, found in losses.items() if min(found) > math.log(len(find_task(task).labels))]
    if not arms or not above:
        return ""
    names = ", ".join(map(task_title, above))
    return (
        f"On {len(above)} of {len(losses)} tasks the log loss of the baseline, and of each of these arms, is above "
        f"that of calling every class equally likely ({names}): all of them are too sure there, "
        "and the lower one is the less sure where it errs."
    )
