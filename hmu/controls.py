"""What a reader may turn at inference: one immutable value, passed with the call.

Knows nothing of modules or sliders; nothing here is ever stored on a model.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class Controls:
    """How the memory is read in one call.

    Args:
        gate_bias: δ, logits added to every gate; 0 = as trained, +inf = the literal path alone,
            -inf = the latent path alone.
        temperature: τ ≥ 0, the scale of the latent's noise; 0 = the mean μ, 1 = as trained (and as published).
        seed: address of the noise, 0 ≤ seed < 2⁶³; without effect at temperature 0.
        forced: the gate of source token 0, 1, …, over all its channels: 1 literal, 0 latent, None as learned (and
            biased). What lies beyond the last entry is as learned.

    Raises:
        ValueError: if the bias is not a number, the temperature is negative or not finite, the seed is out of range,
            or a forced gate is outside [0, 1].
    """

    gate_bias: float = 0.0
    temperature: float = 0.0
    seed: int = 0
    forced: tuple[float | None, ...] = ()

    def __post_init__(self) -> None:
        if math.isnan(self.gate_bias):
            raise ValueError("gate bias: not a number; give logits, for example 0 (as trained)")
        if not 0 <= self.temperature < math.inf:
            raise ValueError(f"latent temperature: {self.temperature}; give a finite number ≥ 0, 0 for the mean")
        if not 0 <= self.seed < 2**63:
            raise ValueError(f"seed: {self.seed}; give a whole number from 0 to 2⁶³ − 1")
        wrong = [gate for gate in self.forced if gate is not None and not 0 <= gate <= 1]
        if wrong:
            raise ValueError(f"forced gate: {wrong[0]}; give 1 (literal), 0 (latent), between, or None (as learned)")


AS_PUBLISHED = Controls(gate_bias=0.0, temperature=1.0)
"""The paper samples the latent even in evaluation."""


def usual(controls: Controls | Sequence[Controls] | None, training: bool) -> Controls | Sequence[Controls]:
    """The given controls; without any, those of a model as trained.

    In evaluation that is the mean; in training τ = 1, with a seed drawn from torch's global generator, as dropout is.
    """
    if controls is not None:
        return controls
    return Controls(temperature=1.0, seed=int(torch.randint(2**31, ()))) if training else Controls()


def by_row(controls: Controls | Sequence[Controls], rows: int) -> tuple[Controls, ...]:
    """The controls of each of a batch's rows, from one value for all or one for each.

    Raises:
        ValueError: if there is neither one nor as many as rows.
    """
    if isinstance(controls, Controls):
        return (controls,) * rows
    if len(controls) != rows:
        raise ValueError(f"controls: {len(controls)} for {rows} rows; give one for all or one for each")
    return tuple(controls)
