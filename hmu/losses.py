"""What training minimises. Axes: b batch, n source tokens, t target tokens, k latent width."""

from torch import Tensor, nn


def token_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy in nats per target token; (b, t, vocabulary) and (b, t) with −100 where nothing is asked."""
    return nn.functional.cross_entropy(logits.flatten(0, 1).float(), labels.flatten(), ignore_index=-100)


def free_bits_kl(kl: Tensor, mask: Tensor, free_bits: float) -> Tensor:
    """Σ_k max(λ, mean over real tokens of KL_k), nats per token (free bits: Kingma et al. 2016, OPTIMUS).

    A departure from the paper, which has no KL in its loss.

    Args:
        kl: (b, n, k), nats.
        mask: (b, n), 1 for a real token.
        free_bits: λ, nats per latent dimension under which the KL is not pressed.
    """
    return _mean_over_tokens(kl, mask).clamp(min=free_bits).sum()


def gate_cost(gate: Tensor, mask: Tensor, target: float) -> Tensor:
    """(mean gate − target)², over real tokens and channels together; a departure from the paper.

    Args:
        gate: (b, n, d) in [0, 1].
        mask: (b, n), 1 for a real token.
        target: the mean that costs nothing.
    """
    return (_mean_over_tokens(gate.float(), mask).mean() - target).square()


def _mean_over_tokens(values: Tensor, mask: Tensor) -> Tensor:
    weights = mask[:, :, None].to(values.dtype)
    return (values * weights).sum((0, 1)) / weights.sum().clamp(min=1)
