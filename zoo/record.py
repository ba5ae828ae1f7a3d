"""Checkpoints → entries → catalog.json. Builds each model without weights, to count it; reads no tensor."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from hmu import TASKS, MemoryTransformer, MemoryTransformerConfig
from hmu.checkpoint import check_checkpoint
from hmu.plugin.asked import load_foreign
from hmu.tasks.synthetic import SYNTHETIC, VOCABULARY
from zoo.catalog import BASE, BASELINE, CATALOG, KEPT, Catalog, Entry, ZooError, read_catalog, write_catalog
from zoo.store import recorded, verify
from zoo.units import describe_unit, is_unit

GENERATION = ("common_gen",)
"""Tasks without a head in the config: every checkpoint is taken to have learned them unless told otherwise."""
CONFIG = "config.json"
BASE_FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
"""What is kept of somebody else's model."""
BASE_MORE = ("generation_config.json",)
"""What is kept beside these, where it is there."""


def scan(root: Path, bases: Sequence[Entry] = ()) -> tuple[Entry, ...]:
    """The checkpoints in a folder as they lie there: in its checkpoints/ if it has one, else in itself, or itself.

    Args:
        root: the folder.
        bases: models beside its own that units in it may belong to.

    Raises:
        ZooError: if there is none, or one cannot be described.
    """
    shelf = root / "checkpoints" if (root / "checkpoints").is_dir() else root
    inside = sorted(shelf.iterdir()) if shelf.is_dir() and not is_checkpoint(shelf) else [shelf]
    folders = [folder for folder in inside if is_checkpoint(folder)]
    units = [folder for folder in inside if is_unit(folder)]
    if not folders and not units:
        raise ZooError(
            f"{root}: neither {CATALOG} nor a checkpoint (a folder with config.json) is there; give another folder"
        )
    whole = tuple(describe(folder, root) for folder in folders)
    return whole + tuple(arm for folder in units for arm in describe_unit(folder, root, (*whole, *bases)))


def describe(folder: Path, root: Path, called: str | None = None) -> Entry:
    """What a checkpoint folder says of itself.

    Args:
        folder: the checkpoint.
        root: where its path begins.
        called: its id and pair; by default its folder's name, and what is left of that without the arm.

    Raises:
        ZooError: if its config does not describe a model.
    """
    model = _built(folder)
    config, name = model.config, called or (root.resolve().name if folder == root else folder.name)
    arm = _arm(name, BASELINE if config.memory == "none" else config.memory)
    pair = called or name.removesuffix(arm).rstrip("-_.") or folder.resolve().parent.name
    files = tuple(recorded(file) for file in files_of(folder))
    return Entry(
        id=name,
        pair=pair,
        arm=arm,
        title=pair,
        tasks=_learned(config),
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        bytes=sum(file.bytes for file in files),
        files=files,
        path=folder.relative_to(root).as_posix(),
        repo=None,
        revision=None,
        memory=config.memory,
    )


def _arm(name: str, kind: str) -> str:
    """The kind of memory, or what a checkpoint's name makes of it: nine-hmu_published is another arm than nine-hmu."""
    last = name.rpartition("-")[2]
    return last if last.startswith(f"{kind}_") else kind


def _learned(config: MemoryTransformerConfig) -> tuple[str, ...]:
    """What a config alone tells of it; the synthetic tasks have a vocabulary of their own."""
    if config.vocab_size == VOCABULARY and not config.task_labels:
        return (SYNTHETIC,)
    return tuple(task for task in TASKS if task in GENERATION or task in config.task_labels)


def record(
    root: Path, tasks: Sequence[str] | None = None, pair: str | None = None, title: str | None = None
) -> Catalog:
    """Write catalog.json anew from the folders; a known checkpoint keeps its place, pair, title and tasks in it.

    Args:
        root: the zoo's folder.
        tasks, pair, title: for the checkpoints that the catalog does not have yet; by default as they say themselves.

    Raises:
        ZooError: if a checkpoint cannot be described, holds a foreign file, or has no head for a task.
        CheckpointError: if its tensors do not fit its config.
    """
    known = read_catalog(root).entries if (root / CATALOG).is_file() else ()
    old = {entry.id: entry for entry in known}
    elsewhere = [entry for entry in known if entry.path is None or entry.arm == BASE]
    found = scan(root, elsewhere)
    entries = [_kept(entry, old[entry.id]) if entry.id in old else _told(entry, tasks, pair, title) for entry in found]
    places = list(old)
    entries.sort(key=lambda entry: places.index(entry.id) if entry.id in old else len(old))
    for entry in entries:
        check(entry, root)
    catalog = Catalog(root, (*entries, *elsewhere))
    write_catalog(catalog)
    return catalog


