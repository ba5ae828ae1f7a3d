"""What results say, against differences, intervals and verdicts computed by hand."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pytest

from hmu.evaluation.synthetic import STEPS
from hmu.study.claims import CLAIMS, GLUE_MEAN, GLUE_TASKS
from hmu.study.curves import retention_curves, training_curves
from hmu.study.report import report
from hmu.study.results import append
from hmu.study.statistics import FAILS, HOLDS, TOO_FEW, UNMEASURABLE, paired, spread, verdict
from hmu.study.summary import arm_rows, claim_rows
from tests.hmu.support_data import hmu

T_2, T_4 = 4.302653, 2.776445
"""Student's t, two-sided 95 %, at 2 and at 4 degrees of freedom, from a printed table."""


def result(task: str, arm: str, seed: int, **changes: Any) -> dict[str, Any]:
    """A line as the study writes it; `changes` replace its fields, `accuracy` its metric."""
    accuracy = changes.pop("accuracy", 0.5)
    return {
        "id": f"paper/{task}/{arm}/{seed}",
        "preset": "paper",
        "task": task,
        "arm": arm,
        "seed": seed,
        "rows": 0,
        "held_out": 0.0,
        "metrics": {task: {"accuracy": accuracy, "majority": 0.6, "gate_mean": None if arm == "baseline" else 0.5}},
        "sampled": {},
        "noise": {},
        "condensed": {},
        "vocabulary": "abc",
        "versions": {"python": "3.11", "torch": "2.13"},
        "hardware": "cpu (x86_64)",
        "commit": "0123456789",
        "date": f"2026-11-{20 + seed}",
    } | changes


def pair(task: str, baseline: Sequence[float], hmu_: Sequence[float]) -> list[dict[str, Any]]:
    """Both arms over seeds 1, 2, …"""
    return [
        result(task, arm, seed, accuracy=value)
        for arm, values in (("baseline", baseline), ("hmu", hmu_))
        for seed, value in enumerate(values, 1)
    ]


def row(results: list[dict[str, Any]], title: str) -> Any:
    return next(one for one in claim_rows(results) if one.claim.title == title)


def test_a_paired_interval_is_students() -> None:
    first, second = {1: 0.5, 2: 0.4, 3: 0.6, 9: 0.1}, {3: 0.63, 2: 0.45, 1: 0.5, 8: 0.9}
    differences = [0.0, 0.05, 0.03]
    found = paired(first, second)
    half = T_2 * stdev(differences) / math.sqrt(3)
    assert found is not None
    assert found.seeds == 3
    wanted = (mean(differences), mean(differences) - half, mean(differences) + half)
    assert (found.mean, found.low, found.high) == pytest.approx(wanted)


def test_seeds_that_only_one_arm_has_do_not_count() -> None:
    assert paired({1: 0.5}, {2: 0.5}) is None
    alone = paired({1: 0.5, 2: 0.1}, {1: 0.75})
    assert alone is not None
    assert (alone.mean, alone.low, alone.seeds) == (0.25, None, 1)


def test_one_value_has_no_spread() -> None:
    assert spread([0.5]).sd is None
    assert spread([0.4, 0.6]).sd == pytest.approx(stdev([0.4, 0.6]))


@pytest.mark.parametrize(
    ("gains", "claimed", "wanted"),
    [
        ((0.02, 0.03, 0.01, 0.02, 0.02), 1, HOLDS),
        ((0.02, 0.03, 0.01, 0.02, 0.02), -1, FAILS),
        ((-0.02, -0.03, -0.01, -0.02, -0.02), -1, HOLDS),
        ((0.02, -0.03, 0.01, 0.02, 0.02), 1, FAILS),
        ((0.0, 0.0, 0.0, 0.0, 0.0), 1, FAILS),
        ((0.2, 0.3, 0.25), 1, TOO_FEW),
        ((0.2, 0.2, 0.2, 0.2), 1, TOO_FEW),
        ((), 1, TOO_FEW),
    ],
)
def test_a_claim_holds_with_five_seeds_and_the_whole_interval_on_its_side(
    gains: Sequence[float], claimed: int, wanted: str
) -> None:
    """Three seeds where one arm is better by chance must not count as a finding."""
    assert (
        verdict(paired(dict.fromkeys(range(len(gains)), 0.5), dict(enumerate(0.5 + g for g in gains))), claimed)
        == wanted
    )


