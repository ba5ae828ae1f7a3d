"""The Classify tab: one text or two, every column's classes, and what the gate has to do with them."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from app import words
from app.components.board import Board
from app.components.hop import hop
from app.components.live import drawing, live_plot, said_line, source_strip
from app.components.marks import marked
from app.desk import Desk
from app.handlers.classify import Verdict, classify
from app.render import gate_plots, notes, source, verdict_plots
from app.tabs.columns import (
    ask_of,
    box_words,
    examples_of,
    lettered,
    look_at,
    places_of,
    prompt_box,
    second_box,
    tasks_that,
)
from app.told import told
from hmu import find_task
from hmu.tasks import Task

_BETWEEN = " | "
"""Between the two texts of an example."""


@dataclass(frozen=True, slots=True)
class Tab:
    """What other parts of the page read and set; `second` is hidden, and not read, for a task of one text."""

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
            components = [gr.Textbox(visible=False) for _ in range(2)]
            examples = gr.Dataset(components=components, label=words.EXAMPLES, **samples_of(tasks[0]))
        with gr.Column(scale=2, min_width=260):
            task = gr.Dropdown(
                [(task.title, task.name) for task in tasks],
                value=tasks[0].name,
                label=words.TASK,
                elem_id="classify-task",
            )
            run = gr.Button(words.RUN, variant="primary", elem_id="classify-run")
    said = said_line("classify-notes", "notes-line")
    with gr.Row():
        bars = live_plot("class-bars", words.CLASS_BARS, height=300)
        difference = live_plot("class-difference", words.CLASS_DIFFERENCE, height=300)
    groups, plots, strips = [], [], []
    with gr.Row():
        for place, setup in enumerate(board.setups):
            with gr.Column(visible=place < 2, min_width=300) as group:
                gr.Markdown(f"**{setup.letter}**")
                strips.append(source_strip(f"classify-source-{setup.letter}", "", words.SOURCE_OF.format(setup.letter)))
                plots.append(live_plot(f"curves-{setup.letter}", words.CURVES_OF.format(setup.letter), height=280))
                plots.append(live_plot(f"pushes-{setup.letter}", words.PUSHES_OF.format(setup.letter), height=280))
            groups.append(group)

    def verdict(opened: str, text: str, second: str, task: str, count: int, seed: int, *values: Any) -> tuple[Any, ...]:
        if opened != "classify":  # a slider that is moved elsewhere need not wait for all of this
            return (gr.skip(),) * (3 + len(plots) + len(strips))
        shown = places_of(count)
        setups = [values[3 * place : 3 * place + 3] for place in shown]
        known = zip(setups, values[3 * len(strips) :], strict=False)
        asks = [ask_of(desk, *(*setup, seed, task, text, strip, second)) for setup, strip in known]
        found = [classify(desk, ask) for ask in asks]
        letters = [board.setups[place].letter for place in shown]
        titles = [lettered(letter, desk, ask.checkpoint) for letter, ask in zip(letters, asks, strict=True)]
        both = [drawing(plot) for plot in verdict_plots(titles, found)]
        gates = [plot for one, ask in zip(found, asks, strict=True) for plot in gate_plots(one, ask.controls.gate_bias)]
        missing = [gr.skip()] * (len(plots) - len(gates))
        read = [source(one.look, ask.controls) for one, ask in zip(found, asks, strict=True)]
        unread = [gr.skip()] * (len(strips) - len(read))
        return *both, _notes(letters, found), *map(drawing, gates), *missing, *read, *unread

    values = [board.opened, text, second, task, *board.values, *strips]
    turned = [strip.select for strip in strips]
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    gr.on(
        [
            run.click,
            text.submit,
            second.submit,
            *turned,
            *(state.change for state in (typed, board.opened, *board.states)),
        ],
        told(verdict),
        values,
        [bars, difference, said, *plots, *strips],
        preprocess=False,
        concurrency_limit=8,
        trigger_mode="always_last",
        **quiet,
    )
    task.change(_dressed, task, [text, second, examples], **quiet)
    task.input(lambda task: examples_of(find_task(task))[0], task, [text, second], **quiet)  # a link has its own texts
    examples.click(lambda sample: sample, examples, [text, second], **quiet)
    return Tab(task, text, second, tuple(strips), tuple(groups))


def _notes(letters: list[str], found: list[Verdict]) -> dict[str, str]:
    return {"text": notes(dict(zip(letters, (one.look for one in found), strict=True)))}


def _dressed(name: str) -> tuple[Any, ...]:
    """Both boxes and the examples as a task wants them; what stands in the boxes stays."""
    task = find_task(name)
    label, placeholder, other, beside = map(marked, box_words(task))
    return (
        gr.update(label=label, placeholder=placeholder),
        gr.update(label=other, placeholder=beside, visible=bool(task.pair)),
        gr.Dataset(**samples_of(task)),
    )


def samples_of(task: Task) -> dict[str, Any]:
    """A task's examples, each as one line to press."""
    samples = examples_of(task)
    return {
        "samples": [list(texts) for texts in samples],
        "sample_labels": [_BETWEEN.join(filter(None, texts)) for texts in samples],
    }
