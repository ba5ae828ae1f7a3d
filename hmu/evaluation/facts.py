"""What a model card says beside its figures, gathered from the model, the recipe and the machine."""

import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import Generic

from hmu.checkpoint import Checkpoint
from hmu.configuration import MemoryTransformerConfig
from hmu.evaluation.kept import Kind
from hmu.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Training:
    """How a checkpoint came about, as far as only its maker can say.

    Args:
        pair: name that a baseline and an HMU checkpoint trained alike share.
        arm: which of them this is.
        recipe: what it was trained by.
        recipe_file, recipe_text: where people find it, and what it says.
        precision: of training, where it was not the recipe's; else None.
        trunk: the checkpoint that its encoder and decoder started from, as in the command; None for fresh ones.
        hardware: what it was trained on.
        minutes: how long that took.
        notes: further sentences.
    """

    pair: str
    arm: str
    recipe: Recipe
    recipe_file: str
    recipe_text: str
    hardware: str
    minutes: float
    precision: str | None = None
    trunk: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CardFacts(Generic[Kind]):
    """Everything that a card is written from.

    Args:
        training: how the checkpoint came about.
        config: the model's.
        parameters: of the whole model, counted as built.
        memory_parameters: of its memory alone.
        steps: of training.
        versions: software → version.
        figures: the measurements.
    """

    training: Training
    config: MemoryTransformerConfig
    parameters: int
    memory_parameters: int
    steps: int
    versions: dict[str, str]
    figures: Kind

    @property
    def id(self) -> str:
        """The checkpoint's id."""
        return f"{self.training.pair}-{self.training.arm}"


def check_arm(checkpoint: Checkpoint, training: Training) -> None:
    """Refuse a card that would describe another arm than the checkpoint is.

    Raises:
        ValueError: if the checkpoint's memory is not the one that the recipe gives this arm.
    """
    has, wanted = checkpoint.model.config.memory, training.recipe.config(training.arm).memory
    if has != wanted:
        raise ValueError(
            f'{checkpoint.name}: memory is "{has}", arm "{training.arm}" of recipe {training.recipe.name} has '
            f'"{wanted}"; name the arm that this checkpoint is'
        )


def gather(checkpoint: Checkpoint, training: Training, figures: Kind) -> CardFacts[Kind]:
    """Count, look up, put together."""
    model = checkpoint.model
    return CardFacts(
        training=training,
        config=model.config,
        parameters=sum(part.numel() for part in model.parameters()),
        memory_parameters=sum(part.numel() for part in model.memory.parameters()),
        steps=figures.steps,
        versions={"python": platform.python_version()} | {name: version(name) for name in _SOFTWARE},
        figures=figures,
    )


def latent_width(config: MemoryTransformerConfig) -> int:
    """K of an HMU's latent."""
    return int(config.memory_settings.get("latent_dim") or config.d_model // 2)


_SOFTWARE = ("torch", "transformers", "tokenizers", "sacrebleu", "scikit-learn", "snowballstemmer")
