"""Training a unit and asking it at the command line, and what is refused there."""

import json
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file

from hmu import load_checkpoint
from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import near
from tests.hmu.plugin.test_asked import encoder_folder
from tests.hmu.plugin.test_unit_training import file
from tests.hmu.support_data import hmu, write_data
from tests.hmu.test_parallel import launched
from zoo.admit import admit_folder
from zoo.record import describe

__all__ = ["encoder_folder", "file"]  # fixtures


def test_the_command_trains_a_unit_that_loads(encoder_folder: Path, file: Path, tmp_path: Path) -> None:
    root, out = file.parents[2], tmp_path / "out"
    said = hmu(
        *("train", "--base", encoder_folder, "--task", "sst2", "--data-root", root, "--out", out),
        *("--epochs", 1, "--latent-dim", 4, "--kl-weight", 0.01, "--threads", 1),
    )
    assert (said.code, said.out) == (0, f"{out / 'final'}\n")
    model = HMUModel.from_pretrained(out / "final")
    own = sum(tensor.numel() for tensor in load_file(out / "final" / "hmu.safetensors").values())
    whole = own + sum(each.numel() for each in model.base.parameters())
    assert f"{own:,} of {whole:,} parameters get a gradient ({own / whole:.2%})" in said.err
    settings = model.unit().settings
    assert (settings.task, settings.latent_dim, settings.kl_weight) == ("sst2", 4, 0.01)


def test_a_trained_unit_is_asked_at_the_command_line(encoder_folder: Path, file: Path, tmp_path: Path) -> None:
    base, unit = shutil.copytree(encoder_folder, tmp_path / "base"), tmp_path / "out/final"
    trained = hmu(
        *("train", "--base", base, "--task", "sst2", "--data-root", file.parents[2], "--out", tmp_path / "out"),
        *("--epochs", 12, "--batch-size", 8, "--learning-rate", 1e-2),
    )
    assert trained.code == 0
    asked = ("evaluate", "--checkpoint", unit, "--task", "sst2", "--data", file, "--device", "cpu", "--json")
    said = hmu(*asked)
    assert said.code == 0, said.err
    assert json.loads(said.out)["metrics"]["accuracy"] > 0.9
    moved = base.rename(tmp_path / "elsewhere")
    said = hmu(*asked)
    assert (said.code, len(said.err)) == (2, 1)
    assert f"its base is not at {base}; give the base's folder (--base)" in said.err[0]
    assert hmu(*asked, "--base", moved).code == 0
    said = hmu(*("classify", "--checkpoint", unit, "--base", moved, "--task", "sst2", "--text", "a man asleep"))
    assert "positive" in said.out


def test_a_unit_on_one_of_ours_writes_at_the_command_line(baseline_folder: Path, tmp_path: Path) -> None:
    base = load_checkpoint(baseline_folder, device="cpu", dtype="fp32")
    HMUModel.from_base(base.model, task="common_gen").save_pretrained(tmp_path / "unit")
    asked = ("--task", "common_gen", "--text", "dog, ball, throw", "--device", "cpu", "--dtype", "fp32", "--json")
    said, plain = (hmu("generate", "--checkpoint", folder, *asked) for folder in (tmp_path / "unit", baseline_folder))
    assert json.loads(said.out)["text"] == json.loads(plain.out)["text"]  # a fresh unit changes nothing
    assert json.loads(said.out)["gates"]
    refused = hmu("generate", "--checkpoint", baseline_folder, "--base", baseline_folder, *asked)
    assert (refused.code, "is no unit, and needs none" in refused.err[0]) == (2, True)


def test_the_command_trains_a_unit_on_one_of_ours(baseline_folder: Path, tmp_path: Path) -> None:
    root, out = write_data(tmp_path / "data"), tmp_path / "out"
    said = hmu(
        *("train", "--base", baseline_folder, "--task", "common_gen", "--data-root", root, "--out", out),
        *("--epochs", 1, "--rows", 8, "--no-keep-states", "--threads", 1),
    )
    assert said.code == 0, said.err
    assert HMUModel.from_pretrained(out / "final").unit().settings.task == "common_gen"
    off, on = admit_folder(out / "final", 2**30, [describe(baseline_folder, baseline_folder.parent)])
    assert (off.id, on.id, on.tasks) == ("out-baseline", "out-hmu", ("common_gen",))


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--base", "DIR"), "--task: not given; name the task"),
        (("--base", "DIR", "--task", "story_cloze"), "task story_cloze: scored only, nothing is trained on it"),
        (("--base", "nowhere", "--task", "sst2"), "nowhere: "),
        (("--base", "DIR", "--task", "common_gen"), "an encoder alone writes nothing"),
        (("--base", "DIR", "--recipe", "R"), "train: give --recipe and --arm, or --base and --task"),
        (("--recipe", "R"), "train: --arm not given"),
        ((), "train: give --recipe and --arm, or --base and --task"),
        (("--base", "DIR", "--task", "sst2", "--epochs", "0"), "training: epochs 0.0; give a number above 0"),
    ],
)
def test_what_does_not_fit_is_told(
    flags: tuple[str, ...], told: str, encoder_folder: Path, file: Path, tmp_path: Path
) -> None:
    write_data(file.parents[2])
    words = [str(encoder_folder) if flag == "DIR" else flag for flag in flags]
    said = hmu("train", *words, "--data-root", file.parents[2], "--out", tmp_path / "out")
    assert said.code == 2
    assert told in said.err[-1]


def test_the_commands_seed_decides_the_units_first_weights(encoder_folder: Path, file: Path, tmp_path: Path) -> None:
    """A rate of nearly nothing leaves them as they were drawn."""
    heads = []
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        asked = ("--base", encoder_folder, "--task", "sst2", "--data-root", tmp_path / "data", "--out", tmp_path / name)
        assert hmu("train", *asked, "--epochs", "0.2", "--learning-rate", "1e-12", "--seed", seed).code == 0
        heads.append(load_file(tmp_path / name / "final/hmu.safetensors")["heads.sst2.weight"])
    near(heads[0], heads[1])
    assert (heads[0] - heads[2]).abs().max() > 0.01


@pytest.mark.parametrize("flag", ["--arm", "--init", "--trunk"])
def test_flags_of_a_recipe_do_not_go_with_a_base(encoder_folder: Path, tmp_path: Path, flag: str) -> None:
    said = hmu(
        "train", "--base", encoder_folder, "--task", "sst2", flag, "hmu", "--out", tmp_path, "--data-root", tmp_path
    )
    assert (said.code, len(said.err)) == (2, 1)
    assert f"{flag}: goes with --recipe" in said.err[0]


def test_two_launched_processes_train_one_unit(encoder_folder: Path, file: Path, tmp_path: Path) -> None:
    asked = ("--base", encoder_folder, "--task", "sst2", "--data-root", tmp_path / "data", "--out", tmp_path / "out")
    done = launched(*asked, "--epochs", "2", "--batch-size", "5")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("parameters get a gradient") == 1
    assert (tmp_path / "out/final/hmu.safetensors").is_file()
    (state,) = (tmp_path / "out/resume").glob("checkpoint-*/trainer_state.json")
    assert json.loads(state.read_text())["global_step"] == 8  # twice 40 rows, ten a step
