"""What was timed → its section of the report. Judges nothing: ratios are of steps on one machine, not of seeds."""

from collections.abc import Iterator, Sequence

from hmu.evaluation.tables import markdown
from hmu.study.arms import ARMS, BASELINE
from hmu.study.claims import COST
from hmu.study.summary import CLAIMED_ARM
from hmu.study.times import KINDS, ArmTimes, Times, Timing
from hmu.tasks import TASKS

_TOLD = """## Time

What arms cost beside the baseline: the median time of a step, and the median of its ratios to the baseline's step of
the same turn, with the 95 % interval of that median (sign test). In one process the arms take turns, forwards and
backwards, step by step. Training is forward, backward, clipping and AdamW; reading is a source encoded and remembered;
writing is one token by the project's own decoder. Rows are synthetic ids without padding. Milliseconds are of the
machine, ratios much less so; they say nothing of seeds and have no verdict.
"""
_HEADS = (
    *("task", "arm", "parameters", "published", "training, ms", "× baseline [95 %]", "published"),
    *("reading a source, ms", "× baseline [95 %]", "writing a token, ms", "× baseline [95 %]"),
)


def time_section(times: Sequence[Times]) -> str:
    """The table of all arms, what they are, and how each measurement was made; empty where there is none."""
    if not times:
        return ""
    cells = [_cells(_title(found), one) for found in times for one in found.arms]
    arms = dict.fromkeys(one.arm for found in times for one in found.arms)
    titles = (f"- `{name}`: {ARMS[name].title}" for name in arms)
    return "\n".join((_TOLD, *markdown(_HEADS, cells), "", *titles, *map(_line, times)))


def _cells(task: str, one: ArmTimes) -> tuple[str, ...]:
    claimed = COST if one.arm == CLAIMED_ARM else dict.fromkeys(COST, "–")
    training, reading, writing = (tuple(_told(getattr(one, kind), one.arm)) for kind in KINDS)
    size = (
        f"{one.parameters:,} ({(one.parameter_ratio - 1) * 100:+.2f} %)"
        if one.arm != BASELINE
        else f"{one.parameters:,}"
    )
    return (task, f"`{one.arm}`", size, claimed["parameters"], *training, claimed["training"], *reading, *writing)


def _told(timing: Timing, arm: str) -> Iterator[str]:
    yield f"{timing.ms:.2f}"
    yield "1" if arm == BASELINE else f"{timing.ratio:.3f} [{timing.low:.3f}, {timing.high:.3f}]"


def _line(found: Times) -> str:
    lengths = f"{found.batch_size} rows of {found.source_tokens} source tokens a step"
    if found.target_tokens:
        lengths += f", {found.target_tokens} target tokens each"
    threads = f"{found.threads} thread{'s' * (found.threads > 1)}"
    commit = found.commit[:7] + "+" * found.commit.endswith("+")
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    told = (
        f"- {_title(found)}: {found.rounds * found.steps} pairs of each kind; {lengths}; {found.written_tokens} tokens "
        f"written; {found.hardware}, {threads}, {found.dtype}; {versions}; commit {commit}; {found.date}"
    )
    return told + (f"; {found.note}." if found.note else ".")


def _title(found: Times) -> str:
    return TASKS[found.task].title if found.task in TASKS else found.task
