"""The traces of a run → numbers that show whether the unit is alive.

Reads traces, never the model. Axes: b batch, n source tokens, d model width, k latent width.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from hmu.memory import MemoryTrace

ACTIVE_ABOVE = 0.01
"""A latent dimension is active if the variance of its mean over tokens exceeds this (Burda et al. 2016)."""


@dataclass(frozen=True, slots=True)
class UnitMetrics:
    """A unit over all real source tokens of a data set; a field is None where the memory has nothing of the kind.

    Args:
        gate_mean: mean over tokens of the gate averaged over channels, in [0, 1].
        gate_std: standard deviation between tokens of that average.
        gate_channel_std: standard deviation between the channels of one token, mean over tokens.
        active_units: latent dimensions whose mean μ has a variance over tokens above 0.01, out of k.
        kl_per_token: KL(N(μ, σ²) ‖ N(0, 1)) summed over the latent, mean over tokens, in nats.
    """

    gate_mean: float | None = None
    gate_std: float | None = None
    gate_channel_std: float | None = None
    active_units: int | None = None
    kl_per_token: float | None = None


class UnitGauge:
    """Takes in the trace of each batch and gives the metrics of all of them; sums are kept in float64."""

    def __init__(self) -> None:
        self._tokens = 0
        self._gates: list[Tensor] = []
        self._spreads: list[Tensor] = []
        self._kl: list[Tensor] = []
        self._sum = self._squares = torch.zeros((), dtype=torch.float64)

    def take(self, trace: MemoryTrace, mask: Tensor) -> None:
        """Add one batch.

        Args:
            trace: of `remember`; one without a latent adds nothing.
            mask: (b, n), 1 for a real token; padding is left out.
        """
        if trace.mean is None or trace.kl is None:
            return
        real = mask.bool()
        mean, kl = (part[real].double().cpu() for part in (trace.mean, trace.kl))
        self._tokens += len(mean)
        self._kl.append(kl.sum(-1))
        self._sum = self._sum + mean.sum(0)
        self._squares = self._squares + mean.square().sum(0)
        if trace.gate is not None:
            gate = trace.gate[real].double().cpu()
            self._gates.append(gate.mean(-1))
            self._spreads.append(gate.std(-1, correction=0))

    def metrics(self) -> UnitMetrics:
        """What was taken in so far, as numbers."""
        if not self._tokens:
            return UnitMetrics()
        variance = self._squares / self._tokens - (self._sum / self._tokens).square()
        gates = torch.cat(self._gates) if self._gates else None
        return UnitMetrics(
            gate_mean=None if gates is None else float(gates.mean()),
            gate_std=None if gates is None else float(gates.std(correction=0)),
            gate_channel_std=None if gates is None else float(torch.cat(self._spreads).mean()),
            active_units=int((variance > ACTIVE_ABOVE).sum()),
            kl_per_token=float(torch.cat(self._kl).mean()),
        )
