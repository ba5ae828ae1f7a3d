"""Lines of results: one JSON object a run, appended when the run is done, so that nothing else can be lost."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

Result = dict[str, Any]
Fault = Callable[[Result], str | None]
"""A line → what is wrong with it, if anything is."""


def append(file: Path, result: Result) -> None:
    """Add a run's line and see it on the disk, while other processes wait; half a line that one left is cut off first.

    Raises:
        ValueError: if it cannot be written, for instance on a full disk; a line begun is taken back.
    """
    line = (json.dumps(result, allow_nan=False) + "\n").encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(file.with_name(f"{file.name}.lock")), file.open("a+b", buffering=0) as lines:
            lines.seek(0)  # no buffer: it would be flushed again when a full disk has room
            kept, begun = _parted(lines.read())
            line, whole = (b"\n" + line, kept + begun) if _is_json(begun) else (line, kept)
            try:
                lines.truncate(len(whole))
                while line:
                    line = line[lines.write(line) or 0 :]
                os.fsync(lines.fileno())
            except OSError:
                lines.truncate(len(whole))
                raise
    except OSError as error:
        raise ValueError(
            f"{file}: {error.strerror}; make room or make it writable, and run the study again: it goes on"
        ) from None


def read(files: Iterable[Path], fault: Fault = lambda _line: None) -> list[Result]:
    """The results of several files, each run once: where one was done twice, the first line counts.

    Args:
        files: of lines of results.
        fault: what a line must not have; every one must have an id.

    Raises:
        ValueError: naming file and line, for a line that is no result or has a fault. A last line that was not ended is
            none yet.
    """
    results: dict[str, Result] = {}
    for file in files:
        for number, line in enumerate(_lines(file), 1):
            if line.strip():
                result = _parsed(line, f"{file}, line {number}", fault)
                results.setdefault(result["id"], result)
    return list(results.values())


def _lines(file: Path) -> list[bytes]:
    if not file.is_file():
        raise ValueError(f"{file}: no such file of results; run `python -m hmu study` first")
    kept, begun = _parted(file.read_bytes())
    return [*kept.split(b"\n"), *([begun] if _is_json(begun) else [])]


def _parted(content: bytes) -> tuple[bytes, bytes]:
    """The lines that were ended, and what stands behind them."""
    whole = content.rfind(b"\n") + 1
    return content[:whole], content[whole:]


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _parsed(line: bytes, where: str, fault: Fault) -> Result:
    try:
        result = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{where}: not JSON ({error}); remove the line, and its run is done again") from None
    if not isinstance(result, dict) or not isinstance(result.get("id"), str):
        raise ValueError(f'{where}: no "id"; remove the line, and its run is done again')
    found = fault(result)
    if found:
        raise ValueError(f"{where}: {found}; give files that `hmu study` wrote, or remove the line")
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
