"""What is trained on a frozen encoder: each arm is a way to read its states, with the same head behind it.

Axes: b batch, n source tokens, d model width.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor, nn
from transformers import PreTrainedModel

from hmu.controls import Controls
from hmu.memory import NoMemory, Remembered
from hmu.plugin import HMUModel

ADAPTER_WIDTH = 865
"""Channels between the adapter's layers: its parameters are the unit's within 1 % at d = 384."""
LORA_RANK = 16
"""On every linear layer of the encoder; likewise."""


class Adapter(nn.Module):
    """v + W_up GELU(W_down v): a residual adapter that starts from identity, on the seam that memories sit on."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.down, self.up = nn.Linear(width, inner), nn.Linear(inner, width)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(
        self,
        states: Tensor,
        mask: Tensor,
        controls: Controls | Sequence[Controls],
        rows: Sequence[int] | None = None,
        state: Tensor | None = None,
    ) -> Remembered:
        """(b, n, d) and its mask → the same with what the adapter adds."""
        return Remembered(states + self.up(nn.functional.gelu(self.down(states))), mask)


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm.

    Args:
        title: what it is, in a few words.
        learning_rate: of all but the head; chosen on held-out rows.
        put: changes a model that has a fresh unit into this arm; nothing for the unit itself.
        settings: of the unit.
        keeps_states: whether the encoder stays as it is, so that its outputs can be kept.
    """

    title: str
    learning_rate: float
    put: Callable[[HMUModel], None] = lambda _model: None
    settings: Mapping[str, Any] = field(default_factory=dict)
    keeps_states: bool = True


def _head(model: HMUModel) -> None:
    model.unit().memory = NoMemory()


def _adapter(model: HMUModel) -> None:
    model.unit().memory = Adapter(model.seat.width, ADAPTER_WIDTH)


def _lora(model: HMUModel) -> None:
    layers = [
        name for name, module in model.base.named_modules() if isinstance(module, nn.Linear) and "encoder" in name
    ]
    inject_adapter_in_model(LoraConfig(r=LORA_RANK, lora_alpha=2 * LORA_RANK, target_modules=layers), model.base)
    model.unit().memory = NoMemory()


ARMS: Mapping[str, Arm] = {
    "head": Arm("the frozen encoder, head alone", 1e-2, _head),
    "adapter": Arm("a residual adapter (Linear, GELU, Linear)", 1e-3, _adapter),
    "lora": Arm(f"LoRA of rank {LORA_RANK} on every linear layer", 1e-3, _lora, keeps_states=False),
    "unit": Arm("the unit", 1e-3),
}


def build(base: PreTrainedModel, arm: Arm, task: str, labels: Sequence[str]) -> HMUModel:
    """A base with that arm on it, and a head for the task; only what the arm adds gets a gradient."""
    model = HMUModel.from_base(base, task_labels={task: list(labels)}, **arm.settings)
    arm.put(model)
    return model
