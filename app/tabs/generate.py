"""The Generate tab: one prompt, up to four columns writing side by side, and what each reads while it does."""

import math
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import gradio as gr

from app import words
from app.components.board import Board, Setup, has_gate
from app.components.hop import hop, hop_with
from app.components.live import drawing, live_plot, said_line, source_strip, token_strip
from app.desk import Desk, UnlearnedError
from app.gpu import write
from app.handlers.asks import DECODING, begun_of, decoding_of, number
from app.handlers.looking import look
from app.handlers.stopping import Switch, until
from app.handlers.writing import Written
from app.render import NO_GATE, UNLEARNED, column, empty_column, look_plots, notes, source, unread, writing_plots
from app.tabs.columns import (
    ask_of,
    dress,
    lettered,
    look_at,
    places_of,
    prompt_box,
    samples_row,
    task_picker,
    tasks_that,
    unlearned,
)
from app.tabs.generate_parts import Column, Result, Shared, Tab
from app.told import told

_REDRAW = 0.08
"""Seconds between two frames that are sent; the browser draws fewer than that."""
_FOLLOWED = 0.25
"""The same while generation follows a control: fewer, so that the next move is served sooner."""
_NOTHING: tuple[Any, ...] = (gr.skip(),) * 4
"""Leaves what a writing draws, `Column.shows`, as it is."""


def build(desk: Desk, board: Board) -> Tab:
    """Lay the tab out and connect its events."""
    tasks = tasks_that(desk, generate=True)
    with gr.Row():
        with gr.Column(scale=5):
            prompt = prompt_box(tasks[0], "prompt", lines=1)
            typed = hop([prompt.change])
            look_at([typed, board.ready], prompt)
            examples = samples_row(tasks[0])
        with gr.Column(scale=2, min_width=260):
            task = task_picker(tasks, "generate-task")
            with gr.Row():
                run = gr.Button(words.RUN, variant="primary", elem_id="run", min_width=90)
                stop = gr.Button(words.STOP_ALL, elem_id="stop", min_width=90)
            follow = gr.Checkbox(False, label=words.FOLLOW, elem_id="follow")
    dress(task, prompt, examples)
    decoding, by_gate = _settings()
    changed = hop([task.change, by_gate.change])
    shared = Shared(
        task, prompt, board.seed, board.count, by_gate, follow, decoding, gr.State(0), gr.Number(0, visible=False)
    )
    with gr.Row(elem_id="written-columns", equal_height=False):
        columns = tuple(_column(place, setup, place < 2) for place, setup in enumerate(board.setups))
    for one in columns:
        touched = _reads(desk, shared, one, [one.setup.picked, board.moved, typed, changed, board.ready])
        _writes(desk, shared, one, [one.setup.picked, one.setup.turned, board.moved, touched])
    gr.on(
        [run.click, prompt.submit],
        _now,
        None,
        [shared.begin, shared.asked],
        api_visibility="private",
        show_progress="hidden",
    )
    stop.click(_stop, [one.switch for one in columns], None, concurrency_limit=None, **_QUIET)
    return Tab(tuple(tasks), shared, columns)


def _settings() -> tuple[tuple[gr.Component, ...], gr.Checkbox]:
    with gr.Accordion(words.DECODING, open=False):
        with gr.Row():
            sliders = tuple(
                gr.Slider(low, high, value=first, step=step, label=words.DECODING_LABELS[name][0], info=info)
                for name, (low, high, first, step) in DECODING.items()
                for info in [words.DECODING_LABELS[name][1]]
            )
        return sliders, gr.Checkbox(True, label=words.BY_GATE, elem_id="by-gate")


def _column(place: int, setup: Setup, shown: bool) -> Column:
    letter = setup.letter
    with gr.Column(visible=shown, min_width=300) as group:
        said = said_line(f"notes-{letter}", "notes-line")
        tokens = source_strip(f"source-{letter}", letter, words.SOURCE_OF.format(letter))
        strip = token_strip(f"text-{letter}", letter, words.TEXT_OF.format(letter))
        stop = gr.Button(words.STOP_ONE.format(letter), size="sm", elem_id=f"stop-{letter}")
        bars = live_plot(f"bars-{letter}", words.BARS_OF.format(letter), height=320)
        heat = live_plot(f"map-{letter}", words.MAP_OF.format(letter), words.PLOT_WAITING, height=260)
        written = live_plot(f"written-{letter}", words.WRITTEN_OF.format(letter), words.PLOT_WAITING, height=320)
    return Column(
        place, setup, group, tokens, strip, stop, bars, heat, written, said, gr.State(None), gr.State(Switch())
    )


_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "preprocess": False}


def _values(shared: Shared, column: Column) -> list[gr.Component]:
    return [*column.setup.values, shared.seed, shared.task, shared.prompt, column.source]


def _reads(desk: Desk, shared: Shared, column: Column, states: list[gr.State]) -> gr.State:
    """One column's reading of the source, made again whenever something that it hangs on is turned.

    Returns:
        What changes with the gates that are forced.
    """
    reading = [shared.count, shared.by_gate, *_values(shared, column)]
    shows = [column.source, column.bars, column.map, column.said]
    redraw, setup = partial(_look, desk, column), column.setup
    triggers = [state.change for state in states]
    gr.on(triggers, told(redraw), reading, shows, concurrency_limit=8, trigger_mode="always_last", **_QUIET)
    hop_with(redraw, [setup.gate_bias.change, setup.temperature.change], reading, shows, into=setup.turned)
    return hop_with(redraw, [column.source.select], reading, shows)


