"""How much the sentences differ that one input gets from several draws of the latent. Axes: b batch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import torch

from hmu.beams import beam_search
from hmu.checkpoint import Checkpoint
from hmu.controls import AS_PUBLISHED, Controls
from hmu.evaluation.batches import batches
from hmu.evaluation.variety import variety
from hmu.tasks import Example


@dataclass(frozen=True, slots=True)
class SampleMetrics:
    """Variety of an input's sentences, mean over inputs; None where no sentence was sampled.

    Args:
        distinct_1, distinct_2: share of the words, and of the pairs of neighbours, that are different, in [0, 1].
        self_bleu: how like an input's other sentences each of them is, in [0, 100].
    """

    distinct_1: float | None = None
    distinct_2: float | None = None
    self_bleu: float | None = None


def has_latent(checkpoint: Checkpoint) -> bool:
    """Whether there is a latent to draw from."""
    return hasattr(checkpoint.model.memory, "latent")


@torch.inference_mode()
def latent_variety(
    checkpoint: Checkpoint,
    examples: Sequence[Example],
    controls: Controls,
    samples: int,
    batch_size: int = 64,
    progress: Callable[[int], None] | None = None,
) -> SampleMetrics:
    """Write several greedy sentences for each input, which differ by the latent's noise alone.

    Args:
        checkpoint: writes; one without a latent is not asked.
        examples: inputs; the address of an example's noise is its index.
        controls: how the memory is read; sample i takes seed + i. A temperature of 0, at which all would be one
            sentence, becomes 1, as published.
        samples: sentences for each input; fewer than two are none.
        batch_size: inputs encoded together.
        progress: called with the number of inputs that a batch has finished.
    """
    if samples < 2 or not has_latent(checkpoint):
        return SampleMetrics()
    warm = controls if controls.temperature else replace(controls, temperature=AS_PUBLISHED.temperature)
    found = []
    for batch in batches(checkpoint, examples, batch_size):
        written = []
        for sample in range(samples):
            memory = batch.remembered(checkpoint, replace(warm, seed=controls.seed + sample))
            tokens = beam_search(checkpoint.model, memory, 1, checkpoint.model.config.max_target_length)
            written.append([checkpoint.tokenizer.decode(one, skip_special_tokens=True).strip() for one in tokens])
        found += [variety(texts) for texts in zip(*written, strict=True)]
        if progress is not None:
            progress(len(batch.rows))
    return SampleMetrics(
        distinct_1=fmean(one.distinct_1 for one in found),
        distinct_2=fmean(one.distinct_2 for one in found),
        self_bleu=fmean(one.self_bleu or 0.0 for one in found),
    )
