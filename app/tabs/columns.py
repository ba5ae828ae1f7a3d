"""What the tabs do alike: one column's values → an ask, and the pieces of a prompt's row."""

from collections.abc import Mapping, Sequence

import gradio as gr

from app import words
from app.components.board import LETTERS, title_of
from app.components.live import said_line
from app.desk import Desk
from app.handlers.asks import Ask, controls_of, number
from hmu import TASKS
from hmu.tasks import Task


def ask_of(
    desk: Desk,
    checkpoint: object,
    gate_bias: object,
    temperature: object,
    seed: object,
    task: object,
    text: object,
    strip: object = None,
) -> Ask:
    """The components' values as they came (events skip gradio's own checks, ours name what is wrong), as one ask.

    What was forced on another text's tokens is left out.

    Raises:
        ValueError: for a value that cannot be, naming it.
    """
    ask = Ask(str(checkpoint), str(task), str(text or ""), controls_of(gate_bias, temperature, seed))
    forced = strip.get("forced") if isinstance(strip, Mapping) else None
    if not forced:
        return ask
    tokens = desk.source(desk.entry(ask.checkpoint), ask.task, ask.text)[1].tokens
    known = strip.get("tokens") if isinstance(strip, Mapping) else None
    if isinstance(known, list) and known != list(tokens):
        return ask
    return Ask(ask.checkpoint, ask.task, ask.text, controls_of(gate_bias, temperature, seed, forced))


def places_of(count: object) -> range:
    """The columns that are shown, counted from 0.

    Raises:
        ValueError: for a number that is not one to four.
    """
    return range(int(number(words.COLUMNS, count, 1, len(LETTERS))))


def lettered(letter: str, desk: Desk, checkpoint: str) -> str:
    """A column's title: its letter and its checkpoint."""
    return f"{letter} · {title_of(desk, checkpoint)}"


def tasks_that(desk: Desk, generate: bool) -> list[Task]:
    """The tasks that write, or those that classify: of those the page has words for, what a checkpoint here knows.

    Where none does, all of them, so that no tab is without a task.
    """
    told = [task for task in TASKS.values() if task.generates == generate and task.name in words.EXAMPLE_TEXTS]
    known = {name for entry in desk.readers.entries for name in entry.tasks}
    return [task for task in told if task.name in known] or told


def prompt_box(task: Task, name: str, lines: int) -> gr.Textbox:
    """Where the text is typed, with the task's first example in it."""
    return gr.Textbox(
        words.EXAMPLE_TEXTS[task.name][0],
        label=words.PROMPT,
        placeholder=words.PLACEHOLDERS[task.name],
        elem_id=name,
        lines=lines,
        max_lines=6,
    )


def look_at(states: Sequence[gr.State], prompt: gr.Textbox) -> None:
    """A line that says what is worth seeing, while one of the examples stands in the prompt.

    Args:
        states: what changes with the prompt.
        prompt: whose text.
    """
    gr.on(
        [state.change for state in states],
        lambda text: {"text": words.LOOK_AT.get(text, "") if isinstance(text, str) else ""},
        prompt,
        said_line(f"{prompt.elem_id}-look-at", "notes-line"),
        preprocess=False,
        api_visibility="private",
        show_progress="hidden",
        trigger_mode="always_last",
    )
