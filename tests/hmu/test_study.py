"""The study on a few rows: each run once, stopped and gone on with, alone or beside another process."""

import json
import math
import re
import subprocess
from dataclasses import replace
from hashlib import sha256
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hmu import load_checkpoint
from hmu.evaluation.kept import fingerprint
from hmu.study import measures, provenance
from hmu.study.arms import ARMS, BASELINE, MAIN
from hmu.study.claims import VISIBLE_ACCURACY, VISIBLE_LOSS
from hmu.study.presets import PRESETS, PUBLISHED, Run, recipe_of, shared_by_arms
from hmu.study.report import report
from hmu.study.vocabulary import fingerprint as vocabulary_fingerprint
from hmu.tasks import Example
from hmu.tasks.synthetic import SYNTHETIC
from hmu.training.data import split_examples
from hmu.training.recipe import read_recipe
from hmu.training.starting import fresh_model
from hmu.training.trainer import save_checkpoint
from hmu.training.vocabulary import train_tokenizer
from tests.hmu.support_data import write_rows
from tests.hmu.support_study import TINY, data, figures, lines, study

__all__ = ["data"]  # a fixture


def test_every_run_has_one_line_with_all_that_a_reader_asks(data: Path, tmp_path: Path) -> None:
    said = study(data, tmp_path / "out", "--tasks", "mrpc", "--arms", "baseline,hmu", "--seeds", "1-2")
    assert said.code == 0
    found = lines(tmp_path / "out")
    assert [one["id"] for one in found] == [f"tiny/mrpc/{arm}/{seed}" for seed in (1, 2) for arm in ("baseline", "hmu")]
    assert all(one["inputs"] == {"mrpc": 6} for one in found)
    assert all([step for step, _ in one["losses"]] == [1, 2, 3] and one["losses"][0][1] > 0 for one in found)
    assert all(one["steps"] == 3 and one["tokens"] > 24 * 8 and one["train_seconds"] > 0 for one in found)
    assert {one["precision"] for one in found} == {"fp32"}
    assert all(
        {"accuracy", "majority", "macro_f1", "calibration_error", "log_loss"} <= set(one["metrics"]["mrpc"])
        for one in found
    )
    units = [{"gate_mean", "gate_std", "active_units", "kl_per_token"} & set(one["metrics"]["mrpc"]) for one in found]
    assert units == [set(), {"gate_mean", "gate_std", "active_units", "kl_per_token"}] * 2
    assert [bool(one["sampled"]) for one in found] == [bool(one["condensed"]) for one in found] == [False, True] * 2
    assert all(len(one["noise"]["mrpc"]["losses"]) == 10 for one in found)
    named = {"python", "torch", "transformers", "tokenizers", "hmu", "scikit-learn", "sacrebleu", "rouge-score"}
    assert all(set(one["versions"]) == named for one in found)
    train, scored = "glue/mrpc/train.jsonl.gz", "glue/mrpc/validation.jsonl.gz"
    digest = sha256((data / train).read_bytes()).hexdigest()
    assert all(set(one["data"]) == {train, scored} and one["data"][train] == digest[:16] for one in found)
    assert [len({one["recipe"] for one in found if one["arm"] == arm}) for arm in ("baseline", "hmu")] == [1, 1]
    assert len({one["recipe"] for one in found}) == 2
    assert len({one["shared_recipe"] for one in found}) == 1
    assert {one["train_rows"] for one in found} == {24}
    assert not list((tmp_path / "out/work").iterdir())


def test_two_identical_runs_give_identical_figures(data: Path, tmp_path: Path) -> None:
    for out in ("one", "other"):
        study(data, tmp_path / out, "--tasks", "mrpc", "--arms", "hmu_kl", "--seeds", "3")
    assert figures(lines(tmp_path / "one")[0]) == figures(lines(tmp_path / "other")[0])


