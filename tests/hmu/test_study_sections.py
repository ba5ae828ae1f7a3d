"""The report's sections, and what may stand in one of them together."""

import json
from pathlib import Path
from typing import Any

import pytest

from hmu.evaluation.synthetic import STEPS
from hmu.study.alike import comparable
from hmu.study.pictures import gallery, pictures
from hmu.study.report import report
from hmu.study.results import read
from hmu.study.statistics import paired, spread
from hmu.study.summary import arm_rows
from hmu.study.times import read_times
from hmu.tasks import find_task
from tests.hmu.test_study_report import KEPT, pair, result

ROOT = Path(__file__).parents[2]


def test_every_metric_seed_and_majority_is_told() -> None:
    lines = [
        result("mrpc", arm, seed, metrics={"mrpc": {"accuracy": value, "majority": 0.6, "macro_f1": value / 2}})
        for arm, found in (("baseline", (0.5, 0.7)), ("hmu", (0.6, 0.9)))
        for seed, value in enumerate(found, 1)
    ]
    text, value = report(lines, "paper")
    assert "| Same meaning (MRPC) | accuracy | `hmu` | 2 | 0.7500 ± 0.2121 (2) | 0.6000 | +0.1500" in text
    assert "- Same meaning (MRPC), `hmu`: 1: 0.6000, 2: 0.9000\n" in text
    assert "| macro f1 | 0.3000 ± 0.0707 (2) | 0.3750 ± 0.1061 (2) |" in text
    assert "| majority | 0.6000 ± 0.0000 (2) | 0.6000 ± 0.0000 (2) |" in text
    assert set(value["arms"][1]["metrics"]) == {"accuracy", "macro_f1", "majority"}


def test_each_claim_stands_once_beneath_its_verdict_before_all_else() -> None:
    won, lost = pair("mrpc", [0.5] * 5, [0.6, 0.61, 0.6, 0.61, 0.6]), pair("rte", [0.6] * 5, [0.5] * 5)
    lines = [one | {"parameters": 1_000_000 + 12_480 * (one["arm"] == "hmu")} for one in (*won, *lost)]
    text, value = report(lines, "paper")
    short = text.split("## In short")[1].split("## Claims")[0].strip().splitlines()
    assert short[:2] == [
        "- **holds** (2): MRPC, accuracy; Parameters",
        "- **does not hold** (1): RTE, accuracy",
    ]
    listed = [title for line in short for title in line.partition("): ")[2].split("; ")]
    assert len(listed) == len(set(listed)) == len(value["claims"]) + len(value["costs"])


def test_what_was_never_run_stands_apart_in_short() -> None:
    text, _ = report([*pair("mrpc", [0.5], [0.6]), result("rte", "hmu", 1)], "paper")
    few, none = (line for line in text.splitlines() if line.startswith("- **not yet enough seeds"))
    assert few == "- **not yet enough seeds** (1): MRPC, accuracy"
    assert none.startswith("- **not yet enough seeds: no pair of runs yet** (17): RTE, accuracy; QNLI, accuracy;")


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        ([0.4, 0.6, 0.5, 0.45, 0.55], "Neither shown nor refuted, since our interval reaches to what was published:"),
        ([0.49, 0.5, 0.5, 0.49, 0.5], "What was published lies outside our interval:"),
    ],
)
def test_what_does_not_hold_is_told_from_what_is_refuted(ours: list[float], told: str) -> None:
    text, _ = report(pair("mrpc", [0.5] * 5, ours), "paper")
    assert f"- {told} MRPC, accuracy +0.0200.\n" in text
    assert text.count("+0.0200.") == 1


def test_each_metric_is_compared_with_the_baselines() -> None:
    lines = [
        result("mrpc", arm, seed, metrics={"mrpc": {"accuracy": 0.5, "log_loss": loss}})
        for arm, losses in (("baseline", (0.9, 0.8)), ("hmu", (0.7, 0.6)), ("hmu_kl", (0.1, 0.1)))
        for seed, loss in enumerate(losses, 1)
    ]
    assert "(2) | -0.2000 [-0.2000, -0.2000] (2) |\n" in report(lines, "paper")[0].split("| log loss |")[1]


