"""Tiny bases with random weights, the calls made of them, and units that matter.

Sizes: 16 wide, two layers, 64 pieces.
"""

from collections.abc import Mapping
from typing import Any

import pytest
import torch
import transformers
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing
from torch import Tensor, nn
from transformers import EncoderDecoderModel, PreTrainedModel, PreTrainedTokenizerFast

from hmu import MemoryTransformer, MemoryTransformerConfig
from hmu.plugin import HMUModel

WIDTH, PIECES = 16, 64
REAL = torch.tensor([[7, 40, 41, 52, 9, 30], [33, 12, 8, 19, 21, 45]])
"""Source tokens that no base takes for special ones."""
LABELS = torch.tensor([[20, 31, 42, 8], [50, 11, 29, 37]])
SHORT: dict[str, Any] = {"max_new_tokens": 6, "min_new_tokens": 6, "do_sample": False}
"""A greedy answer of six tokens, without an end that a random base might come to at once."""

_T5: dict[str, Any] = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2, "dropout_rate": 0.0}
_T5 |= {"decoder_start_token_id": 0, "relative_attention_num_buckets": 8, "relative_attention_max_distance": 16}
_RANDOM = ("dropout", "attention_dropout", "activation_dropout", "encoder_layerdrop", "decoder_layerdrop")
_BART: dict[str, Any] = {
    f"{half}_{what}": n
    for half in ("encoder", "decoder")
    for what, n in (("layers", 2), ("attention_heads", 2), ("ffn_dim", 32))
}
_BART |= {"d_model": 16, "max_position_embeddings": 48, **dict.fromkeys(_RANDOM, 0.0)}
_BERT: dict[str, Any] = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
_BERT |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "max_position_embeddings": 48}
_BERT |= {"embedding_size": 16}
_DISTILBERT: dict[str, Any] = {
    "dim": 16,
    "n_layers": 2,
    "n_heads": 2,
    "hidden_dim": 32,
    "dropout": 0.0,
    "attention_dropout": 0.0,
}
_DISTILBERT |= {"seq_classif_dropout": 0.0}
_LED = {"attention_window": 4, "max_encoder_position_embeddings": 64, "max_decoder_position_embeddings": 48}
_MARIAN = {"pad_token_id": 63, "decoder_start_token_id": 63, "decoder_vocab_size": 64}

HALVES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "T5": ("T5ForConditionalGeneration", _T5),
    "MT5": ("MT5ForConditionalGeneration", _T5),
    "UMT5": ("UMT5ForConditionalGeneration", _T5),
    "Bart": ("BartForConditionalGeneration", _BART),
    "MBart": ("MBartForConditionalGeneration", {**_BART, "decoder_start_token_id": 0}),
    "Pegasus": ("PegasusForConditionalGeneration", _BART),
    "Marian": ("MarianMTModel", {**_BART, **_MARIAN}),
    "LED": ("LEDForConditionalGeneration", {**_BART, **_LED}),
    "M2M100": ("M2M100ForConditionalGeneration", _BART),
    "Blenderbot": ("BlenderbotForConditionalGeneration", _BART),
    "BlenderbotSmall": ("BlenderbotSmallForConditionalGeneration", _BART),
}
"""Encoder–decoders: a short name → class and what its config is given beside the vocabulary's size."""

JOINED = ("BERT2BERT", "BERT2BERT-wide", "MemoryTransformer")
ENCODER_DECODERS = (*HALVES, *JOINED)
EACH = pytest.mark.parametrize("kind", ENCODER_DECODERS)
LOSS_OF_TWO_BERTS = pytest.mark.filterwarnings("ignore:Version v4.12.0 introduces:FutureWarning")
"""EncoderDecoderModel's own warning, on every loss."""


def words() -> PreTrainedTokenizerFast:
    """The 64 pieces as words: w3 … w62, "dog" and three marks, of which one ends a text."""
    pieces = ["<pad>", "</s>", "<unk>", *(f"w{n}" for n in range(3, PIECES - 1)), "dog"]
    inner = Tokenizer(WordLevel({piece: n for n, piece in enumerate(pieces)}, unk_token="<unk>"))
    inner.pre_tokenizer = WhitespaceSplit()
    inner.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        clean_up_tokenization_spaces=False,
    )


