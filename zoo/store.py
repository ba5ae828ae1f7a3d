"""An entry → its folder on this machine, every byte as recorded.

Knows nothing of models: a file is opened only to be hashed.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from huggingface_hub import model_info, snapshot_download, try_to_load_from_cache
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from zoo.catalog import BASE, Catalog, Entry, FileRecord, ZooError, is_commit, is_kept

CARD = "README.md"
BESIDE = (CARD, "LICENSE")
"""Files that may lie beside a checkpoint's own without being catalogued, as may hidden ones; nothing loads them."""
_REPO = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that the Hub has at a commit; sha256 is None where the Hub tells none."""

    name: str
    bytes: int
    sha256: str | None


def folder_of(entry: Entry, catalog: Catalog) -> Path:
    """Where an entry's files are: its folder in the zoo, else the Hub's cache, else fetched into that cache.

    Raises:
        ZooError: if the folder is missing or leads out of the zoo, or the Hub cannot give the commit.
    """
    if entry.path is not None:
        root = catalog.root_of(entry)
        folder = root / entry.path
        if not folder.resolve().is_relative_to(root.resolve()):
            raise ZooError(f"{folder}: a link that leads out of the zoo; put the checkpoint itself there")
        if folder.is_dir():
            return folder
        if entry.repo is None:
            raise ZooError(f'{folder}: missing, the catalog has checkpoint "{entry.id}" there; copy it again, whole')
    return _snapshot(entry)


def is_here(entry: Entry, catalog: Catalog) -> bool:
    """Whether an entry's files are on this machine, in its folder or the Hub's cache; nothing is fetched."""
    place = catalog.place_of(entry)
    if place is not None and Path(place).is_dir():
        return True
    names = (file.name for file in entry.files)
    return entry.repo is not None and all(
        isinstance(try_to_load_from_cache(entry.repo, name, revision=entry.revision), str) for name in names
    )


def within_reach(catalog: Catalog) -> Catalog:
    """The catalog without somebody else's models that are not to be had, and without the units that sit on them.

    The Hub is asked for those that are not on this machine, a second each at most; nothing is fetched.
    """
    away = {entry.id for entry in catalog.entries if entry.arm == BASE and not _can_be_had(entry, catalog)}
    return replace(catalog, entries=tuple(one for one in catalog.entries if not {one.id, one.base} & away))


def _can_be_had(entry: Entry, catalog: Catalog) -> bool:
    if is_here(entry, catalog):
        return True
    try:
        return entry.repo is not None and bool(model_info(entry.repo, revision=entry.revision, timeout=1.0))
    except Exception:  # the Hub client's errors have no base of their own
        return False


def card_of(entry: Entry, catalog: Catalog) -> Path | None:
    """A checkpoint's own README.md, as far as it is on this machine; nothing is fetched."""
    places = [] if entry.path is None else [catalog.root_of(entry) / entry.path / CARD]
    if entry.repo is not None:
        cached = try_to_load_from_cache(entry.repo, CARD, revision=entry.revision)
        places += [Path(cached)] if isinstance(cached, str) else []
    for file in places:
        if file.is_file() and (not file.is_symlink() or _is_cached(file)):
            return file
    return None


def offers(repo: str, revision: str) -> tuple[Offer, ...]:
    """What of a repository at a commit may be fetched: .json, .safetensors and its card, none in a subfolder.

    Raises:
        ZooError: for a name that is no owner/name, a revision that is no commit, one that the Hub does not have or does
            not give to this machine, or no answer.
    """
    if not _REPO.fullmatch(repo):
        raise ZooError(f'repository "{repo:.100}": give owner/name, as the Hub shows it above its files')
    if not is_commit(revision):
        raise ZooError(
            f'revision "{revision:.100}": a branch or tag moves; give a commit, 40 hexadecimal digits, from its history'
        )
    try:
        found = model_info(repo, revision=revision, files_metadata=True, timeout=_PATIENCE)
    except Exception as error:  # the Hub client's errors have no base of their own
        raise ZooError(f"{repo} at {revision}: {_refusal(error)}") from None
    if found.sha != revision:
        raise ZooError(f"{repo} at {revision}: the name of a branch or tag, which moves; give its commit {found.sha}")
    return tuple(
        Offer(file.rfilename, file.size or 0, file.lfs.sha256 if file.lfs else None)
        for file in found.siblings or ()
        if is_kept(file.rfilename) or file.rfilename == CARD
    )


