"""The token-level VAE: each source token's state as a distribution over a latent, and its reconstruction.

Knows nothing of the gate. Axes: b batch, n source tokens, d model width, k latent width.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hmu import noise as draws
from hmu.controls import Controls
from hmu.memory import positions_of


@dataclass(frozen=True, slots=True)
class Latent:
    """Each source token's latent: its distribution and its draw, (b, n, k) each; KL in nats ≥ 0."""

    mean: Tensor
    log_variance: Tensor
    z: Tensor
    kl: Tensor


class TokenVAE(nn.Module):
    """μ = W_μ v + b, log σ² = W_σ v + b, z = μ + τ σ ⊙ ε, ṽ = W_d z + b (paper, token-level VAE).

    Args:
        width: d.
        latent_dim: k.
        noise: whether the temperature is heeded; without, z is the mean whatever is asked (an ablation).
        shared_noise: whether all tokens of a text have the same ε (a departure from the paper).
    """

    def __init__(self, width: int, latent_dim: int, noise: bool = True, shared_noise: bool = False) -> None:
        super().__init__()
        self.noise, self.shared_noise = noise, shared_noise
        self.mean = nn.Linear(width, latent_dim)
        self.log_variance = nn.Linear(width, latent_dim)
        self.decode = nn.Linear(latent_dim, width)

    def distribution(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """(b, n, d) → μ and log σ², each (b, n, k)."""
        return self.mean(states), self.log_variance(states)

    def forward(
        self, states: Tensor, mask: Tensor, each: Sequence[Controls], rows: Sequence[int] | None = None
    ) -> Latent:
        """Read and draw.

        Args:
            states: v, (b, n, d).
            mask: (b, n), 1 for a real token.
            each: the controls of each row.
            rows: b addresses for the noise; by default 0, 1, … b − 1.
        """
        mean, log_variance = self.distribution(states)
        epsilon = None
        if self.noise and any(one.temperature > 0 for one in each):
            rows = range(len(states)) if rows is None else rows
            places = positions_of(mask) * (not self.shared_noise)
            epsilon = draws.normal([one.seed for one in each], rows, places, mean.shape[-1], like=mean)
        z = sample(mean, log_variance, epsilon, column([one.temperature for one in each], mean))
        return Latent(mean, log_variance, z, kl_to_standard_normal(mean.float(), log_variance.float()))


def column(numbers: Sequence[float], like: Tensor) -> Tensor:
    """A number for each of b rows → (b, 1, 1)."""
    return torch.tensor(numbers, dtype=like.dtype, device=like.device).view(-1, 1, 1)


def sample(mean: Tensor, log_variance: Tensor, noise: Tensor | None, temperature: float | Tensor) -> Tensor:
    """The draw z = μ + τ σ ⊙ ε, (b, n, k), τ a number or (b, 1, 1); without noise the mean itself."""
    if noise is None:
        return mean
    return mean + temperature * torch.exp(0.5 * log_variance) * noise


def kl_to_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) of each latent dimension: (b, n, k), nats ≥ 0."""
    return 0.5 * (mean.square() + torch.expm1(log_variance) - log_variance)
