"""name → memory module: the one place where a further kind of memory is added.

A memory is called as `memory(states, mask, controls, rows, state) -> Remembered` and stores nothing on itself.
"""

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from hmu.memory import NoMemory
from hmu.ungated import UngatedHMU
from hmu.unit import HMU


def _none(_width: int) -> nn.Module:
    return NoMemory()


def _hmu(width: int, latent_dim: int | None = None, **settings: Any) -> nn.Module:
    return HMU(width, latent_dim or width // 2, **settings)


def _ungated(width: int, latent_dim: int | None = None) -> nn.Module:
    return UngatedHMU(width, latent_dim or width // 2)


MEMORIES: Mapping[str, Callable[..., nn.Module]] = {"none": _none, "hmu": _hmu, "hmu_ungated": _ungated}
"""name → builder(width, **settings); the settings are what `memory_settings` in config.json may hold."""


def build_memory(name: str, width: int, settings: Mapping[str, Any]) -> nn.Module:
    """The memory that a config names.

    Raises:
        ValueError: for an unknown name, or a setting that this memory does not have.
    """
    if name not in MEMORIES:
        raise ValueError(f'memory: "{name}" is unknown; choose one of {", ".join(MEMORIES)}')
    try:
        return MEMORIES[name](width, **settings)
    except TypeError as error:
        raise ValueError(f'memory_settings of memory "{name}": {error}; remove or correct the setting') from None
