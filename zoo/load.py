"""An entry → a model that can be asked, of exactly the recorded bytes. Keeps nothing; the shelf does."""

from collections.abc import Callable
from dataclasses import replace

import hmu
from hmu.plugin.asked import load_foreign, plugged
from hmu.plugin.identity import known_at
from zoo.catalog import BASE, Catalog, Entry
from zoo.store import folder_of, verify


def load(
    entry: Entry,
    catalog: Catalog,
    device: str = "auto",
    dtype: str = "auto",
    base: Callable[[str], hmu.Checkpoint] | None = None,
) -> hmu.Checkpoint:
    """Verify a checkpoint, then load it; its name is the entry's id.

    Args:
        entry: which.
        catalog: where its path begins.
        device, dtype: as in `hmu.load_checkpoint`.
        base: gives the model that a unit is put on, by its id, so that it is in memory once; by default it is loaded.

    Raises:
        ZooError: if it is missing, or a file is not as recorded.
        CheckpointError: if its tensors do not fit its config.
        ValueError: for an unknown device or dtype.
    """
    folder = folder_of(entry, catalog)
    verify(entry, folder)
    if entry.base is not None:
        under = base(entry.base) if base else load(catalog.find(entry.base), catalog, device, dtype)
        return replace(plugged(under, folder, on=entry.memory != "none"), name=entry.id)
    loader = load_foreign if entry.arm == BASE else hmu.load_checkpoint
    loaded = loader(folder, device, dtype)
    if entry.repo is not None:
        known_at(getattr(loaded.model, "base", loaded.model), entry.revision)  # its bytes are as recorded
    return replace(loaded, name=entry.id)


__all__ = ["folder_of", "load", "verify"]
