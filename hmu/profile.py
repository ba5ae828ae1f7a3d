"""Traces and steps → plain numbers that can be plotted, printed or sent elsewhere.

Knows nothing of tensors' devices or of how a plot looks. Axes: n source tokens, d channels, t written tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from hmu.decoding import Step
from hmu.memory import Remembered
from hmu.reading import Source

_ACTIVE_ABOVE = 0.01


@dataclass(frozen=True, slots=True)
class GateProfile:
    """How one text is read by a memory with a gate.

    Args:
        tokens: n source pieces.
        mean: n gates in [0, 1], the mean over channels; 1 = literal, 0 = latent.
        spread: n standard deviations over channels.
        channels: n rows of d gates.
        kl: n values in nats, the latent's KL summed over its dimensions; or None.
        sigma: n values, the latent's σ averaged over its dimensions; or None.
        active: latent dimensions whose mean varies over this text's tokens (variance > 0.01); or None.
    """

    tokens: tuple[str, ...]
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    channels: tuple[tuple[float, ...], ...]
    kl: tuple[float, ...] | None = None
    sigma: tuple[float, ...] | None = None
    active: int | None = None


@dataclass(frozen=True, slots=True)
class WritingProfile:
    """How a text was written.

    Args:
        source: n source pieces.
        pieces: t written pieces.
        probability: t values in [0, 1], each token's probability under the model.
        entropy: t values in nats, of the distribution that each token was taken from.
        gates: t gates as the tokens saw them, in [0, 1]; None for a memory without a gate.
        attention: t rows of n weights that sum to one.
    """

    source: tuple[str, ...]
    pieces: tuple[str, ...]
    probability: tuple[float, ...]
    entropy: tuple[float, ...]
    gates: tuple[float, ...] | None
    attention: tuple[tuple[float, ...], ...]


def gate_profile(source: Source, remembered: Remembered) -> GateProfile | None:
    """The gate's profile of one text, or None where the memory has no gate."""
    trace = remembered.trace
    if trace.gate is None:
        return None
    gate = trace.gate[0].float()
    kl = None if trace.kl is None else tuple(trace.kl[0].float().sum(-1).tolist())
    return GateProfile(
        tokens=source.tokens,
        mean=tuple(gate.mean(-1).tolist()),
        spread=tuple(gate.std(-1).tolist()),
        channels=tuple(map(tuple, gate.tolist())),
        kl=kl,
        sigma=None if trace.log_variance is None else _sigma(trace.log_variance),
        active=None if trace.mean is None else _active(trace.mean),
    )


def _sigma(log_variance: Tensor) -> tuple[float, ...]:
    return tuple((0.5 * log_variance[0].float()).exp().mean(-1).tolist())


def _active(mean: Tensor) -> int:
    return int((mean[0].float().var(0, correction=0) > _ACTIVE_ABOVE).sum())


def writing_profile(source: Source, steps: Sequence[Step]) -> WritingProfile:
    """What the written tokens saw, so far."""
    gates = [step.gate for step in steps if step.gate is not None]
    probability = torch.tensor([step.logprob for step in steps], dtype=torch.float64).exp().tolist()
    return WritingProfile(
        source=source.tokens,
        pieces=tuple(step.piece or "∎" for step in steps),
        probability=tuple(probability),
        entropy=tuple(step.entropy for step in steps),
        gates=tuple(gates) if len(gates) == len(steps) and steps else None,
        attention=tuple(step.attention for step in steps),
    )
