"""Data files → examples: JSON lines, plain or gzipped, with one clear error for the row at fault."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hmu.tasks.base import Example, Row, Task


def read_rows(path: Path, task: Task) -> Iterator[Row]:
    """Each row of a file, checked for the task's fields.

    Raises:
        ValueError: naming file, line, field and remedy, for a file that is missing, empty or damaged, or a row that
            does not fit.
    """
    if not path.is_file():
        raise ValueError(f"{path}: no such file; give a JSON-lines file (.jsonl or .jsonl.gz) for task {task.name}")
    opener = gzip.open if path.suffix == ".gz" else open
    number, empty = 0, True
    try:
        with opener(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    empty = False
                    yield _row(line, f"{path}, line {number}", task)
    except (gzip.BadGzipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path}: {error}, after line {number}; the file is damaged or not UTF-8, fetch it again"
        ) from None
    if empty:
        raise ValueError(f"{path}: no inputs, the file is empty; put one object on each line")


def _row(line: str, where: str, task: Task) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where}: not JSON ({error}); put one object on each line") from None
    missing = [field for field in task.fields if not isinstance(row, dict) or field not in row]
    if missing:
        raise ValueError(f"{where}: no field {', '.join(missing)}; task {task.name} needs {', '.join(task.fields)}")
    for field, kind in task.fields.items():
        if not _is(row[field], kind):
            raise ValueError(
                f"{where}: {field} is {json.dumps(row[field])[:60]}; task {task.name} needs {_KINDS[kind]}"
            )
        if not _writable(row[field]):
            raise ValueError(f"{where}: {field} has half a character (a lone surrogate); correct or remove the row")
        if _is_blank(row[field], task):
            raise ValueError(
                f"{where}: {field} is empty; task {task.name} needs {_KINDS[kind]}, correct or remove the row"
            )
    for field, allowed in task.allowed.items():
        if row[field] not in allowed:
            raise ValueError(f"{where}: {field} {row[field]}; task {task.name} takes {allowed[0]} to {allowed[-1]}")
    return row


_KINDS = {str: "a text", int: "a whole number", list: "a list of texts"}


def _is(value: Any, kind: type) -> bool:
    if kind is list:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return type(value) is kind  # a bool is an int to isinstance


def _is_blank(value: Any, task: Task) -> bool:
    """Whether a text, or all of a list together, says nothing; a list is read as the task reads a user's text."""
    if isinstance(value, list):
        return not task.prepare(" ".join(value))
    return isinstance(value, str) and not value.strip()


def _writable(value: Any) -> bool:
    """Whether a text, or each of a list, can be UTF-8; JSON's escapes can say what cannot."""
    try:
        for text in [value] if isinstance(value, str) else value if isinstance(value, list) else []:
            text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_examples(path: Path, task: Task) -> list[Example]:
    """Every row of a file as an example."""
    return [task.example(row) for row in read_rows(path, task)]


def in_slice(example: Example, seed: int, share: float) -> bool:
    """Whether an example belongs to the held-out slice; its group decides, so near-copies stay together."""
    digest = hashlib.blake2b(f"{seed}/{example.group}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64


def sliced(
    examples: Sequence[Example], task: Task, seed: int, share: float, apart: bool = True
) -> tuple[list[Example], list[Example]]:
    """The examples to train on, and the slice held out for choices.

    Args:
        examples: of the task.
        task: theirs.
        seed, share: see `in_slice`.
        apart: whether what holds one of the slice, or is part of one, is left out of the rest (`Task.phrases`).
    """
    held, kept = ([each for each in examples if in_slice(each, seed, share) == of] for of in (True, False))
    return without_parts(kept, held) if apart and task.phrases and held else kept, held


def without_parts(examples: Sequence[Example], held: Sequence[Example]) -> list[Example]:
    """The examples whose source neither holds nor is part of one of those held out, word for word."""
    parts = [f" {example.source} " for example in held]
    whole = "\n".join(parts)

    def free(text: str) -> bool:
        return text not in whole and not any(part in text for part in parts)

    return [example for example in examples if free(f" {example.source} ")]
