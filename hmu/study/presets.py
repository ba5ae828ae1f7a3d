"""What a preset trains, and how: a run → its recipe.

`paper` keeps to the published setting wherever it is known; `zoo` is this project's own; `published` is `paper` with
the answer in the decoder's sight. Departures of `paper`: the corrected protocol (shifted targets, causal mask, padding
masked), a vocabulary trained on the training texts instead of T5's, gradients clipped at 1, weights that start small,
and what the paper does not tell (β₂ 0.999, no warm-up, fp32).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

from hmu.study.arms import ARMS, find_arm
from hmu.tasks import TRAIN, Task, find_task
from hmu.tasks.synthetic import SYNTHETIC, VOCABULARY
from hmu.training.recipe import Optimizer, Recipe, SyntheticPlan, TaskPlan

_SYNTHETIC_ALREADY = {
    "hmu_k64": "the latents of hmu are 64 wide there",
    "hmu_warm": "the noise of every arm rises there",
}
"""Arms that would be no others than hmu on the synthetic tasks."""


@dataclass(frozen=True, slots=True)
class Run:
    """One training and its measures.

    Args:
        preset: a name in `PRESETS`.
        task: what is trained; Story Cloze is scored with ROCStories. `SYNTHETIC` has the same size and training in
            every preset, and neither `rows` nor `held_out`, since its rows are drawn.
        arm: a name in `ARMS`.
        seed: of weights, order, dropout and noise; the same for all arms, so that they pair.
        rows: how many training rows are drawn; 0 for all.
        held_out: share of the training rows that is kept back and scored in place of the given file, for choices.
        trunk: the name of the checkpoint that encoder, decoder and embedding start from; empty for fresh ones.
        file: the training rows, below the task's folder.

    Raises:
        ValueError: for a preset, task or arm that there is none of, a task that nothing is trained on, or an arm that
            is none of its own on the synthetic tasks.
    """

    preset: str
    task: str
    arm: str
    seed: int
    rows: int = 0
    held_out: float = 0.0
    trunk: str = ""
    file: str = TRAIN

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise ValueError(f'preset "{self.preset}" is unknown; choose one of {", ".join(PRESETS)}')
        if self.arm not in ARMS:
            raise ValueError(f'arm "{self.arm}" is unknown; choose among {", ".join(ARMS)}')
        if self.task == SYNTHETIC:
            if self.rows or self.held_out or self.trunk or self.file != TRAIN:
                raise ValueError(f"task {SYNTHETIC}: its rows are drawn; leave out rows, held-out, trunk and file")
            if self.arm in _SYNTHETIC_ALREADY:
                raise ValueError(f"task {SYNTHETIC}, arm {self.arm}: {_SYNTHETIC_ALREADY[self.arm]}; leave it out")
        elif find_task(self.task).chooses:
            raise ValueError(f"task {self.task}: scored only; it comes with roc_stories")
        if self.preset == PUBLISHED and (self.task == SYNTHETIC or not find_task(self.task).generates):
            raise ValueError(f"preset {PUBLISHED}, task {self.task}: no text is written there; take preset paper")

    @property
    def id(self) -> str:
        """What makes a run the run it is, as one word."""
        parts = [self.preset, self.task, self.arm, str(self.seed)]
        parts += [f"rows{self.rows}"] if self.rows else []
        parts += [f"held{self.held_out:g}"] if self.held_out else []
        parts += [self.file.partition(".")[0]] if self.file != TRAIN else []
        return "/".join(parts + ([f"on-{self.trunk}"] if self.trunk else []))


@dataclass(frozen=True, slots=True)
class Preset:
    """One way of training.

    Args:
        vocabulary: kind of the shared vocabulary: "unigram" or "bpe".
        model: what all arms take (`MemoryTransformerConfig`).
        classifying, writing: the optimizer of either kind of task.
        epochs: task → passes over its rows.
        batch_size: rows a step.
        like: the preset whose vocabulary it has, too; empty for one of its own.
        least_steps: where only some rows are drawn, they are passed over until there are so many steps.
    """

    vocabulary: str
    model: Mapping[str, Any]
    classifying: Optimizer
    writing: Optimizer
    epochs: Mapping[str, float]
    batch_size: int
    least_steps: int = 0
    like: str = ""

    def passes(self, run: Run) -> float:
        """Epochs of a run."""
        usual = self.epochs[run.task]
        return max(usual, self.least_steps * self.batch_size / run.rows) if run.rows else usual

    def optimizer(self, task: Task) -> Optimizer:
        """What a task is trained with."""
        return self.writing if task.generates else self.classifying


SLICE_SEED = 42
"""Of the rows that are held out, whatever a run's seed is; the recipes in zoo/ hold out theirs by the same one."""
_SIZES = {"d_model": 256, "num_heads": 8, "encoder_layers": 4, "decoder_layers": 4, "d_ff": 1024, "dropout": 0.1}
_GLUE = ("mrpc", "rte", "cola", "qnli", "sst2", "mnli")