def test_every_published_row_is_there_and_has_a_verdict() -> None:
    rows = claim_rows(pair("mrpc", [0.5], [0.6]))
    assert [one.claim for one in rows] == list(CLAIMS)
    flawed = {one.claim.title for one in rows if one.verdict == UNMEASURABLE}
    assert flawed == {claim.title for claim in CLAIMS if not claim.task}
    assert all(claim.flaw for claim in CLAIMS if not claim.task)


def test_a_claim_that_says_the_baseline_is_ahead_is_judged_on_that_side() -> None:
    ahead = [0.70, 0.71, 0.72, 0.73, 0.74]
    behind = [value - 0.02 - 0.001 * place for place, value in enumerate(ahead)]
    assert row(pair("sst2", ahead, behind), "SST-2, accuracy").verdict == HOLDS
    assert row(pair("sst2", behind, ahead), "SST-2, accuracy").verdict == FAILS


def test_the_mean_of_glue_is_over_seeds_that_have_all_six_tasks() -> None:
    results = [one for task in GLUE_TASKS for one in pair(task, [0.5, 0.7], [0.6, 0.7])]
    results = [one for one in results if not (one["task"] == "rte" and one["seed"] == 2)]
    found = row(results, "GLUE, mean accuracy of six")
    assert (found.baseline.mean, found.hmu.mean, found.difference.seeds) == pytest.approx((0.5, 0.6, 1))
    assert found.claim.task == GLUE_MEAN


def test_arms_are_compared_with_the_baseline_and_tell_what_noise_costs() -> None:
    noise = {"mrpc": {"inputs": 6, "losses": {"drop:0.1": {"accuracy": 0.02}}}}
    condensed = {"mrpc": {"lost": {"accuracy": 0.125}}}
    results = [
        *pair("mrpc", [0.5, 0.6], []),
        result("mrpc", "hmu", 1, accuracy=0.6, noise=noise, condensed=condensed),
        result("mrpc", "hmu", 2, accuracy=0.65, noise={"mrpc": {"losses": {"drop:0.1": {"accuracy": 0.04}}}}),
    ]
    first, second = arm_rows(results)
    assert (first.arm, first.difference, first.noise) == ("baseline", None, {})
    assert second.difference is not None
    assert second.difference.mean == pytest.approx(0.075)
    assert dict(second.noise) == pytest.approx({"drop:0.1": 0.03})
    assert second.condensed == 0.125
    assert second.unit == {"gate_mean": 0.5}


KEPT = {f"retention@{t}": 0.25 for t in STEPS} | {"published@200": 2e-4}
SEEN = (
    ("MRPC, accuracy", "0.669", "0.689", "0.5200 ± 0.0158 (5)", "0.5440 ± {sd} (5)", "+0.0240 [{low}, {high}] (5)"),
    ("RTE, accuracy", "0.480", "0.484", "0.5000 ± 0.1000 (3)", "0.6000 ± 0.1000 (3)", "+0.1000 [+0.1000, +0.1000] (3)"),
    ("QNLI, accuracy", "0.545", "0.546", "–", "–", "–"),
)
JUDGED = (
    ("0.6000", "–", "**holds**"),
    ("0.6000", "–", "**not yet enough seeds**"),
    ("–", "–", "**not yet enough seeds**"),
)


