"""What an arm costs in time, told as a ratio to the baseline: the values, their arithmetic, their file.

A pair is one step of an arm and the baseline's step of the same turn: what slows a machine for longer than a turn slows
both. Knows nothing of models or clocks.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path
from statistics import median

KINDS = ("training", "reading", "writing")
"""What is timed: a step of the optimizer, a source encoded and remembered, a token decoded."""
FEWEST = 6
"""Pairs below which a median has no 95 % interval."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One kind of step of one arm, beside the baseline's.

    Args:
        ms: median milliseconds a step, source or token.
        ratio: median of the paired ratios to the baseline; 1 for the baseline itself.
        low, high: ends of that median's interval, see `median_interval`.
        pairs: how many ratios there are.
    """

    ms: float
    ratio: float
    low: float
    high: float
    pairs: int


@dataclass(frozen=True, slots=True)
class ArmTimes:
    """One arm: its size and, by kind, its times.

    Args:
        arm: a name in `ARMS`.
        parameters: of the whole model.
        parameter_ratio: the same over the baseline's.
        training, reading, writing: see `KINDS`.
    """

    arm: str
    parameters: int
    parameter_ratio: float
    training: Timing
    reading: Timing
    writing: Timing


@dataclass(frozen=True, slots=True)
class Times:
    """One measurement of several arms in one process.

    Args:
        preset, task: whose recipe.
        arms: in the order of a turn; one of them is the baseline.
        batch_size: rows of a training step; reading and writing have one.
        source_tokens, target_tokens: of each training row, none of them padding; a class has 0 target tokens.
        written_tokens: of each text that was decoded.
        rows: what was read.
        order: how arms took turns.
        interval: what `low` and `high` are.
        rounds, steps: pairs of each kind are rounds × steps.
        seed: of weights, rows, dropout and noise.
        device, hardware, dtype, threads, versions, commit, date: where, how, with what and when.
        note: what else a reader should know, such as who shared the machine.
    """

    preset: str
    task: str
    arms: tuple[ArmTimes, ...]
    batch_size: int
    source_tokens: int
    target_tokens: int
    written_tokens: int
    rows: str
    order: str
    interval: str
    rounds: int
    steps: int
    seed: int
    device: str
    hardware: str
    dtype: str
    threads: int
    versions: Mapping[str, str]
    commit: str
    date: str
    note: str = ""


def timing(mine: Sequence[float], baseline: Sequence[float], parts: int = 1) -> Timing:
    """Pair two arms' times, turn by turn.

    Args:
        mine, baseline: seconds of each turn, as many of one as of the other.
        parts: what one turn consists of, such as tokens; milliseconds are of one of them.

    Raises:
        ValueError: for fewer pairs than `FEWEST`.
    """
    ratios = [own / other for own, other in zip(mine, baseline, strict=True)]
    low, high = median_interval(ratios)
    return Timing(median(mine) * 1000 / parts, median(ratios), low, high, len(ratios))


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of a median, between two of the values themselves (the sign test's): no shape is assumed.

    From the k-th smallest to the k-th largest, k as large as P(fewer than k of n fair coins show heads) ≤ 2.5 % allows.

    Raises:
        ValueError: for fewer values than `FEWEST`.
    """
    count = len(values)
    if count < FEWEST:
        raise ValueError(f"times: {count} pairs of steps; give at least {FEWEST}, fewer have no 95 % interval")
    cut, fewer = 0, 1
    while 40 * fewer <= 2**count:
        cut += 1
        fewer += comb(count, cut)
    ordered = sorted(values)
    return ordered[cut - 1], ordered[-cut]


def write_times(file: Path, found: Times) -> None:
    """Keep a measurement as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_times(files: Iterable[Path]) -> list[Times]:
    """The measurements of several files.

    Raises:
        ValueError: naming the file, for one that is missing or holds no such measurement.
    """
    return [_read(file) for file in files]


def _read(file: Path) -> Times:
    if not file.is_file():
        raise ValueError(f"{file}: no such file of times; write it with `python -m hmu times`")
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return Times(**{**told, "arms": tuple(map(_arm, told["arms"]))})
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{file}: no times ({error}); write it again with `python -m hmu times`") from None


def _arm(told: Mapping[str, object]) -> ArmTimes:
    timings = {kind: Timing(**told[kind]) for kind in KINDS}  # type: ignore[arg-type]
    return ArmTimes(**{**told, **timings})  # type: ignore[arg-type]
