"""A table and some checkpoints → what each of them answers to every row, and how good that is.

Every row is answered as the page answers its text alone: with the same address of noise, and sentences greedily, by
`hmu.beams.beam_search` with one beam, up to the model's own target length.
Axes: b batch, n source tokens, d model width, t written tokens.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from app.desk import Desk, refuse_unlearned
from app.handlers.asks import check_second
from app.handlers.proposing import class_number
from app.handlers.results import Answer, Column, Question, Result, Row, differ_most, table_csv, table_json
from app.handlers.uploads import Table
from hmu import Checkpoint, Controls, Remembered, class_probabilities_each, find_task
from hmu.beams import beam_search
from hmu.evaluation.score import quality_of
from hmu.tasks import Example, Task
from hmu.text import admit
from hmu.tokens import Tokens, source_tokens

__all__ = ["Progress", "Question", "Result", "Setup", "differ_most", "score", "table_csv", "table_json"]

MOST_SETUPS = 8
"""Columns of one comparison."""
CLASSIFIED, WRITTEN = 32, 16
"""Inputs in a batch: a cancel waits for the end of one."""


class Setup(Protocol):
    """What answers; an `Ask` is one."""

    @property
    def checkpoint(self) -> str:
        """Its id in the zoo."""

    @property
    def controls(self) -> Controls:
        """How the memory is read."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many answers there are so far, and will be: inputs × set-ups."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class _Input:
    """One thing to answer: number and texts of the first row that asks it, and what is right for it."""

    number: int
    text: str
    second: str | None
    example: Example


def score(
    desk: Desk, setups: Sequence[Setup], table: Table, question: Question
) -> Generator[Progress | Result, None, None]:
    """Let every set-up answer every row; rows that the task merges are one input.

    Yields:
        Progress after each batch, from none to all, and at the end one Result; closing the generator ends the work.

    Raises:
        ValueError: for an unknown task, column or checkpoint, a second column too few or too many, a cell that cannot
            be read (naming its row), a checkpoint that has not learned the task, no set-up or more than
            `MOST_SETUPS`, or forced gates.
    """
    _check_setups(setups)
    for setup in setups:
        refuse_unlearned(desk.entry(setup.checkpoint), question.task)
    task, inputs = find_task(question.task), _inputs(table, question)
    answers: list[dict[int, Answer]] = [{} for _ in setups]
    total = len(inputs) * len(setups)
    yield Progress(0, total)
    checkpoints = {setup.checkpoint: desk.shelf.get(setup.checkpoint) for setup in setups}
    for checkpoint in checkpoints.values():
        _check_classes(checkpoint, task)
    tokens = {name: _tokens(checkpoint, inputs) for name, checkpoint in checkpoints.items()}
    for rows in _batches(inputs, WRITTEN if task.generates else CLASSIFIED):
        read: dict[str, tuple[Tensor, Tensor]] = {}
        for setup, answered in zip(setups, answers, strict=True):
            name, checkpoint = setup.checkpoint, checkpoints[setup.checkpoint]
            if name not in read:
                read[name] = _encode(checkpoint, [tokens[name][row] for row in rows])
            found = _answer(checkpoint, task, *read[name], setup.controls)
            answered.update(zip(rows, found, strict=True))
            yield Progress(sum(map(len, answers)), total)
    notes = [note for name, checkpoint in checkpoints.items() for note in _cut_notes(checkpoint, tokens[name])]
    yield _result(setups, question, inputs, answers, notes)


def _check_setups(setups: Sequence[Setup]) -> None:
    if not 1 <= len(setups) <= MOST_SETUPS:
        raise ValueError(f"{len(setups)} columns; compare from 1 to {MOST_SETUPS}")
    if any(setup.controls.forced for setup in setups):
        raise ValueError("forced gates are for the tokens of one text; release them to score a table")


def _check_classes(checkpoint: Checkpoint, task: Task) -> None:
    names = checkpoint.model.config.task_labels.get(task.name, ())
    if set(names) != set(task.labels):
        raise ValueError(
            f"{checkpoint.name}: for task {task.name} it knows {', '.join(names) or 'no classes'}, not "
            f"{', '.join(task.labels)}; choose another checkpoint"
        )


