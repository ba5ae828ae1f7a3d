"""The unit as it is plugged in: a memory, and heads for the classifications that the base has none for.

Knows nothing of bases. Axes: b batch, n source tokens, m memory slots, c classes, d model width.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hmu.controls import Controls
from hmu.losses import Total, alone, latent_cost
from hmu.memories import build_memory
from hmu.memory import Remembered, mean_of
from hmu.plugin.settings import UnitSettings


class PluggedUnit(nn.Module):
    """A memory and its heads, in float32 whatever the base's precision is.

    Args:
        settings: what it is made of.

    Raises:
        ValueError: for a task whose name torch keeps for itself, such as "type".
    """

    def __init__(self, settings: UnitSettings) -> None:
        super().__init__()
        self.settings = settings
        self.memory = build_memory(settings.memory, settings.width, settings.memory_settings)
        self.heads = nn.ModuleDict()
        for task, names in settings.task_labels.items():
            if hasattr(self.heads, task):  # torch keeps some names to itself
                raise ValueError(f'unit: task "{task}": a name that cannot be used; choose another, such as "{task}_"')
            self.heads[task] = nn.Linear(settings.width, len(names))

    def forward(
        self, states: Tensor, mask: Tensor, controls: Controls | Sequence[Controls], rows: Sequence[int] | None = None
    ) -> Remembered:
        """What is read in place of the states; see `hmu.memory`. The memory has their precision."""
        own = next(self.parameters())  # where it is, and how precise: a base may lie on several devices
        with torch.autocast(own.device.type, enabled=False):
            made = self.memory(states.to(own), mask.to(own.device), controls, rows)
        return Remembered(made.memory.to(states), made.mask.to(states.device), made.trace)

    def classify(self, remembered: Remembered, task: str | None) -> Tensor:
        """The mean of the memory's real slots through the task's head: logits (b, c).

        Args:
            remembered: the memory.
            task: by default the only one that there is a head for.

        Raises:
            ValueError: if there is no head for the task, or more than one and no task is named.
        """
        known = ", ".join(self.heads) or "none"
        if task is None and len(self.heads) != 1:
            raise ValueError(f"task: not named; this unit has heads for {known}")
        task = next(iter(self.heads)) if task is None else task
        if task not in self.heads:
            raise ValueError(f'task "{task}": this unit has heads for {known}')
        head = self.heads[task]
        logits: Tensor = head(mean_of(remembered).to(next(head.parameters())))
        return logits

    def penalty(self, remembered: Remembered, total: Total = alone) -> Tensor | float:
        """What the loss has beside the base's: β · KL, with free bits."""
        return latent_cost(remembered, self.settings.kl_weight, self.settings.free_bits, total)