def fetch(repo: str, revision: str, files: Sequence[Offer]) -> Path:
    """Files of a repository at a commit, in the Hub's cache; those whose sha256 the Hub tells are compared with it.

    Raises:
        ZooError: if one cannot be fetched or is not what was offered.
    """
    try:
        folder = Path(snapshot_download(repo, revision=revision, allow_patterns=[file.name for file in files]))
    except Exception as error:  # the Hub client's errors have no base of their own
        raise ZooError(f"{repo} at {revision}: {_refusal(error)}") from None
    for file in files:
        if file.sha256 not in {None, digest(folder / file.name)}:
            raise ZooError(f"{folder / file.name}: not the sha256 that the Hub tells; remove the file and try again")
    return folder


def verify(entry: Entry, folder: Path) -> None:
    """Compare a folder with its entry: every file there with its bytes and sha256, and no other file.

    In the Hub's cache, which is of one commit, somebody else's model may have other files beside those recorded.

    A file is hashed again only after it changed. Nothing is parsed.

    Raises:
        ZooError: naming the first file that differs.
    """
    for fault in faults(entry, folder):
        raise ZooError(fault)


def faults(entry: Entry, folder: Path) -> Iterator[str]:
    """What `verify` objects to, one line each."""
    listed = {file.name for file in entry.files}
    whole = entry.arm == BASE and folder.parent.name == "snapshots"  # the cache may have all of the same commit
    for found in () if whole else sorted(folder.iterdir()):
        if found.name not in listed and found.name not in BESIDE and not found.name.startswith("."):
            yield f'{found}: not in the catalog\'s list of checkpoint "{entry.id}"; remove it'
    for file in entry.files:
        fault = _fault(file, folder / file.name)
        if fault:
            yield f"{folder / file.name}: {fault}"


def digest(file: Path) -> str:
    """The sha256 of a file's content, remembered while its size and times stay."""
    stat = file.stat()
    return _digest(file.absolute(), (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns))


def recorded(file: Path) -> FileRecord:
    """A file as it is now."""
    return FileRecord(file.name, digest(file), file.stat().st_size)


def _fault(record: FileRecord, file: Path) -> str | None:
    if not file.is_file():
        return "missing; copy the checkpoint again, whole"
    if file.is_symlink() and not _is_cached(file):
        return "a link; put the file itself there"
    size = file.stat().st_size
    if size != record.bytes:
        return f"{size:,} bytes, the catalog says {record.bytes:,}; the file is cut or changed, copy it again"
    found = digest(file)
    if found != record.sha256:
        return (
            f"sha256 {found[:12]}…, the catalog says {record.sha256[:12]}…; "
            "the file is damaged or changed, copy it again"
        )
    return None


def _is_cached(link: Path) -> bool:
    """Whether a link is one of the Hub cache's own: snapshots/<commit>/<name> → blobs/<hash>, in one repository."""
    snapshots = link.parent.parent
    return snapshots.name == "snapshots" and link.resolve().parent == (snapshots.parent / "blobs").resolve()


@lru_cache(maxsize=4096)
def _digest(file: Path, _version: tuple[int, int, int]) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _snapshot(entry: Entry) -> Path:
    names = [file.name for file in entry.files]
    assert entry.repo is not None
    try:
        kept = Path(snapshot_download(entry.repo, revision=entry.revision, allow_patterns=names, local_files_only=True))
        if all((kept / name).is_file() for name in names):
            return kept
    except LocalEntryNotFoundError:
        pass
    try:
        return Path(snapshot_download(entry.repo, revision=entry.revision, allow_patterns=[*names, CARD]))
    except Exception as error:  # the Hub client's errors have no base of their own
        reason = _first_line(error)
        raise ZooError(
            f'checkpoint "{entry.id}": {entry.repo} at {entry.revision} is not in the cache and cannot be fetched '
            f"({reason}); go online once, or give a folder that holds it with --zoo"
        ) from None


def _refusal(error: Exception) -> str:
    if isinstance(error, GatedRepoError):
        return "gated; ask its owner on the Hub, then log in there from this machine"
    if isinstance(error, RepositoryNotFoundError):
        return "no such repository, or a private one; correct the name, or log in to the Hub from this machine"
    if isinstance(error, RevisionNotFoundError):
        return "the repository has no such commit; copy the whole commit from its history"
    if isinstance(error, HfHubHTTPError):
        return f"the Hub answered {error.response.status_code}; try again later"
    return f"the Hub cannot be reached ({_first_line(error)}); go online, or add a folder"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
