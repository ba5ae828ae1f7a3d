"""A recipe: everything that decides a training, in one committed TOML file."""

import tomllib
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from hmu.configuration import MemoryTransformerConfig
from hmu.tasks import find_task


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """One task's share of a training.

    Args:
        name: of the task.
        file: its training rows, below the task's folder.
        epochs: passes over them; 0.5 is half a pass.
        batch_size: rows a step.
        min_words: rows with shorter sources are left out; a task may have several plans.
    """

    name: str
    file: str
    epochs: float
    batch_size: int
    min_words: int = 0


@dataclass(frozen=True, slots=True)
class Optimizer:
    """AdamW with warm-up and a cosine to zero; `precision` is fp32 or bf16 (autocast)."""

    learning_rate: float
    warmup_steps: int
    beta2: float
    weight_decay: float
    clip: float
    precision: str

    def __post_init__(self) -> None:
        if self.precision not in {"fp32", "bf16"}:
            raise ValueError(f'Optimizer: precision "{self.precision}" is unknown; choose fp32 or bf16')


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a training is made of.

    Args:
        name: becomes the checkpoint's name, with the arm behind it.
        seed: of weights, data order, dropout and noise.
        held_out: share of the training rows kept back for choices.
        gate_bias_share: share of the steps that draw a gate bias (a departure from the paper: it makes every
            position of the slider a model that was trained); without effect on the baseline.
        gate_bias_range: that bias is uniform in ± this many logits.
        model: what `MemoryTransformerConfig` takes, for both arms.
        arms: arm → what it changes in the config.
        variants: task → how many varied copies of each training row (`Task.vary`) stand beside it; epochs count these.
    """

    name: str
    seed: int
    held_out: float
    gate_bias_share: float
    gate_bias_range: float
    optimizer: Optimizer
    tasks: tuple[TaskPlan, ...]
    model: dict[str, Any]
    arms: dict[str, dict[str, Any]]
    variants: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fixed = [name for name in self.variants if find_task(name).vary is None]
        if fixed:
            raise ValueError(f"Recipe: the rows of task {fixed[0]} cannot be varied; leave it out of variants")

    @property
    def task_names(self) -> tuple[str, ...]:
        """Each task once, in the order of the plans."""
        return tuple(dict.fromkeys(plan.name for plan in self.tasks))

    def config(self, arm: str) -> MemoryTransformerConfig:
        """The config of one arm.

        Raises:
            ValueError: for an arm that the recipe does not have.
        """
        if arm not in self.arms:
            raise ValueError(f'recipe {self.name}: no arm "{arm}"; choose one of {", ".join(self.arms)}')
        tasks = [find_task(name) for name in self.task_names]
        heads = {task.name: list(task.labels) for task in tasks if not task.generates}
        return MemoryTransformerConfig(**{"task_labels": heads, **self.model, **self.arms[arm]})


def read_recipe(path: Path) -> Recipe:
    """A recipe from its file.

    Raises:
        ValueError: for a file that is missing, is not TOML, or lacks or misspells a key or a name.
    """
    if not path.is_file():
        raise ValueError(f"{path}: no such recipe; the project's own are in zoo/recipes")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return _fill(
            Recipe,
            raw
            | {
                "optimizer": _fill(Optimizer, raw.get("optimizer", {})),
                "tasks": tuple(_fill(TaskPlan, plan) for plan in raw.get("tasks", [])),
            },
        )
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: {error}") from None


def _fill(kind: Any, values: dict[str, Any]) -> Any:
    known = {one.name for one in fields(kind)}
    needed = {one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING}
    missing, unknown = sorted(needed - set(values)), sorted(set(values) - known)
    if missing or unknown:
        raise ValueError(f"{kind.__name__}: missing {missing}, unknown {unknown}; correct the recipe")
    return kind(**values)
