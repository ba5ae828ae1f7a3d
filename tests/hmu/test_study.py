"""The study on a few rows: each run once, stopped and gone on with, alone or beside another process."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hmu import load_checkpoint
from hmu.evaluation.kept import fingerprint
from hmu.study import presets, results, runs
from hmu.study.arms import ARMS, BASELINE, MAIN
from hmu.study.presets import PRESETS, Preset, Run, recipe_of
from hmu.study.vocabulary import fingerprint as vocabulary_fingerprint
from hmu.tasks.synthetic import SYNTHETIC
from hmu.training.trainer import fresh_model, save_checkpoint
from hmu.training.vocabulary import train_tokenizer
from tests.hmu.support_data import hmu, write_rows

TINY = Preset(
    vocabulary="bpe",
    model={
        "vocab_size": 320,
        "d_model": 16,
        "num_heads": 2,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "d_ff": 32,
        "dropout": 0.1,
        "max_source_length": 24,
        "max_target_length": 8,
    },
    classifying=presets._adamw(1e-3, "constant"),
    writing=presets._adamw(1e-3, "cosine", warmup=2),
    epochs={"mrpc": 1, "common_gen": 1, "roc_stories": 1},
    batch_size=8,
)
STORY = {f"sentence{n}": f"Ann did {n}." for n in range(1, 6)}
CLOZE = {
    **{f"input_sentence_{n}": f"Ann did {n}." for n in range(1, 5)},
    "sentence_quiz1": "She slept.",
    "sentence_quiz2": "Rain is blue.",
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root of a few rows, and a preset of its size."""
    monkeypatch.setitem(PRESETS, "tiny", TINY)
    root = tmp_path / "data"
    for split, count in (("train", 24), ("validation", 6)):
        pairs = [{"sentence1": f"He ran {n}.", "sentence2": f"He did run {n}.", "label": n % 2} for n in range(count)]
        concepts = [
            {"concept_set_idx": n, "concepts": ["dog", "run"], "target": f"A dog runs {n}."} for n in range(count)
        ]
        stories = [STORY | {"sentence5": f"She slept {n} hours."} for n in range(count)]
        for task, rows in (("glue/mrpc", pairs), ("common_gen", concepts), ("roc_stories", stories)):
            write_rows(root / task / f"{split}.jsonl.gz", rows)
    cloze = [CLOZE | {"story_id": str(n), "answer_right_ending": n % 2 + 1} for n in range(6)]
    write_rows(root / "story_cloze/validation.jsonl.gz", cloze)
    return root


def study(data: Path, out: Path, *flags: object) -> Any:
    return hmu("study", "--preset", "tiny", "--data-root", data, "--out", out, *flags)


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]


FIGURES = ("metrics", "sampled", "noise", "condensed", "steps", "tokens", "parameters", "vocabulary")


