"""The token-level VAE: each source token's state as a distribution over a latent, and its reconstruction.

Knows nothing of the gate or of where noise comes from. Axes: b batch, n source tokens, d model width, k latent width.
"""

import torch
from torch import Tensor, nn


class TokenVAE(nn.Module):
    """μ = W_μ v + b, log σ² = W_σ v + b, z = μ + τ σ ⊙ ε, ṽ = W_d z + b (paper, token-level VAE).

    Args:
        width: d.
        latent_dim: k.
    """

    def __init__(self, width: int, latent_dim: int) -> None:
        super().__init__()
        self.mean = nn.Linear(width, latent_dim)
        self.log_variance = nn.Linear(width, latent_dim)
        self.decode = nn.Linear(latent_dim, width)

    def distribution(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """(b, n, d) → μ and log σ², each (b, n, k)."""
        return self.mean(states), self.log_variance(states)


def sample(mean: Tensor, log_variance: Tensor, noise: Tensor | None, temperature: float | Tensor) -> Tensor:
    """The draw z = μ + τ σ ⊙ ε, (b, n, k), τ a number or (b, 1, 1); without noise the mean itself."""
    if noise is None:
        return mean
    return mean + temperature * torch.exp(0.5 * log_variance) * noise


def kl_to_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) of each latent dimension: (b, n, k), nats ≥ 0."""
    return 0.5 * (mean.square() + torch.expm1(log_variance) - log_variance)
