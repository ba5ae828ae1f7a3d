"""What the joined model hands back: values only.

Axes: b batch, m memory slots, t target tokens, c classes, d model width.
"""

from dataclasses import dataclass
from typing import Any

from torch import Tensor
from transformers.cache_utils import EncoderDecoderCache
from transformers.utils import ModelOutput


@dataclass
class MemoryTransformerOutput(ModelOutput):
    """What one forward pass gives.

    Args:
        loss: cross-entropy plus β·KL in nats, where labels were given.
        logits: (b, t, vocabulary), or (b, c) where a task was named.
        past_key_values: the cache, where one was used.
        cross_attentions: per layer (b, heads, t, m), where asked for.
        encoder_last_hidden_state: the memory that was attended to, (b, m, d).
        trace: how the memory was made; None where a ready memory was given.
        decoder_attentions, decoder_hidden_states: never kept; `generate` asks for them where it is to return weights.
    """

    loss: Tensor | None = None
    logits: Tensor | None = None
    past_key_values: EncoderDecoderCache | None = None
    cross_attentions: tuple[Tensor, ...] | None = None
    encoder_last_hidden_state: Tensor | None = None
    trace: Any = None
    decoder_attentions: None = None
    decoder_hidden_states: None = None


@dataclass
class MemoryOutput(ModelOutput):
    """A memory in the form in which `generate` carries it: (b, m, d) and its mask (b, m); the rest is never kept."""

    last_hidden_state: Tensor | None = None
    memory_mask: Tensor | None = None
    attentions: None = None
    hidden_states: None = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """Logits (b, t, vocabulary) and, where asked for, each layer's cross-attention (b, heads, t, m)."""

    logits: Tensor
    cross_attentions: tuple[Tensor, ...]
