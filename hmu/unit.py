"""The Hippocampus Memory Unit: what the decoder reads in place of the raw encoder output.

Knows nothing of text, checkpoints or plots.
Axes: b batch, n source tokens, d model width, k latent width.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hmu.controls import Controls, by_row
from hmu.gate import FixedGate, FusionGate
from hmu.latent import TokenVAE, column
from hmu.memory import MemoryTrace, Remembered, positions_of


class HMU(nn.Module):
    """v* = LayerNorm(GELU(W_f (g ⊙ v̂ + (1 − g) ⊙ v̂_lat) + b_f)) (paper, fusion and projection).

    v̂ and v̂_lat are the LayerNorms, each with its own affine, of the encoder's state and of its reconstruction ṽ.

    Args:
        width: d.
        latent_dim: k; the paper takes d / 2.
        gate: None as published, learned; a number for a gate that is fixed there (an ablation).
        noise: whether the latent's temperature is heeded (without: an ablation).
        shared_noise: whether all tokens of a text have the same ε (a departure from the paper).
        residual: v + α (v* − v) in place of v*, one learned α that starts at 0, so that a fresh unit changes nothing
            (a departure from the paper).
        gate_start: the learned gate's bias before training, in logits; 0 as published, above it begins literal.

    Raises:
        ValueError: for a fixed gate outside [0, 1].
    """

    def __init__(
        self,
        width: int,
        latent_dim: int,
        gate: float | None = None,
        noise: bool = True,
        residual: bool = False,
        gate_start: float = 0.0,
        shared_noise: bool = False,
    ) -> None:
        super().__init__()
        self.latent = TokenVAE(width, latent_dim, noise, shared_noise)
        self.norm_literal = nn.LayerNorm(width)
        self.norm_latent = nn.LayerNorm(width)
        self.gate = FusionGate(width, gate_start) if gate is None else FixedGate(gate)
        self.project = nn.Linear(width, width)
        self.norm_memory = nn.LayerNorm(width)
        self.alpha = nn.Parameter(torch.zeros(())) if residual else None

    def forward(
        self,
        states: Tensor,
        mask: Tensor,
        controls: Controls | Sequence[Controls],
        rows: Sequence[int] | None = None,
        state: Tensor | None = None,
    ) -> Remembered:
        """Turn source states into the memory that the decoder attends to.

        Args:
            states: v, (b, n, d), the encoder's last hidden states.
            mask: (b, n), 1 for a real token, 0 for padding.
            controls: what is turned in this call, one for all rows or one for each.
            rows: b addresses for the noise; by default 0, 1, … b − 1.
            state: what an earlier text left behind; this unit keeps nothing between texts and leaves it out.

        Returns:
            The memory (b, n, d), the same mask, and the trace of how it was made.
        """
        each = by_row(controls, len(states))
        latent = self.latent(states, mask, each, rows)
        literal, imagined = self.norm_literal(states), self._reconstruct(latent.z)
        bias = column([one.gate_bias for one in each], imagined)
        gate = self.gate(literal, imagined, bias, _forced([one.forced for one in each], mask))
        memory = self._write(gate * literal + (1 - gate) * imagined, states)
        trace = MemoryTrace(gate=gate, mean=latent.mean, log_variance=latent.log_variance, z=latent.z, kl=latent.kl)
        return Remembered(memory, mask, trace)

    def from_latent(self, z: Tensor, mask: Tensor) -> Remembered:
        """The memory of latents that need not be any text's, read by the latent path alone: `forward` with gate 0.

        With a residual, the reconstruction stands for the state that there is none of.

        Args:
            z: (b, n, k).
            mask: (b, n), 1 for a real token, 0 for padding.

        Returns:
            The memory (b, n, d), the same mask, and a trace of z and a gate that is 0 everywhere.
        """
        latent = self._reconstruct(z)
        memory = self._write(latent, self.latent.decode(z))
        return Remembered(memory, mask, MemoryTrace(gate=torch.zeros_like(latent), z=z))

    def _reconstruct(self, z: Tensor) -> Tensor:
        """v̂_lat, (b, n, d)."""
        return self.norm_latent(self.latent.decode(z))

    def _write(self, fused: Tensor, states: Tensor) -> Tensor:
        """v*, or with a residual the way to it, (b, n, d)."""
        memory = self.norm_memory(nn.functional.gelu(self.project(fused)))
        return memory if self.alpha is None else states + self.alpha * (memory - states)


def _forced(rows: Sequence[tuple[float | None, ...]], mask: Tensor) -> Tensor | None:
    """Each row's forced gates on its real tokens, (b, n, 1), NaN where a gate is as learned; None if no row has any."""
    if not any(rows):
        return None
    length = mask.shape[1]
    filled = [[math.nan if gate is None else gate for gate in row[:length]] for row in rows]
    table = torch.tensor([[*row, *[math.nan] * (length - len(row))] for row in filled], device=mask.device)
    return table.gather(1, positions_of(mask)).unsqueeze(-1)
