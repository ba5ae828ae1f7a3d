"""The KL and its floor."""

import torch
from torch.distributions import Normal, kl_divergence

from hmu.latent import kl_to_standard_normal, sample
from hmu.losses import cross_entropy, free_bits_kl, gate_cost


def test_the_kl_equals_the_one_of_torch_distributions() -> None:
    torch.manual_seed(0)
    mean, log_variance = torch.randn(3, 4, 5, dtype=torch.float64), torch.randn(3, 4, 5, dtype=torch.float64)
    other = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(torch.zeros_like(mean), 1.0))
    torch.testing.assert_close(kl_to_standard_normal(mean, log_variance), other)


def test_the_kl_is_never_negative() -> None:
    """Catches exp(x) − 1 in single precision, which rounds below x near zero."""
    log_variance = torch.cat((torch.linspace(-1e-2, 1e-2, 20_001), torch.linspace(-20, 20, 20_001)))
    assert kl_to_standard_normal(torch.zeros(()), log_variance).min() == 0


def test_the_latent_of_a_known_draw_is_mean_plus_scaled_noise() -> None:
    z = sample(torch.tensor(1.0), torch.tensor(4.0).log(), torch.tensor(-3.0), 0.5)
    torch.testing.assert_close(z, torch.tensor(1.0 + 0.5 * 2.0 * -3.0))


def test_a_dimension_below_its_free_bits_costs_the_floor_and_is_not_pressed() -> None:
    kl = torch.tensor([[[0.1, 0.9]]], requires_grad=True)
    loss = free_bits_kl(kl, torch.ones(1, 1), free_bits=0.25)
    loss.backward()
    torch.testing.assert_close(loss, torch.tensor(0.25 + 0.9))
    torch.testing.assert_close(kl.grad, torch.tensor([[[0.0, 1.0]]]))


def test_the_floor_is_on_the_mean_over_tokens_not_on_each_token() -> None:
    kl = torch.tensor([[[0.0], [0.6]]])
    torch.testing.assert_close(free_bits_kl(kl, torch.ones(1, 2), free_bits=0.25), torch.tensor(0.3))


def test_padding_has_no_kl() -> None:
    kl = torch.tensor([[[0.5], [99.0]]])
    torch.testing.assert_close(free_bits_kl(kl, torch.tensor([[1, 0]]), free_bits=0.0), torch.tensor(0.5))


def test_the_gate_costs_the_square_of_what_its_mean_misses_the_target_by() -> None:
    """Tokens may differ freely as long as their mean is right; padding has no gate."""
    gate = torch.tensor([[[0.1, 0.3], [0.9, 0.9], [0.0, 0.0]]])
    torch.testing.assert_close(gate_cost(gate, torch.tensor([[1, 1, 0]]), target=0.5), torch.tensor(0.05**2))


def test_padded_targets_are_not_asked() -> None:
    logits = torch.randn(1, 3, 7, generator=torch.Generator().manual_seed(0))
    padded = cross_entropy(logits, torch.tensor([[4, 5, -100]]))
    torch.testing.assert_close(padded, cross_entropy(logits[:, :2], torch.tensor([[4, 5]])))
