"""Which checkpoints there are: catalog.json as values.

Opens no checkpoint and knows nothing of models, hashes on disk or the Hub; a value that exists is consistent in itself.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

ZOO = Path(__file__).parent
CATALOG = "catalog.json"
BASELINE = "baseline"
KEPT = (".json", ".safetensors")
"""What a checkpoint is made of; nothing else is catalogued, so nothing that could be unpickled is ever read."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SHA256, _COMMIT = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")


def is_kept(name: str) -> bool:
    """Whether a file of that name is part of a checkpoint: a plain name of those kinds, in no folder of its own."""
    return _NAME.fullmatch(name) is not None and name.endswith(KEPT)


def is_commit(revision: str) -> bool:
    """Whether a revision is a whole commit, 40 hexadecimal digits; a branch or tag may move."""
    return _COMMIT.fullmatch(revision) is not None


class ZooError(ValueError):
    """A catalog or checkpoint that cannot be used, or a question about one that does not exist."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of a checkpoint as it was recorded.

    Args:
        name: a plain file name, .json or .safetensors.
        sha256: of its content, 64 hexadecimal digits.
        bytes: its size.

    Raises:
        ZooError: for a name that leads elsewhere or is not of those kinds, a hash or a size that is none.
    """

    name: str
    sha256: str
    bytes: int

    def __post_init__(self) -> None:
        if not is_kept(self.name):
            raise ZooError(f'file "{self.name}": a checkpoint lists plain names ending in {" or ".join(KEPT)}')
        if not _SHA256.fullmatch(self.sha256):
            raise ZooError(f'file "{self.name}": sha256 "{self.sha256}" is not 64 hexadecimal digits')
        if type(self.bytes) is not int or self.bytes < 0:
            raise ZooError(f'file "{self.name}": bytes {self.bytes!r} is not a size')


@dataclass(frozen=True, slots=True)
class Entry:
    """One checkpoint.

    Args:
        id: its name in the zoo, and as a rule that of its folder.
        pair: the name it shares with the checkpoints that were trained alike.
        arm: "baseline", or the kind of memory; once in a pair.
        title: the pair's name as people read it.
        tasks: what may be asked of it, in the order they are shown.
        parameters: summed over the modules as built.
        bytes: sum over its files.
        files: what it consists of.
        path: its folder below the zoo's, with "/" between; None if it is on the Hub alone.
        repo: its Hub repository; None if it is in the folder alone.
        revision: the repository's commit, 40 hexadecimal digits: a branch or tag may move.
        memory: as in its config.

    Raises:
        ZooError: if a field does not hold what is said here.
    """

    id: str
    pair: str
    arm: str
    title: str
    tasks: tuple[str, ...]
    parameters: int
    bytes: int
    files: tuple[FileRecord, ...]
    path: str | None
    repo: str | None
    revision: str | None
    memory: str

    def __post_init__(self) -> None:
        for fault in _faults(self):
            raise ZooError(f'checkpoint "{self.id}": {fault}')

    @property
    def sha256(self) -> str:
        """Of the checkpoint as a whole: of its sorted lines "sha256  name"."""
        lines = sorted(f"{file.sha256}  {file.name}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The fields and the whole's sha256, as they stand in catalog.json."""
        values = asdict(self)
        files = values.pop("files")
        return values | {"sha256": self.sha256, "files": files}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Entry":
        """The reverse of `to_json`.

        Raises:
            ZooError: for a field that is missing, unknown or wrong, or a sha256 that is not that of the files.
        """
        name = values.get("id") if isinstance(values, Mapping) else values
        try:
            files = tuple(FileRecord(**file) for file in values["files"])
            others = {key: value for key, value in values.items() if key != "sha256"}
            entry = cls(**others | {"tasks": tuple(values["tasks"]), "files": files})
        except (TypeError, KeyError, AttributeError) as error:
            raise ZooError(f'checkpoint "{name}": {error}; correct the field') from None
        if values.get("sha256", entry.sha256) != entry.sha256:
            raise ZooError(f'checkpoint "{name}": sha256 is not that of the files listed')
        return entry


def _faults(entry: Entry) -> Iterable[str]:
    for kind in ("id", "pair", "arm", "memory"):
        if not _NAME.fullmatch(getattr(entry, kind)):
            yield f'{kind} "{getattr(entry, kind)}" is not a plain name of letters, digits, ".", "_" and "-"'
    if not entry.files or len({file.name for file in entry.files}) < len(entry.files):
        yield "files must list each file once"
    if entry.bytes != sum(file.bytes for file in entry.files):
        yield f"bytes {entry.bytes!r} is not the sum over its files"
    if type(entry.parameters) is not int or entry.parameters < 1:
        yield f"parameters {entry.parameters!r} is not a count"
    if not isinstance(entry.title, str) or not all(isinstance(task, str) for task in entry.tasks):
        yield "title and tasks must be texts"
    if entry.path is None and entry.repo is None:
        yield "neither path nor repo says where it is"
    if entry.path is not None and (entry.path.startswith("/") or {"..", ""} & set(entry.path.split("/"))):
        yield f'path "{entry.path}" leads out of the zoo; give a folder below it'
    if entry.repo is not None and not is_commit(entry.revision or ""):
        yield f'repo "{entry.repo}" is not pinned; set revision to a commit of 40 hexadecimal digits, not a branch'


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

    def with_guest(self, entry: Entry, root: Path | None = None) -> "Catalog":
        """One checkpoint more, the last; this catalog stays as it is, and no guest is for catalog.json.

        A guest joins no pair: its id, pair and title become one name that nothing here has, which is its id or, where
        that is taken, its id and the beginning of its sha256.

        Args:
            entry: as it was described.
            root: where its path begins; None if it is on the Hub alone.

        Raises:
            ZooError: if the same files are here already, or both names.
        """
        taken = {name for known in self.entries for name in (known.id, known.pair)}
        name = entry.id if entry.id not in taken else f"{entry.id}-{entry.sha256[:7]}"
        for known in self.entries:
            if known.sha256 == entry.sha256:
                raise ZooError(f'checkpoint "{entry.id}": the same files are here as "{known.id}"; pick that one')
        if name in taken:
            raise ZooError(f'checkpoint "{name}": the name is taken; copy the checkpoint to a folder of another name')
        guest = replace(entry, id=name, pair=name, title=name)
        return replace(self, entries=(*self.entries, guest), roots={**self.roots, **({name: root} if root else {})})

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
        for entry in self.entries:
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
        return Catalog(root, tuple(Entry.from_json(one) for one in values))
    except (ValueError, OSError) as error:
        raise ZooError(f"{file}: {error}; correct it, or remove it and run `python -m zoo record`") from None


def write_catalog(catalog: Catalog) -> Path:
    """Replace the catalog.json of its folder in one step."""
    file = catalog.root / CATALOG
    draft = file.with_suffix(".draft")
    text = json.dumps([entry.to_json() for entry in catalog.entries], indent=2, ensure_ascii=False)
    draft.write_text(text + "\n", encoding="utf-8")
    return draft.replace(file)
