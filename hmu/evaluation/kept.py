"""Figures in a file: measured once, read from there as long as the checkpoint is the one that they are of.

Knows nothing of what the figures are.
"""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import Field, asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar


class Measured(Protocol):
    """What the figures of a card say of themselves, whatever they measure: a dataclass with these fields."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def weights(self) -> str:
        """`fingerprint` of the folder that was measured."""

    @property
    def recipe(self) -> str:
        """Name of the recipe that the checkpoint was trained by."""

    @property
    def steps(self) -> int:
        """Of that training."""


Kind = TypeVar("Kind", bound=Measured)


def kept(
    path: Path, folder: Path, recipe: str, measure_now: Callable[[], Kind], read: Callable[[dict[str, Any]], Kind]
) -> Kind:
    """The figures that a file keeps, or, where there is no such file, those that are measured now and kept in it.

    Args:
        path: the file.
        folder: the checkpoint, as it is today.
        recipe: name of what it was trained by.
        measure_now: measures.
        read: the file's JSON object → figures; an infinite number stands in it as "inf" or "-inf".

    Raises:
        ValueError: if the file is damaged, or holds figures of other weights or of another recipe.
    """
    if not path.is_file():
        figures = measure_now()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(finite(asdict(figures)), indent=1) + "\n", encoding="utf-8")
        return figures
    try:
        figures = read(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: not a file of figures ({error!r}); remove it to measure again") from None
    if (figures.weights, figures.recipe) != (fingerprint(folder), recipe):
        raise ValueError(f"{path}: figures of other weights or another recipe than {folder}; name another file")
    return figures


def fingerprint(folder: Path) -> str:
    """SHA-256 over a folder's safetensors files, in the order of their names."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def finite(value: Any) -> Any:
    """The same value as JSON can hold it: an infinite number, which JSON has none of, as a text."""
    if isinstance(value, dict):
        return {key: finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return str(value) if isinstance(value, float) and math.isinf(value) else value
