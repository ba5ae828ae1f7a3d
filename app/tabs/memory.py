"""The Memory tab: the synthetic memory tasks, asked of two checkpoints side by side."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from app import recalled, words
from app.components.board import Board, choices, control_sliders, has_gate, loading, picker, title_of
from app.components.hop import hop
from app.components.live import drawing, live_plot, said_line
from app.components.sheet import sheet
from app.desk import Desk
from app.handlers.asks import Ask, controls_of, number
from app.handlers.memory import MOST_FILLERS, MOST_PAIRS, MOST_ROWS, RECALL, RETENTION, TEXTS, Question, recollect
from app.sheets import Json
from app.told import told
from hmu.plots import retention
from hmu.tasks.synthetic import SYNTHETIC

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "preprocess": False}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a visitor sets: the question, and who is asked."""

    part: gr.Radio
    steps: gr.Slider
    pairs: gr.Slider
    draw: gr.Button
    beside: gr.Dropdown
    asked: gr.Dropdown
    controls: tuple[gr.Slider, gr.Slider]


def build(desk: Desk, board: Board, tab: gr.Tab, report: Json | None) -> None:
    """Lay the tab out and connect its events.

    Args:
        desk: holds at least one pair of these tasks.
        board: whose seed is that of the latent's noise.
        tab: holds this; it is first asked when that is opened.
        report: what the study found; its curves stand below.
    """
    gr.Markdown(words.MEMORY_HINT)
    asked, row = _asked(desk), gr.State(0)
    picked = [hop([chosen.change]) for chosen in (asked.beside, asked.asked)]
    for state, chosen in zip(picked, (asked.beside, asked.asked), strict=True):
        loading([state], desk, chosen, f"loading-{chosen.elem_id}")
    said = said_line("memory-said")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            curves = live_plot("memory-curves", words.MEMORY_CURVES, height=320)
        with gr.Column(min_width=300):
            answers = sheet("memory-answers")
    turned = hop([part.change for part in (asked.part, asked.steps, asked.pairs, *asked.controls)])
    opened = hop([tab.select])
    gr.on(
        [state.change for state in (opened, turned, row, board.moved, *picked)],
        told(partial(_shown, desk)),
        [opened, asked.part, asked.steps, asked.pairs, row, board.seed, asked.beside, asked.asked, *asked.controls],
        [said, curves, answers],
        concurrency_limit=4,
        trigger_mode="always_last",
        **_QUIET,
    )
    asked.draw.click(lambda row: (row + TEXTS) % MOST_ROWS, row, row, **_QUIET)
    turned.change(_amounts, asked.part, [asked.steps, asked.pairs], **_QUIET)
    if report and report["retention"]:
        gr.Markdown(words.MEMORY_REPORT)
        found = drawing(retention(report["retention"]))
        reported = live_plot("memory-report", words.RESULTS_RETENTION, height=300)
        opened.change(lambda: found, None, reported, **_QUIET)


def _asked(desk: Desk) -> _Asked:
    first, names = desk.rememberers.pairs()[0], choices(desk, desk.rememberers)
    with gr.Row(equal_height=False):
        with gr.Column(min_width=280):
            parts = [(label, part) for part, label in words.MEMORY_PARTS.items()]
            part = gr.Radio(parts, value=RETENTION, label=words.MEMORY_PART, elem_id="memory-part")
            steps = gr.Slider(1, MOST_FILLERS, value=200, step=1, label=words.MEMORY_STEPS, elem_id="memory-steps")
            pairs = gr.Slider(
                1, MOST_PAIRS, value=4, step=1, label=words.MEMORY_PAIRS, elem_id="memory-pairs", visible=False
            )
            draw = gr.Button(words.MEMORY_DRAW, size="sm", elem_id="memory-draw")
        with gr.Column(min_width=280):
            beside = picker(words.MEMORY_BESIDE, names, first.baseline.id, "memory-beside")
            asked = picker(words.MEMORY_ASKED, names, first.memory_arm.id, "memory-asked")
            controls = control_sliders("memory-gate-bias", "memory-temperature")
    return _Asked(part, steps, pairs, draw, beside, asked, controls)


def _shown(desk: Desk, opened: float, part: str, steps: Any, pairs: Any, row: int, seed: Any, *who: Any) -> list[Any]:
    """What both checkpoints recall, once the tab was opened; `who`: both, and the controls of the second."""
    if not opened:
        return [gr.skip()] * 3
    beside, asked, gate_bias, temperature = who
    amount = steps if part == RETENTION else pairs
    question = Question(part, int(number("amount", amount, 1, MOST_FILLERS)), row)
    asks = [
        Ask(str(beside), SYNTHETIC, "", controls_of(0.0, 0.0, seed)),
        Ask(str(asked), SYNTHETIC, "", controls_of(gate_bias, temperature, seed)),
    ]
    found = recollect(desk, asks, question)
    titles = [title_of(desk, ask.checkpoint) for ask in asks]
    gated = [has_gate(desk, ask.checkpoint) for ask in asks]
    curves = drawing(recalled.curves(found, titles, gated))
    return [recalled.summary(found, titles), curves, recalled.answered(found, titles)]


def _amounts(part: str) -> list[Any]:
    """The slider of the amount that the part has."""
    return [gr.update(visible=part == one) for one in (RETENTION, RECALL)]
