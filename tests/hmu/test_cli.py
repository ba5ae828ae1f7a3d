"""The commands as a script sees them: JSON on stdout, one line on stderr where the input is at fault."""

import builtins
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hmu import Checkpoint, Controls, Decoding, class_probabilities, find_task, load_checkpoint, read, remember, stream
from hmu.beams import beam_search
from hmu.cli.options import join_signed
from hmu.evaluation import score
from hmu.tasks.files import read_examples
from hmu.wanted import WantedWords
from tests.hmu.support_data import ROWS, hmu, write_data, write_recipe, write_rows

DOG = ("--task", "common_gen", "--text", "dog, ball, throw")
NEWS = ("--task", "ag_news", "--text", "Stocks fell on Wall Street")


def test_the_paper_preset_counts_what_the_paper_prints() -> None:
    assert hmu("count", "--preset", "paper").value == {"baseline": 23842152, "hmu": 24139624, "unit": 297472}


def test_generate_writes_what_the_stream_writes(checkpoint: Checkpoint, folders: dict[str, Path]) -> None:
    arm = "hmu" if checkpoint.has_gate else "baseline"
    remembered = remember(checkpoint, read(checkpoint, "common_gen", DOG[-1]), Controls(-2.0, 1.0, 3))
    steps = list(stream(checkpoint, remembered, Decoding(max_new_tokens=7, seed=3)))
    said = hmu(
        *("generate", "--checkpoint", folders[arm], *DOG, "--max-new-tokens", 7, "--device", "cpu", "--json"),
        *("--gate-bias", -2, "--temperature", 1, "--seed", 3),
    )
    assert said.value["tokens"] == [step.piece for step in steps]
    assert said.value["logprobs"] == pytest.approx([step.logprob for step in steps], abs=1e-5)
    assert said.value["text"] == "".join(said.value["tokens"]).strip()


def test_words_that_are_asked_for_are_asked_of_the_beams(hmu_checkpoint: Checkpoint, hmu_folder: Path) -> None:
    flags = ("generate", "--checkpoint", hmu_folder, *DOG, "--beams", 8, "--max-new-tokens", 12, "--json", "--use")
    remembered = remember(hmu_checkpoint, read(hmu_checkpoint, "common_gen", DOG[-1]), Controls())
    asked = WantedWords(hmu_checkpoint.tokenizer, [["dog", "king"]])
    (tokens,) = beam_search(hmu_checkpoint.model, remembered, 8, 12, asked)
    expected = hmu_checkpoint.tokenizer.decode(tokens, skip_special_tokens=True).strip()
    assert hmu(*flags, "dog, king").value["text"] == expected


def test_beams_give_the_same_fields_as_the_stream(hmu_folder: Path) -> None:
    one, four = (hmu("generate", "--checkpoint", hmu_folder, *DOG, "--beams", n, "--json").value for n in (1, 4))
    assert list(one) == list(four) == ["text", "tokens", "logprobs", "source_tokens", "gates"]
    assert four["text"] == "".join(four["tokens"]).strip()
    assert len(four["tokens"]) == len(four["logprobs"])


def test_classify_names_every_class_with_its_probability(hmu_checkpoint: Checkpoint, hmu_folder: Path) -> None:
    said = hmu("classify", "--checkpoint", hmu_folder, *NEWS, "--json").value
    remembered = remember(hmu_checkpoint, read(hmu_checkpoint, "ag_news", NEWS[-1]), Controls())
    expected = class_probabilities(hmu_checkpoint, remembered, "ag_news")
    assert said["probabilities"] == pytest.approx(expected, abs=1e-5)
    assert said["label"] == max(expected, key=lambda name: expected[name])


@pytest.mark.parametrize(("bias", "gate"), [("inf", 1.0), ("-inf", 0.0)])
def test_an_infinite_gate_bias_saturates_every_gate(hmu_folder: Path, bias: str, gate: float) -> None:
    said = hmu("classify", "--checkpoint", hmu_folder, *NEWS, "--gate-bias", bias, "--json").value
    assert said["gates"] == [gate] * len(said["source_tokens"])


