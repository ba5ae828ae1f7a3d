"""What the study found, docs/reproduction.json → sentences and sheets of the Results tab. Knows nothing of gradio."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app import words
from app.saying import PART
from app.sheets import Json, made
from hmu.tasks import task_title

FILE = Path(__file__).parents[1] / "docs" / "reproduction.json"
"""What `python -m hmu report` writes."""
_PARTS = ("claims", "arms", "training", "retention", "dates", "commits", "runs", "hardware")
_MINUS = "−"


def read_report(file: Path = FILE) -> Json | None:
    """The report's values; None where nothing was reported.

    Raises:
        ValueError: naming the file, for one that is no such report.
    """
    if not file.is_file():
        return None
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file}: not JSON ({error}); write it again with `python -m hmu report`") from None
    missing = [part for part in _PARTS if not isinstance(value, dict) or part not in value]
    if missing:
        raise ValueError(f'{file}: no "{missing[0]}"; write it again with `python -m hmu report`')
    return dict(value)


def tally(report: Json) -> str:
    """How many of the claims, and of the figures in the place of some, came to which verdict."""
    verdicts = [row["verdict"] for row in (*report["claims"], *report.get("costs", []))]
    kinds = {"holds": words.HOLDS, "fails": words.FAILS, "few": words.TOO_FEW, "vague": words.VAGUE}
    return words.RESULTS_TALLY.format(**{name: verdicts.count(verdict) for name, verdict in kinds.items()})


def together(report: Json) -> str:
    """What the tasks say together of accuracy and log loss; nothing where too few of them were run."""
    found = {row["metric"]: row for row in report.get("across", []) if row["arm"] == "hmu"}
    if not {"accuracy", "log_loss"} <= found.keys():
        return ""
    accuracy, loss = found["accuracy"], found["log_loss"]
    return words.RESULTS_TOGETHER.format(
        accuracy=accuracy["higher"],
        tasks=accuracy["tasks"],
        p_accuracy=accuracy["p"],
        log_loss=loss["lower"],
        losses=loss["tasks"],
        p_log_loss=loss["p"],
    )


def about(report: Json) -> str:
    """How many runs stand behind the results, from when and of which code."""
    commits = ", ".join(commit[:7] + "+" * commit.endswith("+") for commit in report["commits"])
    first, last = report["dates"][0], report["dates"][-1]
    return words.RESULTS_ABOUT.format(
        runs=report["runs"], first=first, last=last, commits=commits, hardware="; ".join(report["hardware"])
    )


def claims(report: Json) -> Json:
    """Every published claim beside what was measured, and whether it holds."""
    rows = [_claim(row) for row in report["claims"]] + [_cost(row) for row in report.get("costs", [])]
    return made(words.CLAIMS, words.CLAIM_HEADS, rows, range(2, 7), (0, 1))


def arms(report: Json) -> Json:
    """Every arm on every task, by the task's first metric."""
    rows = [
        [
            PART.join((task_title(row["task"]), _metric(row["metric"]))),
            row["arm"],
            _spread(row["value"]),
            _number(row.get("majority") if row["metric"] == "accuracy" else None),
            _paired(row["difference"]),
        ]
        for row in report["arms"]
    ]
    return made(words.ARMS_MEASURED, words.ARM_HEADS, rows, (2, 3, 4), (0,))


def tasks(report: Json) -> list[str]:
    """The tasks whose training curves there are."""
    return list(dict.fromkeys(curve["task"] for curve in report["training"]))


def _claim(row: Mapping[str, Any]) -> list[str]:
    claim = row["claim"]
    title = words.IN_ITS_PLACE.format(claim["title"]) if claim["instead"] else claim["title"]
    ours = [_spread(row[arm], claim["digits"]) for arm in ("baseline", "hmu")]
    difference = _paired(row["difference"], claim["digits"])
    return [title, row["verdict"], _published(claim["published"]), *ours, difference, _number(row["majority"])]


def _cost(row: Mapping[str, Any]) -> list[str]:
    return [row["title"], row["verdict"], _published(row["published"]), *row["ours"], row["difference"], "–"]


def _published(both: Sequence[str]) -> str:
    """Both figures, or a dash where there are none."""
    return " → ".join(both) if set(both) != {"–"} else "–"


def _metric(name: str) -> str:
    return name.replace("_", " ")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _spread(value: Mapping[str, Any] | None, digits: int = 4) -> str:
    if value is None:
        return "–"
    sd = "" if value["sd"] is None else f" ± {value['sd']:.{digits}f}"
    return f"{value['mean']:.{digits}f}{sd} ({value['seeds']})"


def _paired(value: Mapping[str, Any] | None, digits: int = 4) -> str:
    if value is None:
        return "–"
    ends: Sequence[float] = () if value["low"] is None else (value["low"], value["high"])
    told = " … ".join(f"{end:+.{digits}f}" for end in ends)
    return f"{value['mean']:+.{digits}f}{f' [{told}]' * bool(ends)} ({value['seeds']})".replace("-", _MINUS)
