"""A checkpoint and examples → scores, under one setting of the controls or several at the cost of one encoding.

Knows nothing of files or printing. Axes: b batch, n source tokens.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import torch

from hmu.beams import beam_search
from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.evaluation.metrics import ClassMetrics, TextMetrics, class_metrics, text_metrics
from hmu.evaluation.unit import UnitGauge, UnitMetrics
from hmu.memory import Remembered
from hmu.tasks import Example, Task

BEAMS = 4
"""Sentences are scored as this many beams write them."""

AS_TRAINED = Controls()
"""Gate bias 0, the latent's mean."""


@dataclass(frozen=True, slots=True)
class Score:
    """What one setting of the controls makes of a data set.

    Args:
        task: its name.
        controls: the setting.
        answers: one for each input, in the data's order: a class number or a sentence.
        quality: of the answers.
        unit: how the memory was made meanwhile.
    """

    task: str
    controls: Controls
    answers: tuple[int | str, ...]
    quality: ClassMetrics | TextMetrics
    unit: UnitMetrics

    @property
    def metrics(self) -> dict[str, float | None]:
        """Every metric by name, for JSON; the unit's are None for a baseline."""
        return {**asdict(self.quality), **asdict(self.unit)}

    def changed(self, other: "Score") -> float:
        """Share of the inputs whose answer differs from that in another score, in [0, 1]."""
        pairs = list(zip(self.answers, other.answers, strict=True))
        return sum(a != b for a, b in pairs) / len(pairs)


@torch.inference_mode()
def score(
    checkpoint: Checkpoint,
    task: Task,
    examples: Sequence[Example],
    settings: Sequence[Controls] = (AS_TRAINED,),
    batch_size: int = 64,
    progress: Callable[[int], None] | None = None,
) -> list[Score]:
    """Answer every example under every setting, and compare.

    The address of an example's noise is its index, so no figure depends on the batches.

    Args:
        checkpoint: answers.
        task: what is asked.
        examples: one per input: merged, where several rows share one.
        settings: each gives one score.
        batch_size: inputs encoded together.
        progress: called with the number of inputs that a batch has finished.

    Returns:
        A score for each setting, in order.

    Raises:
        ValueError: for no examples, or a checkpoint without a head for the task.
    """
    if not examples:
        raise ValueError(f"task {task.name}: no inputs to score; the data are empty")
    if not task.generates and task.name not in checkpoint.model.config.task_labels:
        heads = ", ".join(checkpoint.model.config.task_labels) or "none"
        raise ValueError(f"{checkpoint.name}: no head for task {task.name}; it has heads for {heads}")
    answers: list[dict[int, int | str]] = [{} for _ in settings]
    gauges = [UnitGauge() for _ in settings]
    for rows, ids, mask in _batches(checkpoint, examples, batch_size):
        states = checkpoint.model.encode(ids, mask)
        for controls, answered, gauge in zip(settings, answers, gauges, strict=True):
            remembered = checkpoint.model.remember(states, mask, controls, rows)
            gauge.take(remembered.trace, mask)
            answered.update(zip(rows, _answer(checkpoint, task, remembered), strict=True))
        if progress is not None:
            progress(len(rows))
    return [
        _score(task, examples, controls, answered, gauge)
        for controls, answered, gauge in zip(settings, answers, gauges, strict=True)
    ]


def _batches(
    checkpoint: Checkpoint, examples: Sequence[Example], size: int
) -> Iterator[tuple[list[int], torch.Tensor, torch.Tensor]]:
    """Rows, ids (b, n) and mask (b, n) of inputs of like length."""
    config, device = checkpoint.model.config, checkpoint.model.device
    sources = [example.source for example in examples]
    plain = partial(checkpoint.tokenizer, split_special_tokens=True)  # as `read` does: a "</s>" in a text is text
    tokens = plain(sources, truncation=True, max_length=config.max_source_length)["input_ids"]
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        longest = len(tokens[rows[-1]])
        ids = [tokens[row] + [config.pad_token_id] * (longest - len(tokens[row])) for row in rows]
        mask = [[1] * len(tokens[row]) + [0] * (longest - len(tokens[row])) for row in rows]
        yield rows, torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def _answer(checkpoint: Checkpoint, task: Task, remembered: Remembered) -> list[int] | list[str]:
    if not task.generates:
        return checkpoint.model.classify(remembered, task.name).argmax(-1).tolist()
    written = beam_search(checkpoint.model, remembered, BEAMS, checkpoint.model.config.max_target_length)
    return [checkpoint.tokenizer.decode(tokens, skip_special_tokens=True).strip() for tokens in written]


def _score(
    task: Task, examples: Sequence[Example], controls: Controls, answered: dict[int, int | str], gauge: UnitGauge
) -> Score:
    answers = tuple(answered[row] for row in range(len(examples)))
    quality: ClassMetrics | TextMetrics
    if task.generates:
        concepts = [example.source.split() for example in examples]
        quality = text_metrics([str(a) for a in answers], concepts, [e.references for e in examples])
    else:
        quality = class_metrics([int(a) for a in answers], [int(e.label or 0) for e in examples])
    return Score(task.name, controls, answers, quality, gauge.metrics())
