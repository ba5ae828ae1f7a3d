"""python -m zoo list | verify | record: answers on stdout, one line per fault on stderr, exit code 2 for any."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from zoo.catalog import BASE, ZOO, Catalog, Entry, read_catalog


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: by default those of the process.

    Returns:
        0, or 2 if something asked for is not as it should be.
    """
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.run(asked))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m zoo", description="The checkpoints: which there are, and whether they are whole.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    shared = _Parser(add_help=False)
    shared.add_argument("--zoo", type=Path, metavar="DIR", help="another folder of checkpoints; by default this one")

    show = commands.add_parser("list", parents=[shared], help="the checkpoints there are")
    show.add_argument("--json", action="store_true", help="as a list of objects")
    show.set_defaults(run=_list)

    check = commands.add_parser("verify", parents=[shared], help="compare every file with the catalog")
    check.add_argument("ids", nargs="*", metavar="ID", help="by default all of them")
    check.add_argument("--json", action="store_true", help="as a list of objects")
    check.set_defaults(run=_verify)

    base = commands.add_parser("base", parents=[shared], help="add somebody else's model, for units to be put on")
    base.add_argument("folder", type=Path, metavar="DIR", help="a copy of its files, to take their hashes from")
    base.add_argument("--repo", required=True, metavar="OWNER/NAME", help="its repository on the Hub")
    base.add_argument("--revision", required=True, metavar="COMMIT", help="40 hexadecimal digits")
    base.set_defaults(run=_base)

    write = commands.add_parser("record", parents=[shared], help="write catalog.json anew from the folders")
    write.add_argument("--tasks", metavar="A,B,C", help="what new checkpoints have learned")
    write.add_argument("--pair", metavar="NAME", help="the pair that new checkpoints form")
    write.add_argument("--title", help="that pair's name as people read it")
    write.set_defaults(run=_record)
    return parser


def _list(asked: argparse.Namespace) -> int:
    catalog = read_catalog(asked.zoo)
    if asked.json:
        rows = [entry.to_json() | {"path": catalog.place_of(entry)} for entry in catalog.entries]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        _print_table(catalog.entries)
    return 0


def _verify(asked: argparse.Namespace) -> int:
    catalog = read_catalog(asked.zoo)
    entries = [catalog.find(name) for name in asked.ids] or catalog.entries
    found = {entry.id: _faults(entry, catalog) for entry in entries}
    for name, faults in found.items():
        for fault in faults:
            print(fault, file=sys.stderr)
        if not faults and not asked.json:
            print(f"{name}: whole, sha256 {catalog.find(name).sha256[:12]}…")
    if asked.json:
        print(json.dumps([{"id": name, "ok": not faults, "faults": faults} for name, faults in found.items()]))
    return 2 if any(found.values()) else 0


def _faults(entry: Entry, catalog: Catalog) -> list[str]:
    from hmu.checkpoint import check_checkpoint  # noqa: PLC0415  seconds that `list` does not need
    from hmu.plugin.files import check_unit  # noqa: PLC0415
    from zoo.store import faults, folder_of, is_here  # noqa: PLC0415

    if entry.arm == BASE and not is_here(entry, catalog):
        return []  # on the Hub, and compared with the catalog when it is fetched
    try:
        folder = folder_of(entry, catalog)
        found = list(faults(entry, folder))
        if not found and entry.arm != BASE:
            (check_checkpoint if entry.base is None else check_unit)(folder)
    except ValueError as error:
        return [str(error)]
    return found


def _base(asked: argparse.Namespace) -> int:
    from zoo.record import record_base  # noqa: PLC0415

    _print_table(record_base(asked.zoo or ZOO, asked.folder, asked.repo, asked.revision).entries)
    return 0


def _record(asked: argparse.Namespace) -> int:
    from zoo.record import record  # noqa: PLC0415

    tasks = asked.tasks.split(",") if asked.tasks else None
    _print_table(record(asked.zoo or ZOO, tasks, asked.pair, asked.title).entries)
    return 0


def _print_table(entries: Sequence[Entry]) -> None:
    head = ("id", "pair", "arm", "tasks", "parameters", "bytes", "sha256")
    rows = [
        (one.id, one.pair, one.arm, ",".join(one.tasks), f"{one.parameters:,}", f"{one.bytes:,}", one.sha256[:12])
        for one in entries
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
