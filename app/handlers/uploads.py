"""A file that a visitor brought → a table of texts and numbers, bounded and cleaned. Parses data, runs nothing.

Knows nothing of models. Rows are counted from 1 without the header and without blank lines; lines are the file's own.
"""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from hmu.text import MAX_CHARACTERS, Admitted, admit

MAX_BYTES, MAX_ROWS, MAX_COLUMNS = 5_000_000, 2_000, 100
"""Of a file as it was sent and as it is unpacked; what has more is refused."""
KINDS = (".csv", ".tsv", ".jsonl", ".json-lines")
"""What a file's name may end in, each also with ".gz" behind it."""

_NAME_LENGTH = 100
_NOTES_KEPT = 5


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds.

    Args:
        columns: names, in the file's order.
        rows: a cell for each column: a text, a number, true or false, a list of texts, or None where there is none.
            Texts are trimmed and cut as `hmu.text.admit` does; whatever else JSON holds is there as its JSON text.
        notes: what was changed.
        name: the file's own, without its folder.
    """

    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    notes: tuple[str, ...] = ()
    name: str = "table"


def read_table(path: Path) -> Table:
    """Read a file of one of `KINDS` in UTF-8, plain or gzipped.

    CSV has a header and "," ";" or tab between cells; JSON lines have one object on each line.

    Raises:
        ValueError: naming the file (never its folder), the row and the remedy.
    """
    name = _admitted(path.name, _NAME_LENGTH).text or "file"
    kind = Path(path.name.lower().removesuffix(".gz")).suffix
    if kind not in KINDS:
        raise ValueError(f"{name}: unknown kind of file; give {', '.join(KINDS)}, or one of these with .gz")
    text = _decode(_unpack(path, name), name)
    if kind in {".csv", ".tsv"}:
        return _table(name, _csv_rows(name, text, ",;\t" if kind == ".csv" else "\t,;"))
    return _table(name, _json_rows(name, text))


def table_of(name: str, rows: object, columns: Sequence[str]) -> Table:
    """A table that came as a list of objects, within the limits of a file.

    Args:
        name: by which errors call it.
        rows: as they came.
        columns: the keys that a row may have; the first it must have.

    Raises:
        ValueError: naming the row and the remedy.
    """
    try:
        size = len(json.dumps(rows))
    except RecursionError:
        raise ValueError(f"{name}: nested too deeply; {_OBJECTS}") from None
    if not isinstance(rows, list) or not rows:
        raise ValueError(f"{name}: {rows!r:.60}; {_OBJECTS}")
    if size > MAX_BYTES:
        _too_large(name)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or columns[0] not in row or not row.keys() <= set(columns):
            known = " and, if wanted, ".join(columns)
            raise ValueError(f"{name}, row {number}: {row!r:.60}; give an object with {known}")
    return _table(name, rows)


_OBJECTS = "give a list of objects, one for each row"


def _unpack(path: Path, name: str) -> bytes:
    """The file's bytes; of a packed one no more is unpacked than tells that it is too large."""
    try:
        if path.stat().st_size > MAX_BYTES:
            _too_large(name)
        with gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ValueError(f"{name}: no such file; upload it again") from None
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise ValueError(f"{name}: not a whole gzip file; pack it again, or send it unpacked") from None
    return content if len(content) <= MAX_BYTES else _too_large(name)


def _too_large(name: str) -> NoReturn:
    raise ValueError(f"{name}: more than {MAX_BYTES / 1e6:g} MB, unpacked; send fewer rows or columns")


