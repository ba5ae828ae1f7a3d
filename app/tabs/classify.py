"""The Classify tab: one text, every column's classes, and what the gate has to do with them."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from app import words
from app.components.board import Board
from app.components.hop import hop
from app.components.live import drawing, live_plot, said_line
from app.components.marks import marked
from app.desk import Desk
from app.handlers.classify import Verdict, classify
from app.render import gate_plots, notes, verdict_plots
from app.tabs.columns import ask_of, lettered, look_at, places_of, prompt_box, tasks_that
from app.told import told


@dataclass(frozen=True, slots=True)
class Tab:
    """What other parts of the page read and set."""

    task: gr.Dropdown
    text: gr.Textbox
    groups: tuple[gr.Column, ...]


def build(desk: Desk, board: Board) -> Tab:
    """Lay the tab out and connect its events."""
    tasks = tasks_that(desk, generate=False)
    gr.Markdown(words.CLASSIFY_HINT)
    with gr.Row():
        with gr.Column(scale=5):
            text = prompt_box(tasks[0], "classify-text", lines=2)
            typed = hop([text.change])
            look_at([typed, board.ready], text)
            examples = gr.Dataset(
                components=[gr.Textbox(visible=False)],
                samples=[[sample] for sample in words.EXAMPLE_TEXTS[tasks[0].name]],
                label=words.EXAMPLES,
            )
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
    groups, plots = [], []
    with gr.Row():
        for place, setup in enumerate(board.setups):
            with gr.Column(visible=place < 2, min_width=300) as group:
                gr.Markdown(f"**{setup.letter}**")
                plots.append(live_plot(f"curves-{setup.letter}", words.CURVES_OF.format(setup.letter), height=280))
                plots.append(live_plot(f"pushes-{setup.letter}", words.PUSHES_OF.format(setup.letter), height=280))
            groups.append(group)

    def verdict(opened: str, text: str, task: str, count: int, seed: int, *values: Any) -> tuple[Any, ...]:
        if opened != "classify":  # a slider that is moved elsewhere need not wait for all of this
            return (gr.skip(),) * (3 + len(plots))
        shown = places_of(count)
        setups = [values[3 * place : 3 * place + 3] for place in shown]
        asks = [ask_of(desk, *(*setup, seed, task, text)) for setup in setups]
        found = [classify(desk, ask) for ask in asks]
        letters = [board.setups[place].letter for place in shown]
        titles = [lettered(letter, desk, ask.checkpoint) for letter, ask in zip(letters, asks, strict=True)]
        both = [drawing(plot) for plot in verdict_plots(titles, found)]
        gates = [plot for one, ask in zip(found, asks, strict=True) for plot in gate_plots(one, ask.controls.gate_bias)]
        missing = [gr.skip()] * (len(plots) - len(gates))
        return *both, _notes(letters, found), *map(drawing, gates), *missing

    values = [board.opened, text, task, *board.values]
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    gr.on(
        [run.click, text.submit, *(state.change for state in (typed, board.opened, *board.states))],
        told(verdict),
        values,
        [bars, difference, said, *plots],
        preprocess=False,
        concurrency_limit=8,
        trigger_mode="always_last",
        **quiet,
    )
    task.change(_examples_of, task, [text, examples], **quiet)
    examples.click(lambda sample: sample[0], examples, text, **quiet)
    return Tab(task, text, tuple(groups))


def _notes(letters: list[str], found: list[Verdict]) -> dict[str, str]:
    return {"text": notes(dict(zip(letters, (one.look for one in found), strict=True)))}


def _examples_of(task: str) -> tuple[Any, Any]:
    texts = words.EXAMPLE_TEXTS[task]
    return (
        gr.update(value=texts[0], placeholder=marked(words.PLACEHOLDERS[task])),
        gr.Dataset(samples=[[text] for text in texts]),
    )
