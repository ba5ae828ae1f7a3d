"""An entry → a model that can be asked, of exactly the recorded bytes. Keeps nothing; the shelf does."""

from dataclasses import replace

import hmu
from zoo.catalog import Catalog, Entry
from zoo.store import folder_of, verify


def load(entry: Entry, catalog: Catalog, device: str = "auto", dtype: str = "auto") -> hmu.Checkpoint:
    """Verify a checkpoint, then load it; its name is the entry's id.

    Args:
        entry: which.
        catalog: where its path begins.
        device, dtype: as in `hmu.load_checkpoint`.

    Raises:
        ZooError: if it is missing, or a file is not as recorded.
        CheckpointError: if its tensors do not fit its config.
        ValueError: for an unknown device or dtype.
    """
    folder = folder_of(entry, catalog)
    verify(entry, folder)
    return replace(hmu.load_checkpoint(folder, device, dtype), name=entry.id)


__all__ = ["folder_of", "load", "verify"]
