"""The Memory tab: the synthetic memory tasks, asked of two checkpoints side by side."""

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


def build(desk: Desk, board: Board, tab: gr.Tab, report: Json | None) -> None:
    """Lay the tab out and connect its events.

    Args:
        desk: holds at least one pair of these tasks.
        board: whose seed is that of the latent's noise.
        tab: holds this; it is first asked when that is opened.
        report: what the study found; its curves stand below.
    """
    first = desk.rememberers.pairs()[0]
    names = choices(desk, desk.rememberers)
    gr.Markdown(words.MEMORY_HINT)
    with gr.Row(equal_height=False):
        with gr.Column(min_width=280):
            parts = [(label, part) for part, label in words.MEMORY_PARTS.items()]
            part = gr.Radio(parts, value=RETENTION, label=words.MEMORY_PART, elem_id="memory-part")
            steps = gr.Slider(1, MOST_FILLERS, value=200, step=1, label=words.MEMORY_STEPS, elem_id="memory-steps")
            pairs = gr.Slider(
                1, MOST_PAIRS, value=4, step=1, label=words.MEMORY_PAIRS, elem_id="memory-pairs", visible=False
            )
            row, draw = gr.State(0), gr.Button(words.MEMORY_DRAW, size="sm", elem_id="memory-draw")
        with gr.Column(min_width=280):
            beside = picker(words.MEMORY_BESIDE, names, first.baseline.id, "memory-beside")
            asked = picker(words.MEMORY_ASKED, names, first.memory_arm.id, "memory-asked")
            controls = control_sliders("memory-gate-bias", "memory-temperature")
    picked = [hop([chosen.change]) for chosen in (beside, asked)]
    for state, chosen in zip(picked, (beside, asked), strict=True):
        loading([state], desk, chosen, f"loading-{chosen.elem_id}")
    said = said_line("memory-said")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            curves = live_plot("memory-curves", words.MEMORY_CURVES, height=320)
        with gr.Column(min_width=300):
            answers = sheet("memory-answers")

    def shown(
        opened: float, part: str, steps: Any, pairs: Any, row: int, seed: Any, beside: Any, asked: Any, *turned: Any
    ) -> list[Any]:
        if not opened:
            return [gr.skip()] * 3
        amount = steps if part == RETENTION else pairs
        question = Question(part, int(number("amount", amount, 1, MOST_FILLERS)), row)
        asks = [
            Ask(str(beside), SYNTHETIC, "", controls_of(0.0, 0.0, seed)),
            Ask(str(asked), SYNTHETIC, "", controls_of(turned[0], turned[1], seed)),
        ]
        found = recollect(desk, asks, question)
        titles = [title_of(desk, ask.checkpoint) for ask in asks]
        gated = [has_gate(desk, ask.checkpoint) for ask in asks]
        drawn = drawing(recalled.curves(found, titles, gated))
        return [recalled.summary(found, titles), drawn, recalled.answered(found, titles)]

    turned = hop([part.change, steps.change, pairs.change, *(slider.change for slider in controls)])
    opened = hop([tab.select])
    gr.on(
        [state.change for state in (opened, turned, row, board.moved, *picked)],
        told(shown),
        [opened, part, steps, pairs, row, board.seed, beside, asked, *controls],
        [said, curves, answers],
        concurrency_limit=4,
        trigger_mode="always_last",
        **_QUIET,
    )
    draw.click(lambda row: (row + TEXTS) % MOST_ROWS, row, row, **_QUIET)
    turned.change(_amounts, part, [steps, pairs], **_QUIET)
    if report and report["retention"]:
        gr.Markdown(words.MEMORY_REPORT)
        curves = live_plot("memory-report", words.RESULTS_RETENTION, height=300)
        found = drawing(retention(report["retention"]))
        opened.change(lambda: found, None, curves, **_QUIET)


def _amounts(part: str) -> list[Any]:
    """The slider of the amount that the part has."""
    return [gr.update(visible=part == one) for one in (RETENTION, RECALL)]
