"""The model as a citizen of the Hugging Face library: saved, loaded, found by the Auto classes, pushed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModel, AutoModelForSeq2SeqLM, AutoTokenizer

from hmu import Checkpoint, Controls, MemoryTransformer, MemoryTransformerConfig, load_checkpoint

Models = Callable[..., MemoryTransformer]
SOURCE = torch.tensor([[5, 40, 41, 77, 2]])


def logits(model: Any) -> torch.Tensor:
    with torch.inference_mode():
        controls = Controls(gate_bias=0.5, temperature=1.0)
        decoded: torch.Tensor = model(input_ids=SOURCE, decoder_input_ids=SOURCE, controls=controls).logits
    return decoded


def stored(folder: Path) -> dict[str, torch.Tensor]:
    return {name: tensor for file in folder.glob("*.safetensors") for name, tensor in load_file(file).items()}


@pytest.mark.parametrize("arm", ["baseline", "hmu"])
@pytest.mark.parametrize("untied", [False, True])
def test_a_model_saved_in_shards_loads_with_the_same_logits(
    tiny_model: Models, tmp_path: Path, arm: str, untied: bool
) -> None:
    model = tiny_model(arm, tie_word_embeddings=not untied, output_bias=untied)
    model.save_pretrained(tmp_path, max_shard_size="10KB")
    assert len(list(tmp_path.glob("model-*-of-*.safetensors"))) > 1
    assert torch.equal(logits(MemoryTransformer.from_pretrained(tmp_path).eval()), logits(model))


def test_tied_weights_are_stored_once_and_loaded_as_one(tiny_model: Models, tmp_path: Path) -> None:
    model = tiny_model("hmu")
    model.save_pretrained(tmp_path)
    loaded = MemoryTransformer.from_pretrained(tmp_path)
    assert set(model.state_dict()) - set(stored(tmp_path)) == {"lm_head.weight"}
    assert loaded.lm_head.weight is loaded.embedding.weight


def test_weights_stored_in_fp16_are_loaded_in_fp32(hmu_folder: Path, hmu_checkpoint: Checkpoint) -> None:
    on_disk, loaded = stored(hmu_folder), hmu_checkpoint.model.state_dict()
    assert {tensor.dtype for tensor in on_disk.values()} == {torch.float16}
    assert {tensor.dtype for tensor in loaded.values()} == {torch.float32}
    assert all(torch.equal(loaded[name], tensor.float()) for name, tensor in on_disk.items())


def test_the_auto_classes_load_the_folder(hmu_folder: Path, hmu_checkpoint: Checkpoint) -> None:
    tokenizer = AutoTokenizer.from_pretrained(hmu_folder)
    assert isinstance(AutoConfig.from_pretrained(hmu_folder), MemoryTransformerConfig)
    assert tokenizer("Stocks fell")["input_ids"] == hmu_checkpoint.tokenizer("Stocks fell")["input_ids"]
    assert (tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id) == (0, 1, 2)
    for auto in (AutoModel, AutoModelForSeq2SeqLM):
        loaded = auto.from_pretrained(hmu_folder, dtype=torch.float32).eval()
        assert torch.equal(logits(loaded), logits(hmu_checkpoint.model))


def test_a_config_survives_being_saved(tiny_config: Callable[..., MemoryTransformerConfig], tmp_path: Path) -> None:
    config = tiny_config("hmu", output_bias=True, max_target_length=9)
    config.save_pretrained(tmp_path)
    assert MemoryTransformerConfig.from_pretrained(tmp_path).to_dict() == config.to_dict()


def test_generation_knows_where_to_start_and_to_end(hmu_folder: Path) -> None:
    settings = json.loads((hmu_folder / "generation_config.json").read_text())
    kept = {name: settings[name] for name in ("pad_token_id", "bos_token_id", "eos_token_id", "decoder_start_token_id")}
    assert kept == {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}


@pytest.mark.parametrize(("dtype", "expected"), [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_a_checkpoint_loads_in_the_precision_asked_for(hmu_folder: Path, dtype: str, expected: torch.dtype) -> None:
    assert load_checkpoint(hmu_folder, "cpu", dtype).model.dtype == expected


def test_a_push_uploads_config_and_safetensors_and_nothing_that_unpickles(
    tiny_model: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything but the network is the library's own."""
    from types import SimpleNamespace

    import huggingface_hub
    from transformers.utils import hub

    sent: list[str] = []

    def create_commit(*_: Any, operations: list[Any], **__: Any) -> None:
        sent.extend(operation.path_in_repo for operation in operations)

    def create_repo(*_: Any, **__: Any) -> Any:
        return SimpleNamespace(repo_id="someone/tiny")

    for owner in (huggingface_hub.HfApi, hub):
        monkeypatch.setattr(owner, "create_commit", create_commit, raising=False)
        monkeypatch.setattr(owner, "create_repo", create_repo, raising=False)
    card = SimpleNamespace(save=lambda path: Path(path).write_text("a card"))
    monkeypatch.setattr(hub, "create_and_tag_model_card", lambda *_, **__: card)
    tiny_model("hmu").push_to_hub("someone/tiny")
    assert sorted(sent) == ["README.md", "config.json", "generation_config.json", "model.safetensors"]
