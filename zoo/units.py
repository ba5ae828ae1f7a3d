"""Folders of units → entries: each is a pair, the base alone and the base with the unit. Reads no tensor."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path

from safetensors import safe_open

from hmu.plugin.files import CONFIG as UNIT
from hmu.plugin.files import WEIGHTS, read_settings
from hmu.plugin.identity import BaseIdentity
from hmu.plugin.settings import UnitSettings
from zoo.catalog import BASELINE, Entry, ZooError
from zoo.store import recorded


def is_unit(folder: Path) -> bool:
    """Whether a folder holds a unit in place of a whole checkpoint."""
    return (folder / UNIT).is_file()


def describe_unit(folder: Path, root: Path, bases: Sequence[Entry], called: str | None = None) -> tuple[Entry, Entry]:
    """What a unit's folder says of itself, as two entries: with the unit off, and on.

    Args:
        folder: the unit.
        root: where its path begins.
        bases: among which its base is found, see `base_among`.
        called: the pair's name; by default its folder's.

    Raises:
        CheckpointError: if its settings cannot be read.
        ZooError: if its base is not there.
    """
    settings = read_settings(folder)
    base, name = _base_of(settings, folder, bases), called or folder.name
    files = tuple(recorded(folder / file) for file in (UNIT, WEIGHTS))
    own, heads = _parameters(folder / WEIGHTS)
    tasks = tuple(dict.fromkeys((*settings.task_labels, *filter(None, [settings.task]))))

    def entry(arm: str, memory: str, parameters: int) -> Entry:
        return Entry(
            id=f"{name}-{arm}",
            pair=name,
            arm=arm,
            title=name,
            tasks=tasks,
            parameters=parameters,
            bytes=sum(file.bytes for file in files),
            files=files,
            path=folder.relative_to(root).as_posix(),
            repo=None,
            revision=None,
            memory=memory,
            base=base.id,
        )

    return (
        entry(BASELINE, "none", base.parameters + heads),
        entry(settings.memory, settings.memory, base.parameters + own),
    )


def base_among(entries: Sequence[Entry], base: BaseIdentity) -> Entry | None:
    """Which of these is a base: by the commit where both have one, else by the sha256 of the weights."""
    for entry in (one for one in entries if one.base is None):
        told = base.commit is not None and entry.revision is not None
        if base.commit == entry.revision if told else base.sha256 in _weights_of(entry):
            return entry
    return None


def _base_of(settings: UnitSettings, folder: Path, bases: Sequence[Entry]) -> Entry:
    told = settings.base
    base = base_among(bases, told)
    if base is not None:
        return base
    known_by = f"commit {told.commit}" if told.sha256 is None else f"sha256 {told.sha256}"
    raise ZooError(
        f"{folder}: its base {told.name or told.architecture} ({known_by}) is not in the catalog; add that first"
    )


def _weights_of(entry: Entry) -> tuple[str, ...]:
    """The sha256 of an entry's weights, as `hmu.plugin.identity` takes it: of the one file, or of its shards."""
    files = [file for file in entry.files if file.name.endswith(".safetensors")]
    lines = "".join(sorted(f"{file.sha256}  {file.name}\n" for file in files))
    return (*(file.sha256 for file in files[:1] if len(files) == 1), hashlib.sha256(lines.encode()).hexdigest())


def _parameters(file: Path) -> tuple[int, int]:
    """How many numbers there are in a unit's file, and how many of them are its heads'."""
    with safe_open(file, framework="pt") as tensors:
        sizes = {name: math.prod(tensors.get_slice(name).get_shape()) for name in tensors.keys()}  # noqa: SIM118
    return sum(sizes.values()), sum(size for name, size in sizes.items() if name.startswith("heads."))
