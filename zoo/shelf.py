"""The loaded models: each loaded once, the least recently used put away when the shelf is full.

Knows nothing of requests: whoever got a checkpoint keeps it, even after the shelf let it go.
"""

from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future
from itertools import chain
from threading import Lock

import hmu
from hmu.devices import choose_device, choose_dtype
from zoo.catalog import Catalog, ZooError
from zoo.load import load

GIB = 2**30


class Shelf:
    """Checkpoints by id, for any number of threads.

    Args:
        catalog: what can be asked for.
        device, dtype: where and how every checkpoint is loaded, as in `hmu.load_checkpoint`.
        limit_bytes: most bytes of parameters and buffers that are kept; one being loaded comes on top of them.

    Raises:
        ValueError: for an unknown device or dtype.
    """

    def __init__(self, catalog: Catalog, device: str = "auto", dtype: str = "auto", limit_bytes: int = 2 * GIB) -> None:
        choose_dtype(choose_device(device), dtype)
        self.catalog, self.device, self.dtype, self.limit_bytes = catalog, device, dtype, limit_bytes
        self._lock = Lock()
        self._kept: OrderedDict[str, hmu.Checkpoint] = OrderedDict()
        self._coming: dict[str, Future[hmu.Checkpoint]] = {}

    def get(self, name: str) -> hmu.Checkpoint:
        """A checkpoint, loaded if it is not there; a second thread that asks meanwhile waits for the first.

        Raises:
            ZooError: for an unknown id, a checkpoint that is not as recorded, or one above the limit.
            CheckpointError: if its tensors do not fit its config.
        """
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
            waited = self._coming.get(name)
            mine = self._coming.setdefault(name, Future())
        return waited.result() if waited is not None else self._bring(name, mine)

    def preload(self, names: Iterable[str]) -> None:
        """Load now, so that a process forked later finds the models in place.

        Raises:
            ZooError: as `get`, or if they do not all fit on the shelf together.
        """
        names = tuple(names)
        for name in names:
            self.get(name)
        gone = [name for name in names if name not in self.loaded()]
        if gone:
            raise ZooError(f"shelf: no room for {', '.join(gone)}; raise the limit of {self.limit_bytes:,} bytes")

    def loaded(self) -> tuple[str, ...]:
        """The ids on the shelf, the least recently used first."""
        with self._lock:
            return tuple(self._kept)

    def bytes_held(self) -> int:
        """Bytes of parameters and buffers on the shelf."""
        with self._lock:
            return size_of(*self._kept.values())

    def held(self) -> dict[str, int]:
        """Id → bytes of parameters and buffers, for each checkpoint on the shelf; asking is no use of it."""
        with self._lock:
            return {name: size_of(checkpoint) for name, checkpoint in self._kept.items()}

    def unload(self, name: str) -> None:
        """Let one go, if it is there; whoever uses it keeps it, and one that is being loaded still comes."""
        with self._lock:
            self._kept.pop(name, None)

    def restock(self, catalog: Catalog) -> None:
        """Serve from a catalog that has grown; what is loaded stays. No id may change its meaning."""
        with self._lock:
            assert catalog.entries[: len(self.catalog.entries)] == self.catalog.entries
            self.catalog = catalog

    def _bring(self, name: str, coming: Future[hmu.Checkpoint]) -> hmu.Checkpoint:
        catalog = self.catalog
        try:
            checkpoint = load(catalog.find(name), catalog, self.device, self.dtype, self.get)
            self._refuse_above_limit(checkpoint)
        except BaseException as error:
            with self._lock:
                del self._coming[name]
            coming.set_exception(error)
            raise
        with self._lock:
            del self._coming[name]
            self._kept[name] = checkpoint
            self._put_away()
        coming.set_result(checkpoint)
        return checkpoint

    def _refuse_above_limit(self, checkpoint: hmu.Checkpoint) -> None:
        size = size_of(checkpoint)
        if size > self.limit_bytes:
            raise ZooError(
                f'checkpoint "{checkpoint.name}": {size:,} bytes in memory, the shelf holds {self.limit_bytes:,}; '
                "raise the limit or choose a smaller dtype"
            )

    def _put_away(self) -> None:
        while size_of(*self._kept.values()) > self.limit_bytes:
            self._kept.popitem(last=False)


def size_of(*checkpoints: hmu.Checkpoint) -> int:
    """Bytes of the parameters and buffers of models; what is tied, or shared by several of them, once."""
    tensors = chain.from_iterable(chain(one.model.parameters(), one.model.buffers()) for one in checkpoints)
    return sum({id(tensor): tensor.numel() * tensor.element_size() for tensor in tensors}.values())
