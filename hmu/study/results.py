"""Lines of results: one JSON object a run, appended when the run is done, so that nothing else can be lost."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

Result = dict[str, Any]


def append(file: Path, result: Result) -> None:
    """Add a run's line and see it on the disk; what a process that died left of a line is cut off first.

    Raises:
        ValueError: if it cannot be written, for instance on a full disk; a line begun is taken back.
    """
    line = (json.dumps(result, ensure_ascii=False, allow_nan=False) + "\n").encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("a+b", buffering=0) as lines:  # a buffer would be flushed again when a full disk has room
            lines.seek(0)
            whole = lines.read().rfind(b"\n") + 1
            try:
                lines.truncate(whole)
                while line:
                    line = line[lines.write(line) or 0 :]
                os.fsync(lines.fileno())
            except OSError:
                lines.truncate(whole)
                raise
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}; make room and run the study again: it goes on") from None


def read(files: Iterable[Path]) -> list[Result]:
    """The results of several files, each run once: where one was done twice, the first line counts.

    Raises:
        ValueError: naming file and line, for a line that is no result. A last line that was not ended is none yet.
    """
    results: dict[str, Result] = {}
    for file in files:
        for number, line in enumerate(_lines(file), 1):
            if line.strip():
                result = _parsed(line, f"{file}, line {number}")
                results.setdefault(result["id"], result)
    return list(results.values())


def _lines(file: Path) -> list[str]:
    if not file.is_file():
        raise ValueError(f"{file}: no such file of results; run `python -m hmu study` first")
    try:
        *lines, begun = file.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: {error}; it is no file of results, or damaged") from None
    try:
        json.loads(begun)
    except ValueError:
        return lines
    return [*lines, begun]


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

    The hold is a lock on a file, which ends with the process, however it ends.

    Yields:
        Whether it is ours; not if another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{run.replace('/', '-')}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()
