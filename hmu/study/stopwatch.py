"""Arms of a preset in one process, taking turns at training, reading and writing, timed: a plan → `Times`.

What is timed is the model's own work and the optimizer's: rows are on the device before, and nothing is logged.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import product

import torch

from hmu.devices import choose_device
from hmu.study.arms import BASELINE
from hmu.study.provenance import commit, hardware, versions
from hmu.study.times import KINDS, ArmTimes, Times, timing
from hmu.study.workload import Act, Plan, Workload
from hmu.tasks import find_task

WARM_UP = 3
"""Turns of each kind that are not timed."""


def measured(plan: Plan, note: str = "", moved: Callable[[int], object] | None = None) -> Times:
    """Build every arm from equal weights, let them take turns, compare.

    Args:
        plan: what is to be timed.
        note: kept with the figures.
        moved: told of every step that is done; `steps_of` says how many there are.
    """
    commit()  # now: files may change meanwhile
    device = choose_device(plan.device)
    works = {arm: Workload(plan, arm, device) for arm in plan.arms}

    def elapsed(act: Act) -> float:
        if moved:
            moved(1)
        return _elapsed(act, device)

    def taken(kind: str, turns: range) -> dict[str, list[float]]:
        return interleaved({arm: work.acts[kind] for arm, work in works.items()}, turns, elapsed)

    for kind in KINDS:
        taken(kind, range(WARM_UP))
    seconds = {kind: {arm: list[float]() for arm in plan.arms} for kind in KINDS}
    for round_, kind in product(range(plan.rounds), KINDS):
        for arm, more in taken(kind, range(round_ * plan.steps, (round_ + 1) * plan.steps)).items():
            seconds[kind][arm] += more
    return _times(plan, note, device, {arm: work.model.num_parameters() for arm, work in works.items()}, seconds)


def steps_of(plan: Plan) -> int:
    """Every step of every arm, those of the warm-up included."""
    return len(KINDS) * len(plan.arms) * (plan.rounds * plan.steps + WARM_UP)


def interleaved(
    ready: Mapping[str, Callable[[int], Act]], turns: Iterable[int], elapsed: Callable[[Act], float]
) -> dict[str, list[float]]:
    """Let arms take turns: in their order in an even turn, the other way round in an odd one, so that none is first.

    Args:
        ready: arm → what readies its step of a turn, untimed.
        turns: numbers of the turns.
        elapsed: does a step and says how long it took.

    Returns:
        Each arm's times, turn by turn.
    """
    seconds = {arm: list[float]() for arm in ready}
    for turn in turns:
        for arm in ready if turn % 2 == 0 else reversed(list(ready)):
            seconds[arm].append(elapsed(ready[arm](turn)))
    return seconds


def _elapsed(act: Act, device: torch.device) -> float:
    _wait(device)
    begun = time.perf_counter()
    act()
    _wait(device)
    return time.perf_counter() - begun


def _wait(device: torch.device) -> None:
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def _times(
    plan: Plan,
    note: str,
    device: torch.device,
    sizes: Mapping[str, int],
    seconds: Mapping[str, Mapping[str, list[float]]],
) -> Times:
    recipe, parts = plan.recipe, {"writing": plan.tokens}

    def told(arm: str) -> ArmTimes:
        timings = {kind: timing(found[arm], found[BASELINE], parts.get(kind, 1)) for kind, found in seconds.items()}
        return ArmTimes(arm, sizes[arm], sizes[arm] / sizes[BASELINE], **timings)

    return Times(
        preset=plan.preset,
        task=plan.task,
        arms=tuple(map(told, plan.arms)),
        batch_size=recipe.tasks[0].batch_size,
        source_tokens=recipe.model["max_source_length"],
        target_tokens=recipe.model["max_target_length"] if find_task(plan.task).generates else 0,
        written_tokens=plan.tokens,
        rows="synthetic ids of the preset's full lengths, without padding; no data file",
        order="arms take turns step by step, forwards in one turn and backwards in the next",
        interval="95 %, of the median of the paired ratios, between order statistics (sign test)",
        rounds=plan.rounds,
        steps=plan.steps,
        seed=plan.seed,
        device=str(device),
        hardware=hardware(device),
        dtype=recipe.optimizer.precision,
        threads=torch.get_num_threads(),
        versions=versions(),
        commit=commit(),
        date=datetime.now(UTC).date().isoformat(),
        note=note,
    )
