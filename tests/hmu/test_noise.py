"""Draws with an address: nothing but (purpose, seed, row, position) may change a number."""

import pytest
import torch
from torch import Tensor

from hmu import noise
from hmu.memory import positions_of

LIKE = torch.zeros(())


def draw(mask: Tensor, seed: int = 0, rows: tuple[int, ...] = (0,), width: int = 5) -> Tensor:
    return noise.normal([seed] * len(rows), rows, positions_of(mask), width, like=LIKE)


@pytest.mark.parametrize("width", [1, 5, 16, 128])
def test_a_shorter_text_draws_the_prefix_of_a_longer_one(width: int) -> None:
    """Catches torch.randn's blocks of 16: a draw whose size is no multiple of it ends in other numbers."""
    longest = draw(torch.ones(1, 40), width=width)
    assert all(torch.equal(draw(torch.ones(1, n), width=width), longest[:, :n]) for n in range(1, 41))


@pytest.mark.parametrize("amount", [1, 4, 30])
@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_does_not_move_the_draws(side: str, amount: int) -> None:
    real, padding = torch.ones(1, 6), torch.zeros(1, amount)
    padded = draw(torch.cat((padding, real) if side == "left" else (real, padding), dim=1))
    assert torch.equal(padded[:, amount:] if side == "left" else padded[:, :6], draw(real))


def test_a_row_draws_the_same_in_any_batch() -> None:
    batch = draw(torch.ones(3, 6), rows=(7, 2, 5))
    assert torch.equal(batch, torch.cat([draw(torch.ones(1, 6), rows=(row,)) for row in (7, 2, 5)]))


@pytest.mark.parametrize(("seed", "row"), [(1, 0), (0, 1), (2**63 - 1, 0), (2**32, 0)])
def test_another_address_draws_other_numbers(seed: int, row: int) -> None:
    """2³² is among them because torch's CPU generator keeps only the low 32 bits of a seed."""
    assert not torch.isclose(draw(torch.ones(1, 6)), draw(torch.ones(1, 6), seed=seed, rows=(row,))).any()


def test_another_purpose_draws_other_numbers() -> None:
    one, other = (torch.rand(20, generator=noise.stream(purpose, 0)) for purpose in ("latent", "sampling"))
    assert not torch.isclose(one, other).any()


def test_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    torch.manual_seed(5)
    one = draw(torch.ones(1, 6))
    torch.manual_seed(6)
    other = draw(torch.ones(1, 6))
    torch.set_rng_state(before)
    assert torch.equal(one, other)


def test_the_draws_are_standard_normal() -> None:
    """Over 64,000 draws: the mean to 0.02, the variance to 0.03, and rows uncorrelated: five standard errors."""
    drawn = draw(torch.ones(10, 100), rows=tuple(range(10)), width=64).double().flatten(1)
    between = torch.corrcoef(drawn).fill_diagonal_(0).abs().max()
    assert abs(drawn.mean()) < 0.02
    assert abs(drawn.var() - 1) < 0.03
    assert between < 5 * 6400**-0.5
