"""The learned gate: how much of each channel of each source token is read literally.

Knows nothing of the latent's making. Axes: b batch, n source tokens, d model width.
"""

import torch
from torch import Tensor, nn


class FusionGate(nn.Module):
    """g = sigmoid(W_g [v̂ ; v̂_lat] + b_g + δ) (paper, gate).

    Args:
        width: d.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weigh = nn.Linear(2 * width, width)

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
        gate = torch.sigmoid(self.weigh(torch.cat((literal, latent), dim=-1)) + bias)
        return gate if forced is None else torch.where(forced.isnan(), gate, forced.to(gate.dtype))
