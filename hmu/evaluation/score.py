"""A checkpoint and examples → scores, under one setting of the controls or several at the cost of one encoding.

Knows nothing of files or printing. Axes: b batch, n source tokens.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import torch

from hmu.beams import beam_search
from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.evaluation.batches import batches
from hmu.evaluation.likelihood import likeliest
from hmu.evaluation.metrics import (
    ClassMetrics,
    TextMetrics,
    acceptability_metrics,
    class_metrics,
    text_metrics,
)
from hmu.evaluation.unit import UnitGauge, UnitMetrics
from hmu.memory import Remembered
from hmu.tasks import Example, Task
from hmu.wanted import BEAMS as WANTED_BEAMS
from hmu.wanted import WantedWords

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
        answers: one for each input, in the data's order: the number of a class or of an ending, or a sentence.
        quality: of the answers.
        unit: how the memory was made meanwhile.
        probabilities: of every class, for each input in that order; empty where no class is asked for.
    """

    task: str
    controls: Controls
    answers: tuple[int | str, ...]
    quality: ClassMetrics | TextMetrics
    unit: UnitMetrics
    probabilities: tuple[tuple[float, ...], ...] = ()

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
    wanted: bool = False,
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
        wanted: whether the beams are asked for every concept, see `hmu.wanted`; plain otherwise.

    Returns:
        A score for each setting, in order.

    Raises:
        ValueError: for no examples, a checkpoint without a head for the task, pairs of texts where its tokenizer has
            no separator, or `wanted` where the task has no concepts.
    """
    if not examples:
        raise ValueError(f"task {task.name}: no inputs to score; the data are empty")
    if task.labels and task.name not in checkpoint.model.config.task_labels:
        heads = ", ".join(checkpoint.model.config.task_labels) or "none"
        raise ValueError(f"{checkpoint.name}: no head for task {task.name}; it has heads for {heads}")
    if wanted and not task.asks_concepts:
        raise ValueError(f"task {task.name}: its answers are not asked for any words; leave out wanted")
    answers: list[dict[int, _Answer]] = [{} for _ in settings]
    gauges = [UnitGauge() for _ in settings]
    for batch in batches(checkpoint, examples, batch_size):
        asked = [examples[row] for row in batch.rows]
        for controls, answered, gauge in zip(settings, answers, gauges, strict=True):
            remembered = batch.remembered(checkpoint, controls)
            gauge.take(remembered.trace, batch.mask)
            answered.update(zip(batch.rows, _answers(checkpoint, task, remembered, asked, wanted), strict=True))
        if progress is not None:
            progress(len(batch.rows))
    return [
        _score(task, examples, controls, answered, gauge)
        for controls, answered, gauge in zip(settings, answers, gauges, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Answer:
    value: int | str
    probabilities: tuple[float, ...] = ()


def _answers(
    checkpoint: Checkpoint, task: Task, remembered: Remembered, asked: Sequence[Example], wanted: bool
) -> list[_Answer]:
    if task.chooses:
        return [_Answer(one) for one in likeliest(checkpoint, remembered, [example.endings for example in asked])]
    if task.labels:
        logits = checkpoint.model.classify(remembered, task.name)
        named, shares = logits.argmax(-1).tolist(), logits.float().softmax(-1).tolist()
        return [_Answer(name, tuple(share)) for name, share in zip(named, shares, strict=True)]
    words = WantedWords(checkpoint.tokenizer, [example.wanted for example in asked]) if wanted else None
    beams, most = WANTED_BEAMS if wanted else BEAMS, checkpoint.model.config.max_target_length
    written = beam_search(checkpoint.model, remembered, beams, most, words)
    return [_Answer(checkpoint.tokenizer.decode(tokens, skip_special_tokens=True).strip()) for tokens in written]


def quality_of(task: Task, examples: Sequence[Example], answers: Sequence[int | str]) -> ClassMetrics | TextMetrics:
    """How good answers are, by what the task is scored with.

    Args:
        task: what was asked.
        examples: what is right, one per input.
        answers: as in `Score`, one per input.
    """
    if task.generates:
        concepts = [example.wanted if task.asks_concepts else () for example in examples]
        return text_metrics([str(answer) for answer in answers], concepts, [each.references for each in examples])
    measure = acceptability_metrics if task.matthews else class_metrics
    return measure([int(answer) for answer in answers], [int(each.label or 0) for each in examples])


def _score(
    task: Task, examples: Sequence[Example], controls: Controls, answered: dict[int, _Answer], gauge: UnitGauge
) -> Score:
    answers = tuple(answered[row].value for row in range(len(examples)))
    shares = tuple(answered[row].probabilities for row in range(len(examples))) if task.labels else ()
    return Score(task.name, controls, answers, quality_of(task, examples, answers), gauge.metrics(), shares)