def _decode(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{name}, line {line}: not UTF-8; save the file as UTF-8") from None


def _csv_rows(name: str, text: str, delimiters: str) -> Iterator[dict[str, Any]]:
    delimiter = max(delimiters, key=lambda one: _header_width(text, one))  # the first of equals
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    number = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if number == 0:
                header = [cell.strip() or f"column {place}" for place, cell in enumerate(cells, 1)]
                _check_names(header)
            elif len(cells) != len(header):
                raise ValueError(
                    f"cells: {len(cells)}, in the header: {len(header)}; quote cells that hold a delimiter"
                )
            else:
                yield dict(zip(header, cells, strict=True))
            number += 1
    except (csv.Error, ValueError) as error:
        told = f"{error}; close each quote, and double those inside a cell" if isinstance(error, csv.Error) else error
        where = f"row {number}" if number else "header"
        raise ValueError(f"{name}, {where}, line {reader.line_num}: {told}") from None


def _header_width(text: str, delimiter: str) -> int:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return next((len(cells) for cells in reader if cells), 0)
    except csv.Error:
        return 0


def _check_names(names: Sequence[str]) -> None:
    if len(names) > MAX_COLUMNS:
        raise ValueError(f"more than {MAX_COLUMNS} columns; send only those that are needed")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f'two columns are called "{twice[0]:.{_NAME_LENGTH}}"; rename one')


def _json_rows(name: str, text: str) -> Iterator[dict[str, Any]]:
    number = 1
    for line, content in enumerate(text.split("\n"), 1):  # splitlines would also cut inside texts, at U+2028
        if not content.strip():
            continue
        try:
            row = json.loads(content, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            told = error.msg if isinstance(error, json.JSONDecodeError) else "a number or a nesting is too long"
            raise ValueError(f"{name}, row {number}, line {line}: not JSON ({told}); {_ONE_OBJECT}") from None
        if not isinstance(row, dict):
            raise ValueError(f"{name}, row {number}, line {line}: not an object; {_ONE_OBJECT}")
        yield row
        number += 1


_ONE_OBJECT = "put one object with a field for each column on each line"


def _refuse_constant(constant: str) -> NoReturn:
    raise json.JSONDecodeError(f"{constant} is no number", constant, 0)


def _table(name: str, rows: Iterable[dict[str, Any]]) -> Table:
    names: dict[str, str] = {}
    kept, notes = list[dict[str, Any]](), list[str]()
    for number, row in enumerate(rows, 1):
        if number > MAX_ROWS:
            raise ValueError(f"{name}, row {number:,}: at most {MAX_ROWS:,} rows are taken; send the first of them")
        try:
            _take_names(row, names)
            cells = {names[key]: _clean(cell) for key, cell in row.items()}
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{name}, row {number}: {error}") from None
        kept.append({column: cell for column, (cell, _) in cells.items()})
        notes += [f"Row {number}, {column}: {note}" for column, (_, told) in cells.items() for note in told]
    if not names:
        raise ValueError(f"{name}: no rows; give a header and rows (CSV), or one object on each line (JSON lines)")
    columns = tuple(names.values())
    more = [f"{len(notes) - _NOTES_KEPT:,} more changes of this kind."] if len(notes) > _NOTES_KEPT else []
    whole = tuple({column: row.get(column) for column in columns} for row in kept)
    return Table(columns, whole, (*notes[:_NOTES_KEPT], *more), name)


def _take_names(row: dict[str, Any], names: dict[str, str]) -> None:
    """Add a row's new keys to {key in the file: column's name}."""
    for key in row:
        if key in names:
            continue
        clean = _admitted(key, _NAME_LENGTH).text or f"column {len(names) + 1}"
        _check_names([*names.values(), clean])
        names[key] = clean


def _clean(cell: Any) -> tuple[Any, tuple[str, ...]]:
    """A cell as a table holds it, and what was changed in it."""
    if isinstance(cell, list) and all(isinstance(item, str) for item in cell):
        items = [_admitted(item) for item in cell]
        return [item.text for item in items], tuple(note for item in items for note in item.notes)
    if isinstance(cell, list | dict):
        cell = json.dumps(cell, ensure_ascii=False)
    if not isinstance(cell, str):
        return cell, ()
    admitted = _admitted(cell)
    return admitted.text, admitted.notes


def _admitted(text: str, limit: int = MAX_CHARACTERS) -> Admitted:
    """`admit`, but nothing to read is an empty cell; five megabytes of plain text need not be looked at one by one."""
    text = re.sub(r"\s", " ", text).strip()
    if len(text) <= limit and text.isprintable():
        return Admitted(text)
    try:
        return admit(text, limit)
    except ValueError:
        return Admitted("")
