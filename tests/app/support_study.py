"""A small study's report, made as `python -m hmu report` makes it."""

from typing import Any

from hmu.evaluation.synthetic import STEPS
from hmu.study.report import report

GAINS = {"mrpc": (0.02, 0.03, 0.01, 0.02, 0.02), "rte": (0.1, -0.1)}


def small_report() -> dict[str, Any]:
    """MRPC with five seeds, all better with the unit; RTE with two; the synthetic tasks with one."""
    lines = [
        line(task, arm, seed, {"accuracy": 0.5 + gain * (arm == "hmu"), "majority": 0.6})
        for task, gains in GAINS.items()
        for arm in ("baseline", "hmu")
        for seed, gain in enumerate(gains, 1)
    ]
    for arm, kept in (("baseline", 0.9), ("hmu", 0.95)):
        figures = {f"retention@{steps}": kept - steps / 1000 for steps in STEPS}
        lines.append(line("synthetic", arm, 1, figures | {"published@200": 1e-3}))
    return report(lines, "paper")[1]


def line(task: str, arm: str, seed: int, metrics: dict[str, float]) -> dict[str, Any]:
    """One run as the study writes it."""
    facts = {"versions": {"torch": "2.13"}, "hardware": "cpu (x86_64)", "commit": "0123456789", "date": "2026-11-21"}
    parts: dict[str, Any] = {part: {} for part in ("sampled", "noise", "condensed")}
    named = {"id": f"paper/{task}/{arm}/{seed}", "preset": "paper", "task": task, "arm": arm, "seed": seed}
    named["parameters"] = 250 if arm == "hmu" else 200
    losses = [[step, 1.0 / step] for step in (1, 2, 3)]
    return (
        named
        | {"rows": 0, "held_out": 0.0, "metrics": {task: metrics}, "vocabulary": "a", "losses": losses}
        | parts
        | facts
    )
