"""Averaging checkpoints: every tensor is the mean, and only checkpoints of one training go together."""

import json
from pathlib import Path

import pytest
import torch

from hmu import load_checkpoint
from hmu.cli import main
from hmu.training.average import average, drawn_back
from hmu.training.trainer import save_checkpoint


@pytest.fixture
def two(tmp_path: Path, hmu_folder: Path) -> list[Path]:
    """A checkpoint, and the same with every weight moved by one half."""
    moved = load_checkpoint(hmu_folder, device="cpu")
    for parameter in moved.model.parameters():
        parameter.data += 0.5
    return [hmu_folder, save_checkpoint(moved.model, moved.tokenizer, tmp_path / "moved")]


def test_every_tensor_is_the_mean(two: list[Path], tmp_path: Path) -> None:
    first = load_checkpoint(two[0], device="cpu").model.state_dict()
    mean = load_checkpoint(average(two, tmp_path / "mean"), device="cpu").model.state_dict()
    for name, tensor in first.items():
        torch.testing.assert_close(mean[name], tensor + 0.25, atol=2e-3, rtol=2e-3)


def test_the_command_prints_where_it_wrote(two: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["average", "--checkpoint", str(two[0]), "--checkpoint", str(two[1]), "--out", str(tmp_path / "mean")]
    assert main(arguments) == 0
    assert load_checkpoint(capsys.readouterr().out.strip(), device="cpu").has_gate


def test_arms_are_not_averaged_with_one_another(hmu_folder: Path, baseline_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="tensors are not those of"):
        average([baseline_folder, hmu_folder], tmp_path / "mean")


def test_one_checkpoint_is_no_average(hmu_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least two"):
        average([hmu_folder], tmp_path / "mean")


def test_a_saved_tokenizer_does_not_say_where_it_was_loaded_from(two: list[Path]) -> None:
    assert "local" not in (two[1] / "tokenizer_config.json").read_text()


def test_a_checkpoint_is_drawn_back_in_what_its_trunk_has_and_nowhere_else(
    two: list[Path], baseline_folder: Path, tmp_path: Path
) -> None:
    drawn = drawn_back(two[1], baseline_folder, 0.3, tmp_path / "drawn")
    own, trunk, found = (
        load_checkpoint(each, device="cpu").model.state_dict() for each in (two[1], baseline_folder, drawn)
    )
    for name, tensor in own.items():
        wanted = 0.7 * tensor + 0.3 * trunk[name] if name in trunk else tensor
        torch.testing.assert_close(found[name], wanted, atol=2e-3, rtol=2e-3)
    assert {name for name in own if name not in trunk} == {name for name in own if name.startswith("memory.")}


def test_the_command_draws_back(two: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    way = ["average", "--checkpoint", str(two[0]), "--out", str(tmp_path / "back"), "--trunk", str(two[1])]
    assert main([*way, "--by", "0.5"]) == 0
    found = load_checkpoint(capsys.readouterr().out.strip(), device="cpu").model.state_dict()
    first = load_checkpoint(two[0], device="cpu").model.state_dict()
    torch.testing.assert_close(found["embedding.weight"], first["embedding.weight"] + 0.25, atol=2e-3, rtol=2e-3)
    for wrong in (way, [*way, "--by", "0.5", "--checkpoint", str(two[1])], way[:-2]):
        assert main(wrong) == 2
        assert "average" in capsys.readouterr().err


def test_a_trunk_of_another_vocabulary_is_refused(hmu_folder: Path, two: list[Path], tmp_path: Path) -> None:
    other = load_checkpoint(two[1], device="cpu")
    pieces = json.loads(other.tokenizer.backend_tokenizer.to_str())
    pieces["model"]["vocab"]["zzz"] = pieces["model"]["vocab"].pop("z")
    (two[1] / "tokenizer.json").write_text(json.dumps(pieces))
    with pytest.raises(ValueError, match="its vocabulary is not that of"):
        drawn_back(hmu_folder, two[1], 0.5, tmp_path / "drawn")
