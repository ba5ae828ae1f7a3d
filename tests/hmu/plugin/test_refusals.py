"""Bases that cannot have a unit, and bases that are not the unit's."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import GPT2LMHeadModel, LlamaForCausalLM, WhisperForConditionalGeneration

from hmu.errors import CheckpointError
from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import attached, base_of, config_of, encoder_of, mattering

LLAMA = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
WHISPER = {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1, "num_mel_bins": 8, "max_source_positions": 8}
WHISPER |= {f"{half}_{what}": 2 for half in ("encoder", "decoder") for what in ("attention_heads", "ffn_dim")}
SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}


@pytest.mark.parametrize(
    "base",
    [
        lambda: GPT2LMHeadModel(config_of("GPT2LMHeadModel", n_embd=16, n_layer=2, n_head=2, **SPECIAL)),
        lambda: LlamaForCausalLM(config_of("LlamaForCausalLM", **LLAMA)),
        lambda: encoder_of("BartForCausalLM", is_decoder=True, is_encoder_decoder=False),
        lambda: encoder_of("BertLMHeadModel", is_decoder=True),
    ],
)
def test_a_decoder_alone_is_refused_with_the_reason(base: Any) -> None:
    made = base()
    told = (
        f"^{type(made).__name__}: a decoder-only model has no encoder output that a unit could stand behind: what it "
        "has read and what it writes go through the same layers; give an encoder–decoder"
    )
    with pytest.raises(ValueError, match=told):
        HMUModel.from_base(made)


def test_a_base_that_hears_is_refused() -> None:
    base = WhisperForConditionalGeneration(config_of("WhisperForConditionalGeneration", **WHISPER, **SPECIAL))
    told = "^WhisperForConditionalGeneration: reads input_features, and the unit reads the states of a text's tokens$"
    with pytest.raises(ValueError, match=told):
        HMUModel.from_base(base)


@pytest.mark.parametrize("head", ["TokenClassification", "MaskedLM", "QuestionAnswering", "MultipleChoice"])
def test_an_encoder_with_a_head_of_another_kind_is_refused(head: str) -> None:
    """Its first output are logits: the unit would read those."""
    with pytest.raises(ValueError, match=f"^BertFor{head}: its head reads no classification; give the encoder alone"):
        HMUModel.from_base(encoder_of(f"BertFor{head}"))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    mattering(base_of("Bart")).save_pretrained(tmp_path / "unit")
    return tmp_path / "unit"


def test_another_width_is_refused_with_both(saved: Path) -> None:
    with pytest.raises(CheckpointError, match=r"^unit: made for width 16, this base has 24; give the base that it was"):
        HMUModel.from_pretrained(saved, encoder_of("BartForConditionalGeneration", d_model=24))


def test_another_architecture_is_refused_with_both(saved: Path) -> None:
    told = "^unit: made for a BartForConditionalGeneration, not for a T5ForConditionalGeneration; give its base$"
    with pytest.raises(CheckpointError, match=told):
        HMUModel.from_pretrained(saved, base_of("T5"))


def test_other_weights_are_refused_with_the_sha256_of_both(saved: Path) -> None:
    base, other = base_of("Bart"), base_of("Bart")
    with torch.no_grad():
        other.model.encoder.layers[0].fc1.bias[3] += 1e-3
    one, two = (attached(each).unit().settings.base.sha256 for each in (base, other))
    told = f"^unit: made for a base whose weights \\(tensors\\) have sha256 {one}, those here have {two}; give the base"
    with pytest.raises(CheckpointError, match=told):
        HMUModel.from_pretrained(saved, other)
    HMUModel.from_pretrained(saved, base)


def test_another_commit_is_refused_with_both(tmp_path: Path) -> None:
    base = base_of("Bart")
    base.config._commit_hash, base.config._name_or_path = "a" * 40, "someone/base"
    attached(base).save_pretrained(tmp_path / "unit")
    HMUModel.from_pretrained(tmp_path / "unit", base)
    base.config._commit_hash = "b" * 40
    told = f"^unit: made for someone/base at commit {'a' * 40}, not at {'b' * 40}; load the base with revision"
    with pytest.raises(CheckpointError, match=told):
        HMUModel.from_pretrained(tmp_path / "unit", base)
    base.config._commit_hash = None
    with pytest.raises(CheckpointError, match=f"at commit {'a' * 40}, and this base tells no commit; load it from the"):
        HMUModel.from_pretrained(tmp_path / "unit", base)


@pytest.mark.parametrize("call", ["forward", "generate", "remember", "save_pretrained", "delete_unit", "push_to_hub"])
def test_an_unknown_unit_is_refused_with_those_there_are(call: str, tmp_path: Path) -> None:
    model = attached(base_of("T5"))
    model.add_unit("other")
    ids = torch.tensor([[5, 6]])
    given: dict[str, tuple[Any, ...]] = {
        "remember": (torch.zeros(1, 2, 16), ids),
        "save_pretrained": (tmp_path,),
        "push_to_hub": ("someone/unit",),
    }
    named = {"name" if call == "delete_unit" else "unit": "missing"}
    places = () if call == "delete_unit" else given.get(call, (ids,))
    with pytest.raises(ValueError, match=r'^unit "missing": this base has default, other; add or load it$'):
        getattr(model, call)(*places, **named)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"latent_dim": 0}, "unit: latent_dim 0; give a whole number ≥ 1"),
        ({"kl_weight": -0.5}, "unit: kl_weight -0.5; give a number ≥ 0"),
        ({"free_bits": float("nan")}, "unit: free_bits nan; give a number ≥ 0"),
        ({"memory": "none"}, 'unit: memory "none" is none that can be plugged in; choose one of hmu, hmu_ungated'),
        ({"start": "late"}, 'unit: start "late" is unknown; choose one of identity, published'),
        ({"task_labels": {"type": ["x", "y"]}}, 'unit: task "type": a name that cannot be used; choose another'),
        ({"task_labels": {"a b": ["x", "y"]}}, r'unit: task "a b" with classes .*; give a plain name and two classes'),
        (
            {"task_labels": {"topic": ["x", "x"]}},
            'unit: task "topic" with classes .*; give a plain name and two classe',
        ),
    ],
)
def test_a_setting_out_of_range_is_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        HMUModel.from_base(base_of("T5"), **settings)
