"""A recipe: everything that decides a training, in one committed TOML file."""

import tomllib
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from hmu.configuration import MemoryTransformerConfig
from hmu.evaluation.corruptions import Noise, parse_noise
from hmu.tasks import find_task
from hmu.tasks.synthetic import VOCABULARY

PARTS = ("retention", "recall", "copy")
"""The synthetic tasks, as a recipe names them."""
DENOISING = "denoising"
"""What the plan of such rows is called; no task."""


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """One task's share of a training.

    Args:
        name: of the task.
        file: its training rows, below the task's folder.
        epochs: passes over them; 0.5 is half a pass.
        batch_size: rows a step, however many processes share them.
        min_words: rows with shorter sources are left out; a task may have several plans.
    """

    name: str
    file: str
    epochs: float
    batch_size: int
    min_words: int = 0


@dataclass(frozen=True, slots=True)
class SyntheticPlan:
    """One synthetic task's share of a training; its rows are drawn, not read.

    Lengths are drawn evenly on a logarithmic scale; the longest that may be drawn grows from `shortest` to `longest`.

    Args:
        part: retention, recall or copy.
        steps: of the optimizer.
        shortest, longest: fillers (retention), source tokens (recall) or tokens to copy; those of a step are equal.
        batch_tokens: a step has as many rows as fit in these, source and answers together,
        batch_size: but no more than these.
        growth: share of the training after which the longest rows are drawn, from 0 to 1.
        pairs: the most of a recall row; grows likewise, and never to more than a quarter of the row's tokens.
    """

    part: str
    steps: int
    shortest: int
    longest: int
    batch_tokens: int
    batch_size: int
    growth: float
    pairs: int = 0

    def __post_init__(self) -> None:
        if self.part not in PARTS:
            raise ValueError(f'SyntheticPlan: part "{self.part}" is unknown; choose one of {", ".join(PARTS)}')
        for name in ("steps", "shortest", "longest", "batch_tokens", "batch_size"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 1:
                raise ValueError(f"SyntheticPlan: {name} {getattr(self, name)!r}; give a whole number ≥ 1")
        if not self.shortest <= self.longest:
            raise ValueError(f"SyntheticPlan: shortest {self.shortest} is above longest {self.longest}; exchange them")
        if not 0 <= self.growth <= 1:
            raise ValueError(f"SyntheticPlan: growth {self.growth}; give a share of the training, from 0 to 1")
        recall = self.part == "recall"
        if recall and not (1 <= self.pairs <= self.longest // 4 and self.shortest >= 4):
            raise ValueError(
                f"SyntheticPlan: {self.pairs} pairs in {self.shortest} to {self.longest} tokens; "
                "give from 1 pair to a quarter of the longest, and at least 4 tokens"
            )
        if not recall and self.pairs:
            raise ValueError(f"SyntheticPlan: {self.part} has no pairs; leave them out")


@dataclass(frozen=True, slots=True)
class Denoising:
    """The sentences of all the tasks' training texts, written again from what noise leaves of them.

    Args:
        epochs, batch_size: as of a task.
        noises: what befalls a sentence, one after another, such as "drop:0.2" and "replace:0.1".
    """

    epochs: float
    batch_size: int
    noises: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.noises or any(noise.share == 1 for noise in self.kinds):
            raise ValueError(f"Denoising: noises {list(self.noises)}; give some that leave words, such as drop:0.2")

    @property
    def kinds(self) -> tuple[Noise, ...]:
        """The noises, read."""
        return tuple(map(parse_noise, self.noises))


PRECISIONS = ("fp32", "bf16")
"""Of a training: bf16 is autocast, with weights in fp32."""


@dataclass(frozen=True, slots=True)
class Optimizer:
    """AdamW with warm-up, then a cosine to zero or a constant rate; `precision` is one of `PRECISIONS`."""

    learning_rate: float
    warmup_steps: int
    beta2: float
    weight_decay: float
    clip: float
    precision: str
    schedule: str = "cosine"

    def __post_init__(self) -> None:
        if self.schedule not in {"cosine", "constant"}:
            raise ValueError(f'Optimizer: schedule "{self.schedule}" is unknown; choose cosine or constant')
        if self.precision not in PRECISIONS:
            raise ValueError(f'Optimizer: precision "{self.precision}" is unknown; choose {" or ".join(PRECISIONS)}')


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
        adopted: task → tasks of the recipe whose sentences become further rows of it (`Task.adopt`); epochs count them.
        synthetic: tasks whose rows are drawn; such a recipe has no others.
        rows: how many training rows of each task are drawn, by the seed; 0 for all.
        latent_warmup: steps over which the latent's temperature rises from 0 to 1 (a departure from the paper, whose
            latent is all noise at the start); without effect on the baseline.
        latent_only_share: share of the steps in which every gate is shut (δ = −∞; a departure from the paper: what the
            decoder reads then comes from the latents alone, so they must learn to carry it); without effect on the
            baseline.
        kl_warmup: steps over which the KL's weight rises from 0 (Li et al. 2020, OPTIMUS, do so in cycles); without
            effect where it is 0.
        plain_arms: arms that see none of these four: as published.
        denoising: further rows, made of the tasks' texts; a task that is only read for them has 0 epochs.
        slice_seed: of the slice that is kept back, where other seeds are to keep back the same one; by default `seed`.
            A smaller share is a part of a larger one.
        slice_apart: whether rows that hold one that is kept back, or are part of one, are left out of the training too,
            where a task's rows are parts of one another (`Task.phrases`).
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
    adopted: dict[str, list[str]] = field(default_factory=dict)
    synthetic: tuple[SyntheticPlan, ...] = ()
    rows: int = 0
    latent_warmup: int = 0
    latent_only_share: float = 0.0
    kl_warmup: int = 0
    plain_arms: tuple[str, ...] = ()
    denoising: Denoising | None = None
    slice_seed: int | None = None
    slice_apart: bool = False

    def __post_init__(self) -> None:
        if bool(self.tasks) == bool(self.synthetic):
            raise ValueError("Recipe: give [[tasks]], which are texts, or [[synthetic]], which are token ids, not both")
        if type(self.rows) is not int or self.rows < 0:
            raise ValueError(f"Recipe: rows {self.rows!r}; give a whole number of rows, 0 for all")
        for name in ("latent_warmup", "kl_warmup"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 0:
                raise ValueError(f"Recipe: {name} {getattr(self, name)!r}; give a whole number of steps ≥ 0")
        if not 0 <= self.latent_only_share <= 1:
            raise ValueError(
                f"Recipe: latent_only_share {self.latent_only_share}; give a share of the steps, from 0 to 1"
            )
        if self.synthetic and self.model.get("vocab_size") != VOCABULARY:
            raise ValueError(f"Recipe: vocab_size {self.model.get('vocab_size')}; synthetic tasks need {VOCABULARY}")
        scored = [plan.name for plan in self.tasks if find_task(plan.name).chooses]
        if scored:
            raise ValueError(
                f"Recipe: task {scored[0]} is scored only, nothing is trained on it; leave it out of tasks"
            )
        strange = [name for name in self.plain_arms if name not in self.arms]
        if strange:
            raise ValueError(f"Recipe: plain_arms names arm {strange[0]}, which there is none of; add or remove it")
        fixed = [name for name in self.variants if find_task(name).vary is None]
        if fixed:
            raise ValueError(f"Recipe: the rows of task {fixed[0]} cannot be varied; leave it out of variants")
        for name, others in self.adopted.items():
            if find_task(name).adopt is None:
                raise ValueError(f"Recipe: task {name} adopts no sentences; leave it out of adopted")
            absent = [other for other in (name, *others) if other not in self.task_names]
            if absent:
                raise ValueError(f"Recipe: adopted names task {absent[0]}, which is not trained on; add it to tasks")

    @property
    def sliced_by(self) -> int:
        """The seed of the slice that is kept back."""
        return self.seed if self.slice_seed is None else self.slice_seed

    @property
    def task_names(self) -> tuple[str, ...]:
        """Each task once, in the order of the plans."""
        return tuple(dict.fromkeys(plan.name for plan in self.tasks))

    @property
    def plans(self) -> tuple[TaskPlan, ...]:
        """What batches are made of: each task's plans, then that of the denoising rows."""
        more = self.denoising
        return (*self.tasks, *([TaskPlan(DENOISING, "", more.epochs, more.batch_size)] if more else []))

    def seen_by(self, arm: str) -> "Recipe":
        """The recipe as one arm is trained by it."""
        if arm not in self.plain_arms:
            return self
        return replace(self, gate_bias_share=0.0, latent_only_share=0.0, latent_warmup=0, kl_warmup=0)

    def config(self, arm: str) -> MemoryTransformerConfig:
        """The config of one arm.

        Raises:
            ValueError: for an arm that the recipe does not have.
        """
        if arm not in self.arms:
            raise ValueError(f'recipe {self.name}: no arm "{arm}"; choose one of {", ".join(self.arms)}')
        tasks = [find_task(name) for name in self.task_names]
        heads = {task.name: list(task.labels) for task in tasks if task.labels}
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
        denoising = raw.get("denoising")
        if denoising is not None:
            denoising = _fill(Denoising, denoising | {"noises": tuple(denoising.get("noises", ()))})
        return _fill(
            Recipe,
            raw
            | {
                "plain_arms": tuple(raw.get("plain_arms", ())),
                "denoising": denoising,
                "optimizer": _fill(Optimizer, raw.get("optimizer", {})),
                "tasks": tuple(_fill(TaskPlan, plan) for plan in raw.get("tasks", [])),
                "synthetic": tuple(_fill(SyntheticPlan, plan) for plan in raw.get("synthetic", [])),
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