def _writes(desk: Desk, shared: Shared, column: Column, states: list[gr.State]) -> None:
    """One column's writing: by Run, from an alternative, and as it follows what is turned, each until it is stopped."""
    asked = [column.switch, shared.count, *_values(shared, column), *shared.decoding]
    limits: dict[str, Any] = {"concurrency_limit": 4, **_QUIET}
    start, starting = told(partial(_start, desk, column)), [shared.asked, *asked]
    shared.begin.change(start, starting, column.shows, trigger_mode="multiple", **limits)
    column.strip.select(told(_continuing(desk, column)), asked, column.shows, trigger_mode="always_last", **limits)
    follow, following = told(partial(_follow, desk, column)), [shared.follow, *asked]
    turned = [state.change for state in states]
    gr.on(turned, follow, following, column.shows, trigger_mode="always_last", **limits)
    column.stop.click(_stop, column.switch, None, concurrency_limit=None, **_QUIET)
    renamed, known = partial(_renamed, desk, column), [column.setup.checkpoint, column.switch]
    column.setup.picked.change(renamed, known, column.shows, **_QUIET)


def _look(desk: Desk, column: Column, count: int, by_gate: bool, *values: Any) -> Any:
    if column.place not in places_of(count):
        return (gr.skip(),) * 4
    try:
        ask = ask_of(desk, *values)
        found = look(desk, ask)
    except UnlearnedError:
        told_of = unlearned(column.setup.letter, desk, values[0])
        return unread(), drawing(UNLEARNED), drawing(UNLEARNED), {"text": told_of}
    bars, heat = look_plots(found, bool(by_gate))
    looked = gr.skip() if found.gate is None else drawing(heat)
    return source(found, ask.controls), drawing(bars), looked, {"text": notes({"": found})}


def _start(desk: Desk, column: Column, asked: Any, switch: Switch, count: int, *values: Any) -> Iterator[Any]:
    since = float(number("asked", asked, 0, math.inf))
    yield from _until(switch, since, desk, column, count, values)


def _follow(desk: Desk, column: Column, follow: bool, switch: Switch, count: int, *values: Any) -> Iterator[Any]:
    if not follow:
        yield _NOTHING
        return
    yield from _until(switch, time.time(), desk, column, count, values, pause=_FOLLOWED)


def _continuing(desk: Desk, column: Column) -> Any:
    def go_on(event: gr.EventData, switch: Switch, count: int, *values: Any) -> Iterator[Any]:
        begun = begun_of(event._data.get("begun") if isinstance(event._data, dict) else None)
        yield from _until(switch, time.time(), desk, column, count, values, begun)

    return go_on


def _now() -> list[float]:
    return [time.time()] * 2


def _stop(*switches: Switch) -> None:
    for switch in switches:
        switch.stop(time.time())


def _until(
    switch: Switch,
    asked: float,
    desk: Desk,
    column: Column,
    count: int,
    values: tuple[Any, ...],
    begun: Sequence[int] = (),
    pause: float = _REDRAW,
) -> Iterator[tuple[Any, ...]]:
    frames = _writing(desk, column, count, values, begun, pause)
    return until(switch, asked, frames, _idle, _NOTHING, values[0])


def _idle(shown: tuple[Any, ...]) -> tuple[Any, ...]:
    return shown[0] | {"busy": False}, *_NOTHING[1:]


def _writing(
    desk: Desk, column: Column, count: int, values: tuple[Any, ...], begun: Any, pause: float
) -> Iterator[tuple[Any, ...] | None]:
    """A frame of one column for each token; None, but never at last, where `pause` seconds have not passed."""
    if column.place not in places_of(count):
        return
    ask = ask_of(desk, *values[:7])
    settings = decoding_of(ask.controls.seed, **dict(zip(DECODING, values[7:], strict=True)))
    title = lettered(column.setup.letter, desk, ask.checkpoint)
    sent = 0.0
    for written in write(ask, settings, begun):
        if written.done:
            yield *_drawn(title, written), Result(ask, settings, written)
        elif time.monotonic() - sent > pause:
            yield *_drawn(title, written), gr.skip()
            sent = time.monotonic()
        else:
            yield None


def _drawn(title: str, written: Written) -> tuple[Any, ...]:
    seen, looked = writing_plots(written)
    return column(title, written), drawing(seen), gr.skip() if looked is None else drawing(looked)


def _renamed(desk: Desk, column: Column, checkpoint: str, switch: Switch) -> tuple[Any, ...]:
    """A column whose checkpoint was changed starts empty, unless a link has made it write already."""
    if not switch.turns_to(checkpoint):
        return _NOTHING
    return emptied(desk, column.setup.letter, checkpoint)


def emptied(desk: Desk, letter: str, checkpoint: str) -> tuple[Any, ...]:
    """What a column shows once another checkpoint was chosen for it, in the order of `Column.shows`."""
    waiting = gr.skip() if has_gate(desk, checkpoint) else drawing(NO_GATE)
    return empty_column(lettered(letter, desk, checkpoint)), None, waiting, None