def config_of(name: str, **settings: Any) -> Any:
    """The config of a class of `transformers`, with this vocabulary."""
    return getattr(transformers, name).config_class(**{"vocab_size": PIECES, **settings})


def built(name: str, **settings: Any) -> Any:
    """A model of a class of `transformers`, with wide weights: at the usual 0.02 it hardly depends on what it reads."""
    torch.manual_seed(0)
    return widened(getattr(transformers, name)(config_of(name, **settings)))


def widened(model: Any) -> Any:
    """The model in evaluation mode, its matrices drawn from N(0, 0.25²)."""
    torch.manual_seed(1)
    for parameter in model.parameters():
        if parameter.ndim > 1 and parameter.requires_grad:
            nn.init.normal_(parameter, std=0.25)
    return model.eval()


def base_of(kind: str) -> Any:
    """An encoder–decoder, the same for the same name."""
    if kind in HALVES:
        name, settings = HALVES[kind]
        base = built(name, **settings)
        base.generation_config.forced_eos_token_id = None  # a loop by hand knows of no such thing
        return base
    return _memory_transformer() if kind == "MemoryTransformer" else _two_berts(24 if kind == "BERT2BERT-wide" else 16)


def _memory_transformer() -> MemoryTransformer:
    sizes = {"d_model": 16, "num_heads": 2, "encoder_layers": 2, "decoder_layers": 2, "d_ff": 32, "dropout": 0.0}
    torch.manual_seed(0)
    return widened(MemoryTransformer(MemoryTransformerConfig(vocab_size=PIECES, **sizes)))


def _two_berts(width: int) -> PreTrainedModel:
    decoder = {**_BERT, "hidden_size": width, "is_decoder": True, "add_cross_attention": True}
    torch.manual_seed(0)
    halves = (built("BertModel", **_BERT), built("BertLMHeadModel", **decoder))
    joined = widened(EncoderDecoderModel(encoder=halves[0], decoder=halves[1]))
    for config in (joined.config, joined.generation_config):
        config.pad_token_id, config.decoder_start_token_id, config.eos_token_id = 0, 1, 2
    return joined


def frozen(base: Any) -> Any:
    """The base with weights that want no gradient, as under a unit.

    torch multiplies by those that do want one in another way, and on some processors the last bits differ.
    """
    return base.requires_grad_(False)


def encoder_of(kind: str, **settings: Any) -> Any:
    """An encoder of a class of `transformers`, bare or with a head, the same for the same name."""
    if kind.startswith("T5"):
        return built(kind, **{**_T5, **settings})
    if kind.startswith("Bart"):
        return built(kind, **{**_BART, **settings})
    return built(kind, **{**(_DISTILBERT if kind.startswith("DistilBert") else _BERT), **settings})


def attached(base: Any, **settings: Any) -> HMUModel:
    """A base with a fresh unit, in evaluation mode."""
    torch.manual_seed(2)
    return HMUModel.from_base(base, **settings).eval()


def mattering(base: Any, seed: int = 3, **settings: Any) -> HMUModel:
    """A base with a unit that is far from changing nothing."""
    model = attached(base, **settings)
    stir(model, "default", seed)
    return model


@torch.no_grad()
def stir(model: HMUModel, unit: str, seed: int, alpha: float = 0.7) -> None:
    """Draw a unit's matrices anew and let it matter."""
    torch.manual_seed(seed)
    plugged = model.unit(unit)
    for parameter in plugged.parameters():
        nn.init.normal_(parameter, std=0.4)
    memory: Any = plugged.memory
    if memory.alpha is not None:
        memory.alpha.fill_(alpha)


@torch.inference_mode()
def read(model: Any, *inputs: Any, **given: Any) -> Any:
    """A call without gradient: with one, attention is computed another way and differs in the last bits."""
    return model(*inputs, **given)


def snapshot(module: nn.Module) -> dict[str, Tensor]:
    """A copy of all that a module holds."""
    return {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}


def equal(one: Any, other: Any) -> None:
    """Assert bitwise equality."""
    torch.testing.assert_close(one, other, rtol=0, atol=0)


def near(one: Any, other: Any) -> None:
    """Assert equality to 1e-5."""
    torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