def test_the_report_of_known_results_is_what_it_should_be() -> None:
    """MRPC's differences are 0.02, 0.03, 0.02, 0.015 and 0.035: mean 0.024, sd 0.00822."""
    results = [
        *pair("mrpc", [0.50, 0.51, 0.52, 0.53, 0.54], [0.52, 0.54, 0.54, 0.545, 0.575]),
        *pair("rte", [0.4, 0.5, 0.6], [0.5, 0.6, 0.7]),
    ]
    text, value = report(results, "paper")
    half = T_4 * stdev([0.02, 0.03, 0.02, 0.015, 0.035]) / math.sqrt(5)
    ends = {"low": f"{0.024 - half:+.4f}", "high": f"{0.024 + half:+.4f}"}
    sd = f"{stdev([0.52, 0.54, 0.54, 0.545, 0.575]):.4f}"
    lines = [f"| {' | '.join((*seen, *judged))} |" for seen, judged in zip(SEEN, JUDGED, strict=True)]
    assert "\n".join(lines).format(sd=sd, **ends) in text
    assert "16 runs of preset `paper`, 2026-11-21 to 2026-11-25, on cpu (x86_64)" in text
    assert "Matthews" in text.partition("What is wrong")[2]
    assert value["claims"][0]["verdict"] == "holds"
    assert json.loads(json.dumps(value)) == value


def test_the_published_retention_is_told_beside_ours_and_judged_by_nobody() -> None:
    results = [
        result("synthetic", arm, seed, metrics={"synthetic": KEPT | {"retention@200": kept + seed / 100}})
        for arm, kept in (("baseline", 0.5), ("hmu", 0.9))
        for seed in (1, 3)
    ]
    published = row(results, "Synthetic memory, retention@200")
    assert (published.verdict, published.recomputed) == (UNMEASURABLE, (2e-4, 2e-4))
    ours = row(results, "P(right token) after 200 more")
    assert (ours.baseline.mean, ours.hmu.mean) == pytest.approx((0.52, 0.92))
    baseline, with_hmu = retention_curves(results)
    assert (baseline.arm, with_hmu.arm, with_hmu.seeds, with_hmu.x) == ("baseline", "hmu", 2, STEPS)
    assert with_hmu.y == pytest.approx((0.25, 0.25, 0.25, 0.25, 0.92, 0.25))
    assert "| 2.0e-04 / 2.0e-04 | **not measurable as defined** |" in report(results, "paper")[0]


def test_a_training_curve_is_the_mean_over_the_steps_that_all_runs_tell() -> None:
    losses = ([[10, 2.0], [20, 1.0], [30, 0.5]], [[10, 4.0], [20, 2.0]])
    results = [result("mrpc", "hmu", seed, losses=told) for seed, told in enumerate(losses, 1)]
    (curve,) = training_curves([*results, result("mrpc", "hmu_kl", 1)])
    assert (curve.arm, curve.seeds, curve.x, curve.y) == ("hmu", 2, (10, 20), (3.0, 1.5))


def test_no_results_make_no_report() -> None:
    with pytest.raises(ValueError, match="no run of preset paper"):
        report([], "paper")


def test_the_command_writes_report_and_json(tmp_path: Path) -> None:
    for one in pair("mrpc", [0.5], [0.6]):
        append(tmp_path / "results.jsonl", one)
    said = hmu("report", "--results", tmp_path / "results.jsonl", "--out", tmp_path / "docs")
    assert said.out == f"{tmp_path / 'docs/REPRODUCTION.md'}\n"
    assert (tmp_path / "docs/REPRODUCTION.md").read_text().startswith("# Which published claims hold")
    assert json.loads((tmp_path / "docs/reproduction.json").read_text())["runs"] == 2


def test_a_report_without_results_is_refused_in_one_line(tmp_path: Path) -> None:
    said = hmu("report", "--results", tmp_path / "none.jsonl", "--out", tmp_path)
    assert (said.code, len(said.err)) == (2, 1)
    assert "no such file of results" in said.err[0]