def test_what_is_not_surely_above_the_commonest_class_or_a_guess_is_said_so() -> None:
    below = "neither arm's mean is more than its standard deviation above"
    single = report(pair("mrpc", [0.9], [0.9]), "paper")[0]
    assert below not in single
    assert "- MRPC: one seed; nothing here says how far from it others would lie.\n" in single
    assert f"- MRPC: {below}" in report(pair("mrpc", [0.5, 0.8], [0.5, 0.9]), "paper")[0]  # 0.7 less 0.28
    above = report(pair("mrpc", [0.5, 0.5], [0.7, 0.71]), "paper")[0]
    assert below not in above
    assert "one seed;" not in above
    recalled = [
        result("synthetic", arm, seed, metrics={"synthetic": KEPT | {"recall@8of128": 0.124 + seed / 1000}})
        for arm in ("baseline", "hmu")
        for seed in (1, 2)
    ]
    assert f"- Associative recall: {below}" in report(recalled, "paper")[0]


def test_of_many_differences_those_that_leave_0_out_are_named_and_counted() -> None:
    lines = [*pair("mrpc", [0.5, 0.5], [0.6, 0.61]), *pair("rte", [0.6, 0.7], [0.7, 0.6]), *pair("cola", [0.5], [0.6])]
    lines += [*pair("sst2", [0.7, 0.71], [0.6, 0.6]), *(one | {"rows": 200} for one in pair("sst2", [0.5], [0.9]))]
    lines += [one | {"rows": 500} for one in pair("sst2", [0.5, 0.5], [0.7, 0.71])]
    arms, others = report(lines, "paper")[0].split("## What else was tried")
    assert (
        "that have an interval: 3. Wholly above 0 (1): `hmu` (Same meaning (MRPC); accuracy). "
        "Wholly below 0 (1): `hmu` (Sentiment of a film review (SST-2); accuracy). By chance"
    ) in arms
    told = "have an interval: 1. Wholly above 0 (1): `hmu` (Sentiment of a film review (SST-2), 500 rows; accuracy). "
    assert f"{told}Wholly below 0 (0): none. By chance" in others
    assert "have an interval" not in report(pair("mrpc", [0.5], [0.6]), "paper")[0]


@pytest.mark.parametrize(("bleus", "told"), [((0.6, 0.9), True), ((0.6, 1.0), False), ((1.2, 0.3), False)])
def test_texts_that_no_arm_can_write_are_said_to_be_none(bleus: tuple[float, float], told: bool) -> None:
    lines = [
        result("common_gen", arm, 1, metrics={"common_gen": {"coverage": 0.03, "bleu": bleu}})
        for arm, bleu in (*zip(("baseline", "hmu"), bleus, strict=True), ("hmu_kl", 30.0))
    ]
    assert ("- CommonGen: BLEU is below 1 in both arms;" in report(lines, "paper")[0]) is told


def test_what_all_noise_costs_is_compared_seed_by_seed() -> None:
    def noisy(arm: str, seed: int, *lost: float) -> dict[str, Any]:
        losses = {f"drop:0.{n}": {"accuracy": each} for n, each in enumerate(lost, 1)}
        return result("mrpc", arm, seed, noise={"mrpc": {"inputs": 40, "losses": losses}})

    lines = [noisy("baseline", 1, 0.1, 0.3), noisy("baseline", 2, 0.2, 0.2), noisy("hmu", 1, 0.1, 0.1)]
    lines += [noisy("hmu", 2, 0.0, 0.2), result("rte", "hmu", 1)]
    _, with_hmu, _ = arm_rows(lines)
    assert with_hmu.noisy == spread([0.1, 0.1])
    assert with_hmu.filtering == paired({1: 0.2, 2: 0.2}, {1: 0.1, 2: 0.1})
    assert "first inputs of each file: Same meaning (MRPC) 40." in report(lines, "paper")[0]


def test_costs_are_claims_too() -> None:
    sizes = {"baseline": 1_000_000, "hmu": 1_012_480}
    lines = [result("mrpc", arm, 1, parameters=size) for arm, size in sizes.items()]
    text, value = report([*lines, result("rte", "hmu", 1, parameters=7)], "paper")
    assert "| Parameters | 1 | +1.25 % | 1,000,000 | 1,012,480 | +1.25 % | – | – | **holds** |" in text
    assert [one["title"] for one in value["costs"]] == ["Parameters"]
    timed = read_times([ROOT / "docs/study/times.json"])
    text, value = report(lines, "paper", timed)
    assert "| Training time (mrpc) | 1 | +7 % | 1 | 1.106 | +10.6 % [+9.4, +11.9] |" in text
    assert "- Training time: neither its task and lengths nor the machine is told" in text
    assert [one["verdict"] for one in value["costs"]] == ["holds", "does not hold"]
    cheaper = read_times([ROOT / "docs/study/times-common_gen.json"])
    assert report(lines, "paper", cheaper)[1]["costs"][1]["verdict"] == "holds"


