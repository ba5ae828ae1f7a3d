"""What the report says of all tasks together, and of the arms beside one another."""

from typing import Any

import pytest

from hmu.study.claims import GLUE_TASKS
from hmu.study.report import report
from tests.hmu.test_study_report import pair, result


def test_a_difference_that_comes_back_on_every_task_is_told_of_all_of_them() -> None:
    def both(task: str, baseline: float, hmu_: float, seeds: int = 1) -> list[dict[str, Any]]:
        first = {"matthews": 0.1} if task == "cola" else {}
        return [
            result(task, arm, seed, metrics={task: first | {"accuracy": 0.5, "majority": 0.6, "log_loss": loss + seed}})
            for arm, loss in (("baseline", baseline), ("hmu", hmu_))
            for seed in range(seeds)
        ]

    five = [line for task in ("mrpc", "rte", "qnli", "sst2", "cola") for line in both(task, 0.9, 0.8)]
    assert report(five, "paper")[1]["across"] == []
    lines = [*five, *both("mnli", 0.55, 0.5, 2)]
    text, value = report(lines, "paper")
    accuracy, loss = value["across"]
    assert (accuracy["metric"], accuracy["lower"], accuracy["higher"], accuracy["p"]) == ("accuracy", 0, 0, 1.0)
    assert (loss["tasks"], loss["lower"], loss["higher"]) == (6, 6, 0)
    assert loss["p"] == pytest.approx(2 / 2**6)
    assert loss["surely_lower"] == ["mnli"]
    told = "| `hmu` | log loss | 6 | 6 | 0 | 0.031 | Inference in three classes (MNLI, matched) | – |"
    together = text.split("## All tasks together")[1].split("## All metrics")[0]
    assert told in together
    short = text.split("## Claims")[0].splitlines()
    assert short[-2].endswith("(sign test), `hmu` against the baseline: log loss lower on 6 of 6 (p = 0.031)")
    every = together.split("Arm by arm,")[1]
    assert "| task | arm | log loss |" in every
    assert "| Inference in three classes (MNLI, matched) | `hmu` | -0.0500 [-0.0500, -0.0500] (2) |" in every
    assert every.count("`hmu`") == 6
    assert "On 5 of 6 tasks the log loss of the baseline" in together  # of MNLI both are below ln 3 = 1.0986
    text, value = report([*lines, *both("ag_news", 0.5, 0.6)], "paper")
    one_more = value["across"][1]
    assert "Arm by arm," not in text
    assert "over all tasks (sign test)" not in text
    assert (one_more["lower"], one_more["higher"], one_more["p"]) == (6, 1, pytest.approx(2 * 8 / 2**7))
    low = [line for task in GLUE_TASKS for line in both(task, 0.6, 0.5)]
    assert "of calling every class" not in report(low, "paper")[0]


def test_other_arms_are_compared_with_the_unit_too() -> None:
    wide = [
        result("mrpc", "baseline_wide", seed, metrics={"mrpc": {"accuracy": share, "majority": 0.6}})
        for seed, share in ((1, 0.7), (2, 0.71), (3, 0.9))
    ]
    lines = [*pair("mrpc", [0.5, 0.7], [0.6, 0.61]), *wide]
    text, _ = report([*lines, *(one | {"rows": 200} for one in lines)], "paper")
    assert "+0.1000 [+0.1000, +0.1000] (2)" in text.split("| `baseline_wide` | 3 |")[1].splitlines()[0]
    unit = text.split("| accuracy | `hmu` | 2 |")[1].splitlines()[0]
    assert unit.split(" | ")[3] == "–"
    arms, others = text.split("## What else was tried")
    named = "Differences from `hmu` that have an interval: 1. Wholly above 0 (1): `baseline_wide` (Same meaning (MRPC)"
    assert f"{named}; accuracy). Wholly below 0 (0): none." in arms
    assert f"{named}, 200 rows; accuracy). Wholly below 0 (0): none." in others


def test_what_else_was_tried_tells_the_log_loss_too() -> None:
    lines = [
        result("mrpc", arm, 1, rows=200, metrics={"mrpc": {"accuracy": 0.5, "majority": 0.6, "log_loss": loss}})
        for arm, loss in (("baseline", 0.9), ("hmu", 0.7))
    ]
    others = report([*pair("mrpc", [0.5], [0.6]), *lines], "paper")[0].split("## What else was tried")[1]
    base, unit = (others.split(f"| `{arm}` | ")[1].splitlines()[0].split(" | ") for arm in ("baseline", "hmu"))
    assert (base[-1], unit[-1]) == ("– |", "-0.2000 (1) |")
    sliced = [one | {"rows": 200, "held_out": 0.1} for one in pair("sst2", [0.5], [0.6])]
    assert "phrases of one sentence" not in others
    assert "phrases of one sentence" in report([*pair("mrpc", [0.5], [0.6]), *sliced], "paper")[0]
