"""The seam: the values that pass between encoder and decoder, whatever kind of memory makes them.

A memory is a module called as `memory(states, mask, controls, rows, state) -> Remembered`; it stores nothing on itself.
Axes: b batch, n source tokens, m memory slots, d model width, k latent width.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from hmu.controls import Controls


@dataclass(frozen=True, slots=True)
class MemoryTrace:
    """How a memory was made, for reading only; a kind of memory fills in what it has.

    Args:
        gate: (b, n, d) in [0, 1], 1 = literal; or None.
        mean, log_variance, z: (b, n, k), the latent's distribution and its draw; or None.
        kl: (b, n, k) nats ≥ 0; or None.
    """

    gate: Tensor | None = None
    mean: Tensor | None = None
    log_variance: Tensor | None = None
    z: Tensor | None = None
    kl: Tensor | None = None

    def detached(self) -> "MemoryTrace":
        """The same without what made it, so that nobody waits for a gradient through it.

        `DistributedDataParallel` would: for a latent's σ, which no loss reaches at temperature 0 without a KL.
        """
        values = (self.gate, self.mean, self.log_variance, self.z, self.kl)
        return MemoryTrace(*(None if value is None else value.detach() for value in values))


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the decoder attends to.

    Args:
        memory: (b, m, d).
        mask: (b, m), 1 where the decoder may look; m may differ from the source's length.
        trace: how it was made.
        state: what this text leaves for the next, for memories that carry state; else None.
    """

    memory: Tensor
    mask: Tensor
    trace: MemoryTrace = MemoryTrace()
    state: Tensor | None = None


class NoMemory(nn.Module):
    """The baseline: the decoder reads the source states themselves."""

    def forward(
        self,
        states: Tensor,
        mask: Tensor,
        controls: Controls | Sequence[Controls],
        rows: Sequence[int] | None = None,
        state: Tensor | None = None,
    ) -> Remembered:
        """Identity: (b, n, d) and its mask, with an empty trace."""
        return Remembered(states, mask)


def mean_of(remembered: Remembered) -> Tensor:
    """The mean of a memory's real slots, (b, d): what classification reads."""
    mask = remembered.mask[:, :, None].to(remembered.memory.dtype)
    return (remembered.memory * mask).sum(1) / mask.sum(1).clamp(min=1)


def positions_of(mask: Tensor) -> Tensor:
    """(b, n) mask → (b, n) index of each token among the real tokens of its row, whichever side is padded."""
    return (mask.long().cumsum(1) - 1).clamp(min=0)