def test_a_study_goes_on_with_the_vocabulary_of_its_results_or_not_at_all(data: Path, tmp_path: Path) -> None:
    flags = ("--tasks", "mrpc", "--arms", "baseline")
    study(data, tmp_path / "one", *flags, "--seeds", "1")
    (first,) = lines(tmp_path / "one")
    train_tokenizer(["words of another kind"] * 9, 300, 24).save_pretrained(tmp_path / "other")
    known = ("--known", str(tmp_path / "one/results.jsonl"))
    said = study(data, tmp_path / "two", *flags, "--seeds", "1-2", *known, "--vocabulary", str(tmp_path / "other"))
    assert said.code == 2
    assert (
        f"results of tiny/mrpc are of the vocabulary {first['vocabulary'][:10]}, these runs would be of" in said.err[-1]
    )
    assert not (tmp_path / "two/results.jsonl").exists()
    given = ("--vocabulary", str(tmp_path / "one/vocabulary-tiny"))
    assert study(data, tmp_path / "two", *flags, "--seeds", "1-2", *known, *given).code == 0
    (second,) = lines(tmp_path / "two")
    assert (second["seed"], second["vocabulary"]) == (2, first["vocabulary"])
    assert not (tmp_path / "two/vocabulary-tiny").exists()
    train_tokenizer([f"words of kind {n:x}" for n in range(999)], 400, 24).save_pretrained(tmp_path / "large")
    for folder, told in (("large", "pieces, the preset has 320 at most"), ("nowhere", "give a vocabulary's folder")):
        said = study(data, tmp_path / "three", *flags, "--vocabulary", str(tmp_path / folder))
        assert (said.code, told in said.err[-1]) == (2, True)


def test_what_the_latents_alone_cost_is_told_in_the_metric_of_the_task(data: Path, tmp_path: Path) -> None:
    """Of stories that is the perplexity, which neither the drawn latents' score nor the cut one's brings along."""
    study(data, tmp_path / "out", "--tasks", "roc_stories", "--arms", "hmu", "--seeds", "1")
    (found,) = lines(tmp_path / "out")
    told, cut = found["metrics"]["roc_stories"], found["condensed"]["roc_stories"]
    assert found["sampled"]["roc_stories"]["perplexity"] > 1
    assert cut["lost"]["perplexity"] == pytest.approx(cut["metrics"]["perplexity"] - told["perplexity"], abs=1e-5)
    assert cut["lost"]["bleu"] == pytest.approx(told["bleu"] - cut["metrics"]["bleu"], abs=1e-5)


def test_stories_are_scored_by_the_choice_between_two_ends_too(data: Path, tmp_path: Path) -> None:
    study(data, tmp_path / "out", "--tasks", "roc_stories", "--arms", "hmu_ungated", "--seeds", "1")
    (found,) = lines(tmp_path / "out")
    assert set(found["metrics"]) == {"roc_stories", "story_cloze"}
    assert "perplexity" in found["metrics"]["roc_stories"]
    assert "majority" in found["metrics"]["story_cloze"]
    assert "active_units" in found["metrics"]["roc_stories"]
    assert found["condensed"] == {}


def test_a_slice_held_out_and_fewer_rows_make_another_run(data: Path, tmp_path: Path) -> None:
    flags = ("--tasks", "mrpc", "--arms", "baseline", "--seeds", "1", "--rows", "8", "--held-out", "0.4")
    study(data, tmp_path / "out", *flags)
    (found,) = lines(tmp_path / "out")
    assert found["id"] == "tiny/mrpc/baseline/1/rows8/held0.4"
    assert found["steps"] == 1
    assert 0 < found["inputs"]["mrpc"] < 24


def test_what_the_published_protocol_gives_stands_beside_the_claim_alone(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRESETS, PUBLISHED, replace(TINY, model={**TINY.model, "sees_target": True}, like="tiny"))
    flags = ("--tasks", "roc_stories", "--arms", "baseline,hmu", "--seeds", "1")
    study(data, tmp_path / "out", *flags)
    study(data, tmp_path / "out", *flags, "--preset", PUBLISHED)
    baseline, unit = lines(tmp_path / "out")[2:]
    assert set(unit["metrics"]["roc_stories"]) == {VISIBLE_ACCURACY, VISIBLE_LOSS}
    assert unit["vocabulary"] == lines(tmp_path / "out")[0]["vocabulary"]
    text, value = report(lines(tmp_path / "out"), "tiny")
    (told,) = [claim for claim in value["claims"] if claim["claim"]["title"] == "ROCStories, loss"]
    seen = [one["metrics"]["roc_stories"][VISIBLE_LOSS] for one in (baseline, unit)]
    assert (told["recomputed"], told["verdict"]) == (seen, "not measurable as defined")
    assert "from 2 runs of preset `published`: trained and scored with the target in" in text
    assert value["tried"] == []
    said = study(data, tmp_path / "out", "--tasks", "mrpc", "--preset", PUBLISHED)
    assert (said.code, said.err) == (
        2,
        ["hmu: preset published, task mrpc: no text is written there; take preset paper"],
    )


