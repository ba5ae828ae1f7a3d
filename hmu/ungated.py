"""The unit that the public scripts build: no gate and no literal path of its own; here for comparison.

Knows nothing of text, checkpoints or plots. Axes: b batch, n source tokens, d model width, k latent width.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hmu.controls import Controls, by_row
from hmu.latent import TokenVAE
from hmu.memory import MemoryTrace, Remembered


class UngatedHMU(nn.Module):
    """v* = LayerNorm(v + W₂ GELU(W₁ LayerNorm([v ; ṽ]) + b₁) + b₂): 494,336 parameters at d = 256, k = 128.

    The paper's text has a gate and no such unit; its public scripts have such a unit and no gate.

    Args:
        width: d.
        latent_dim: k.
    """

    def __init__(self, width: int, latent_dim: int) -> None:
        super().__init__()
        self.latent = TokenVAE(width, latent_dim)
        self.norm_both = nn.LayerNorm(2 * width)
        self.widen = nn.Linear(2 * width, 2 * width)
        self.project = nn.Linear(2 * width, width)
        self.norm_memory = nn.LayerNorm(width)

    def forward(
        self,
        states: Tensor,
        mask: Tensor,
        controls: Controls | Sequence[Controls],
        rows: Sequence[int] | None = None,
        state: Tensor | None = None,
    ) -> Remembered:
        """As `HMU.forward`; there is no gate to turn, and none in the trace."""
        latent = self.latent(states, mask, by_row(controls, len(states)), rows)
        both = self.norm_both(torch.cat((states, self.latent.decode(latent.z)), dim=-1))
        memory = self.norm_memory(states + self.project(nn.functional.gelu(self.widen(both))))
        trace = MemoryTrace(mean=latent.mean, log_variance=latent.log_variance, z=latent.z, kl=latent.kl)
        return Remembered(memory, mask, trace)
