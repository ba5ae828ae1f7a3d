"""A tab's task and the columns' checkpoints are kept in agreement: whichever is picked, the others follow.

What cannot follow stays: the tab then says in that column's place that its checkpoint has not learned the task.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from app.components.board import Board
from app.desk import Desk
from app.handlers.agreeing import task_for
from app.tabs.columns import examples_of, pickers_for
from app.told import told
from hmu import find_task
from hmu.tasks import Task

_EVENTS: dict[str, Any] = {
    "preprocess": False,
    "api_visibility": "private",
    "show_progress": "hidden",
    "trigger_mode": "always_last",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """A tab that asks all columns about one task.

    Args:
        tab: it.
        task: its task.
        tasks: among which a picked checkpoint may move it; none for a tab that asks about a file, which is of one task.
        texts: what is asked; filled with the first example of a task that comes.
    """

    tab: gr.Tab
    task: gr.Dropdown
    tasks: tuple[Task, ...] = ()
    texts: tuple[gr.Textbox, ...] = ()


def agreement(desk: Desk, board: Board, tabs: Mapping[str, Asking]) -> None:
    """Connect the tasks of the tabs, by the tabs' ids, with the board's checkpoints; the first tab is open at first."""
    pickers = [setup.checkpoint for setup in board.setups]
    here = gr.State(next(iter(tabs)))
    for name, one in tabs.items():
        asked = [one.task, *pickers]
        comes = one.task.input if one.texts else one.task.change  # a link brings texts with its task, a file does not
        comes(told(partial(_task_came, desk, one)), asked, [*one.texts, *pickers], **_EVENTS)
        one.tab.select(told(partial(_opened, desk, name)), asked, [here, *pickers], **_EVENTS)
    tasks = [one.task for one in tabs.values()]
    moved = [component for one in tabs.values() for component in (one.task, *one.texts)]
    for place, picker in enumerate(pickers):
        came = partial(_checkpoint_came, desk, tabs, place)
        picker.input(told(came), [here, *tasks, *pickers], [*moved, *pickers], **_EVENTS)


def _task_came(desk: Desk, one: Asking, task: str, *picked: str) -> list[Any]:
    return [*_first_example(task, one), *pickers_for(desk, task, picked)]


def _opened(desk: Desk, name: str, task: str, *picked: str) -> list[Any]:
    return [name, *pickers_for(desk, task, picked)]


def _checkpoint_came(desk: Desk, tabs: Mapping[str, Asking], place: int, here: str, *values: str) -> list[Any]:
    """The opened tab's task where it has to be another, and the pickers beside this one."""
    tasks, picked = dict(zip(tabs, values[: len(tabs)], strict=True)), values[len(tabs) :]
    one, now = tabs[here], tasks[here]
    others = picked[:place] + picked[place + 1 :]
    task = task_for(desk.catalog, [task.name for task in one.tasks], now, picked[place], others)
    moved: list[Any] = []
    for tab in tabs.values():
        moves = tab is one and task != now
        moved += [task, *_first_example(task, tab)] if moves else [gr.skip()] * (1 + len(tab.texts))
    if task not in desk.entry(picked[place]).tasks:
        return [*moved, *[gr.skip()] * len(picked)]
    return [*moved, *pickers_for(desk, task, picked)]


def _first_example(task: str, one: Asking) -> tuple[str, ...]:
    return examples_of(find_task(task))[0][: len(one.texts)]