def figures(result: dict[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in FIGURES}


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
    assert all(set(one["versions"]) == {"python", "torch", "transformers", "hmu"} for one in found)
    assert not list((tmp_path / "out/work").iterdir())


def test_two_identical_runs_give_identical_figures(data: Path, tmp_path: Path) -> None:
    for out in ("one", "other"):
        study(data, tmp_path / out, "--tasks", "mrpc", "--arms", "hmu_kl", "--seeds", "3")
    assert figures(lines(tmp_path / "one")[0]) == figures(lines(tmp_path / "other")[0])


def test_a_study_that_was_stopped_goes_on_without_a_lost_or_doubled_run(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, flags = tmp_path / "out", ("--tasks", "mrpc", "--arms", "baseline,hmu", "--seeds", "1-2")
    real, begun = runs.done, list[str]()

    def cut(run: Run, *asked: Any) -> Any:
        begun.append(run.id)
        if len(begun) == 3:
            raise KeyboardInterrupt
        return real(run, *asked)

    monkeypatch.setattr(runs, "done", cut)
    with pytest.raises(KeyboardInterrupt):
        study(data, out, *flags)
    before = lines(out)
    assert [one["id"] for one in before] == begun[:2]
    assert study(data, out, *flags).out == f"4 of 4 runs in {out / 'results.jsonl'}\n"
    assert lines(out)[:2] == before
    assert len({one["id"] for one in lines(out)}) == len(lines(out)) == 4
    assert begun[2] == begun[3]
    study(data, out, *flags)
    assert len(begun) == 5


def test_a_run_that_another_process_holds_is_left_to_it(data: Path, tmp_path: Path) -> None:
    out, run = tmp_path / "out", Run("tiny", "mrpc", "baseline", 1)
    with results.claimed(out / "work", run.id) as mine:
        assert mine
        said = study(data, out, "--tasks", "mrpc", "--arms", "baseline", "--seeds", "1")
    assert said.out == f"0 of 1 runs in {out / 'results.jsonl'}\n"
    (out / "work/tiny-mrpc-baseline-1.pid").write_text("999999999")  # of a process that is no more
    study(data, out, "--tasks", "mrpc", "--arms", "baseline", "--seeds", "1")
    assert [one["id"] for one in lines(out)] == [run.id]


def test_a_run_that_is_known_from_elsewhere_is_not_done_again(data: Path, tmp_path: Path) -> None:
    flags = ("--tasks", "mrpc", "--arms", "baseline", "--seeds", "1")
    study(data, tmp_path / "one", *flags)
    said = study(data, tmp_path / "other", *flags, "--known", tmp_path / "one/results.jsonl")
    assert said.code == 0
    assert not (tmp_path / "other/results.jsonl").exists()


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


def test_the_long_tasks_are_trained_in_bf16() -> None:
    for task, precision in (("mrpc", "fp32"), ("sst2", "bf16"), ("common_gen", "bf16"), (SYNTHETIC, "fp32")):
        assert recipe_of(Run("paper", task, "hmu", 1)).optimizer.precision == precision


def test_an_arm_may_change_the_training_too() -> None:
    assert recipe_of(Run("zoo", "mrpc", "hmu", 1)).latent_warmup == 0
    assert recipe_of(Run("zoo", "mrpc", "hmu_warm", 1)).latent_warmup == 200
    assert recipe_of(Run("zoo", "mrpc", "hmu_kl_rising", 1)).kl_warmup == 200
    assert recipe_of(Run("zoo", SYNTHETIC, "hmu_dropped", 1)).latent_only_share == 0.3


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--tasks", "mrpc", "--arms", "hum"), 'arm "hum" is unknown'),
        (("--tasks", "story_cloze"), "comes with roc_stories"),
        (("--tasks", "mrcp"), 'task "mrcp" is unknown'),
        (("--tasks", "mrpc", "--seeds", "one"), "give seeds such as 1-5"),
        (("--tasks", "mrpc", "--rows", "999", "--arms", "baseline"), "999 rows, but mrpc has 24"),
    ],
)
def test_a_study_that_cannot_be_is_refused_in_one_line(data: Path, tmp_path: Path, flags: Any, told: str) -> None:
    said = study(data, tmp_path / "out", *flags)
    assert (said.code, len(said.err)) == (2, 1)
    assert told in said.err[0]


def test_a_full_disk_loses_no_earlier_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "results.jsonl"
    results.append(file, {"id": "one"})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ValueError, match="No space left"):
        results.append(file, {"id": "other"})
    assert file.read_text() == '{"id": "one"}\n'


@pytest.mark.parametrize(("line", "told"), [("{", "line 2: not JSON"), ('{"no": 1}', 'line 2: no "id"')])
def test_a_damaged_line_is_named(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "results.jsonl"
    file.write_text(f'{{"id": "one"}}\n{line}\n')
    with pytest.raises(ValueError, match=told):
        results.read([file])


def test_results_of_several_machines_count_each_run_once(tmp_path: Path) -> None:
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for file, ids in zip(files, (("one", "two"), ("two", "three")), strict=True):
        for name in ids:
            results.append(file, {"id": name, "from": file.name})
    found = results.read(files)
    assert [(one["id"], one["from"]) for one in found] == [("one", "a.jsonl"), ("two", "a.jsonl"), ("three", "b.jsonl")]


def test_no_two_arms_are_alike_and_all_can_be_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRESETS, "tiny", TINY)
    changes = {json.dumps([dict(arm.changes), dict(arm.training)], sort_keys=True) for arm in ARMS.values()}
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
