"""Where the tasks' files lie: the folder that a flag or the environment names, or else files fetched from the Hub."""

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

from hmu.tasks import Task
from hmu.tasks.hub import fetch, hub_root

DATA_ROOT = "HMU_DATA"
"""The environment variable that stands in for --data-root."""


def add_data_root(parser: argparse.ArgumentParser) -> None:
    """The flag that says where the data are."""
    told = f"the tasks' folders; by default ${DATA_ROOT}, or what the Hub gives"
    parser.add_argument("--data-root", type=Path, metavar="DIR", help=told)


def data_root(options: argparse.Namespace, needed: Iterable[tuple[Task, str]]) -> Path:
    """The folder of the tasks' folders; one of fetched files where neither flag nor environment names any.

    Args:
        options: the flags.
        needed: tasks and names of files in their folders; these are fetched.

    Raises:
        ValueError: if the folder that is named does not exist, or a file cannot be fetched.
    """
    root = options.data_root or (Path(os.environ[DATA_ROOT]) if os.environ.get(DATA_ROOT) else None)
    if root is None:
        root = hub_root()
        for task, file in needed:
            fetch(task, file, root)
    elif not root.is_dir():
        raise ValueError(f"{root}: no such folder; --data-root is the folder that holds ag_news, common_gen and glue")
    return root