def _inputs(table: Table, question: Question) -> list[_Input]:
    task = find_task(question.task)
    _check_columns(table, question)
    examples = []
    asked: dict[str, list[tuple[int, str, str | None]]] = defaultdict(list)
    for number, row in enumerate(table.rows, 1):
        where = f"{table.name}, row {number}"
        text, source = _text(task, row[question.text_column], f"{where}: {question.text_column}")
        second, other = None, None
        if question.second_column is not None:
            second, other = _text(task, row[question.second_column], f"{where}: {question.second_column}")
        example = Example(source, group=source, second=other)
        if question.answer_column is not None:
            label, references = _right(task, row[question.answer_column], f"{where}: {question.answer_column}")
            example = replace(example, label=label, references=references)
        examples.append(example)
        asked[source].append((number, text, second))
    return [_Input(*asked[example.group].pop(0), example) for example in task.merge(examples)]


def _check_columns(table: Table, question: Question) -> None:
    if not table.rows:
        raise ValueError(f"{table.name}: no rows; upload a table with some")
    check_second(question.task, question.second_column is not None)
    named = (question.text_column, question.second_column, question.answer_column)
    chosen = [
        (what, name) for what, name in zip(("text", "second text", "answer"), named, strict=True) if name is not None
    ]
    for _, name in chosen:
        if name not in table.columns:
            raise ValueError(f'{table.name}: no column "{name}"; choose one of {", ".join(table.columns[:10])}')
    for (what, name), (other, same) in combinations(chosen, 2):
        if name == same:
            raise ValueError(f'{table.name}: "{name}" is the {what} and the {other}; choose two columns')


def _text(task: Task, cell: Any, where: str) -> tuple[str, str]:
    """A cell as a person would type it, and the source that it becomes."""
    lists = list in task.fields.values()
    items = _listed(cell) if lists else None
    text = "" if cell is None else cell if items is None else ", ".join(items)
    if not isinstance(text, str) or (lists and text.startswith("[") and text.endswith("]")):
        needs = "a text, or a list of texts in JSON" if lists else "a text"
        raise ValueError(f"{where} is {_shown(cell)}; task {task.name} needs {needs}")
    text = _readable(text)
    source = task.prepare(text)
    if not source:
        raise ValueError(f"{where} is empty; write a few words or remove the row")
    return text, source


def _right(task: Task, cell: Any, where: str) -> tuple[int | None, tuple[str, ...]]:
    """The right class, or the right sentences."""
    if task.generates:
        sentences = tuple(_readable(one) for one in _listed(cell) or [cell])
        if not all(sentences):
            raise ValueError(f"{where} is {_shown(cell)}; write a right sentence, or choose no answer column")
        return None, sentences
    number = class_number(task, cell)
    if number is None:
        names, last = ", ".join(task.labels), len(task.labels) - 1
        raise ValueError(f"{where} is {_shown(cell)}; give one of {names}, or a number from 0 to {last}")
    return number, ()


def _listed(cell: Any) -> list[str] | None:
    """A list of texts, be it a list or JSON in a CSV cell; None if it is neither."""
    if isinstance(cell, str) and cell.startswith("["):
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            return None
    return cell if isinstance(cell, list) and all(isinstance(item, str) for item in cell) else None


def _readable(text: object) -> str:
    """A text as it may be read and shown, also one out of JSON's escapes; empty if it is none."""
    try:
        return admit(text).text if isinstance(text, str) else ""
    except ValueError:
        return ""


def _shown(cell: Any) -> str:
    return json.dumps(cell, ensure_ascii=False)[:60]


def _tokens(checkpoint: Checkpoint, inputs: Sequence[_Input]) -> list[Tokens]:
    """Each input's tokens, as `read` cuts them."""
    sources = [(one.example.source, one.example.second) for one in inputs]
    try:
        return source_tokens(checkpoint.tokenizer, sources, checkpoint.model.config.max_source_length)
    except ValueError as error:
        raise ValueError(f"{checkpoint.name}: {error}") from None