def test_what_the_latents_cost_is_told_of_tasks_without_noise_and_a_note_of_its_run() -> None:
    cut = {"roc_stories": {"under": "k = 8", "metrics": {}, "lost": {"perplexity": 12.5}}}
    figures = {"roc_stories": {"perplexity": 40.0}}
    line = result("roc_stories", "hmu", 1, metrics=figures, condensed=cut, note="it was stopped", train_rows=42_996)
    text, value = report([line], "paper")
    assert f"| {find_task('roc_stories').title} | `hmu` | – | – | 12.5000 |" in text
    assert "Of paper/roc_stories/hmu/1: it was stopped." in text
    assert f"Training rows, where lines tell them: {find_task('roc_stories').title} 42,996." in text
    assert value["train_rows"] == {"roc_stories": 42_996}


def test_another_vocabulary_is_told_and_one_that_all_share_is_not() -> None:
    lines = [*pair("mrpc", [0.5], [0.6]), *(one | {"vocabulary": "0123456789"} for one in pair("rte", [0.5], [0.6]))]
    text, _ = report([*lines, result("synthetic", "hmu", 1, vocabulary="own", metrics={"synthetic": KEPT})], "paper")
    assert "by its SHA-256: abc (Same meaning (MRPC)); 01234567 (Entailment (RTE))." in text
    assert "same vocabulary" not in report(pair("mrpc", [0.5], [0.6]), "paper")[0]


def test_how_many_synthetic_runs_learned_nothing_is_told() -> None:
    lines = [
        result("synthetic", arm, seed, metrics={"synthetic": KEPT | {"retention@200": kept}})
        for arm, seed, kept in (("baseline", 1, 0.1), ("hmu", 1, 0.2), ("hmu", 2, 0.9), ("hmu_quiet", 1, 0.1))
    ]
    assert "with it, 1 of 2 runs of such arms did not learn to retain a token" in report(lines, "paper")[0]


def test_the_published_retention_stands_step_by_step_trained_and_not() -> None:
    figures = {f"published@{t}": 0.02 for t in STEPS} | {"published_shuffled": 0.03}
    untrained = {name: each / 1e5 for name, each in figures.items()}
    text, _ = report(
        [result("synthetic", "hmu", 1, metrics={"synthetic": KEPT | figures}, untrained=untrained)], "paper"
    )
    same = " | ".join(["2.000e-{:02d}"] * len(STEPS))
    assert f"| `hmu` | untrained | {same} | 3.000e-07 |".replace("{:02d}", "07") in text
    assert f"| `hmu` | trained | {same} | 3.000e-02 |".replace("{:02d}", "02") in text


def test_variety_stands_beside_quality() -> None:
    figures = {"coverage": 0.8, "self_bleu": 40.0, "distinct_1": 0.9, "distinct_2": 0.95}
    drawn = {"common_gen": {"coverage": 0.7}}
    lines = [
        result("common_gen", "hmu", 1, metrics={"common_gen": figures}, sampled=drawn),
        result("common_gen", "baseline", 1, metrics={"common_gen": {"coverage": 0.75}}),
    ]
    section = report(lines, "paper")[0].partition("## Imagination")[2].partition("##")[0]
    assert "| `hmu` | 0.9000 (1) | 0.9500 (1) | 40.0000 (1) | coverage | 0.7000 (1) | 0.8000 (1) |" in section
    assert "`baseline`" not in section


def test_a_line_of_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match='mrpc/unit/1: "preset" is None; give files that `hmu study` wrote'):
        report([{"id": "mrpc/unit/1"}], "paper")