def test_another_file_of_training_rows_makes_another_run_that_stands_apart(data: Path, tmp_path: Path) -> None:
    pairs = [{"sentence1": f"She ran {n}.", "sentence2": "She did run.", "label": n % 2} for n in range(40)]
    write_rows(data / "glue/mrpc/train_full.jsonl.gz", pairs)
    flags = ("--tasks", "mrpc", "--arms", "baseline", "--seeds", "1")
    study(data, tmp_path / "out", *flags)
    study(data, tmp_path / "out", *flags, "--file", "train_full.jsonl.gz")
    usual, more = lines(tmp_path / "out")
    assert (more["id"], more["train_rows"], more["steps"]) == ("tiny/mrpc/baseline/1/train_full", 40, 5)
    assert (usual["id"], usual["train_rows"]) == ("tiny/mrpc/baseline/1", 24)
    text = report([usual, more], "tiny")[0]
    assert (
        "| tiny | all of train_full.jsonl.gz | – | given file | Same meaning (MRPC) | accuracy | `baseline` |" in text
    )
    assert "\n1 runs of preset `tiny`" in text
    said = study(data, tmp_path / "out", *flags, "--file", "no.jsonl.gz")
    assert (said.code, "no.jsonl.gz" in said.err[-1]) == (2, True)


def test_runs_start_from_a_checkpoint_as_far_as_their_arm_can(data: Path, tmp_path: Path) -> None:
    tokenizer = train_tokenizer(["He ran and did run."], TINY.model["vocab_size"], 16)
    recipe = recipe_of(Run("tiny", "mrpc", BASELINE, 9))
    start = save_checkpoint(fresh_model(recipe, BASELINE), tokenizer, tmp_path / "learned" / "final")
    given = load_checkpoint(start, "cpu", "fp32").model.state_dict()
    model = fresh_model(recipe_of(Run("tiny", "mrpc", "hmu", 1)), "hmu", start).state_dict()
    fresh = {name for name in model if name not in given or not model[name].equal(given[name])}
    assert fresh == {name for name in model if name.startswith(("memory.", "heads."))} - {"heads.mrpc.bias"}
    study(data, tmp_path / "out", "--tasks", "mrpc", "--arms", "hmu", "--seeds", "1", "--trunk", start)
    (found,) = lines(tmp_path / "out")
    assert (found["id"], found["trunk"]) == ("tiny/mrpc/hmu/1/on-learned", "learned")
    assert found["trunk_sha256"] == fingerprint(start)
    assert found["vocabulary"] == vocabulary_fingerprint(tokenizer)
    small = tmp_path / "small"
    save_checkpoint(fresh_model(replace(recipe, model=recipe.model | {"d_ff": 8}), BASELINE), tokenizer, small)
    said = study(data, tmp_path / "out", "--tasks", "mrpc", "--arms", "hmu", "--seeds", "1", "--trunk", small)
    assert said.code == 2
    assert "feed_forward" in said.err[0]
    said = study(data, tmp_path / "out", "--tasks", "mrpc", "--arms", "hmu", "--seeds", "1", "--trunk", tmp_path)
    assert (said.code, said.err) == (2, [f"hmu: {tmp_path}: no tokenizer.json; give the folder of a checkpoint"])


def test_few_rows_are_passed_over_until_there_are_steps_enough() -> None:
    for rows, passes in ((0, 5), (200, 64), (2000, 6.4), (20_000, 5)):
        (plan,) = recipe_of(Run("paper", "sst2", "hmu", 1, rows)).tasks
        assert plan.epochs == passes


def test_the_slice_held_out_is_one_for_all_seeds_and_of_no_denoising(data: Path) -> None:
    trunk = read_recipe(Path(__file__).parents[2] / "zoo/recipes/denoising.toml")
    slices = [
        {each.source for each in split_examples(recipe, data, held_out=True)["mrpc"]}
        for recipe in (
            recipe_of(Run("tiny", "mrpc", "hmu", 1, held_out=trunk.held_out)),
            recipe_of(Run("tiny", "mrpc", "hmu", 2, held_out=trunk.held_out)),
            replace(trunk, tasks=tuple(plan for plan in trunk.tasks if plan.name == "mrpc")),
        )
    ]
    assert slices[0] == slices[1] == slices[2] != set()


def test_every_task_is_trained_in_fp32_so_that_lines_of_any_machine_compare() -> None:
    for preset, task in product(("paper", "zoo"), (*PRESETS["paper"].epochs, SYNTHETIC)):
        assert recipe_of(Run(preset, task, "hmu", 1)).optimizer.precision == "fp32"


def test_every_arm_is_trained_and_measured(data: Path, tmp_path: Path) -> None:
    said = study(data, tmp_path / "out", "--tasks", "mrpc", "--arms", ",".join(ARMS), "--seeds", "1")
    assert said.code == 0
    found = {one["arm"]: one for one in lines(tmp_path / "out")}
    assert list(found) == list(ARMS)
    cut = {arm for arm, one in found.items() if one["condensed"]}
    assert cut == {arm for arm in ARMS if arm.startswith("hmu") and "residual" not in arm} - {"hmu_ungated"}


