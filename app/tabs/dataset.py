"""The tab "Your data": a file of texts, every column's answer to each row, how good they are and where they differ.

The rows are answered on the shelf that sliders use: on ZeroGPU that is the CPU, because a queued GPU call would be cut
off in the middle of a long table. A file stays in gradio's cache; nothing of it is kept in a session.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from app import sheets, words
from app.components.board import LETTERS, Board, has_gate
from app.components.live import drawing, live_plot
from app.components.marks import marked
from app.components.sheet import meter, sheet
from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.proposing import columns_for
from app.handlers.scoring import Progress, Question, Result, score, table_csv, table_json
from app.handlers.stopping import Switch, until
from app.handlers.uploads import MAX_BYTES, MAX_ROWS, read_table
from app.saying import LINE, PART
from app.tabs.columns import ask_of, lettered, places_of, tasks_that
from hmu import find_task

_EXAMPLES = Path(__file__).parents[1] / "examples"
_WORTH_TELLING = 2.0
"""Seconds that must be left before they are told."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of which file; `second` is hidden, and not read, for a task of one text."""

    file: gr.File
    task: gr.Dropdown
    text: gr.Dropdown
    second: gr.Dropdown
    answer: gr.Dropdown
    run: gr.Button
    cancel: gr.Button
    examples: dict[str, gr.Button]


@dataclass(frozen=True, slots=True)
class _Found:
    """Where the outcome of a run shows."""

    meter: gr.HTML
    scores: gr.HTML
    confusions: tuple[gr.HTML, ...]
    differing: gr.HTML
    files: gr.File

    @property
    def all(self) -> list[gr.Component]:
        return [self.meter, self.scores, *self.confusions, self.differing, self.files]


def build(desk: Desk, board: Board) -> gr.Dropdown:
    """Lay the tab out and connect its events; results stay as they were when the number of columns changes.

    Returns:
        The file's task.
    """
    gr.Markdown(words.DATASET_HINT)
    asked = _asked(desk)
    shown = sheet("data-preview")
    found = _found()
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    switch, begun = gr.State(Switch()), gr.Number(0, visible=False)
    starts = asked.run.click(_starts, switch, [begun, *found.all], **quiet)
    values = [switch, begun, asked.file, asked.task, asked.text, asked.second, asked.answer, *board.values]
    starts.then(partial(_run, desk), values, found.all, concurrency_limit=2, **quiet)
    asked.cancel.click(_cancelled, [switch, found.meter], found.meter, preprocess=False, **quiet)
    opens: dict[str, Any] = {"fn": _opened, "inputs": [switch, asked.file, asked.task], "trigger_mode": "multiple"}
    opens |= {"outputs": [shown, asked.text, asked.second, asked.answer, *found.all], **quiet}
    gr.on([asked.file.upload, asked.file.clear, asked.task.input], **opens)
    for name, button in asked.examples.items():
        button.click(partial(_example, name), None, [asked.file, asked.task], **quiet).then(**opens)
    return asked.task


def _asked(desk: Desk) -> _Asked:
    tasks = [(task.title, task.name) for generate in (True, False) for task in tasks_that(desk, generate)]
    names = [name for _, name in tasks]
    ours = [name for name, (_, task) in words.DATA_EXAMPLES.items() if task in names]
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=280):
            label = words.DATA_FILE.format(rows=MAX_ROWS, megabytes=MAX_BYTES / 1e6)
            file = gr.File(label=label, height=180, elem_id="data-file")
            with gr.Row():
                examples = {name: gr.Button(words.DATA_EXAMPLES[name][0], size="sm") for name in ours}
        with gr.Column(scale=4, min_width=280):
            first = words.DATA_EXAMPLES[ours[0]][1] if ours else names[0]
            task = gr.Dropdown(tasks, value=first, label=words.TASK, elem_id="data-task")
            with gr.Row():
                text = gr.Dropdown([], label=words.TEXT_COLUMN, elem_id="data-text", min_width=130)
                reads_two = bool(find_task(first).pair)
                second = gr.Dropdown(
                    [], label=words.SECOND_COLUMN, elem_id="data-second", min_width=130, visible=reads_two
                )
                nobody = [(marked(words.NO_ANSWER_COLUMN), "")]
                answer = gr.Dropdown(nobody, value="", label=words.ANSWER_COLUMN, elem_id="data-answer", min_width=130)
            with gr.Row():
                run = gr.Button(words.SCORE, variant="primary", elem_id="data-run", min_width=110)
                cancel = gr.Button(words.CANCEL, elem_id="data-cancel", min_width=90)
    return _Asked(file, task, text, second, answer, run, cancel, examples)


def _found() -> _Found:
    progress = meter("data-meter", words.DATA_PROGRESS)
    scores = sheet("data-scores")
    with gr.Row(elem_id="data-confusions"):
        confusions = tuple(
            live_plot(f"confusion-{letter}", words.CONFUSION_OF.format(letter), height=260) for letter in LETTERS
        )
    differing = sheet("data-differing")
    files = gr.File(label=words.DATA_FILES, file_count="multiple", interactive=False, visible=False, elem_id="data-out")
    return _Found(progress, scores, confusions, differing, files)


def _example(name: str) -> Iterator[tuple[str, str]]:
    """A copy of one of our files and its task: gradio takes files of the temporary folder wherever we are installed."""
    with tempfile.TemporaryDirectory(prefix="hmu-data-") as folder:
        yield shutil.copy(_EXAMPLES / name, folder), words.DATA_EXAMPLES[name][1]


def _starts(switch: Switch) -> list[Any]:
    """When a run was asked for, and that it waits; one that goes on gives way."""
    now = time.time()
    switch.begin(now)
    return [now, *_outcome(said=words.DATA_STARTS)]


