"""What the report says of all tasks together."""

from typing import Any

import pytest

from hmu.study.claims import GLUE_TASKS
from hmu.study.report import report
from tests.hmu.test_study_report import result


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
    every = together.split("Arm by arm,")[1]
    assert "| task | arm | log loss |" in every
    assert "| Inference in three classes (MNLI, matched) | `hmu` | -0.0500 [-0.0500, -0.0500] (2) |" in every
    assert every.count("`hmu`") == 6
    assert "On 5 of 6 tasks the log loss of the baseline" in together  # of MNLI both are below ln 3 = 1.0986
    text, value = report([*lines, *both("ag_news", 0.5, 0.6)], "paper")
    one_more = value["across"][1]
    assert "Arm by arm," not in text
    assert (one_more["lower"], one_more["higher"], one_more["p"]) == (6, 1, pytest.approx(2 * 8 / 2**7))
    low = [line for task in GLUE_TASKS for line in both(task, 0.6, 0.5)]
    assert "of calling every class" not in report(low, "paper")[0]
