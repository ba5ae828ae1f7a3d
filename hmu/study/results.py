"""Lines of results: one JSON object a run, appended when the run is done, so that nothing else can be lost."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Result = dict[str, Any]


def append(file: Path, result: Result) -> None:
    """Add a run's line, in one write, and see it on the disk.

    Raises:
        ValueError: if it cannot be written, for instance on a full disk; a line begun is taken back.
    """
    line = (json.dumps(result, ensure_ascii=False, allow_nan=False) + "\n").encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("ab") as lines:
            before = lines.tell()
            try:
                lines.write(line)
                lines.flush()
                os.fsync(lines.fileno())
            except OSError:
                os.truncate(file, before)
                raise
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}; make room and run the study again: it goes on") from None


def read(files: Iterable[Path]) -> list[Result]:
    """The results of several files, each run once: where one was done twice, the first line counts.

    Raises:
        ValueError: naming file and line, for a line that is no result.
    """
    results: dict[str, Result] = {}
    for file in files:
        for number, line in enumerate(_lines(file), 1):
            result = _parsed(line, f"{file}, line {number}")
            results.setdefault(result["id"], result)
    return list(results.values())


def _lines(file: Path) -> list[str]:
    if not file.is_file():
        raise ValueError(f"{file}: no such file of results; run `python -m hmu study` first")
    return [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]


def _parsed(line: str, where: str) -> Result:
    try:
        result = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{where}: not JSON ({error}); remove the line, and its run is done again") from None
    if not isinstance(result, dict) or not isinstance(result.get("id"), str):
        raise ValueError(f'{where}: no "id"; remove the line, and its run is done again')
    return result


@contextmanager
def claimed(folder: Path, run: str) -> Iterator[bool]:
    """Hold a run while it is done, so that a second process with the same folder takes another one.

    Yields:
        Whether it is ours; not if a living process of this machine holds it.
    """
    file = folder / f"{run.replace('/', '-')}.pid"
    folder.mkdir(parents=True, exist_ok=True)
    mine = _claim(file)
    try:
        yield mine
    finally:
        if mine:
            file.unlink(missing_ok=True)


def _claim(file: Path) -> bool:
    try:
        with file.open("x") as held:
            held.write(str(os.getpid()))
        return True
    except FileExistsError:
        if _alive(file):
            return False
        file.unlink(missing_ok=True)  # its process is gone
        return _claim(file)


def _alive(file: Path) -> bool:
    try:
        os.kill(int(file.read_text() or 0), 0)
    except (OSError, ValueError):
        return False
    return True