def test_a_baseline_has_no_gates(baseline_folder: Path) -> None:
    assert hmu("classify", "--checkpoint", baseline_folder, *NEWS, "--json").value["gates"] is None


def test_evaluate_equals_the_score_of_the_first_inputs(
    hmu_checkpoint: Checkpoint, hmu_folder: Path, tmp_path: Path
) -> None:
    """Would catch a limit that counts rows where it should count concept sets."""
    file = write_data(tmp_path) / "common_gen/validation.jsonl.gz"
    said = hmu("evaluate", "--checkpoint", hmu_folder, "--task", "common_gen", "--data", file, "--limit", 3, "--json")
    task = find_task("common_gen")
    (expected,) = score(hmu_checkpoint, task, task.merge(read_examples(file, task))[:3])
    assert (said.value["task"], said.value["examples"]) == ("common_gen", 3)
    assert {name: said.value["metrics"][name] for name in expected.metrics} == pytest.approx(expected.metrics)


def test_evaluate_asks_for_every_concept_where_it_is_told_to(
    hmu_checkpoint: Checkpoint, hmu_folder: Path, tmp_path: Path
) -> None:
    root, task = write_data(tmp_path), find_task("common_gen")
    flags = ("evaluate", "--checkpoint", hmu_folder, "--task", "common_gen", "--data-root", root)
    said = hmu(*flags, "--every-concept", "--json").value
    examples = task.merge(read_examples(root / "common_gen/validation.jsonl.gz", task))
    (expected,) = score(hmu_checkpoint, task, examples, wanted=True)
    assert {name: said["metrics"][name] for name in expected.metrics} == pytest.approx(expected.metrics)
    assert (said["settings"]["beams"], said["settings"]["length_penalty"]) == (8, 1.0)


def test_evaluate_reports_every_figure_of_its_kind(hmu_folder: Path, tmp_path: Path) -> None:
    root = write_data(tmp_path)
    flags = ("evaluate", "--checkpoint", hmu_folder, "--data-root", root, "--json", "--task")
    unit = {"gate_mean", "gate_std", "gate_channel_std", "active_units", "kl_per_token"}
    sentences = hmu(*flags, "common_gen", "--samples", 3).value["metrics"]
    varied = {"distinct_1", "distinct_2", "self_bleu"}
    assert set(sentences) == {"coverage", "bleu", "chrf", "rouge_l", "perplexity", "token_accuracy", *varied, *unit}
    assert None not in sentences.values()
    assert [hmu(*flags, "common_gen").value["metrics"][name] for name in sorted(varied)] == [None] * 3
    classes = hmu(*flags, "sst2").value["metrics"]
    assert set(classes) == {"accuracy", "majority", "macro_f1", "calibration_error", *unit}


def test_evaluate_tells_what_noise_costs_and_what_the_latents_hold(hmu_folder: Path, tmp_path: Path) -> None:
    flags = ("evaluate", "--checkpoint", hmu_folder, "--data-root", write_data(tmp_path), "--task", "sst2")
    asked = ("--noise", "drop:0.5", "--noise", "unrelated", "--noise", "drop:0.5", "--condense")
    said = hmu(*flags, *asked, "--json").value
    assert [loss["under"] for loss in said["noise"]] == ["drop:0.5", "unrelated"]
    assert [loss["under"] for loss in said["condensed"]] == ["k = 8"]
    for loss in (*said["noise"], *said["condensed"]):
        assert set(loss["metrics"]) == {"accuracy", "majority", "macro_f1"}
        assert set(loss["lost"]) == {"accuracy", "macro_f1"}
        assert loss["lost"]["accuracy"] == pytest.approx(said["metrics"]["accuracy"] - loss["metrics"]["accuracy"])
    latent = hmu(*flags, "--gate-bias", "-inf", "--json").value
    assert said["condensed"][0]["metrics"]["accuracy"] == latent["metrics"]["accuracy"]
    lines = hmu(*flags, *asked).out.splitlines()
    assert [line.split(":")[0] for line in lines[-3:]] == ["noise, drop", "noise, unrelated", "condensed, k = 8"]
    every = hmu(*flags, "--noise", "all", "--json").value["noise"]
    assert len({loss["under"] for loss in every}) == 10


