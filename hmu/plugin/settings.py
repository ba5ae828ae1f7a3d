"""What a plugged-in unit is made of and was made for: hmu_config.json.

Knows nothing of modules.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from hmu.memories import MEMORIES
from hmu.plugin.identity import BaseIdentity

STARTS = ("identity", "published")


@dataclass(frozen=True, slots=True)
class UnitSettings:
    """A unit's shape, its part of the loss, and its base.

    Args:
        width: d, the base's.
        base: which one it belongs to.
        memory: the kind, a name in `hmu.memories`.
        latent_dim: k; by default half the width, as in the paper.
        start: "identity" (v + α (v* − v), α from 0, so that a fresh unit changes nothing: a departure from the paper)
            or "published".
        kl_weight: β, the weight of the latent's KL in the training loss; the paper has none (0).
        free_bits: λ in nats; a latent dimension whose mean KL is below it is not pressed further.
        task_labels: classification tasks that have a head of the unit's own → the names of their classes.
        task: what it was trained on; empty for one that was not.

    Raises:
        ValueError: for a value of the wrong kind or range.
    """

    width: int
    base: BaseIdentity
    memory: str = "hmu"
    latent_dim: int | None = None
    start: str = "identity"
    kl_weight: float = 0.0
    free_bits: float = 0.0
    task_labels: dict[str, list[str]] = field(default_factory=dict)
    task: str = ""

    def __post_init__(self) -> None:
        for name in ("width", *(["latent_dim"] if self.latent_dim is not None else [])):
            if type(getattr(self, name)) is not int or getattr(self, name) < 1:
                raise ValueError(f"unit: {name} {getattr(self, name)!r}; give a whole number ≥ 1")
        if self.memory not in MEMORIES or self.memory == "none":
            known = ", ".join(name for name in MEMORIES if name != "none")
            raise ValueError(f'unit: memory "{self.memory}" is none that can be plugged in; choose one of {known}')
        if self.start not in STARTS:
            raise ValueError(f'unit: start "{self.start}" is unknown; choose one of {", ".join(STARTS)}')
        if self.start == "identity" and self.memory != "hmu":
            raise ValueError(f'unit: memory "{self.memory}" has no start from identity; give start="published"')
        for name in ("kl_weight", "free_bits"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 <= value < float("inf"):
                raise ValueError(f"unit: {name} {value!r}; give a number ≥ 0")
        if not isinstance(self.task, str):
            raise ValueError(f"unit: task {self.task!r}; give its name")
        for task, names in self.task_labels.items():
            if not task.isidentifier() or len(set(names)) < 2 or len(set(names)) < len(names):
                raise ValueError(f'unit: task "{task}" with classes {names}; give a plain name and two classes or more')

    @property
    def memory_settings(self) -> dict[str, Any]:
        """What `hmu.memories.build_memory` wants to know."""
        residual = {"residual": True} if self.start == "identity" else {}
        return {"latent_dim": self.latent_dim} | residual

    def to_json(self) -> dict[str, Any]:
        """The fields, as they stand in hmu_config.json."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "UnitSettings":
        """The reverse of `to_json`.

        Raises:
            ValueError: for a field that is missing, unknown or wrong.
        """
        unknown = set(values) - {one.name for one in fields(cls)}
        if unknown:
            raise ValueError(f"unknown field {', '.join(sorted(unknown))}")
        try:
            return cls(**{**values, "base": BaseIdentity(**values["base"])})
        except (TypeError, KeyError) as error:
            raise ValueError(f"{error}; a field is missing or unknown") from None
