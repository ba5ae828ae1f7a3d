"""The flow as one call each: text → source → memory. Both arms take the same way.

Axes: b = 1, n source tokens, d model width.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.memory import Remembered
from hmu.tasks import Task, find_task
from hmu.text import Admitted, admit
from hmu.tokens import source_tokens


@dataclass(frozen=True, slots=True)
class Source:
    """A text as the encoder left it; turning a control never needs it made again.

    Args:
        tokens: n pieces as people read them; the last one ends the text.
        states: (1, n, d).
        mask: (1, n), all ones.
        notes: what was changed in the text before it was read.
    """

    tokens: tuple[str, ...]
    states: Tensor
    mask: Tensor
    notes: tuple[str, ...] = ()


@torch.inference_mode()
def read(checkpoint: Checkpoint, task: str, text: str, second: str | None = None) -> Source:
    """Encode a text for a task, or the two texts of a pair.

    Raises:
        ValueError: for an unknown task, a text with nothing in it, a second text too few or too many, or a pair where
            the checkpoint's tokenizer has no separator.
    """
    asked = find_task(task)
    if bool(asked.pair) != (second is not None):
        remedy = "give a second one, too" if asked.pair else "leave the second one out"
        raise ValueError(f"task {task}: reads {'a pair of texts' if asked.pair else 'one text'}; {remedy}")
    admitted = _admitted(asked, text)
    other = None if second is None else _admitted(asked, second)
    limit = checkpoint.model.config.max_source_length
    try:
        (found,) = source_tokens(checkpoint.tokenizer, [(admitted.text, other.text if other else None)], limit)
    except ValueError as error:
        raise ValueError(f"{checkpoint.name}: {error}") from None
    notes = admitted.notes + (other.notes if other else ())
    if found.whole > len(found.ids):
        notes += (f"Read the first {limit} of {found.whole} tokens.",)
    input_ids = torch.tensor([found.ids], device=checkpoint.model.device)
    mask = torch.ones_like(input_ids)
    pieces = tuple(checkpoint.tokenizer.decode([i]) for i in found.ids)
    return Source(pieces, checkpoint.model.encode(input_ids, mask), mask, notes)


def _admitted(task: Task, text: str) -> Admitted:
    """A typed text as the model was trained on it."""
    admitted = admit(text)
    prepared = task.prepare(admitted.text)
    if not prepared:
        raise ValueError("text: empty; write a few words or pick an example")
    return Admitted(prepared, admitted.notes)


@torch.inference_mode()
def remember(checkpoint: Checkpoint, source: Source, controls: Controls) -> Remembered:
    """What the decoder will read, under these controls.

    Raises:
        ValueError: for more forced gates than source tokens.
    """
    return remember_each(checkpoint, source, [controls])


@torch.inference_mode()
def remember_each(checkpoint: Checkpoint, source: Source, controls: Sequence[Controls]) -> Remembered:
    """The same text under each of b controls, in one batch of b rows; row i is what `remember` gives for the i-th.

    Raises:
        ValueError: for more forced gates than source tokens.
    """
    most = max(len(one.forced) for one in controls)
    if most > len(source.tokens):
        raise ValueError(f"forced gates: {most} for {len(source.tokens)} source tokens; give at most one for each")
    states, mask = (part.expand(len(controls), *part.shape[1:]) for part in (source.states, source.mask))
    return checkpoint.model.remember(states, mask, controls, rows=[0] * len(controls))


@torch.inference_mode()
def class_probabilities(checkpoint: Checkpoint, remembered: Remembered, task: str) -> dict[str, float]:
    """Every class of the task with its probability; they sum to one.

    Raises:
        ValueError: if the checkpoint has no head for the task.
    """
    return class_probabilities_each(checkpoint, remembered, task)[0]


@torch.inference_mode()
def class_probabilities_each(checkpoint: Checkpoint, remembered: Remembered, task: str) -> list[dict[str, float]]:
    """`class_probabilities` of every row of a batch.

    Raises:
        ValueError: if the checkpoint has no head for the task.
    """
    rows = checkpoint.model.classify(remembered, task).float().softmax(-1).tolist()
    names = checkpoint.model.config.task_labels[task]
    return [dict(zip(names, row, strict=True)) for row in rows]
