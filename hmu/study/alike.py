"""Which lines of results may stand in one table. Knows nothing of figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hmu.study.results import Result
from hmu.tasks import TRAIN


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """Under what runs are comparable.

    Args:
        preset, rows, held_out, trunk, file: see `Run`.
    """

    preset: str
    rows: int = 0
    held_out: float = 0.0
    trunk: str = ""
    file: str = TRAIN


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
            precisions or by recipes that differ in more than the arm, or runs of one arm by different recipes. Lines
            from before one of these was told pass.
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
    task |= {"precisions": precision_of(result), "recipes": result.get("shared_recipe")}
    task |= {f"versions of {file}": digest for file, digest in result.get("data", {}).items()}
    arm = {(result["arm"], "recipes"): result.get("recipe")}
    return {what: value for what, value in ({(name,): v for name, v in task.items()} | arm).items() if value}


def precision_of(result: Result) -> str:
    """What a result was trained in; lines from before there was a choice say nothing and are fp32."""
    return str(result.get("precision", "fp32"))


def setting_of(result: Result) -> Setting:
    """Under what a result was got; lines from before there were trunks and files have none."""
    late = {name: result[name] for name in ("trunk", "file") if name in result}
    return Setting(result["preset"], result["rows"], result["held_out"], **late)
