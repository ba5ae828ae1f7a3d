"""The paper's own retention figure, computed as its scripts compute it. It measures nothing (see `as_published`).

Kept so that a report can show that. Axes: b batch, n source tokens, d model width.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hmu.evaluation.retention import Bench
from hmu.tasks import synthetic

LABEL = "as published (measures nothing)"
_TEXTS = 32
"""Texts that the figure is computed on, or as many as the bench has rows."""


@dataclass(frozen=True, slots=True)
class Published:
    """The published figure under changes that would move a measure of memory.

    Args:
        by_steps: t → the figure.
        ids_shuffled: with the texts' ids in another order, the memory left as it is.
        texts_shuffled: with the texts themselves in another order, read anew.
        label: what a report must call it.
    """

    by_steps: dict[int, float]
    ids_shuffled: float
    texts_shuffled: float
    label: str = LABEL


def as_published(memory: Tensor, ids: Tensor, steps: int) -> float:  # noqa: ARG001 - as in the published scripts
    """Mean over tokens of the cosine between a token's id, repeated over all channels, and its memory.

    An id is a positive number, and its copies point along (1, …, 1) whatever it is: the cosine is that of the memory
    with (1, …, 1), the mean of a LayerNorm's output over its length. For an untrained model that is zero but for
    rounding; after training, the drift of the LayerNorm's affine.

    Args:
        memory: (b, n, d), what the decoder attends to.
        ids: (b, n), the source tokens, none of them padding.
        steps: t; the published scripts take it and never use it.
    """
    repeated = ids[:, :, None].double().expand_as(memory)
    return float(nn.functional.cosine_similarity(repeated, memory.double(), dim=-1).mean())


def published(bench: Bench, steps: Sequence[int]) -> Published:
    """The figure for each t and under both shuffles, on random texts as long as the largest t and one.

    Raises:
        ValueError: for more tokens than the checkpoint reads.
    """
    longest = max(steps)
    bench.check_length("as published", longest + 1)
    texts = range(min(bench.rows, _TEXTS))
    ids = torch.stack([synthetic.retention(bench.seed, index, longest).source[:-1] for index in texts])
    shuffled = ids[:, torch.randperm(ids.shape[1], generator=torch.Generator().manual_seed(bench.seed))]
    memory = _memory(bench, ids)
    return Published(
        by_steps={t: as_published(memory, ids, t) for t in steps},
        ids_shuffled=as_published(memory, shuffled, longest),
        texts_shuffled=as_published(_memory(bench, shuffled), shuffled, longest),
    )


def _memory(bench: Bench, ids: Tensor) -> Tensor:
    """Of every text, (b, n, d); a text's place is the address of its noise."""
    addresses = torch.arange(len(ids)).split(bench.batch_size)
    return torch.cat([bench.memory(ids[rows], rows.tolist()) for rows in addresses])
