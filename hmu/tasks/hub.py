"""Rows from the Hugging Face Hub, for those who have no data root: fetched once, kept as the files that a root holds.

Needs the `hub-data` extra (the library `datasets`). Knows nothing of what is in a row but its fields.
"""

import gzip
import json
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from huggingface_hub import constants

from hmu.tasks.base import HubData, Task

_DRAWN_BY = 42
"""The seed of the rows that a file keeps, where it does not keep all."""


def hub_root() -> Path:
    """The data root that fetched files make up, in the Hub's own cache folder."""
    return Path(constants.HF_HOME) / "hmu-data"


def fetch(task: Task, file: str, root: Path) -> Path:
    """A file of a task: as it lies below `root`, or else written there from the Hub's rows.

    One that holds more rows than the task keeps (`HubData.most`) was fetched before there was a most: it is written
    anew.

    Args:
        task: whose rows.
        file: its name in the task's folder, such as "train.jsonl.gz"; says which split.
        root: a data root.

    Raises:
        ValueError: if the task is not on the Hub, has no such split, cannot be fetched, or `datasets` is missing.
    """
    path, name = root / task.folder / file, file.partition(".")[0]
    most = task.hub.most.get(name) if task.hub else None
    if path.is_file() and not _holds_more(path, most):
        return path
    hub, own = task.hub, f"put it at DIR/{task.folder}/{file} and give --data-root DIR"
    if hub is None or hub.on_request:
        whose = f"{hub.repo}: its authors hand the data out on request" if hub else f"task {task.name}: not on the Hub"
        raise ValueError(f"{whose}; {own}")
    split = hub.splits.get(name)
    if split is None:
        raise ValueError(f"{hub.repo}: no split for {file}, only {', '.join(hub.splits)}; {own}")
    try:
        rows = _drawn(_rows(hub, split), most)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, rows, task)
    except ModuleNotFoundError:
        raise ValueError(
            "data: no --data-root and no HMU_DATA; to take them from the Hub, "
            'pip install ".[hub-data]" in a clone of the project'
        ) from None
    except Exception as error:  # the library raises whatever its parts raise
        raise ValueError(f"{hub.repo}, split {split}: {type(error).__name__}: {error}; {own}") from None
    return path


def _holds_more(path: Path, most: int | None) -> bool:
    """Whether a fetched file has more rows than these; one that is damaged has not, who reads it is told."""
    if most is None:
        return False
    try:
        with gzip.open(path, "rb") as lines:
            return next(islice(lines, most, None), None) is not None
    except (OSError, EOFError, zlib.error):
        return False


def _rows(hub: HubData, split: str) -> Sequence[Mapping[str, Any]]:
    from datasets import load_dataset  # noqa: PLC0415 - needs an extra

    if hub.file:
        return load_dataset("csv", data_files=f"hf://datasets/{hub.repo}/{hub.file}", split=split)
    return load_dataset(hub.repo, hub.config, split=split)


def _drawn(rows: Sequence[Mapping[str, Any]], most: int | None) -> Iterable[Mapping[str, Any]]:
    """At most so many of the rows, in their order: the same ones each time."""
    if most is None or len(rows) <= most:
        return rows
    return (rows[index] for index in sorted(Random(_DRAWN_BY).sample(range(len(rows)), most)))


def _write(path: Path, rows: Iterable[Mapping[str, Any]], task: Task) -> None:
    """In one step, so that a fetch that breaks off leaves no half file."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with gzip.open(draft, "wt", encoding="utf-8") as lines:
            for row in rows:
                kept = {field: row[field] for field in task.fields if field in row}
                lines.write(json.dumps(kept, ensure_ascii=False) + "\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