def record_base(root: Path, folder: Path, repo: str, revision: str) -> Catalog:
    """Add somebody else's encoder–decoder or encoder to catalog.json, for units to be put on; its files are not copied.

    Args:
        root: the zoo's folder.
        folder: a copy of the files, from which sizes and hashes are taken.
        repo, revision: owner/name and commit, from where they are fetched; a copy may lie in the zoo's bases/, too.

    Raises:
        ZooError: for a revision that is no commit, or a file that is missing.
        CheckpointError: if it is neither.
    """
    entry = describe_base(folder, repo, revision)
    catalog = read_catalog(root)
    others = tuple(known for known in catalog.entries if known.id != entry.id)
    catalog = Catalog(root, (*others, entry))
    write_catalog(catalog)
    return catalog


def describe_base(folder: Path, repo: str, revision: str) -> Entry:
    """Somebody else's model as an entry; see `record_base`."""
    name = repo.rpartition("/")[2]
    missing = [file for file in BASE_FILES if not (folder / file).is_file()]
    if missing:
        raise ZooError(f"{folder}: no {missing[0]}; give a whole copy of {repo}")
    model = load_foreign(folder, device="cpu", dtype="fp32").model
    names = (*BASE_FILES, *(file for file in BASE_MORE if (folder / file).is_file()))
    files = tuple(recorded(folder / file) for file in names)
    return Entry(
        id=name,
        pair=name,
        arm=BASE,
        title=name,
        tasks=(),
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        bytes=sum(file.bytes for file in files),
        files=files,
        path=f"bases/{name}",
        repo=repo,
        revision=revision,
        memory="none",
    )


def _told(entry: Entry, tasks: Sequence[str] | None, pair: str | None, title: str | None) -> Entry:
    pair = pair or entry.pair
    return replace(entry, tasks=_in_order(tasks) if tasks else entry.tasks, pair=pair, title=title or pair)


def _kept(entry: Entry, old: Entry) -> Entry:
    """A known checkpoint, described anew; its place on the Hub is only true of the same bytes."""
    entry = replace(entry, pair=old.pair, title=old.title, tasks=old.tasks)
    return replace(entry, repo=old.repo, revision=old.revision) if entry.sha256 == old.sha256 else entry


def check(entry: Entry, root: Path) -> None:
    """Compare an entry with its folder.

    Args:
        entry: as it was described.
        root: where its path begins.

    Raises:
        ZooError: for a file that is not as recorded or foreign, or a task that the checkpoint has no head for.
        CheckpointError: if its tensors do not fit its config.
    """
    assert entry.path is not None
    folder = root / entry.path
    verify(entry, folder)
    if entry.base is not None:
        return
    heads = check_checkpoint(folder).task_labels
    for task in entry.tasks:
        if task not in heads and task != SYNTHETIC and (task not in TASKS or TASKS[task].labels):
            raise ZooError(f'checkpoint "{entry.id}": no head for task "{task}"; it has {", ".join(heads) or "none"}')


def _in_order(tasks: Sequence[str]) -> tuple[str, ...]:
    known = (*TASKS, SYNTHETIC)
    for task in tasks:
        if task not in known:
            raise ZooError(f'task "{task}" is unknown; choose among {", ".join(known)}')
    return tuple(task for task in known if task in tasks)


def files_of(folder: Path) -> list[Path]:
    """What of a folder is catalogued."""
    return [
        file
        for file in sorted(folder.iterdir())
        if file.name.endswith(KEPT) and file.is_file() and not file.name.startswith(".")
    ]


def is_checkpoint(folder: Path) -> bool:
    """Whether a folder holds a whole checkpoint."""
    return (folder / CONFIG).is_file()


def _built(folder: Path) -> MemoryTransformer:
    try:
        config = MemoryTransformerConfig.from_pretrained(folder, local_files_only=True)
        with torch.device("meta"):
            return MemoryTransformer(config)
    except Exception as error:  # a config can be wrong in as many ways as a model has parts
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise ZooError(f"{folder / CONFIG}: describes no model ({reason[0]}); correct it or copy it again") from None
