"""One training in several processes: each takes its share of every step's rows, and sums go over all shares.

A recipe's batch stays what it is: a step has the rows, the noise, the loss and the gradients that one process would
have. Only dropout is each process's own. Knows nothing of models, tasks or files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed
from torch.utils.data import Sampler

from hmu.losses import Total, alone

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Place:
    """One process among those that train together.

    Args:
        rank: its number, from 0.
        world: how many there are.
    """

    rank: int = 0
    world: int = 1

    def share(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Its rows of a step: every world-th from its own on, so that lengths are shared out, too.

        A step of fewer rows than processes leaves some without: these take the first row, which then does not count.
        """
        return rows[self.rank :: self.world] or rows[:1]

    def addresses(self, count: int) -> range:
        """Where the rows of a share stand in the step: the addresses of their noise."""
        return range(self.rank, self.rank + count * self.world, self.world)

    def total(self, step: int) -> Total:
        """What sums over a step of so many rows.

        Each process gets the whole sum, and through it the gradient of its own part, times the number of processes: the
        mean of gradients over the processes, which `DistributedDataParallel` takes, is then the whole gradient.
        """
        if self.world == 1:
            return alone
        weight = float(self.rank < step)

        def total(sums: Tensor) -> Tensor:
            whole = sums.detach() * weight
            distributed.all_reduce(whole)
            return whole + self.world * weight * (sums - sums.detach())

        return total

    def alike(self, text: str, device: torch.device) -> bool:
        """Whether all processes give the same text; several must ask at the same time."""
        mark = int.from_bytes(blake2b(text.encode(), digest_size=6).digest(), "big")
        ends = torch.tensor((mark, -mark), device=device)
        distributed.all_reduce(ends, distributed.ReduceOp.MAX)
        return int(ends.sum()) == 0


class Shares(Sampler[list[Any]]):
    """The share of each batch of a plan that one process takes.

    Args:
        plan: every batch, in order, the same in all processes.
        place: whose share.
    """

    def __init__(self, plan: Sampler[list[Any]], place: Place) -> None:
        self.plan, self.place = plan, place

    def __iter__(self) -> Iterator[list[Any]]:
        return (list(self.place.share(batch)) for batch in self.plan)

    def __len__(self) -> int:
        return len(self.plan)  # type: ignore[arg-type]


def mean_and_spread(values: Tensor, total: Total) -> tuple[Tensor, Tensor]:
    """Mean and sample standard deviation over all processes of (n,) values each."""
    count = total(torch.tensor(float(len(values)), device=values.device))
    mean = total(values.sum()) / count
    return mean, (total((values - mean).square().sum()) / (count - 1)).sqrt()
