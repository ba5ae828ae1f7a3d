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
from hmu.tasks import find_task
from hmu.text import admit


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
def read(checkpoint: Checkpoint, task: str, text: str) -> Source:
    """Encode a text for a task.

    Raises:
        ValueError: for an unknown task, or a text with nothing in it.
    """
    admitted = admit(text)
    prepared = find_task(task).prepare(admitted.text)
    if not prepared:
        raise ValueError("text: empty; write a few words or pick an example")
    limit = checkpoint.model.config.max_source_length
    # A typed "</s>" is text, not the end. Cut here: the tokenizer's own cutting is a setting that threads would share.
    whole = checkpoint.tokenizer(prepared, split_special_tokens=True, verbose=False)["input_ids"]
    ids = whole if len(whole) <= limit else [*whole[: limit - 1], whole[-1]]
    notes = admitted.notes
    if len(whole) > len(ids):
        notes += (f"Read the first {limit} of {len(whole)} tokens.",)
    input_ids = torch.tensor([ids], device=checkpoint.model.device)
    mask = torch.ones_like(input_ids)
    pieces = tuple(checkpoint.tokenizer.decode([i]) for i in ids)
    return Source(pieces, checkpoint.model.encode(input_ids, mask), mask, notes)


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
