"""The blocks against torch's own, with the same weights, and the positions against the textbook."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from hmu import MemoryTransformerConfig
from hmu.layers import Attention, DecoderBlock, EncoderBlock, FeedForward, sinusoids

Configs = Callable[..., MemoryTransformerConfig]


def copy_attention(ours: Attention, theirs: nn.MultiheadAttention) -> None:
    projections = (ours.q_proj, ours.k_proj, ours.v_proj)
    theirs.in_proj_weight.data = torch.cat([p.weight.data for p in projections])
    theirs.in_proj_bias.data = torch.cat([p.bias.data for p in projections])
    theirs.out_proj.load_state_dict(ours.out_proj.state_dict())


def copy_rest(feed_forward: FeedForward, norms: list[nn.LayerNorm], theirs: nn.Module) -> None:
    theirs.get_submodule("linear1").load_state_dict(feed_forward.up.state_dict())
    theirs.get_submodule("linear2").load_state_dict(feed_forward.down.state_dict())
    for number, norm in enumerate(norms, 1):
        theirs.get_submodule(f"norm{number}").load_state_dict(norm.state_dict())


def shake(module: nn.Module) -> None:
    torch.manual_seed(0)
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.3)


@pytest.fixture
def states() -> Tensor:
    return torch.randn(2, 6, 16, generator=torch.Generator().manual_seed(0))


MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]]).bool()


def test_the_encoder_block_equals_the_one_of_torch(tiny_config: Configs, states: Tensor) -> None:
    ours = EncoderBlock(tiny_config("baseline", dropout=0.0))
    shake(ours)
    theirs = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
    copy_attention(ours.attention, theirs.self_attn)
    copy_rest(ours.feed_forward, [ours.norm_attention, ours.norm_feed_forward], theirs)
    expected = theirs(states, src_key_padding_mask=~MASK)
    torch.testing.assert_close(ours(states, MASK[:, None, None, :])[MASK], expected[MASK], rtol=1e-5, atol=1e-5)


def test_the_decoder_block_equals_the_one_of_torch(tiny_config: Configs, states: Tensor) -> None:
    ours = DecoderBlock(tiny_config("baseline", dropout=0.0), layer=0)
    shake(ours)
    theirs = nn.TransformerDecoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
    copy_attention(ours.attention, theirs.self_attn)
    copy_attention(ours.cross_attention, theirs.multihead_attn)
    copy_rest(ours.feed_forward, [ours.norm_attention, ours.norm_cross_attention, ours.norm_feed_forward], theirs)
    target = torch.randn(2, 5, 16)
    past = torch.ones(5, 5).tril().bool()
    expected = theirs(target, states, tgt_mask=~past, memory_key_padding_mask=~MASK)
    block, _ = ours(target, states, past[None, None], MASK[:, None, None, :])
    torch.testing.assert_close(block, expected, rtol=1e-5, atol=1e-5)


def test_attention_that_shows_its_weights_equals_the_one_that_does_not(tiny_config: Configs, states: Tensor) -> None:
    attention = Attention(tiny_config("baseline"))
    shake(attention)
    mask = MASK[:, None, None, :]
    shown, weights = attention(states, mask=mask, want_weights=True)
    fused, none = attention(states, mask=mask)
    assert none is None
    assert weights is not None
    torch.testing.assert_close(shown, fused, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 6))
    assert weights[1, :, :, 4:].eq(0).all()


def test_positions_are_those_of_the_textbook() -> None:
    """Vaswani et al. 2017, 3.5, number by number."""
    expected = [
        [
            (math.cos if channel % 2 else math.sin)(position / 10_000 ** ((channel - channel % 2) / 6))
            for channel in range(6)
        ]
        for position in (0, 1, 7, 63)
    ]
    torch.testing.assert_close(sinusoids(torch.tensor([0, 1, 7, 63]), 6), torch.tensor(expected), rtol=1e-5, atol=1e-5)
