"""The shape of a model: what config.json holds, and nothing that changes from call to call."""

from dataclasses import field
from typing import Any

from transformers import PreTrainedConfig

from hmu.memories import MEMORIES


class MemoryTransformerConfig(PreTrainedConfig):
    """A Transformer encoder–decoder with a named memory between encoder and decoder.

    Args:
        vocab_size: pieces of the shared source and target vocabulary.
        d_model: d, the width of every state.
        num_heads: attention heads; must divide `d_model`.
        encoder_layers, decoder_layers: post-norm blocks on each side.
        d_ff: width inside the feed-forward.
        encoder_d_ff: the same in the encoder alone, for a baseline of a given size; 0 = as `d_ff`.
        dropout: on embeddings and on each sublayer's output, as in Vaswani et al. 2017.
        memory: the kind of memory, a name in `hmu.memories`: "none" is the baseline, "hmu" the unit,
            "hmu_ungated" the one that the public scripts build.
        memory_settings: what that memory wants to know; for "hmu": latent_dim; for comparison gate, noise, residual,
            gate_start, shared_noise.
        kl_weight: β, the weight of the latent's KL in the training loss; the paper has none (0).
        free_bits: λ in nats; a latent dimension whose mean KL is below it is not pressed further.
        gate_weight: weight of (mean gate − gate_target)² in the training loss; keeps the gate from opening everywhere
            while the latent is still noise, and leaves each token free to differ. The paper has none (0).
        gate_target: the mean gate, over real tokens and channels, that costs nothing.
        task_labels: classification tasks → the names of their classes, in the order of the label numbers.
        sees_target: whether the decoder is fed the very target that it is asked for, unshifted and without a causal
            mask, as the public scripts do. Such a model copies, and can write nothing: for the published figures alone.
        output_bias: whether the vocabulary projection has a bias.
        beam_length_penalty: exponent of the length by which beam search divides a sentence's log-probability; chosen
            on held-out training rows. Greedy decoding and sampling know nothing of it.
        max_source_length, max_target_length: where texts are cut, in tokens.

    Raises:
        ValueError: for an unknown key, a value of the wrong type or range, heads that do not divide the width, or an
            unknown memory.
    """

    model_type = "memory_transformer"
    attribute_map = {
        "hidden_size": "d_model",
        "num_attention_heads": "num_heads",
        "num_hidden_layers": "decoder_layers",
    }
    keys_to_ignore_at_inference = ["past_key_values", "cross_attentions", "encoder_last_hidden_state", "trace"]

    vocab_size: int = 8192
    d_model: int = 256
    num_heads: int = 8
    encoder_layers: int = 4
    decoder_layers: int = 4
    d_ff: int = 1024
    encoder_d_ff: int = 0
    dropout: float = 0.1
    memory: str = "none"
    memory_settings: dict[str, Any] = field(default_factory=dict)
    kl_weight: float = 0.0
    free_bits: float = 0.0
    gate_weight: float = 0.0
    gate_target: float = 0.5
    task_labels: dict[str, list[str]] = field(default_factory=dict)
    sees_target: bool = False
    output_bias: bool = False
    beam_length_penalty: float = 1.0
    tie_word_embeddings: bool = True
    max_source_length: int = 64
    max_target_length: int = 64
    pad_token_id: int = 0
    bos_token_id: int = 1
    eos_token_id: int = 2
    decoder_start_token_id: int = 1
    is_encoder_decoder: bool = True

    def __post_init__(self, **others: Any) -> None:
        unknown = sorted(key for key in others if key not in _WRITTEN_BY_THE_HUB and not key.startswith("_"))
        if unknown:
            raise ValueError(f"config: unknown key {', '.join(unknown)}; correct or remove it")
        for name in _COUNTS:
            if type(getattr(self, name)) is not int or getattr(self, name) < 1:
                raise ValueError(f"config: {name} {getattr(self, name)!r}; give a whole number ≥ 1")
        if type(self.encoder_d_ff) is not int or self.encoder_d_ff < 0:
            raise ValueError(f"config: encoder_d_ff {self.encoder_d_ff!r}; give a whole number, 0 for d_ff")
        if not (isinstance(self.memory_settings, dict) and isinstance(self.task_labels, dict)):
            raise ValueError("config: memory_settings and task_labels must be tables; correct them")
        if self.d_model % self.num_heads:
            raise ValueError(f"config: num_heads {self.num_heads} does not divide d_model {self.d_model}")
        if self.memory not in MEMORIES:
            raise ValueError(f'config: memory "{self.memory}" is unknown; choose one of {", ".join(MEMORIES)}')
        super().__post_init__(**others)


_COUNTS = (
    *("vocab_size", "d_model", "num_heads", "encoder_layers", "decoder_layers", "d_ff"),
    *("max_source_length", "max_target_length"),
)

_WRITTEN_BY_THE_HUB = {"model_type", "torch_dtype", "auto_map", "name_or_path", "attn_implementation", "use_cache"}
"""Keys that save_pretrained adds or that older files carry."""


def preset(name: str, **changes: Any) -> MemoryTransformerConfig:
    """A named set of sizes.

    Args:
        name: "paper" (sizes recovered from the published totals: 32,100 pieces, untied with bias, AG-News head)
            or "small" (8,192 pieces, tied, no bias: the zoo's).
        changes: anything that `MemoryTransformerConfig` takes, for instance `memory="hmu"`.

    Raises:
        ValueError: for an unknown name.
    """
    if name not in _PRESETS:
        raise ValueError(f'preset: "{name}" is unknown; choose one of {", ".join(_PRESETS)}')
    return MemoryTransformerConfig(**{**_PRESETS[name], **changes})


_PRESETS: dict[str, dict[str, Any]] = {
    "small": {},
    "paper": {
        "vocab_size": 32_100,
        "tie_word_embeddings": False,
        "output_bias": True,
        "max_source_length": 32,
        "max_target_length": 32,
        "task_labels": {"ag_news": ["World", "Sports", "Business", "Sci/Tech"]},
    },
}
