"""The gate: how much of each channel of each source token is read literally; learned, or fixed for comparison.

Knows nothing of the latent's making. Axes: b batch, n source tokens, d model width.
"""

import math

import torch
from torch import Tensor, nn


class GateLinear(nn.Linear):
    """A linear layer that knows where a model that is not loaded shall set its bias."""

    def __init__(self, inputs: int, outputs: int, start: float) -> None:
        super().__init__(inputs, outputs)
        self.start = start


class FusionGate(nn.Module):
    """g = sigmoid(W_g [v̂ ; v̂_lat] + b_g + δ) (paper, gate).

    Args:
        width: d.
        start: what a model that is not loaded sets b_g to, in logits.
    """

    def __init__(self, width: int, start: float = 0.0) -> None:
        super().__init__()
        self.weigh = GateLinear(2 * width, width, start)

    def forward(
        self, literal: Tensor, latent: Tensor, bias: float | Tensor = 0.0, forced: Tensor | None = None
    ) -> Tensor:
        """The gate of every token and channel.

        Args:
            literal: v̂, (b, n, d).
            latent: v̂_lat, (b, n, d).
            bias: δ in logits, a number or anything that broadcasts to (b, n, d); ±inf saturates the gate.
            forced: gates that stand in place of the learned ones, (b, n, 1) in [0, 1]; NaN leaves a token as learned.

        Returns:
            (b, n, d) in [0, 1]; 1 reads the literal path, 0 the latent path.
        """
        return _with_forced(torch.sigmoid(self.weigh(torch.cat((literal, latent), dim=-1)) + bias), forced)


class FixedGate(nn.Module):
    """The same gate for every token and channel, learned by nobody (an ablation): sigmoid(logit(g) + δ).

    Args:
        gate: g in [0, 1]; at 1 the latent is never read, at 0 the literal path never, whatever δ.

    Raises:
        ValueError: for a gate outside [0, 1].
    """

    def __init__(self, gate: float) -> None:
        super().__init__()
        if not 0 <= gate <= 1:
            raise ValueError(f"gate {gate!r}: give a number from 0 (latent) to 1 (literal)")
        ends: dict[float, float] = {0.0: -math.inf, 1.0: math.inf}
        self.logit = ends[gate] if gate in ends else math.log(gate / (1 - gate))

    def forward(
        self, literal: Tensor, latent: Tensor, bias: float | Tensor = 0.0, forced: Tensor | None = None
    ) -> Tensor:
        """As `FusionGate.forward`."""
        logits = torch.full_like(latent, self.logit)
        return _with_forced(torch.sigmoid(logits if math.isinf(self.logit) else logits + bias), forced)


def _with_forced(gate: Tensor, forced: Tensor | None) -> Tensor:
    return gate if forced is None else torch.where(forced.isnan(), gate, forced.to(gate.dtype))