def test_the_reports_in_docs_are_those_of_the_lines_in_docs() -> None:
    """The whole text, and the JSON that the page shows; plots are linked, not drawn again."""
    study = ROOT / "docs/study"
    results = read([study / "paper.jsonl", study / "zoo.jsonl"])
    text, value = report(results, "paper", read_times(sorted(study.glob("times*.json"))))
    assert (ROOT / "docs/REPRODUCTION.md").read_text() == text + gallery(pictures(value))
    assert json.loads((ROOT / "docs/reproduction.json").read_text()) == value


def test_runs_with_other_files_or_recipes_are_not_compared() -> None:
    def told(arm: str, seed: int, file: str, recipe: str) -> dict[str, Any]:
        return result("mrpc", arm, seed, data={"mrpc/train.jsonl.gz": file}, recipe=recipe)

    alike = [
        told("baseline", 1, "a", "x"),
        told("hmu", 1, "a", "y"),
        told("hmu", 2, "a", "y"),
        result("mrpc", "hmu", 3),
    ]
    assert comparable(alike, "paper") == alike
    with pytest.raises(ValueError, match=r"results of paper/mrpc: 2 versions of mrpc/train.jsonl.gz"):
        comparable([*alike, told("baseline", 2, "b", "x")], "paper")
    with pytest.raises(ValueError, match=r"results of paper/mrpc/hmu: 2 recipes"):
        comparable([*alike, told("hmu", 4, "a", "z")], "paper")
    with pytest.raises(ValueError, match=r"results of paper/mrpc: 2 recipes"):
        comparable([result("mrpc", arm, 1, recipe=arm, shared_recipe=arm) for arm in ("baseline", "hmu")], "paper")
    few = [one | {"rows": 200} for one in (told("hmu", 1, "a", "y"), told("hmu", 2, "a", "z"))]
    with pytest.raises(ValueError, match="2 recipes"):
        report([*alike, *few], "paper")


def test_runs_in_other_precisions_are_not_compared_and_bf16_is_told() -> None:
    fp32, bf16 = (result("sst2", arm, 1, precision=name) for arm, name in (("baseline", "fp32"), ("hmu", "bf16")))
    with pytest.raises(ValueError, match="results of paper/sst2: 2 precisions"):
        comparable([fp32, bf16], "paper")
    text, value = report([result("mrpc", "hmu", 1), bf16], "paper")
    assert "Trained in bf16 (autocast): sst2; all else in fp32. Width 256" in text
    assert value["in_bf16"] == ["sst2"]


def test_what_is_left_out_of_the_claims_is_told_setting_by_setting() -> None:
    few = [one | {"rows": 200, "trunk": "denoised"} for one in pair("mrpc", [0.5, 0.6], [0.6, 0.8])]
    other = result("mrpc", "hmu_warm", 1, preset="zoo", held_out=0.1, accuracy=0.75)
    text, value = report([*pair("mrpc", [0.5], [0.6]), other, *few], "paper")
    section = text.split("## What else was tried")[1]
    assert (
        "| paper | 200 | denoised | given file | Same meaning (MRPC) | accuracy | `hmu` "
        "| 0.7000 ± 0.1414 (2) | 0.6000 | +0.1500" in section
    )
    assert (
        "| zoo | all | – | 10% held out | Same meaning (MRPC) | accuracy | `hmu_warm` | 0.7500 (1) | 0.6000 | – |"
        in section
    )
    assert "- `hmu_warm`: noise that rises from 0" in section
    assert [(one["preset"], one["rows"], len(one["arms"])) for one in value["tried"]] == [
        ("paper", 200, 2),
        ("zoo", 0, 1),
    ]
    assert "What else" not in report(pair("mrpc", [0.5], [0.6]), "paper")[0]


def test_runs_with_other_vocabularies_are_not_compared() -> None:
    results = [result("mrpc", "baseline", 1), result("mrpc", "hmu", 1, vocabulary="xyz")]
    with pytest.raises(ValueError, match="2 vocabularies"):
        comparable(results, "paper")


def test_other_presets_fewer_rows_and_slices_held_out_are_left_out() -> None:
    others = [
        result("mrpc", "baseline", 2, preset="zoo"),
        result("mrpc", "baseline", 3, rows=200),
        result("mrpc", "baseline", 4, held_out=0.1),
        result("mrpc", "baseline", 5, trunk="denoised"),
    ]
    kept = result("mrpc", "baseline", 1)
    assert comparable([kept, *others], "paper") == [kept]
