"""What training minimises: means over the rows of a step, wherever those are.

Axes: b batch, n source tokens, t target tokens, c classes, k latent width.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from hmu.memory import Remembered

Total = Callable[[Tensor], Tensor]
"""A sum over this process's rows → the sum over all rows of the step; see `hmu.training.parallel`."""


def alone(sums: Tensor) -> Tensor:
    """The sum itself: this process has all the rows."""
    return sums


def cross_entropy(logits: Tensor, labels: Tensor, total: Total = alone) -> Tensor:
    """Mean cross-entropy in nats per label.

    Args:
        logits: (b, t, vocabulary), or (b, c).
        labels: (b, t), or (b,); −100 where nothing is asked.
        total: sums over the step's rows.
    """
    summed = nn.functional.cross_entropy(
        logits.flatten(0, -2).float(), labels.flatten(), ignore_index=-100, reduction="sum"
    )
    return total(summed) / total((labels != -100).sum())


def shift_right(labels: Tensor, start: int, pad: int) -> Tensor:
    """What a decoder is given to be asked for labels (b, t): the start token, then every label but the last."""
    before = labels[:, :-1].masked_fill(labels[:, :-1] == -100, pad)
    return torch.cat((labels.new_full((len(labels), 1), start), before), dim=1)


def free_bits_kl(kl: Tensor, mask: Tensor, free_bits: float, total: Total = alone) -> Tensor:
    """Σ_k max(λ, mean over real tokens of KL_k), nats per token (free bits: Kingma et al. 2016, OPTIMUS).

    A departure from the paper, which has no KL in its loss.

    Args:
        kl: (b, n, k), nats.
        mask: (b, n), 1 for a real token.
        free_bits: λ, nats per latent dimension under which the KL is not pressed.
        total: sums over the step's rows.
    """
    return _mean_over_tokens(kl, mask, total).clamp(min=free_bits).sum()


def gate_cost(gate: Tensor, mask: Tensor, target: float, total: Total = alone) -> Tensor:
    """(mean gate − target)², over real tokens and channels together; a departure from the paper.

    Args:
        gate: (b, n, d) in [0, 1].
        mask: (b, n), 1 for a real token.
        target: the mean that costs nothing.
        total: sums over the step's rows.
    """
    return (_mean_over_tokens(gate.float(), mask, total).mean() - target).square()


def latent_cost(remembered: Remembered, kl_weight: float, free_bits: float, total: Total = alone) -> Tensor | float:
    """β · KL with free bits, in nats: 0 where a memory has no latent, or its KL no weight.

    Args:
        remembered: what a memory made of the source.
        kl_weight: β.
        free_bits: λ, in nats per latent channel.
        total: sums over the step's rows.
    """
    kl = remembered.trace.kl
    if kl is None or not kl_weight:
        return 0.0
    return kl_weight * free_bits_kl(kl, remembered.mask, free_bits, total)


def _mean_over_tokens(values: Tensor, mask: Tensor, total: Total) -> Tensor:
    weights = mask[:, :, None].to(values.dtype)
    return total((values * weights).sum((0, 1))) / total(weights.sum()).clamp(min=1)
