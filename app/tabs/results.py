"""The Results tab: which published claims hold, and the curves behind it, as the study's report has them."""

from typing import Any

import gradio as gr

from app import study, words
from app.components.live import drawing, live_plot, said_line
from app.components.sheet import sheet
from app.saying import LINE
from app.sheets import Json
from hmu.plots import differences, retention, training
from hmu.tasks import task_title

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "preprocess": False}


def build(report: Json, tab: gr.Tab) -> None:
    """Lay the tab out and connect its events; `tab` holds it, and it is drawn when that is opened."""
    gr.Markdown(words.RESULTS_HINT)
    tally, about = said_line("results-tally", "notes-line"), said_line("results-about", "notes-line")
    tasks = study.tasks(report)
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            pairs = live_plot("results-differences", words.RESULTS_DIFFERENCES, height=340)
            kept = live_plot("results-retention", words.RESULTS_RETENTION, words.NO_RETENTION, height=300)
        with gr.Column(min_width=300):
            losses = live_plot("results-training", words.RESULTS_TRAINING, height=300)
            choices = [(task_title(name), name) for name in tasks]
            task = gr.Dropdown(choices, value=next(iter(tasks), None), label=words.TASK, elem_id="results-task")
    claims = sheet("results-claims")
    arms = sheet("results-arms")
    curves = {name: drawing(training(report["training"], name)) for name in tasks}
    found = [
        {"text": LINE.join(filter(None, (study.tally(report), study.together(report))))},
        {"text": study.about(report)},
        drawing(differences(report["arms"])),
        drawing(retention(report["retention"]) if report["retention"] else {"empty": words.NO_RETENTION}),
        study.claims(report),
        study.arms(report),
    ]

    def loss(chosen: object) -> str | None:
        return curves.get(str(chosen)) or drawing({"empty": words.NO_CURVES})

    tab.select(lambda chosen: [*found, loss(chosen)], task, [tally, about, pairs, kept, claims, arms, losses], **_QUIET)
    task.change(loss, task, losses, trigger_mode="always_last", **_QUIET)
