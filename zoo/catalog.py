"""Which checkpoints there are: catalog.json as values.

Opens no checkpoint and knows nothing of models, hashes on disk or the Hub; a value that exists is consistent in itself.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from zoo.entry import BASE, BASELINE, KEPT, Entry, FileRecord, ZooError, is_commit, is_kept

ZOO = Path(__file__).parent
CATALOG = "catalog.json"


@dataclass(frozen=True, slots=True)
class Pair:
    """Checkpoints trained alike, the baseline first; a later study may bring more arms than two."""

    name: str
    title: str
    arms: tuple[Entry, ...]

    @property
    def baseline(self) -> Entry:
        """The arm whose memory is none."""
        return self.arms[0]

    @property
    def memory_arm(self) -> Entry:
        """The first arm that has a memory."""
        return self.arms[1]

    @property
    def tasks(self) -> tuple[str, ...]:
        """What may be asked of every arm."""
        return tuple(task for task in self.baseline.tasks if all(task in arm.tasks for arm in self.arms))


@dataclass(frozen=True, slots=True)
class Catalog:
    """The checkpoints of one zoo folder, and guests from elsewhere.

    Args:
        root: the zoo's folder.
        entries: the checkpoints.
        roots: id → where the path of a guest begins, for those whose folder is not below the zoo's.

    Raises:
        ZooError: if an id, or an arm within a pair, is there twice.
    """

    root: Path
    entries: tuple[Entry, ...]
    roots: Mapping[str, Path] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for kind, names in (
            ("id", [entry.id for entry in self.entries]),
            ("arm", [f"{entry.pair}/{entry.arm}" for entry in self.entries]),
        ):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise ZooError(f"{self.root}: {kind} {', '.join(sorted(twice))} is there twice; rename or remove one")

    def find(self, name: str) -> Entry:
        """The checkpoint of that id.

        Raises:
            ZooError: naming the known ones.
        """
        for entry in self.entries:
            if entry.id == name:
                return entry
        known = ", ".join(entry.id for entry in self.entries) or "none"
        raise ZooError(f'checkpoint "{name}" is unknown; choose one of {known}')

    def with_guests(self, entries: Sequence[Entry], root: Path | None = None) -> "Catalog":
        """Further checkpoints, the last; this catalog stays as it is, and no guest is for catalog.json.

        Guests join no pair that is here. A checkpoint's id, pair and title become one name that nothing here has, which
        is its id or, where that is taken, its id and the beginning of its sha256; a unit's arms get theirs likewise
        from the name of their pair.

        Args:
            entries: as they were described: a checkpoint, or the arms of a unit, with their base before them where that
                is a guest too; one that is here already, at the same commit, is that one.
            root: where their paths begin, for those that have one.

        Raises:
            ZooError: if the same files are here already, or both names.
        """
        taken = {name for known in self.entries for name in (known.id, known.pair)}
        guests, bases = list[Entry](), dict[str | None, str]()
        for entry in entries:
            same = [known for known in self.entries if known.sha256 == entry.sha256]
            if entry.arm == BASE:
                same = [known for known in same if known.revision == entry.revision]
                if same:
                    bases[entry.id] = same[0].id
                    continue
            if same:
                raise ZooError(f'checkpoint "{entry.id}": the same files are here as "{same[0].id}"; pick that one')
            own = entry.id if entry.base is None else entry.pair
            theirs = {own, *(one.id for one in entries if one.sha256 == entry.sha256)}
            name = f"{own}-{entry.sha256[:7]}" if theirs & taken else own
            called = name + entry.id.removeprefix(own)
            if {name, called} & taken:
                raise ZooError(
                    f'checkpoint "{called}": the name is taken; copy the checkpoint to a folder of another name'
                )
            if entry.base is None:
                bases[entry.id] = called
                taken |= {called}
            guests.append(replace(entry, id=called, pair=name, title=name, base=bases.get(entry.base, entry.base)))
        placed = {one.id: root for one in guests if root is not None and one.path is not None}
        return replace(self, entries=(*self.entries, *guests), roots={**self.roots, **placed})

    def knowing(self, tasks: Collection[str]) -> "Catalog":
        """Those that have learned any of these tasks."""
        return replace(self, entries=tuple(entry for entry in self.entries if not set(tasks).isdisjoint(entry.tasks)))

    def root_of(self, entry: Entry) -> Path:
        """The folder in which an entry's path begins: the zoo's, but for guests."""
        return self.roots.get(entry.id, self.root)

    def place_of(self, entry: Entry) -> str | None:
        """Where an entry's own folder is on this machine, whole path; None if it is on the Hub alone."""
        return None if entry.path is None else str((self.root_of(entry) / entry.path).absolute())

    def pairs(self) -> tuple[Pair, ...]:
        """The pairs that have a baseline and at least one memory to compare it with, in the catalog's order."""
        grouped: dict[str, list[Entry]] = {}
        for entry in (one for one in self.entries if one.arm != BASE):
            grouped.setdefault(entry.pair, []).append(entry)
        ordered = (sorted(arms, key=lambda entry: entry.arm != BASELINE) for arms in grouped.values())
        return tuple(
            Pair(arms[0].pair, arms[0].title, tuple(arms))
            for arms in ordered
            if arms[0].arm == BASELINE and len(arms) > 1
        )


def read_catalog(root: Path | str | None = None) -> Catalog:
    """The catalog of a folder; where it has no catalog.json, what the checkpoint folders in it say of themselves.

    Args:
        root: by default the folder of this package.

    Raises:
        ZooError: if there is no such folder, no checkpoint in it, or its catalog cannot be used.
    """
    root = ZOO if root is None else Path(root)
    if not root.is_dir():
        raise ZooError(f"{root}: no such folder; give one that holds {CATALOG} or checkpoint folders")
    file = root / CATALOG
    if not file.is_file():
        from zoo.record import scan  # noqa: PLC0415  it builds models: seconds that a catalog saves

        return Catalog(root, scan(root))
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(values, list):
            raise ZooError("must be a list of checkpoints")
        return Catalog(root, _with_bases([Entry.from_json(one) for one in values]))
    except (ValueError, OSError) as error:
        raise ZooError(f"{file}: {error}; correct it, or remove it and run `python -m zoo record`") from None


def _with_bases(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    whole = {entry.id for entry in entries if entry.base is None}
    for entry in entries:
        if entry.base is not None and entry.base not in whole:
            raise ZooError(f'checkpoint "{entry.id}": its base "{entry.base}" is not in the catalog; add that, too')
    return tuple(entries)


def write_catalog(catalog: Catalog) -> Path:
    """Replace the catalog.json of its folder in one step."""
    file = catalog.root / CATALOG
    draft = file.with_suffix(".draft")
    text = json.dumps([entry.to_json() for entry in catalog.entries], indent=2, ensure_ascii=False)
    draft.write_text(text + "\n", encoding="utf-8")
    return draft.replace(file)


__all__ = [
    "BASE",
    "BASELINE",
    "CATALOG",
    "KEPT",
    "ZOO",
    "Catalog",
    "Entry",
    "FileRecord",
    "Pair",
    "ZooError",
    "is_commit",
    "is_kept",
    "read_catalog",
    "write_catalog",
]
