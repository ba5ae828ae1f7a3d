"""One checkpoint as the catalog knows it: a value that exists is consistent in itself.

Opens no file and knows nothing of models, hashes on disk or the Hub.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

BASELINE = "baseline"
BASE = "base"
"""The arm of somebody else's model, which units are put on and which answers nothing by itself."""
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
        base: for a unit that is put on another model: that model's id; both arms of such a pair are the same files, and
            the baseline leaves the unit off.

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
    base: str | None = None

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
