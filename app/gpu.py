"""Where Run works: on ZeroGPU in a queued GPU call, everywhere else right here.

On ZeroGPU the call runs in a forked worker: arguments and yields are pickled, so they are plain values, and the desk is
found there by `desk()` instead of being passed.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from app.desk import Desk
from app.handlers import imagine as imagining
from app.handlers import writing
from app.handlers.asks import Ask
from app.handlers.imagine import Between, Imagined
from app.handlers.writing import Written
from hmu import TASKS, Decoding
from zoo.catalog import read_catalog
from zoo.shelf import Shelf
from zoo.store import within_reach

ON_ZERO_GPU = bool(os.environ.get("SPACES_ZERO_GPU"))
_desk: list[Desk] = []


def open_desk(zoo: Path | None = None, device: str = "auto", dtype: str = "auto", public: bool = False) -> Desk:
    """Read the catalog and set up the shelves; on ZeroGPU also place the pairs of our own on the GPU at once."""
    catalog = within_reach(read_catalog(zoo))
    if ON_ZERO_GPU and dtype == "auto":
        dtype = "bf16"  # its cards have it, and there is none to ask before the first queued call
    shelf = Shelf(catalog, device=device, dtype=dtype)
    touch = shelf
    if ON_ZERO_GPU:
        touch = Shelf(catalog, device="cpu")
        first, *others = catalog.knowing(TASKS).pairs()  # a queued call's process keeps nothing that it loads
        shelf.preload([entry.id for entry in first.arms])
        for entry in (arm for pair in others if pair.memory_arm.base is None for arm in pair.arms):
            with suppress(ValueError):  # whoever picks it is told
                shelf.preload([entry.id])
    _desk[:] = [Desk(catalog, shelf, touch, public)]
    return desk()


def desk() -> Desk:
    """The desk that was opened last."""
    return _desk[0]


def _write(ask: Ask, decoding: Decoding, begun: Sequence[int] = ()) -> Iterator[Written]:
    yield from writing.write(desk(), ask, decoding, begun)


def _imagine(
    latent: Ask, softmax: Ask | None, n: int, decoding: Decoding, softmax_temperature: float
) -> Iterator[Imagined]:
    yield from imagining.imagine(desk(), latent, softmax, n, decoding, softmax_temperature)


def _between(ask: Ask, other_text: str, steps: int, decoding: Decoding) -> Iterator[Between]:
    yield from imagining.between(desk(), ask, other_text, steps, decoding)


if ON_ZERO_GPU:
    import spaces

    write, imagine, between = spaces.GPU(_write), spaces.GPU(_imagine), spaces.GPU(_between)
else:
    write, imagine, between = _write, _imagine, _between
