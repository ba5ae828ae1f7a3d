"""What is trained on a frozen base: each arm is a way to read its states, with the same head or decoder behind it.

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
from hmu.tasks import Task

LORA_RANK = 16
"""On every linear layer of the encoder: within 1 % of the unit's parameters on MiniLM's shape."""


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
class Taught:
    """How an arm is trained.

    Args:
        learning_rate: of all but a classification's head.
        settings: of the unit.
        head_rate: learning rate of the head.
        alpha_rate: of the unit's α; None: as the rest.
    """

    learning_rate: float
    settings: Mapping[str, Any] = field(default_factory=dict)
    head_rate: float = 1e-3
    alpha_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm; how it is trained was chosen on held-out rows.

    Args:
        title: what it is, in a few words.
        taught: "all" rows of a task with classes, "few" rows of one, or to "write"; where one is missing the arm is
            not for that. "all cola" is for one task.
        put: changes a model that has a fresh unit into this arm; nothing for the unit itself.
        keeps_states: whether the encoder stays as it is, so that its outputs can be kept.
        trains: whether there is anything to train.
        precision: of the training, one of `hmu.training.recipe.PRECISIONS`.
    """

    title: str
    taught: Mapping[str, Taught]
    put: Callable[[HMUModel], None] = lambda _model: None
    keeps_states: bool = True
    trains: bool = True
    precision: str = "fp32"

    def taught_for(self, kind: str, task: Task) -> Taught:
        """How this task is taught."""
        return self.taught.get(f"{kind} {task.name}", self.taught[kind])


def _nothing(model: HMUModel) -> None:
    model.unit().memory = NoMemory()


def _adapter(model: HMUModel) -> None:
    """As many channels between its layers as bring it nearest to the unit's parameters."""
    unit, width = model.unit(), model.seat.width
    size = sum(parameter.numel() for parameter in unit.memory.parameters())
    unit.memory = Adapter(width, round((size - width) / (2 * width + 1)))


def _lora(model: HMUModel) -> None:
    layers = [
        name for name, module in model.base.named_modules() if isinstance(module, nn.Linear) and "encoder" in name
    ]
    inject_adapter_in_model(LoraConfig(r=LORA_RANK, lora_alpha=2 * LORA_RANK, target_modules=layers), model.base)
    model.unit().memory = NoMemory()


_UNTRAINED = {"write": Taught(1e-3)}  # a rate that nothing is trained at
ARMS: Mapping[str, Arm] = {
    "head": Arm("the frozen encoder, head alone", {"all": Taught(1e-3), "few": Taught(1e-3)}, _nothing),
    "adapter": Arm(
        "a residual adapter (Linear, GELU, Linear)",
        {
            "all": Taught(1e-4),
            "all ag_news": Taught(3e-3),
            "all sst2": Taught(3e-3),
            "all mrpc": Taught(1e-3),
            "few": Taught(1e-4),
            "write": Taught(3e-3),
        },
        _adapter,
    ),
    "lora": Arm(
        f"LoRA of rank {LORA_RANK} on every linear layer",
        {"all": Taught(3e-4), "few": Taught(3e-4)},
        _lora,
        keeps_states=False,
        precision="bf16",
    ),
    "unit": Arm(
        "the unit",
        {
            "all": Taught(1e-4, {"kl_weight": 0.03}),
            "all ag_news": Taught(1e-3),
            "all sst2": Taught(3e-3, {"kl_weight": 0.1}, alpha_rate=0.1),
            "all cola": Taught(3e-4),
            "all rte": Taught(1e-3, {"kl_weight": 0.3}),
            "few": Taught(1e-4, {"kl_weight": 0.3}),
            "write": Taught(3e-3, {"kl_weight": 0.01}, alpha_rate=0.1),
        },
    ),
    "off": Arm("the frozen base as it is", _UNTRAINED, _nothing, trains=False),
    "whole": Arm("a whole model trained on the task", _UNTRAINED, _nothing, trains=False),
}


def arms_for(kind: str) -> dict[str, Arm]:
    """The arms that are taught so: with "all" rows, with "few", or to "write"."""
    return {name: arm for name, arm in ARMS.items() if kind in arm.taught}


def build(
    base: PreTrainedModel, arm: Arm, kind: str, task: Task, identity: Mapping[str, str] | None = None
) -> HMUModel:
    """A base with that arm on it, and a head for the task where it has classes; only what the arm adds is trained.

    Args:
        base: fresh from its files.
        arm: which.
        kind: a key of `Arm.taught`.
        task: what it is trained for.
        identity: `base_name` and `base_commit`, where the base's files do not tell.
    """
    heads = {task.name: list(task.labels)} if task.labels else {}
    settings = {**arm.taught_for(kind, task).settings, **(identity or {})}
    model = HMUModel.from_base(base, task=task.name, task_labels=heads, **settings)
    arm.put(model)
    return model
