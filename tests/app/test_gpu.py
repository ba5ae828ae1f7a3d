"""Run as on ZeroGPU: a stand-in for `spaces.GPU` carries arguments and frames to a worker and back as bytes."""

import importlib.util
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app import gpu
from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.imagine import between, imagine
from app.handlers.looking import look
from app.handlers.writing import Written, write
from hmu import Controls, Decoding

ASKED = Ask("answers-hmu", "common_gen", "field, look, stand", Controls(-2.0, 1.0, 5, (None, 1.0)))
SAMPLED = Decoding(temperature=0.8, top_k=20, seed=3, max_new_tokens=12)


@pytest.fixture
def zero_gpu(monkeypatch: pytest.MonkeyPatch, page_zoo: Path) -> ModuleType:
    """app.gpu as ZeroGPU imports it."""

    def decorate(function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def worker(*values: Any) -> Iterator[Any]:
            for value in function(*pickle.loads(pickle.dumps(values))):
                yield pickle.loads(pickle.dumps(value))

        return worker

    monkeypatch.setenv("SPACES_ZERO_GPU", "1")
    spaces = ModuleType("spaces")
    spaces.GPU = decorate  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spaces", spaces)
    spec = importlib.util.spec_from_file_location("gpu_on_zero", str(gpu.__file__))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.open_desk(page_zoo, device="cpu", dtype="fp32")
    return module


def shown(frame: Written) -> tuple[Any, ...]:
    """All of a frame but its times."""
    return frame.look, frame.steps, frame.writing, frame.done


@pytest.mark.parametrize("begun", [(), (40, 41, 42)], ids=["from-the-start", "begun"])
def test_zero_gpu_gives_the_same_frames(zero_gpu: ModuleType, desk: Desk, begun: tuple[int, ...]) -> None:
    there, here = zero_gpu.write(ASKED, SAMPLED, begun), write(desk, ASKED, SAMPLED, begun)
    assert [shown(frame) for frame in there] == [shown(frame) for frame in here]


def test_zero_gpu_imagines_the_same_texts(zero_gpu: ModuleType, desk: Desk) -> None:
    plain = Ask("answers-baseline", "common_gen", "dog")
    asked = (ASKED, plain, 2, SAMPLED, 0.9)
    assert list(zero_gpu.imagine(*asked)) == list(imagine(desk, *asked))
    assert list(zero_gpu.between(ASKED, "dog", 3, SAMPLED)) == list(between(desk, ASKED, "dog", 3, SAMPLED))


def test_zero_gpu_places_every_pair_before_anyone_asks_and_slides_elsewhere(zero_gpu: ModuleType) -> None:
    desk = zero_gpu.desk()
    placed = [f"{pair}-{arm}" for pair in ("answers", "endless", "markup") for arm in ("baseline", "hmu")]
    assert desk.shelf.loaded() == (*placed, "spoiled-baseline")  # the other of that pair cannot be loaded
    look(desk, ASKED)
    assert desk.shelf is not desk.touch
    assert desk.touch.loaded() == ("answers-hmu",)


def test_here_a_run_works_on_the_desk_that_was_opened_last(page_zoo: Path) -> None:
    desk = gpu.open_desk(page_zoo, device="cpu")
    assert gpu.desk() is desk
    assert shown(next(gpu.write(ASKED, SAMPLED))) == shown(next(write(desk, ASKED, SAMPLED)))
    assert desk.shelf.loaded() == ("answers-hmu",)
