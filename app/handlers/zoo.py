"""The checkpoints: what each is, which are in memory, and further ones from a folder or a Hub repository.

Lays nothing out.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from app.desk import Desk
from app.handlers.cards import Figure, told_by
from hmu.devices import DTYPES, choose_device, choose_dtype
from zoo.admit import admit_folder, admit_repository
from zoo.catalog import BASE, ZOO, Catalog, Entry, ZooError
from zoo.load import load as load_entry
from zoo.shelf import Shelf

EMBEDDED = "embedded"
_GROWING = Lock()


@dataclass(frozen=True, slots=True)
class Card:
    """One checkpoint as the Zoo tab shows it.

    Args:
        id, title, pair, arm, memory, base, tasks, parameters, bytes, sha256: as in `Entry`; the bytes are on disk.
        source: "embedded", the name of its folder, or "repository@commit".
        loaded: whether it is in memory.
        bytes_held: memory of its parameters and buffers; 0 unless loaded.
        device, dtype: where and how Run has it, or would.
        licence: of the weights, None if its card tells none.
        figures: what its card tells, in the card's order.
    """

    id: str
    title: str
    pair: str
    arm: str
    memory: str
    base: str | None
    tasks: tuple[str, ...]
    parameters: int
    bytes: int
    sha256: str
    source: str
    loaded: bool
    bytes_held: int
    device: str
    dtype: str
    licence: str | None
    figures: tuple[Figure, ...]

    @property
    def headline(self) -> tuple[Figure, ...]:
        """The first figure of each kind for each task and split; this project's cards begin with those as trained."""
        firsts: dict[tuple[str, str, str], Figure] = {}
        for figure in self.figures:
            firsts.setdefault((figure.task, figure.split, figure.metric.partition(" (")[0]), figure)
        return tuple(firsts.values())


def cards(desk: Desk) -> tuple[Card, ...]:
    """Every checkpoint there is, in the catalog's order, those added last; loads nothing and fetches nothing."""
    catalog, held = desk.catalog, [shelf.held() for shelf in _shelves(desk)]
    device = choose_device(desk.shelf.device)
    dtype = choose_dtype(device, desk.shelf.dtype)
    name = next(name for name, kind in DTYPES.items() if kind is dtype)
    return tuple(_card(entry, catalog, held, str(device), name) for entry in catalog.entries)


def load(desk: Desk, name: str) -> None:
    """Bring a checkpoint into memory where sliders find it; others may leave to make room.

    Raises:
        ValueError: for an unknown id, a checkpoint that is not as recorded, or one above the shelf's limit.
    """
    desk.touch.get(desk.entry(name).id)


def unload(desk: Desk, name: str) -> None:
    """Let a checkpoint's memory go, wherever it is; whoever is using it keeps it until done, the next use loads it.

    Raises:
        ValueError: for an unknown id.
    """
    entry = desk.entry(name)
    for shelf in _shelves(desk):
        shelf.unload(entry.id)


def may_add(public: bool) -> bool:
    """Whether checkpoints may be added: not where strangers open the page, on a Space or under a shared link."""
    return not public and "SPACE_ID" not in os.environ


def add_folder(desk: Desk, path: str) -> Entry:
    """A checkpoint or a unit from a folder of this machine, for everyone who has the page open, until the server ends.

    It is recorded, verified and loaded once before anyone can pick it; nothing is written.

    Args:
        desk: where it is offered.
        path: of the folder, from / or ~.

    Returns:
        The entry under the id it got; of a unit, which brings two and perhaps its base, the one with the unit on.

    Raises:
        ValueError: on a public page; for a path that leads to no folder, a folder that holds neither, one too large for
            the shelf, one that is not as it should be, a unit whose base is not to be had, or the same files once more.
    """
    _refuse_public(desk)
    try:
        folder = _folder(path)
        found = admit_folder(folder, desk.touch.limit_bytes, desk.catalog.entries)
        return _seat(desk, found, folder.parent)
    except OSError as error:
        raise ZooError(
            f'folder "{path:.200}": {error.strerror or type(error).__name__}; give one that can be read'
        ) from None


def add_hub(desk: Desk, repo: str, revision: str) -> Entry:
    """The same of a Hub repository at a commit; its files stay in the Hub's own cache.

    Args:
        desk: where it is offered.
        repo: owner/name.
        revision: a commit, 40 hexadecimal digits.

    Returns:
        See `add_folder`.

    Raises:
        ValueError: as `add_folder`; for a branch or tag, a repository or commit that does not exist, or no network.
    """
    _refuse_public(desk)
    limit, known = desk.touch.limit_bytes, desk.catalog.entries
    return _seat(desk, admit_repository(repo.strip(), revision.strip(), limit, known))


def _refuse_public(desk: Desk) -> None:
    if not may_add(desk.public):
        raise ZooError("adding a checkpoint: switched off on a public page; run the page on your own machine")


def _folder(path: str) -> Path:
    told = f'folder "{path:.200}"'
    try:
        folder = Path(path.strip()).expanduser()
    except (RuntimeError, ValueError):
        raise ZooError(f"{told}: nobody's home; give the whole path, from / or ~") from None
    if not folder.is_absolute():
        raise ZooError(f"{told}: give the whole path, from / or ~")
    if not folder.is_dir():
        raise ZooError(f"{told}: no such folder; correct the path")
    return folder.resolve()


def _seat(desk: Desk, entries: Sequence[Entry], root: Path | None = None) -> Entry:
    """Offer what was admitted to everyone, once it has proved that it can be loaded the way all are."""
    known, touch = desk.catalog, desk.touch
    grown, here = known.with_guests(entries, root), {one.id for one in known.entries}
    alone = Shelf(grown, touch.device, touch.dtype, touch.limit_bytes)
    for entry in grown.entries[len(known.entries) :]:
        if entry.base in here:
            load_entry(entry, grown, touch.device, touch.dtype, touch.get)  # its base is not in memory twice
        else:
            alone.get(entry.id)
    with _GROWING:
        grown = desk.catalog.with_guests(entries, root)
        for shelf in _shelves(desk):
            shelf.restock(grown)
        desk.catalog = grown
    return grown.entries[-1]


def _shelves(desk: Desk) -> tuple[Shelf, ...]:
    return (desk.shelf,) if desk.touch is desk.shelf else (desk.shelf, desk.touch)


def _card(entry: Entry, catalog: Catalog, held: Iterable[dict[str, int]], device: str, dtype: str) -> Card:
    sizes = [shelf[entry.id] for shelf in held if entry.id in shelf]
    told = told_by(entry, catalog)
    return Card(
        id=entry.id,
        title=entry.title,
        pair=entry.pair,
        arm=entry.arm,
        memory=entry.memory,
        base=entry.base,
        tasks=entry.tasks,
        parameters=entry.parameters,
        bytes=entry.bytes,
        sha256=entry.sha256,
        source=_source(entry, catalog),
        loaded=bool(sizes),
        bytes_held=sum(sizes),
        device=device,
        dtype=dtype,
        licence=told.licence,
        figures=told.figures,
    )


def _source(entry: Entry, catalog: Catalog) -> str:
    place = catalog.place_of(entry)
    if place is None or entry.arm == BASE:
        return f"{entry.repo}@{entry.revision}"
    return EMBEDDED if catalog.root_of(entry) == ZOO else Path(place).name
