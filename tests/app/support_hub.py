"""A stand-in for the Hub: repositories at commits are folders, and what is fetched is told. No network."""

import shutil
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace

import pytest

from zoo import store


def stand_in(
    monkeypatch: pytest.MonkeyPatch,
    cache: Path,
    there: Callable[[str, str], Path],
    fetched: Callable[[str, str], None],
) -> None:
    """Let the zoo's store find the Hub in folders.

    Args:
        monkeypatch: the test's.
        cache: in place of the Hub's cache.
        there: repository, commit → its folder.
        fetched: told of each repository and file that is fetched.
    """

    def model_info(repo: str, revision: str, **_: object) -> SimpleNamespace:
        files = [
            SimpleNamespace(rfilename=file.name, size=file.stat().st_size, lfs=None)
            for file in sorted(there(repo, revision).iterdir())
        ]
        return SimpleNamespace(sha=revision, siblings=files)

    def snapshot_download(repo: str, revision: str, allow_patterns: list[str], local_files_only: bool = False) -> str:
        cached = cache / f"models--{repo.replace('/', '--')}" / "snapshots" / revision
        cached.mkdir(parents=True, exist_ok=True)
        for file in there(repo, revision).iterdir():
            if not local_files_only and any(fnmatch(file.name, pattern) for pattern in allow_patterns):
                shutil.copy(file, cached)
                fetched(repo, file.name)
        return str(cached)

    def try_to_load_from_cache(repo: str, name: str, revision: str) -> str | None:
        file = Path(snapshot_download(repo, revision, [], local_files_only=True)) / name
        return str(file) if file.is_file() else None

    for one in (model_info, snapshot_download, try_to_load_from_cache):
        monkeypatch.setattr(store, one.__name__, one)
