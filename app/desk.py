"""What the handlers work on: the zoo's shelf, the sources already read, and the places things run.

Knows nothing of gradio or of the page. One desk serves every visitor; nothing a visitor turns is kept here.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from hmu import TASKS, Checkpoint, Source, find_task, read
from hmu.tasks.synthetic import SYNTHETIC
from hmu.text import admit
from zoo.catalog import Catalog, Entry
from zoo.shelf import Shelf

_SOURCES_KEPT = 128


class UnlearnedError(ValueError):
    """A checkpoint is asked about a task that it has not learned."""


@dataclass(slots=True)
class Desk:
    """Catalog, shelves and a small memory of texts already encoded.

    Args:
        catalog: what can be picked.
        shelf: where Run finds its models.
        touch: where sliders find theirs; on a Space whose GPU must be queued for, a second shelf on the CPU.
        public: whether people the owner does not know may open the page.
    """

    catalog: Catalog
    shelf: Shelf
    touch: Shelf
    public: bool = False
    _sources: OrderedDict[tuple[str, str, str, str | None], Source] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def unqueued(self) -> "Desk":
        """A desk whose long work runs where sliders' does: on ZeroGPU a queued GPU call would be cut off in it."""
        return replace(self, shelf=self.touch)

    @property
    def readers(self) -> Catalog:
        """The checkpoints that read texts."""
        return self.catalog.knowing(TASKS)

    @property
    def writers(self) -> Catalog:
        """Those that write texts."""
        return self.catalog.knowing([task.name for task in TASKS.values() if task.generates])

    @property
    def rememberers(self) -> Catalog:
        """Those that were trained on the synthetic memory tasks."""
        return self.catalog.knowing([SYNTHETIC])

    def entry(self, name: str) -> Entry:
        """The checkpoint of that id.

        Raises:
            ValueError: for an unknown id, naming those there are.
        """
        return self.catalog.find(name)

    def source(self, entry: Entry, task: str, text: str, second: str | None = None) -> tuple[Checkpoint, Source]:
        """A text as this checkpoint's encoder left it, or two for a task that reads two, encoded once and kept a while.

        Raises:
            UnlearnedError: for a task that this checkpoint does not know.
            ValueError: for an unknown task, an empty text, or a second text too few or too many.
        """
        asked = find_task(task)
        refuse_unlearned(entry, task)
        checkpoint = self.touch.get(entry.id)
        key = (entry.id, task, text, second)
        with self._lock:
            if key in self._sources:
                self._sources.move_to_end(key)
                return checkpoint, self._sources[key]
        if asked.pair and second is not None:
            _refuse_empty(text, second)
        source = read(checkpoint, task, text, second)
        with self._lock:
            self._sources[key] = source
            while len(self._sources) > _SOURCES_KEPT:
                self._sources.popitem(last=False)
        return checkpoint, source


def refuse_unlearned(entry: Entry, task: str) -> None:
    """Ask a checkpoint nothing that it has not learned.

    Raises:
        UnlearnedError: naming what it knows.
        ValueError: for an unknown task.
    """
    if find_task(task).name not in entry.tasks:
        known = ", ".join(entry.tasks)
        raise UnlearnedError(f'checkpoint "{entry.id}" has not learned task "{task:.60}"; choose one of {known}')


def _refuse_empty(first: str, second: str) -> None:
    """Of two texts, say which is empty; `read` says only that one is."""
    for name, text in (("first", first), ("second", second)):
        try:
            admit(text)
        except ValueError as error:
            raise ValueError(f"{name} {error}") from None
