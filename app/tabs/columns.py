"""What the tabs do alike: one column's values → an ask, and the pieces of a prompt's row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from app import words
from app.components.board import LETTERS, title_of
from app.components.live import said_line
from app.components.marks import marked
from app.desk import Desk
from app.handlers.agreeing import columns_for_task
from app.handlers.asks import Ask, controls_of, number
from hmu import TASKS, find_task
from hmu.tasks import Task

_BETWEEN = " | "
"""Between the two texts of an example."""
_LONGEST = 60
"""Letters of an example that gradio shows."""
_NAMED = {*words.EXAMPLE_TEXTS, *words.EXAMPLES_OF_TWO}
"""The tasks that the page has words for."""


def ask_of(
    desk: Desk,
    checkpoint: object,
    gate_bias: object,
    temperature: object,
    seed: object,
    task: object,
    text: object,
    strip: object = None,
    second: object = None,
) -> Ask:
    """The components' values as they came (events skip gradio's own checks, ours name what is wrong), as one ask.

    What was forced on another text's tokens is left out, and so is a second text where the task reads one.

    Raises:
        ValueError: for a value that cannot be, naming it.
    """
    other = str(second or "") if find_task(str(task)).pair else None
    ask = Ask(str(checkpoint), str(task), str(text or ""), controls_of(gate_bias, temperature, seed), other)
    forced = strip.get("forced") if isinstance(strip, Mapping) else None
    if not forced:
        return ask
    tokens = desk.source(desk.entry(ask.checkpoint), ask.task, ask.text, other)[1].tokens
    known = strip.get("tokens") if isinstance(strip, Mapping) else None
    if isinstance(known, list) and known != list(tokens):
        return ask
    return replace(ask, controls=controls_of(gate_bias, temperature, seed, forced))


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

    They come in the order of the pairs that know them: the first pair stands on the board at first. Where nothing knows
    any, all of them, so that no tab is without a task.
    """
    told = [task for task in TASKS.values() if task.generates == generate and task.name in _NAMED]
    known = {name for entry in desk.readers.entries for name in entry.tasks}
    pairs = [pair.tasks for pair in desk.readers.pairs()]

    def rank(task: Task) -> int:
        return next((place for place, tasks in enumerate(pairs) if task.name in tasks), len(pairs))

    return sorted((task for task in told if task.name in known), key=rank) or told


def examples_of(task: Task) -> list[tuple[str, str]]:
    """A task's examples: the text and "", or both texts where it reads two."""
    if task.pair:
        return list(words.EXAMPLES_OF_TWO[task.name])
    return [(text, "") for text in words.EXAMPLE_TEXTS[task.name]]


def box_words(task: Task) -> tuple[str, str, str, str]:
    """What a task's two boxes are called and say while they are empty: label and placeholder of each."""
    if not task.pair:
        return words.PROMPT, words.PLACEHOLDERS[task.name], "", ""
    (first, second), (begun, other) = words.TEXT_LABELS[task.name], words.PLACEHOLDERS_OF_TWO[task.name]
    return first, begun, second, other


def all_box_words() -> set[str]:
    """The same of all tasks: what an event may bring."""
    return {word for task in TASKS.values() if task.name in _NAMED for word in box_words(task) if word}


def unlearned(letter: str, desk: Desk, checkpoint: str) -> str:
    """What a column says whose checkpoint has not learned the task."""
    return words.UNLEARNED.format(lettered(letter, desk, checkpoint))


def task_picker(tasks: Sequence[Task], name: str) -> gr.Dropdown:
    """Where a tab's task is picked; `name` is the element's id."""
    choices = [(task.title, task.name) for task in tasks]
    return gr.Dropdown(choices, value=tasks[0].name, label=words.TASK, elem_id=name)


def pickers_for(desk: Desk, task: str, picked: Sequence[str]) -> list[Any]:
    """The pickers of checkpoints for a task; one that knows it, or for which there is no other, is left alone."""
    found = columns_for_task(desk.catalog, task, picked)
    return [gr.skip() if new == old else new for new, old in zip(found, picked, strict=True)]


def prompt_box(task: Task, name: str, lines: int) -> gr.Textbox:
    """Where the text is typed, with the task's first example in it."""
    label, placeholder, _, _ = box_words(task)
    return gr.Textbox(
        examples_of(task)[0][0], label=label, placeholder=placeholder, elem_id=name, lines=lines, max_lines=6
    )


def second_box(task: Task, name: str, lines: int) -> gr.Textbox:
    """Where the second text is typed, alike; hidden for a task of one text."""
    _, _, label, placeholder = box_words(task)
    return gr.Textbox(
        examples_of(task)[0][1],
        label=label,
        placeholder=placeholder,
        elem_id=name,
        lines=lines,
        max_lines=6,
        visible=bool(task.pair),
    )


def samples_row(task: Task) -> gr.Dataset:
    """A task's examples as buttons below its box, or boxes."""
    components = [gr.Textbox(visible=False) for _ in range(2)]
    return gr.Dataset(components=components, label=words.EXAMPLES, **samples_of(task))


def samples_of(task: Task) -> dict[str, Any]:
    """A task's examples, each as one line to press."""
    samples = examples_of(task)
    return {
        "samples": [list(texts) for texts in samples],
        "sample_labels": [_label(_BETWEEN.join(filter(None, texts))) for texts in samples],
    }


def _label(text: str) -> str:
    """An example as its button says it: of several sentences the first, where gradio would cut them anywhere."""
    first, between, _ = text.partition(". ")
    return f"{first}. …" if between and len(text) > _LONGEST else text


def dress(task: gr.Dropdown, prompt: gr.Textbox, examples: gr.Dataset, second: gr.Textbox | None = None) -> None:
    """Keep the boxes and the examples as the task wants them; what stands in the boxes stays until it is replaced."""

    def dressed(name: str) -> list[Any]:
        found = find_task(name)
        label, placeholder, other, beside = map(marked, box_words(found))
        box = gr.update(label=label, placeholder=placeholder)
        twin = gr.update(label=other, placeholder=beside, visible=bool(found.pair))
        return [box, gr.Dataset(**samples_of(found)), *([] if second is None else [twin])]

    boxes = [prompt] if second is None else [prompt, second]
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    task.change(dressed, task, [prompt, examples, *boxes[1:]], **quiet)
    examples.click(lambda sample: sample[0] if second is None else sample, examples, boxes, **quiet)


def look_at(states: Sequence[gr.State], *prompts: gr.Textbox) -> None:
    """A line that says what is worth seeing, while one of the examples stands in the prompt.

    Args:
        states: what changes with the prompt.
        prompts: whose text, or texts.
    """
    gr.on(
        [state.change for state in states],
        lambda *texts: {"text": worth_seeing(*texts)},
        list(prompts),
        said_line(f"{prompts[0].elem_id}-look-at", "notes-line"),
        preprocess=False,
        api_visibility="private",
        show_progress="hidden",
        trigger_mode="always_last",
    )


def worth_seeing(text: object, second: object = "") -> str:
    """What an example's texts are worth; "" for others, and for what is no text."""
    if not second:
        return words.LOOK_AT.get(text, "") if isinstance(text, str) else ""
    shown = (text, second)
    return next((examples[one] for examples in words.EXAMPLES_OF_TWO.values() for one in examples if one == shown), "")