def _adamw(rate: float, schedule: str, warmup: int = 0, beta2: float = 0.999) -> Optimizer:
    return Optimizer(rate, warmup, beta2, weight_decay=1e-4, clip=1.0, precision="fp32", schedule=schedule)


_PAPER = Preset(
    vocabulary="unigram",
    model={
        **_SIZES,
        "vocab_size": 32_100,
        "tie_word_embeddings": False,
        "output_bias": True,
        "max_source_length": 32,
        "max_target_length": 32,
    },
    classifying=_adamw(3e-4, "constant"),
    writing=_adamw(3e-5, "cosine"),
    epochs={**dict.fromkeys(_GLUE, 5), "ag_news": 5, "common_gen": 2, "roc_stories": 1},
    batch_size=32,
    least_steps=400,
)
PUBLISHED = "published"
"""The published protocol where it differs most: the decoder sees what it is asked for. Not for models, but to show what
such figures are worth."""
PRESETS: Mapping[str, Preset] = {
    "paper": _PAPER,
    PUBLISHED: replace(_PAPER, model={**_PAPER.model, "sees_target": True}, like="paper"),
    "zoo": Preset(
        vocabulary="bpe",
        model={**_SIZES, "vocab_size": 8192, "max_source_length": 64, "max_target_length": 64},
        classifying=_adamw(5e-4, "cosine", warmup=100, beta2=0.98),
        writing=_adamw(1e-3, "cosine", warmup=300, beta2=0.98),
        epochs={**dict.fromkeys(_GLUE, 5), "ag_news": 5, "common_gen": 4, "roc_stories": 5},
        batch_size=64,
        least_steps=400,
    ),
}


_LENGTHS = {"batch_tokens": 2048, "batch_size": 64}
_SYNTHETIC = (
    SyntheticPlan("retention", steps=900, shortest=1, longest=400, growth=0.4, **_LENGTHS),
    SyntheticPlan("recall", steps=900, shortest=8, longest=512, growth=0.8, pairs=64, **_LENGTHS),
    SyntheticPlan("copy", steps=600, shortest=1, longest=128, growth=0.8, **_LENGTHS),
)
SYNTHETIC_WARMUP = 800
"""Steps over which the noise rises."""
SYNTHETIC_MODEL: Mapping[str, Any] = {
    "vocab_size": VOCABULARY,
    "d_model": 128,
    "num_heads": 4,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "d_ff": 512,
    "dropout": 0.0,
    "max_source_length": 513,
    "max_target_length": 129,
}


def recipe_of(run: Run) -> Recipe:
    """The recipe that a run trains by."""
    return replace(_shared_recipe(run), **find_arm(run.arm).training)


def fingerprint_of(recipe: Recipe, arm: str) -> str:
    """SHA-256, the first 16 digits, of all that a recipe says of an arm but its name and its seed."""
    return _digest(asdict(recipe) | {"arms": recipe.arms[arm]})


def shared_by_arms(run: Run) -> str:
    """The same of what all arms of a run's task have in common: what is left without what an arm sets."""
    return _digest(asdict(_shared_recipe(run)) | {"arms": {}})


def _digest(said: dict[str, Any]) -> str:
    return sha256(json.dumps(said | {"name": "", "seed": 0}, sort_keys=True).encode()).hexdigest()[:16]


def _shared_recipe(run: Run) -> Recipe:
    return _synthetic_recipe(run) if run.task == SYNTHETIC else _text_recipe(run)


def _text_recipe(run: Run) -> Recipe:
    preset, task = PRESETS[run.preset], find_task(run.task)
    return Recipe(
        name=run.id.replace("/", "-"),
        seed=run.seed,
        held_out=run.held_out,
        slice_seed=SLICE_SEED,
        slice_apart=True,
        gate_bias_share=0.0,
        gate_bias_range=0.0,
        optimizer=preset.optimizer(task),
        tasks=(TaskPlan(run.task, run.file, preset.passes(run), preset.batch_size),),
        model=dict(preset.model),
        arms=_arms(preset.model),
        rows=run.rows,
    )


def _synthetic_recipe(run: Run) -> Recipe:
    """Every arm with a latent draws less noise at first: from all noise none of them learns these tasks."""
    return Recipe(
        name=run.id.replace("/", "-"),
        seed=run.seed,
        held_out=0.0,
        gate_bias_share=0.0,
        gate_bias_range=0.0,
        optimizer=_adamw(1e-3, "cosine", warmup=200, beta2=0.98),
        tasks=(),
        model=dict(SYNTHETIC_MODEL),
        arms=_arms(SYNTHETIC_MODEL),
        synthetic=_SYNTHETIC,
        latent_warmup=SYNTHETIC_WARMUP,
    )


def _arms(model: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: arm.changes_in(model) for name, arm in ARMS.items()}
