"""The Classify tab: one text or two, every column's classes, and what the gate has to do with them."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from app import words
from app.components.board import Board, Setup
from app.components.hop import hop
from app.components.live import drawing, live_plot, said_line, source_strip
from app.desk import Desk, UnlearnedError
from app.handlers.asks import Ask
from app.handlers.classify import Verdict, classify
from app.render import UNLEARNED, UNLOADED, gate_plots, notes, source, unread, verdict_plots
from app.tabs.columns import (
    ask_of,
    dress,
    lettered,
    look_at,
    places_of,
    prompt_box,
    samples_row,
    second_box,
    task_picker,
    tasks_that,
    unlearned,
)
from app.told import told
from hmu.errors import CheckpointError
from hmu.tasks import Task
from zoo.catalog import ZooError


@dataclass(frozen=True, slots=True)
class Tab:
    """What other parts of the page read and set; `second` is hidden, and not read, for a task of one text."""

    tasks: tuple[Task, ...]
    task: gr.Dropdown
    text: gr.Textbox
    second: gr.Textbox
    strips: tuple[gr.HTML, ...]
    groups: tuple[gr.Column, ...]


def build(desk: Desk, board: Board) -> Tab:
    """Lay the tab out and connect its events."""
    tasks = tasks_that(desk, generate=False)
    gr.Markdown(words.CLASSIFY_HINT)
    with gr.Row():
        with gr.Column(scale=5):
            text = prompt_box(tasks[0], "classify-text", lines=2)
            second = second_box(tasks[0], "classify-second", lines=2)
            typed = hop([text.change, second.change])
            look_at([typed, board.ready], text, second)
            examples = samples_row(tasks[0])
        with gr.Column(scale=2, min_width=260):
            task = task_picker(tasks, "classify-task")
            run = gr.Button(words.RUN, variant="primary", elem_id="classify-run")
    dress(task, text, examples, second)
    said = said_line("classify-notes", "notes-line")
    with gr.Row():
        bars = live_plot("class-bars", words.CLASS_BARS, height=300)
        difference = live_plot("class-difference", words.CLASS_DIFFERENCE, height=300)
    with gr.Row():
        groups, strips, plots = zip(
            *(_column(setup, place < 2) for place, setup in enumerate(board.setups)), strict=True
        )
    turned = [strip.select for strip in strips]
    gr.on(
        [
            run.click,
            text.submit,
            second.submit,
            *turned,
            *(state.change for state in (typed, board.opened, *board.states)),
        ],
        told(partial(_verdicts, desk, [setup.letter for setup in board.setups])),
        [board.opened, text, second, task, *board.values, *strips],
        [bars, difference, said, *strips, *(plot for both in plots for plot in both)],
        preprocess=False,
        concurrency_limit=8,
        trigger_mode="always_last",
        api_visibility="private",
        show_progress="hidden",
    )
    return Tab(tuple(tasks), task, text, second, strips, groups)


def _column(setup: Setup, shown: bool) -> tuple[gr.Column, gr.HTML, tuple[gr.HTML, gr.HTML]]:
    """A column's group, its source, and what the gate does to its answer."""
    letter = setup.letter
    with gr.Column(visible=shown, min_width=300) as group:
        gr.Markdown(f"**{letter}**")
        strip = source_strip(f"classify-source-{letter}", "", words.SOURCE_OF.format(letter))
        curves = live_plot(f"curves-{letter}", words.CURVES_OF.format(letter), height=280)
        pushes = live_plot(f"pushes-{letter}", words.PUSHES_OF.format(letter), height=280)
    return group, strip, (curves, pushes)


def _verdicts(
    desk: Desk, letters: list[str], opened: str, text: str, second: str, task: str, count: int, seed: int, *values: Any
) -> list[Any]:
    """Plots of all columns, what is to be told, then every column's source, then every column's plots."""
    if opened != "classify":  # a slider that is moved elsewhere need not wait for all of this
        return [gr.skip()] * (3 + 3 * len(letters))
    setups, known = values[: 3 * len(letters)], values[3 * len(letters) :]
    found: dict[str, tuple[Ask, Verdict]] = {}
    refused: dict[str, dict[str, Any]] = {}
    strips, plots = [gr.skip()] * len(letters), [gr.skip()] * (2 * len(letters))
    for place in places_of(count):
        setup, drawn = setups[3 * place : 3 * place + 3], slice(2 * place, 2 * place + 2)
        try:
            ask = ask_of(desk, *(*setup, seed, task, text, known[place], second))
            verdict = classify(desk, ask)
        except (UnlearnedError, ZooError, CheckpointError) as error:  # such a column leaves the others as they are
            learned = not isinstance(error, UnlearnedError)
            blank = UNLOADED if learned else UNLEARNED
            refused[f"{letters[place]}: {error}" if learned else unlearned(letters[place], desk, setup[0])] = blank
            strips[place], plots[drawn] = unread(blank), [drawing(blank)] * 2
            continue
        found[letters[place]] = ask, verdict
        strips[place] = source(verdict.look, ask.controls)
        plots[drawn] = map(drawing, gate_plots(verdict, ask.controls.gate_bias))
    titles = [lettered(letter, desk, ask.checkpoint) for letter, (ask, _) in found.items()]
    bars, difference = verdict_plots(titles, [verdict for _, verdict in found.values()], *refused.values())
    said = notes({letter: verdict.look for letter, (_, verdict) in found.items()}, list(refused))
    return [drawing(bars), drawing(difference), {"text": said}, *strips, *plots]
