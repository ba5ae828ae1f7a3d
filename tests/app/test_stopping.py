"""A writing that is stopped, that gives way, and that was asked for before a Stop came."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from app.handlers.stopping import Switch, until
from app.tabs.generate import _NOTHING, _follow, _idle

Frame = tuple[Any, ...]


def frames(switch: Switch, stop_at: int = 99, newer_at: int = 99) -> Iterator[Frame | None]:
    """Five frames, every other one too young to be sent; in between somebody presses Stop, or Run."""
    for place in range(5):
        if place == stop_at:
            switch.stop(20.0)
        if place == newer_at:
            switch.begin(30.0)
        yield ({"tokens": place, "busy": place < 4}, "plot", "map", None) if place % 2 == 0 else None


def written(switch: Switch, asked: float, **stops: int) -> list[Frame]:
    return list(until(switch, asked, frames(switch, **stops), _idle, _NOTHING))


def tokens(shown: list[Frame]) -> list[tuple[int, bool]]:
    return [(frame[0]["tokens"], frame[0]["busy"]) for frame in shown]


def test_a_writing_that_nobody_stops_sends_its_frames() -> None:
    switch = Switch()
    assert tokens(written(switch, 10.0)) == [(0, True), (2, True), (4, False)]


def test_a_stopped_writing_ends_idle_with_what_it_showed_last() -> None:
    switch = Switch()
    shown = written(switch, 10.0, stop_at=3)
    assert tokens(shown) == [(0, True), (2, True), (2, False)]
    assert shown[-1][1:] == (gr.skip(),) * 3


def test_a_writing_that_gives_way_says_nothing_more() -> None:
    switch = Switch()
    assert tokens(written(switch, 10.0, newer_at=3)) == [(0, True), (2, True)]


def test_a_stop_ends_what_was_asked_for_before_it_and_nothing_after() -> None:
    switch = Switch()
    switch.stop(20.0)
    assert written(switch, 10.0) == [_NOTHING]
    assert len(written(switch, 21.0)) == 3


def test_a_column_turns_to_a_checkpoint_once_and_not_from_a_writing_of_its_own() -> None:
    switch = Switch()
    assert [switch.turns_to(name) for name in ("a", "b", "b", "a")] == [True, True, False, True]
    switch.begin(10.0, "b")
    assert not switch.turns_to("b")
    switch.begin(5.0, "a")
    assert not switch.turns_to("b")


def test_an_older_writing_that_comes_late_gives_way_to_a_newer_one() -> None:
    switch = Switch()
    switch.begin(30.0)
    assert written(switch, 10.0) == [_NOTHING]


def test_what_sends_no_frame_leaves_everything_as_it_is() -> None:
    """Gradio empties what a generator without a value was to fill; so did each column while nobody followed."""
    assert list(until(Switch(), 10.0, iter([None, None]), _idle, _NOTHING)) == [_NOTHING]
    nobody: Any = None
    assert list(_follow(nobody, nobody, False, Switch(), 2)) == [_NOTHING]