def test_the_log_loss_is_that_of_the_right_classes() -> None:
    found: Any = SimpleNamespace(probabilities=[[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]])
    examples = [Example("a", label=0), Example("b", label=0), Example("c", label=0)]
    by_hand = -(math.log(0.5) + math.log(0.9) + math.log(0.2)) / 3
    assert measures.log_loss_of(found, examples)["log_loss"] == pytest.approx(by_hand)


def test_the_commit_has_a_plus_where_any_file_of_the_package_was_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "hmu/study"
    package.mkdir(parents=True)
    for file in ("hmu/unit.py", "hmu/study/provenance.py", "README.md"):
        (tmp_path / file).write_text("1")
    for command in ("init -q", "add .", "-c user.name=a -c user.email=b commit -qm one"):
        subprocess.run(["git", *command.split()], cwd=tmp_path, check=True)
    monkeypatch.setattr(provenance, "__file__", str(package / "provenance.py"))
    known = provenance.commit.__wrapped__
    (tmp_path / "README.md").write_text("2")
    assert re.fullmatch("[0-9a-f]{40}", known())
    (tmp_path / "hmu/unit.py").write_text("2")
    assert re.fullmatch(r"[0-9a-f]{40}\+", known())


def test_an_arm_may_change_the_training_too() -> None:
    assert recipe_of(Run("zoo", "mrpc", "hmu", 1)).latent_warmup == 0
    assert recipe_of(Run("zoo", "mrpc", "hmu_warm", 1)).latent_warmup == 200
    assert recipe_of(Run("zoo", "mrpc", "hmu_kl_rising", 1)).kl_warmup == 200
    assert recipe_of(Run("zoo", SYNTHETIC, "hmu_dropped", 1)).latent_only_share == 0.3


def test_no_two_arms_are_alike_and_all_can_be_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRESETS, "tiny", TINY)
    changes = {json.dumps([arm.changes_in(TINY.model), dict(arm.training)], sort_keys=True) for arm in ARMS.values()}
    assert len(changes) == len(ARMS)
    assert set(MAIN) <= set(ARMS)
    recipe = recipe_of(Run("tiny", "mrpc", BASELINE, 1))
    models = {name: fresh_model(recipe, name) for name in ARMS}
    shared = models[BASELINE].state_dict()
    wider = {f"encoder_blocks.0.feed_forward.{part}" for part in ("up.weight", "up.bias", "down.weight")}
    for name, model in models.items():
        own = model.state_dict()
        other = {key for key in shared if own[key].shape != shared[key].shape or not own[key].equal(shared[key])}
        assert other == (wider if name == "baseline_wide" else set())


@pytest.mark.parametrize(("arm", "more"), [("hmu", 297_472), ("hmu_ungated", 494_336), ("baseline_wide", 297_540)])
def test_the_papers_arms_have_the_papers_sizes(arm: str, more: int) -> None:
    recipe = recipe_of(Run("paper", "ag_news", arm, 1))
    counts = [fresh_model(recipe, name).num_parameters() for name in (BASELINE, arm)]
    assert counts == [23_842_152, 23_842_152 + more]


def test_on_the_synthetic_tasks_too_a_wide_baseline_has_the_units_parameters_more() -> None:
    recipe = recipe_of(Run("paper", SYNTHETIC, BASELINE, 1))
    plain, unit, wide = (fresh_model(recipe, name).num_parameters() for name in (BASELINE, "hmu", "baseline_wide"))
    assert (unit - plain, wide - plain) == (75_008, 75_044)


@pytest.mark.parametrize("arm", ["hmu_k64", "hmu_warm"])
def test_an_arm_that_is_none_of_its_own_on_the_synthetic_tasks_is_refused(arm: str) -> None:
    with pytest.raises(ValueError, match=f"task {SYNTHETIC}, arm {arm}: .* there; leave it out"):
        Run("paper", SYNTHETIC, arm, 1)
    assert recipe_of(Run("paper", "mrpc", arm, 1))


def test_all_arms_of_a_task_share_a_recipe_and_other_trainings_do_not() -> None:
    shared = {shared_by_arms(Run("paper", "mrpc", arm, seed)) for arm in ARMS for seed in (1, 2)}
    others = [Run("zoo", "mrpc", "hmu", 1), Run("paper", "mrpc", "hmu", 1, rows=200), Run("paper", "rte", "hmu", 1)]
    assert len(shared) == 1
    assert len(shared | set(map(shared_by_arms, others))) == 4