def _cut_notes(checkpoint: Checkpoint, tokens: Sequence[Tokens]) -> Iterator[str]:
    limit = checkpoint.model.config.max_source_length
    cut = sum(one.whole > len(one.ids) for one in tokens)
    if cut:
        yield f"{checkpoint.name}: cut to the first {limit} tokens: {cut:,} of {len(tokens):,} texts."


def _batches(inputs: Sequence[_Input], size: int) -> Iterator[list[int]]:
    """Indices of inputs of like length."""
    lengths = [len(one.example.source) + len(one.example.second or "") for one in inputs]
    order = sorted(range(len(inputs)), key=lengths.__getitem__)
    return (order[start : start + size] for start in range(0, len(order), size))


@torch.inference_mode()
def _encode(checkpoint: Checkpoint, tokens: Sequence[Tokens]) -> tuple[Tensor, Tensor]:
    """States (b, n, d) and mask (b, n) of b texts."""
    config, device = checkpoint.model.config, checkpoint.model.device
    ids = [torch.tensor(one.ids) for one in tokens]
    mask = pad_sequence([torch.ones_like(one) for one in ids], batch_first=True).to(device)
    padded = pad_sequence(ids, batch_first=True, padding_value=config.pad_token_id).to(device)
    return checkpoint.model.encode(padded, mask), mask


@torch.inference_mode()
def _answer(checkpoint: Checkpoint, task: Task, states: Tensor, mask: Tensor, controls: Controls) -> list[Answer]:
    remembered = checkpoint.model.remember(states, mask, controls, rows=[0] * len(states))
    if task.generates:
        return _sentences(checkpoint, remembered)
    answers = []
    for probabilities in class_probabilities_each(checkpoint, remembered, task.name):
        output = max(task.labels, key=lambda name: probabilities[name])
        answers.append(Answer(output, probabilities[output], tuple(probabilities[name] for name in task.labels)))
    return answers


def _sentences(checkpoint: Checkpoint, remembered: Remembered) -> list[Answer]:
    """The greedy sentence of each memory, and the geometric mean of its tokens' probabilities, end of text included."""
    model = checkpoint.model
    written = beam_search(model, remembered, beams=1, max_new_tokens=model.config.max_target_length)
    labels = pad_sequence([torch.tensor(one) for one in written], batch_first=True, padding_value=-100).to(model.device)
    logits = model.decode(model.shift_right(labels), remembered).logits.float()
    surprise = nn.functional.cross_entropy(logits.transpose(1, 2), labels, ignore_index=-100, reduction="none")
    probabilities = (-surprise.sum(1) / (labels != -100).sum(1)).exp().tolist()
    outputs = [checkpoint.tokenizer.decode(one, skip_special_tokens=True).strip() for one in written]
    return [Answer(output, probability) for output, probability in zip(outputs, probabilities, strict=True)]


def _result(
    setups: Sequence[Setup],
    question: Question,
    inputs: Sequence[_Input],
    answers: Sequence[dict[int, Answer]],
    notes: Sequence[str],
) -> Result:
    task = find_task(question.task)
    examples = [one.example for one in inputs]
    columns = []
    for setup, answered in zip(setups, answers, strict=True):
        column = Column(setup.checkpoint, setup.controls)
        if question.answer_column is not None:
            column = _measured(column, task, examples, [answered[row].output for row in range(len(inputs))])
        columns.append(column)
    rows = []
    for place, one in enumerate(inputs):
        label, references = one.example.label, one.example.references
        right = references if label is None else (task.labels[label],)
        answered_by = tuple(answered[place] for answered in answers)
        rows.append(Row(one.number, one.text, right, answered_by, one.second))
    return Result(question, task.labels, tuple(columns), tuple(rows), tuple(notes))


def _measured(column: Column, task: Task, examples: Sequence[Example], outputs: Sequence[str]) -> Column:
    answers = outputs if task.generates else [task.labels.index(output) for output in outputs]
    quality = asdict(quality_of(task, examples, answers))
    column = replace(column, metrics={name: value for name, value in quality.items() if value is not None})
    if task.generates:
        return column
    truth = [int(one.label or 0) for one in examples]
    counts, classes = Counter(zip(truth, answers, strict=True)), range(len(task.labels))
    confusion = tuple(tuple(counts[right, said] for said in classes) for right in classes)
    return replace(column, confusion=confusion)
