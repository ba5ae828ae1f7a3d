"""The Transformer's parts: positions, attention with a key–value cache, feed-forward, post-norm blocks.

Knows nothing of memories, heads or text.
Axes: b batch, q queries, s keys, h heads, d model width, e = d / h.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from transformers.cache_utils import DynamicCache, EncoderDecoderCache

from hmu.configuration import MemoryTransformerConfig


def sinusoids(positions: Tensor, width: int) -> Tensor:
    """Fixed sinusoidal positions (Vaswani et al. 2017): (…) indices → (…, d); computed, never stored."""
    half = torch.arange(0, width, 2, device=positions.device, dtype=torch.float32)
    angles = positions[..., None].float() * torch.exp(half * (-math.log(10_000.0) / width))
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)


class Attention(nn.Module):
    """Multi-head attention, over the queries' own sequence or over a memory.

    Args:
        config: width and heads.
        layer: index of the block, the cache's address; None where nothing is cached.
    """

    def __init__(self, config: MemoryTransformerConfig, layer: int | None = None) -> None:
        super().__init__()
        self.heads, self.layer = config.num_heads, layer
        width = config.d_model
        self.q_proj, self.k_proj = nn.Linear(width, width), nn.Linear(width, width)
        self.v_proj, self.out_proj = nn.Linear(width, width), nn.Linear(width, width)

    def forward(
        self,
        queries: Tensor,
        source: Tensor | None = None,
        mask: Tensor | None = None,
        cache: EncoderDecoderCache | None = None,
        want_weights: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend.

        Args:
            queries: (b, q, d).
            source: (b, s, d), what is attended to; None for the queries themselves.
            mask: broadcasts to (b, h, q, s), True where attention is allowed.
            cache: keys and values of earlier steps, extended in place.
            want_weights: also return the weights.

        Returns:
            (b, q, d), and the weights (b, h, q, s) or None.
        """
        query = self._split(self.q_proj(queries))
        key, value = self._keys_values(queries, source, cache)
        if want_weights:
            scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
            if mask is not None:
                scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
            weights = scores.softmax(-1)
            mixed = weights @ value
        else:
            weights = None
            mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return self.out_proj(mixed.transpose(1, 2).flatten(2)), weights

    def _keys_values(
        self, queries: Tensor, source: Tensor | None, cache: EncoderDecoderCache | None
    ) -> tuple[Tensor, Tensor]:
        over = queries if source is None else source
        if cache is None or self.layer is None:
            return self._split(self.k_proj(over)), self._split(self.v_proj(over))
        if source is None:
            keys, values = self._split(self.k_proj(over)), self._split(self.v_proj(over))
            return cache.self_attention_cache.update(keys, values, self.layer)
        if cache.is_updated.get(self.layer):
            kept: Any = cache.cross_attention_cache.layers[self.layer]
            return kept.keys, kept.values
        keys, values = self._split(self.k_proj(over)), self._split(self.v_proj(over))
        cache.is_updated[self.layer] = True
        return cache.cross_attention_cache.update(keys, values, self.layer)

    def _split(self, states: Tensor) -> Tensor:
        return states.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class FeedForward(nn.Module):
    """Linear, ReLU, Linear, with `inner` channels between."""

    def __init__(self, config: MemoryTransformerConfig, inner: int) -> None:
        super().__init__()
        self.up, self.down = nn.Linear(config.d_model, inner), nn.Linear(inner, config.d_model)

    def forward(self, states: Tensor) -> Tensor:
        """(…, d) → (…, d)."""
        return self.down(torch.relu(self.up(states)))


class EncoderBlock(nn.Module):
    """Self-attention and feed-forward, each followed by dropout, the residual and a LayerNorm (post-norm)."""

    def __init__(self, config: MemoryTransformerConfig) -> None:
        super().__init__()
        self.attention = Attention(config)
        self.feed_forward = FeedForward(config, config.encoder_d_ff or config.d_ff)
        self.norm_attention, self.norm_feed_forward = nn.LayerNorm(config.d_model), nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """(b, n, d), (b, 1, 1, n) → (b, n, d)."""
        states = self.norm_attention(states + self.dropout(self.attention(states, mask=mask)[0]))
        return self.norm_feed_forward(states + self.dropout(self.feed_forward(states)))


class DecoderBlock(nn.Module):
    """Causal self-attention, attention over the memory, feed-forward; post-norm."""

    def __init__(self, config: MemoryTransformerConfig, layer: int) -> None:
        super().__init__()
        self.attention, self.cross_attention = Attention(config, layer), Attention(config, layer)
        self.feed_forward = FeedForward(config, config.d_ff)
        self.norm_attention, self.norm_cross_attention = nn.LayerNorm(config.d_model), nn.LayerNorm(config.d_model)
        self.norm_feed_forward = nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        states: Tensor,
        memory: Tensor,
        mask: Tensor | None,
        memory_mask: Tensor,
        cache: EncoderDecoderCache | None = None,
        want_weights: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """(b, q, d) over a memory (b, m, d) → (b, q, d) and the cross-attention (b, h, q, m) or None."""
        states = self.norm_attention(states + self.dropout(self.attention(states, mask=mask, cache=cache)[0]))
        read, weights = self.cross_attention(states, memory, memory_mask, cache, want_weights)
        states = self.norm_cross_attention(states + self.dropout(read))
        return self.norm_feed_forward(states + self.dropout(self.feed_forward(states))), weights


def new_cache() -> EncoderDecoderCache:
    """An empty cache of a decoder's keys and values."""
    return EncoderDecoderCache(DynamicCache(), DynamicCache())
