"""The page as a whole: header, board, tabs, and the endpoints for programs."""

import gradio as gr

from app import api, words
from app.components.board import board, shown
from app.components.walk import walk
from app.desk import Desk
from app.sheets import Json
from app.tabs import classify, dataset, generate, imagine, memory, results, share, zoo
from app.tabs.agreement import Asking, agreement


def build(desk: Desk, report: Json | None = None) -> gr.Blocks:
    """The page over a desk.

    Args:
        desk: whose checkpoints.
        report: what the study found; None: there is no Results tab.

    Raises:
        ValueError: if the zoo holds no pair.
    """
    if not desk.readers.pairs():
        raise ValueError(f"{desk.catalog.root}: no pair of checkpoints; give --zoo a folder that holds one")
    with gr.Blocks(title=words.TITLE, fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        gr.Markdown(words.HEADER, elem_id="header")
        walk("walk", words.WALK, words.WALK_STEPS, words.WALK_WORDS)
        setups = board(desk)
        with gr.Tabs() as tabs:
            with gr.Tab(words.GENERATE, id="generate") as first:
                writing = generate.build(desk, setups)
            with gr.Tab(words.CLASSIFY, id="classify") as second:
                classifying = classify.build(desk, setups)
            with gr.Tab(words.DATASET, id="dataset") as third:
                of_file = dataset.build(desk, setups)
            if desk.writers.pairs():
                with gr.Tab(words.IMAGINE, id="imagine"):
                    imagine.build(desk, setups)
            if desk.rememberers.pairs():
                with gr.Tab(words.MEMORY, id="memory") as memory_tab:
                    memory.build(desk, setups, memory_tab, report)
            if report:
                with gr.Tab(words.RESULTS, id="results") as results_tab:
                    results.build(report, results_tab)
            with gr.Tab(words.ZOO, id="zoo") as zoo_tab:
                zoo.build(desk, setups, zoo_tab)
        for tab, name in ((first, "generate"), (second, "classify")):
            tab.select(lambda name=name: name, None, setups.opened, api_visibility="private", show_progress="hidden")
        asking = {
            "generate": Asking(first, writing.shared.task, writing.tasks, (writing.shared.prompt,)),
            "classify": Asking(second, classifying.task, classifying.tasks, (classifying.text, classifying.second)),
            "dataset": Asking(third, of_file),
        }
        agreement(desk, setups, asking)
        share.build(page, desk, setups, tabs, writing, classifying)
        gr.Markdown(words.FOOTER)
        groups = [
            *(setup.card for setup in setups.setups),
            *(column.group for column in writing.columns),
            *classifying.groups,
        ]
        setups.moved.change(
            lambda count: shown(count, setups.setups) * 3,
            setups.count,
            groups,
            api_visibility="private",
            show_progress="hidden",
        )
        api.build(page, desk)
        _untracked(page, setups.ready)
    return page


def _untracked(page: gr.Blocks, nobody: gr.State) -> None:
    """Report the progress of events that hide it to a component that shows nothing.

    Gradio's hidden trackers would count on 60 times a second, and every token that is streamed would update them all.
    """
    for event in page.fns.values():
        if event.show_progress == "hidden":
            event.show_progress_on = [nobody]
