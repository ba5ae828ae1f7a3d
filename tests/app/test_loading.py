"""What a picker's bar says while a checkpoint is brought into memory."""

from threading import Event, Thread
from typing import Any

import pytest

from app.components.board import loaded
from app.desk import Desk
from app.handlers.looking import bring
from zoo import shelf as shelf_module
from zoo.load import load as zoo_load


def test_a_checkpoint_is_named_while_it_is_loaded_and_no_more_once_it_is(desk: Desk) -> None:
    steps = bring(desk, "answers-hmu")
    assert next(steps) == desk.entry("answers-hmu")
    assert desk.touch.loaded() == ()
    assert list(steps) == [None]
    assert desk.touch.loaded() == ("answers-hmu",)
    assert list(bring(desk, "answers-hmu")) == [None]


def test_the_bar_goes_on_until_a_slow_load_ends(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    may_end, shown = Event(), []

    def slow(*asked: Any) -> Any:
        assert may_end.wait(30)
        return zoo_load(*asked)

    monkeypatch.setattr(shelf_module, "load", slow)
    seen = Event()

    def draw() -> None:
        for value in loaded(desk, "answers-hmu"):
            shown.append(value)
            seen.set()

    drawing = Thread(target=draw)
    drawing.start()
    assert seen.wait(30)
    assert [value["going"] for value in shown] == [True]
    may_end.set()
    drawing.join(30)
    assert [value["going"] for value in shown] == [True, False]
    assert shown[-1]["said"] == ""


@pytest.mark.parametrize(("name", "why"), [("spoiled-hmu", "sha256"), ("nobody", "nobody"), (None, "None")])
def test_what_cannot_be_loaded_is_told_in_the_bars_place(desk: Desk, name: Any, why: str) -> None:
    *_, last = loaded(desk, name)
    assert last["fault"]
    assert why in last["said"]