def test_the_environment_names_the_data_and_a_flag_another_file(
    hmu_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HMU_DATA", str(write_data(tmp_path)))
    flags = ("evaluate", "--checkpoint", hmu_folder, "--task", "sst2", "--json")
    assert hmu(*flags).value["examples"] == len(ROWS["glue/sst2/validation.jsonl.gz"])
    assert hmu(*flags, "--file", "train_full.jsonl.gz").value["examples"] == len(ROWS["glue/sst2/train_full.jsonl.gz"])


def test_a_plain_file_scores_as_the_gzipped_one(hmu_folder: Path, tmp_path: Path) -> None:
    rows = ROWS["glue/sst2/validation.jsonl.gz"]
    files = [write_rows(tmp_path / name, rows) for name in ("rows.jsonl", "rows.jsonl.gz")]
    flags = ("evaluate", "--checkpoint", hmu_folder, "--task", "sst2", "--json", "--gate-bias=inf", "--data")
    plain, zipped = (hmu(*flags, file).value for file in files)
    assert plain == zipped
    assert plain["settings"]["gate_bias"] == "inf"


def test_a_baselines_unit_metrics_are_null(baseline_folder: Path, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "rows.jsonl", ROWS["ag_news/test.jsonl.gz"])
    said = hmu("evaluate", "--checkpoint", baseline_folder, "--task", "ag_news", "--data", file, "--json").value
    assert [said["metrics"][name] for name in ("gate_mean", "gate_std", "active_units", "kl_per_token")] == [None] * 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("generate", *DOG, "--temperature", "-1"), "latent temperature"),
        (("generate", *DOG, "--gate-bias", "nan"), "gate bias"),
        (("generate", *DOG, "--gate-bias", "wide"), "--gate-bias"),
        (("generate", *DOG, "--seed", "-1"), "seed"),
        (("generate", *DOG, "--beams", "0"), "--beams"),
        (("generate", *DOG, "--beams", "2", "--top-k", "5"), "--beams"),
        (("generate", *DOG, "--use", "dog"), "--use: words are asked of several beams"),
        (("generate", *DOG, "--max-new-tokens", "2000"), "max new tokens"),
        (("generate", *DOG, "--device", "abacus"), "abacus"),
        (("generate", *DOG, "--dtype", "int3"), "int3"),
        (("generate", "--task", "common_gen", "--text", " \n "), "empty"),
        (("generate", "--task", "ag_news", "--text", "a"), "common_gen"),
        (("classify", "--task", "weather", "--text", "a"), "weather"),
        (("evaluate", "--task", "sst2", "--data", "nowhere.jsonl"), "no such file"),
        (("evaluate", "--task", "sst2", "--data", "nowhere.jsonl", "--limit", "0"), "--limit"),
        (("evaluate", "--task", "sst2", "--data-root", "nowhere"), "no such folder"),
        (("evaluate", "--task", "sst2", "--data", "a.jsonl", "--file", "b.jsonl"), "--data: is the file itself"),
        (("evaluate", "--task", "sst2", "--data", "a.jsonl", "--noise", "hail:0.1"), '"hail" is unknown'),
        (("evaluate", "--task", "common_gen", "--data", "a", "--every-concept", "--condense"), "--every-concept: what"),
        (("evaluate", "--task", "sst2", "--data", "a.jsonl", "--noise", "drop"), "drop has no share"),
        (("evaluate", "--task", "sst2", "--data", "a.jsonl", "--noise", "drop:1.5"), "share 1.5"),
        (("classify", "--task", "mrpc", "--text", "a"), "no head for task mrpc"),
        (("classify", "--task", "sst2", "--text", "a", "--second", "b"), "leave the second one out"),
        (("classify", "--task", "story_cloze", "--text", "a"), "story_cloze"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(hmu_folder: Path, arguments: tuple[str, ...], told: str) -> None:
    said = hmu(arguments[0], "--checkpoint", hmu_folder, *arguments[1:])
    assert (said.code, said.out, len(said.err)) == (2, "", 1)
    assert told in said.err[0]


def test_a_damaged_row_is_named_by_its_line(hmu_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"sentence": "fine", "label": 1}\n{"sentence": "no label"}\n')
    said = hmu("evaluate", "--checkpoint", hmu_folder, "--task", "sst2", "--data", file)
    assert (said.code, len(said.err)) == (2, 1)
    assert "line 2" in said.err[0]


def test_an_empty_file_is_refused(hmu_folder: Path, tmp_path: Path) -> None:
    file = write_rows(tmp_path / "rows.jsonl", [])
    said = hmu("evaluate", "--checkpoint", hmu_folder, "--task", "sst2", "--data", file)
    assert (said.code, [line for line in said.err if "no inputs" in line]) == (2, said.err)


def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    said = hmu("generate", "--checkpoint", tmp_path, *DOG)
    assert (said.code, len(said.err)) == (2, 1)


def test_no_command_and_a_misspelt_command_lead_to_the_help() -> None:
    assert hmu().out.startswith("usage: ")
    said = hmu("genrate")
    assert (said.code, len(said.err)) == (2, 1)


def test_a_missing_extra_is_named_with_its_remedy(
    hmu_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_rows(tmp_path / "rows.jsonl", ROWS["ag_news/test.jsonl.gz"])
    for module in [name for name in sys.modules if name.startswith(("hmu.evaluation", "hmu.wanted"))]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", _without("snowballstemmer", builtins.__import__))
    said = hmu("evaluate", "--checkpoint", hmu_folder, "--task", "ag_news", "--data", file)
    assert (said.code, len(said.err)) == (2, 1)
    assert 'pip install ".[evaluate]"' in said.err[0]


def _without(missing: str, importer: Callable[..., Any]) -> Callable[..., Any]:
    def find(name: str, *rest: Any, **named: Any) -> Any:
        if name == missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return importer(name, *rest, **named)

    return find


def test_text_for_people_holds_the_answer_and_the_gates(hmu_folder: Path) -> None:
    said = hmu("classify", "--checkpoint", hmu_folder, *NEWS)
    value = hmu("classify", "--checkpoint", hmu_folder, *NEWS, "--json").value
    assert said.out.splitlines()[0] == value["label"]
    assert all(f"{gate:.3f}" in said.out for gate in value["gates"])


def test_a_text_that_is_cut_is_told_beside_the_result(hmu_folder: Path) -> None:
    said = hmu("classify", "--checkpoint", hmu_folder, "--task", "ag_news", "--text", "word " * 5000, "--json")
    assert said.code == 0
    assert any("Cut to the first" in line for line in said.err)


@pytest.mark.parametrize("value", ["-inf", "-1e3", "-- a text", "-8"])
def test_a_value_may_begin_with_a_minus(value: str) -> None:
    assert join_signed(["--text", value, "--json"]) == [f"--text={value}", "--json"]


def test_train_prints_a_folder_that_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HMU_DATA", str(write_data(tmp_path / "data")))
    recipe, out = write_recipe(tmp_path), tmp_path / "out"
    said = hmu("train", "--recipe", recipe, "--arm", "hmu", "--out", out, "--precision", "fp32")
    assert (said.code, said.out) == (0, f"{out / 'final'}\n")
    assert load_checkpoint(said.out.strip(), device="cpu").has_gate


def test_train_without_data_says_where_they_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HMU_DATA", raising=False)
    said = hmu("train", "--recipe", write_recipe(tmp_path), "--arm", "hmu", "--out", tmp_path)
    assert (said.code, len(said.err)) == (2, 1)
    assert "--data-root" in said.err[0]


def test_the_module_runs_as_a_program() -> None:
    ended = subprocess.run([sys.executable, "-m", "hmu", "count", "--preset", "small"], capture_output=True, check=True)
    value = json.loads(ended.stdout)
    assert value["hmu"] - value["baseline"] == value["unit"]
