"""What comes from outside the zoo → entries: checkpoints, units, and the bases that these sit on. Writes nothing.

Each is recorded and checked as the zoo's own are. Of files that are neither a checkpoint's nor a unit's nothing is
repeated in an error.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hmu import TASKS, MemoryTransformer, MemoryTransformerConfig
from hmu.plugin.files import CONFIG as UNIT
from hmu.plugin.files import WEIGHTS, check_unit
from hmu.plugin.identity import BaseIdentity
from zoo.catalog import Entry, ZooError
from zoo.record import BASE_FILES, BASE_MORE, CONFIG, check, describe, describe_base, files_of, is_checkpoint
from zoo.store import Offer, fetch, offers
from zoo.units import base_among, describe_unit, is_unit

_NO_CHECKPOINT = (
    f'no checkpoint, whose {CONFIG} says model_type = "{MemoryTransformerConfig.model_type}", and no unit ({UNIT}); '
    "give one"
)
_LAST = "final"
"""What a training calls the folder of its outcome; the one around it has the name."""
_FOREIGN, _LONGEST = re.compile(r"[^A-Za-z0-9._-]+"), 64


def admit_folder(folder: Path, limit_bytes: int, known: Sequence[Entry] = ()) -> tuple[Entry, ...]:
    """A checkpoint or a unit from outside the zoo; its path begins beside it.

    Args:
        folder: of it, whole path.
        limit_bytes: most bytes of its files, or of its base's where that is fetched.
        known: what a unit's base may be among; else it is fetched from the Hub at the commit that the unit names.

    Returns:
        A checkpoint; or a unit's two arms, with its base before them where that was fetched.

    Raises:
        ZooError: if there is neither, or it cannot be described, is above the limit or holds a foreign file, or a
            unit's base is not to be had. Nothing that a file says is repeated unless it is one of this project.
        CheckpointError: if its tensors or settings do not fit.
    """
    name = folder.parent.name if folder.name == _LAST else folder.name
    return _admitted(folder, str(folder), name, limit_bytes, known)


def admit_repository(repo: str, revision: str, limit_bytes: int, known: Sequence[Entry] = ()) -> tuple[Entry, ...]:
    """The same of a Hub repository at a commit; its settings are fetched and read before anything larger.

    Args:
        repo, revision: owner/name and a commit of 40 hexadecimal digits.
        limit_bytes, known: see `admit_folder`.

    Returns:
        See `admit_folder`.

    Raises:
        ZooError: as `admit_folder`, or if the Hub does not have or give them.
        CheckpointError: as `admit_folder`.
    """
    told, files = f"{repo} at {revision}", offers(repo, revision)
    names = {file.name for file in files}
    if CONFIG not in names:
        files = tuple(file for file in files if file.name in (UNIT, WEIGHTS)) if {UNIT, WEIGHTS} <= names else ()
    _refuse_above(limit_bytes, sum(file.bytes for file in files), told)
    first = [file for file in files if file.name in (CONFIG, UNIT)]
    if not first:
        raise ZooError(f"{told}: {_NO_CHECKPOINT}")
    _refuse_stranger(fetch(repo, revision, first), told)
    found = _admitted(fetch(repo, revision, files), told, repo.partition("/")[2], limit_bytes, known)
    return tuple(replace(entry, path=None, repo=repo, revision=revision) if entry.path else entry for entry in found)


def _admitted(folder: Path, told: str, name: str, limit_bytes: int, known: Sequence[Entry]) -> tuple[Entry, ...]:
    _refuse_stranger(folder, told)
    _refuse_above(limit_bytes, sum(file.stat().st_size for file in files_of(folder)), told)
    called = _FOREIGN.sub("-", name)[:_LONGEST].strip("-_.") or "checkpoint"
    if not is_checkpoint(folder):
        return _unit(folder, called, limit_bytes, known)
    entry = describe(folder, folder.parent, called)
    check(entry, folder.parent)
    return (entry,)


def _unit(folder: Path, called: str, limit_bytes: int, known: Sequence[Entry]) -> tuple[Entry, ...]:
    wanted = check_unit(folder).settings.base
    fetched = () if base_among(known, wanted) or not wanted.commit else (_base_from_hub(wanted, limit_bytes),)
    arms = describe_unit(folder, folder.parent, (*known, *fetched), called)
    if not any(task in TASKS for task in arms[0].tasks):
        raise ZooError(f"{called}: a unit for no task that can be asked here; give one for any of {', '.join(TASKS)}")
    for entry in arms:
        check(entry, folder.parent)
    return (*fetched, *arms)


def _base_from_hub(wanted: BaseIdentity, limit_bytes: int) -> Entry:
    repo, commit = wanted.name, wanted.commit or ""
    if wanted.architecture == MemoryTransformer.__name__:
        raise ZooError(f"its base {repo} at {commit} is one of this project's and not here; add that first")
    files: dict[str, Offer] = {offer.name: offer for offer in offers(repo, commit)}
    missing = [name for name in BASE_FILES if name not in files]
    if missing:
        raise ZooError(f"{repo} at {commit}: no {missing[0]}, and a base for units needs {', '.join(BASE_FILES)}")
    wanted_files = [files[name] for name in (*BASE_FILES, *BASE_MORE) if name in files]
    _refuse_above(limit_bytes, sum(file.bytes for file in wanted_files), f"{repo} at {commit}")
    return replace(describe_base(fetch(repo, commit, wanted_files), repo, commit), path=None)


def _refuse_stranger(folder: Path, told: str) -> None:
    if is_unit(folder) and not is_checkpoint(folder):
        return
    try:
        values = json.loads((folder / CONFIG).read_text(encoding="utf-8")) if is_checkpoint(folder) else None
    except (OSError, ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or values.get("model_type") != MemoryTransformerConfig.model_type:
        raise ZooError(f"{told}: {_NO_CHECKPOINT}")


def _refuse_above(limit_bytes: int, size: int, told: str) -> None:
    if size > limit_bytes:
        raise ZooError(f"{told}: {size:,} bytes, at most {limit_bytes:,} are taken; give a smaller checkpoint")