def _opened(switch: Switch, file: str | None, task: str) -> list[Any]:
    """A file's first rows, its columns to choose from with those that fit the task proposed, and no outcome yet.

    A run that goes on gives way: it answers another question.
    """
    switch.begin(time.time())
    reads_two = bool(find_task(task).pair)
    try:
        if not file:
            return [None, *_choices(reads_two), *_outcome()]
        table = read_table(Path(file))
        guess = columns_for(table, task)
    except ValueError as error:
        return [None, *_choices(reads_two), *_outcome(said=str(error), fault=True)]
    return [
        sheets.preview(table),
        *_choices(reads_two, table.columns, guess.text_column, guess.second_column, guess.answer_column),
        *_outcome(said=LINE.join(table.notes)),
    ]


def _choices(
    reads_two: bool,
    columns: Sequence[str] = (),
    text: str | None = None,
    second: str | None = None,
    answer: str | None = None,
) -> list[gr.Dropdown]:
    """The columns to choose from: for the text, the second text where the task reads two, and the right answer."""
    nobody = (marked(words.NO_ANSWER_COLUMN), "")
    return [
        gr.Dropdown(list(columns), value=text),
        gr.Dropdown(list(columns), value=second, visible=reads_two),
        gr.Dropdown([nobody, *((name, name) for name in columns)], value=answer or ""),
    ]


def _run(
    desk: Desk,
    switch: Switch,
    begun: float,
    file: str | None,
    task: str,
    text: str,
    second: str | None,
    answer: str,
    count: int,
    seed: int,
    *setups: Any,
) -> Iterator[list[Any]]:
    """The file answered by every column that shows, until it is cancelled or gives way.

    Progress and what is wrong stand in the meter.
    """
    question = Question(task, text, answer or None, second if find_task(task).pair else None)
    outcomes = _outcomes(desk, file, question, count, seed, *setups)
    nothing = [gr.skip()] * len(_outcome())
    yield from until(switch, begun, outcomes, lambda shown: [_cancelled_at(shown[0]), *nothing[1:]], nothing)


def _outcomes(
    desk: Desk, file: str | None, question: Question, count: int, seed: int, *setups: Any
) -> Iterator[list[Any]]:
    try:
        if not file:
            raise ValueError(words.NO_FILE)
        asks = _asks(desk, question.task, count, seed, setups)
        table = read_table(Path(file))
        here = desk.unqueued()
        begun = time.monotonic()
        for step in score(here, asks, table, question):
            seconds = time.monotonic() - begun
            if isinstance(step, Progress):
                yield _outcome(step.done, step.total, _going(step, seconds))
            else:
                yield from _result(desk, step, seconds)
    except ValueError as error:
        yield _outcome(said=str(error), fault=True)


def _asks(desk: Desk, task: str, count: int, seed: int, setups: Sequence[Any]) -> list[Ask]:
    places = places_of(count)
    return [ask_of(desk, *(*setups[3 * place : 3 * place + 3], seed, task, "")) for place in places]


def _result(desk: Desk, result: Result, seconds: float) -> Iterator[list[Any]]:
    titles = [
        lettered(letter, desk, column.checkpoint) + column.turned
        for letter, column in zip(LETTERS, result.columns, strict=False)
    ]
    gated = [has_gate(desk, column.checkpoint) for column in result.columns]
    inputs, columns = len(result.rows), len(result.columns)
    done = words.DATA_DONE.format(inputs=inputs, columns=columns, seconds=seconds)
    maps = sheets.confusions(result, titles, gated)
    with tempfile.TemporaryDirectory(prefix="hmu-data-") as folder:  # gradio copies the files before it asks for more
        files = [Path(folder) / name for name in ("answers.csv", "answers.json")]
        files[0].write_text(table_csv(result), encoding="utf-8-sig", newline="")
        files[1].write_text(table_json(result), encoding="utf-8")
        yield [
            sheets.meter(inputs * columns, inputs * columns, LINE.join((done, *result.notes))),
            sheets.scores(result, titles),
            *map(drawing, [*maps, *[sheets.NO_PLOT] * (len(LETTERS) - columns)]),
            sheets.differing(result, titles),
            gr.File([str(file) for file in files], visible=True),
        ]


def _going(step: Progress, seconds: float) -> str:
    if not step.done:
        return words.DATA_LOADS.format(total=step.total)
    left = seconds * (step.total - step.done) / step.done
    told = [words.DATA_LEFT.format(seconds=left)] if left > _WORTH_TELLING else []
    return PART.join([words.DATA_GOES.format(done=step.done, total=step.total), *told])


def _outcome(done: int = 0, total: int = 0, said: str = "", fault: bool = False) -> list[Any]:
    """A meter, and nothing found."""
    nothing = [drawing(sheets.NO_PLOT)] * len(LETTERS)
    return [sheets.meter(done, total, said, fault), None, *nothing, None, gr.File(None, visible=False)]


def _cancelled(switch: Switch, meter: Any) -> Any:
    """End the work, and say so."""
    switch.stop(time.time())
    return _cancelled_at(meter)


def _cancelled_at(meter: Any) -> Any:
    """What the meter says once the work was ended; one that shows no unfinished work stays."""
    done, total = (meter.get(name) if isinstance(meter, dict) else 0 for name in ("done", "total"))
    if isinstance(done, int) and isinstance(total, int) and done < total:
        return sheets.meter(done, total, words.DATA_CANCELLED.format(done=done, total=total))
    waiting = isinstance(meter, dict) and meter.get("said") == words.DATA_STARTS
    return sheets.meter(said=words.DATA_CANCELLED_EARLY) if waiting else gr.skip()
