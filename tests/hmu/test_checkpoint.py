"""A damaged checkpoint is one error that names the file, the tensor or key, and what to do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from hmu import CheckpointError, MemoryTransformer, load_checkpoint

GATE = "memory.gate.weigh.weight"
Tensors = dict[str, torch.Tensor]


@pytest.fixture
def folder(hmu_folder: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(hmu_folder, tmp_path / "damaged"))


@pytest.fixture
def sharded(hmu_folder: Path, folder: Path) -> Path:
    """The same in several shards."""
    (folder / "model.safetensors").unlink()
    MemoryTransformer.from_pretrained(hmu_folder).save_pretrained(folder, max_shard_size="10KB")
    return folder


def change_tensors(folder: Path, change: Callable[[Tensors], Any]) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def change_config(folder: Path, **values: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def refusal(folder: Path, load: Callable[[Path], Any] = load_checkpoint) -> str:
    with pytest.raises(CheckpointError) as caught:
        load(folder)
    return str(caught.value)


def told(message: str, *words: str) -> list[str]:
    """The words that the message lacks."""
    return [word for word in words if word not in message]


def test_an_undamaged_copy_loads(folder: Path) -> None:
    assert load_checkpoint(folder).name == "damaged"


def test_a_checkpoint_in_shards_loads(sharded: Path) -> None:
    assert load_checkpoint(sharded).has_gate


@pytest.mark.parametrize("load", [load_checkpoint, MemoryTransformer.from_pretrained])
def test_a_missing_tensor_is_named(folder: Path, load: Callable[[Path], Any]) -> None:
    """Left to itself the library fills it with random numbers."""
    change_tensors(folder, lambda tensors: tensors.pop(GATE))
    assert told(refusal(folder, load), str(folder), GATE, 'memory = "hmu"', "copy the shards again") == []


@pytest.mark.parametrize("load", [load_checkpoint, MemoryTransformer.from_pretrained])
def test_an_unexpected_tensor_is_named(folder: Path, load: Callable[[Path], Any]) -> None:
    change_tensors(folder, lambda tensors: tensors.update({"memory.extra": torch.zeros(2)}))
    assert told(refusal(folder, load), str(folder), "memory.extra", "copy the shards again") == []


def test_an_hmu_whose_config_says_baseline_is_refused(folder: Path) -> None:
    change_config(folder, memory="none", memory_settings={})
    assert told(refusal(folder), "model.safetensors", "memory.gate.weigh.bias", 'memory = "none"') == []


def test_a_tensor_of_another_shape_is_named(folder: Path) -> None:
    change_tensors(folder, lambda tensors: tensors.update({GATE: torch.zeros(16, 31)}))
    assert told(refusal(folder), "model.safetensors", GATE, "[16, 31]", "[16, 32]") == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"frobnicate": 1}, ("unknown key frobnicate",)),
        ({"memory": "hippo"}, ('memory "hippo" is unknown', "none, hmu")),
        ({"memory_settings": {"width": 3}}, ("memory_settings", "width")),
        ({"num_heads": 0}, ("num_heads 0",)),
        ({"num_heads": 3}, ("num_heads 3 does not divide d_model 16",)),
        ({"d_model": "16"}, ("d_model '16'",)),
        ({"task_labels": []}, ("task_labels",)),
        ({"model_type": "t5"}, ('model_type is "t5"',)),
    ],
)
def test_a_config_that_cannot_be_is_refused(folder: Path, values: dict[str, Any], words: tuple[str, ...]) -> None:
    change_config(folder, **values)
    assert told(refusal(folder), str(folder / "config.json"), *words) == []


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"])
@pytest.mark.parametrize("kept", [0, 40, -40])
def test_a_truncated_file_is_named(folder: Path, name: str, kept: int) -> None:
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[:kept])
    assert told(refusal(folder), str(folder), "copy it again") == []


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert told(refusal(folder), str(folder), name) == []


def test_a_missing_shard_is_named(sharded: Path) -> None:
    shard = sorted(sharded.glob("model-*.safetensors"))[1]
    shard.unlink()
    assert told(refusal(sharded), str(shard), "copy the shard again") == []


@pytest.mark.parametrize("index", ["{", "[]", '{"weight_map": 3}', '{"weight_map": {"a": "../elsewhere"}}'])
def test_a_damaged_index_is_named(sharded: Path, index: str) -> None:
    (sharded / "model.safetensors.index.json").write_text(index)
    assert told(refusal(sharded), str(sharded)) == []


def test_weights_in_a_pickle_are_not_read(folder: Path, hmu_folder: Path) -> None:
    """The library would fall back on it where safetensors are missing."""
    (folder / "model.safetensors").unlink()
    torch.save(load_file(hmu_folder / "model.safetensors"), folder / "pytorch_model.bin")
    assert told(refusal(folder), "only safetensors are read") == []
    with pytest.raises(OSError, match=r"model\.safetensors"):
        MemoryTransformer.from_pretrained(folder)


def test_a_tokenizer_of_another_checkpoint_is_refused(folder: Path) -> None:
    file = folder / "tokenizer.json"
    tokenizer = json.loads(file.read_text())
    tokenizer["model"]["vocab"] |= {f"new{i}": 300 + i for i in range(7)}
    file.write_text(json.dumps(tokenizer))
    assert told(refusal(folder), str(file), "307 pieces", "vocab_size = 300") == []


@pytest.mark.parametrize(("device", "dtype", "word"), [("tpu0", "auto", "device"), ("cpu", "int8", "dtype")])
def test_an_unknown_device_or_precision_is_refused(folder: Path, device: str, dtype: str, word: str) -> None:
    with pytest.raises(ValueError, match=f'^{word} "'):
        load_checkpoint(folder, device, dtype)
