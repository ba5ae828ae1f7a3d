"""Several texts from one source, and the texts between two sources: what the latent holds beside its mean.

Knows nothing of metrics or of the page. Axes: b batch, n source tokens, d model width, k latent width.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from hmu.beams import beam_search
from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.decoding import stream
from hmu.memory import Remembered
from hmu.reading import Source, remember, remember_each
from hmu.sampling import Decoding
from hmu.unit import HMU


@dataclass(frozen=True, slots=True)
class Sample:
    """One of several texts.

    Args:
        text: as people read it.
        tokens: as they were written, the end of text included where it was reached.
    """

    text: str
    tokens: tuple[int, ...]


def latent_samples(
    checkpoint: Checkpoint, source: Source, controls: Controls, n: int, decoding: Decoding
) -> Iterator[Sample]:
    """Texts that differ by the latent's noise alone; each is what the source gives when nothing is drawn afterwards.

    Args:
        checkpoint: with a latent.
        source: as this checkpoint read it.
        controls: how the memory is read; sample i takes seed + i. At temperature 0 all samples are one text.
        n: samples, from 1.
        decoding: its temperature, top-k, top-p and seed are without effect: the likeliest token is taken.

    Yields:
        n samples in the order of their seeds; without a repetition penalty they come together, from one batch.

    Raises:
        ValueError: for a checkpoint without a latent, no samples, or more forced gates than source tokens.
    """
    _unit_of(checkpoint)
    seeds = range(controls.seed, controls.seed + _at_least(1, "samples", n))
    remembered = remember_each(checkpoint, source, [replace(controls, seed=seed) for seed in seeds])
    yield from _likeliest(checkpoint, remembered, decoding)


def softmax_samples(
    checkpoint: Checkpoint, source: Source, controls: Controls, n: int, decoding: Decoding
) -> Iterator[Sample]:
    """Texts from one memory that differ by the draws of their tokens alone.

    Args:
        checkpoint: with or without a latent.
        source: as this checkpoint read it.
        controls: how the memory is read.
        n: samples, from 1.
        decoding: how tokens are drawn; sample i takes seed + i. At temperature 0 all samples are one text.

    Yields:
        n samples in the order of their seeds, each when it is written.

    Raises:
        ValueError: for no samples, or more forced gates than source tokens.
    """
    seeds = range(decoding.seed, decoding.seed + _at_least(1, "samples", n))
    remembered = remember(checkpoint, source, controls)
    for seed in seeds:
        yield _streamed(checkpoint, remembered, replace(decoding, seed=seed))


def interpolate(
    checkpoint: Checkpoint, first: Source, second: Source, steps: int, decoding: Decoding
) -> Iterator[Sample]:
    """The texts along the straight line from one source's latents to another's, read by the latent path alone.

    Args:
        checkpoint: with a latent.
        first, second: as this checkpoint read them.
        steps: texts, the two ends included, from 2.
        decoding: as in `latent_samples`.

    Yields:
        As many samples, from the first source to the second; together, unless there is a repetition penalty.

    Raises:
        ValueError: for a checkpoint without a latent, or fewer than two steps.
    """
    yield from _likeliest(checkpoint, between(checkpoint, first, second, steps), decoding)


@torch.inference_mode()
def between(checkpoint: Checkpoint, first: Source, second: Source, steps: int) -> Remembered:
    """The memories that `interpolate` reads: z = (1 − w) μ₁ + w μ₂ for w = 0 … 1.

    The means μ are taken at evenly spread places from the first token to the last, as many as the longer source has
    tokens: where a source is the longer, or both are as long, its end of the line is its own memory at gate 0.

    Returns:
        A memory of b = steps rows, (b, n, d), n of the longer source.

    Raises:
        ValueError: see `interpolate`.
    """
    unit = _unit_of(checkpoint)
    shares = torch.linspace(0, 1, _at_least(2, "steps", steps)).view(-1, 1, 1)
    length = max(len(first.tokens), len(second.tokens))
    ends = [_resampled(unit.latent.mean(source.states), length) for source in (first, second)]
    shares = shares.to(ends[0].device)
    z = ((1 - shares) * ends[0] + shares * ends[1]).to(first.states.dtype)
    return unit.from_latent(z, first.mask.new_ones(steps, length))


def _unit_of(checkpoint: Checkpoint) -> HMU:
    memory = checkpoint.model.memory
    if not isinstance(memory, HMU):
        raise ValueError(f"{checkpoint.name}: its memory has no latent to draw from; pick an HMU")
    return memory


def _at_least(lowest: int, name: str, value: int) -> int:
    if value < lowest:
        raise ValueError(f"{name}: {value}; give a whole number from {lowest}")
    return value


def _resampled(mean: Tensor, length: int) -> Tensor:
    """(1, n, k) → (1, length, k) in fp32, linear along the tokens, ends upon ends."""
    along = mean.float().transpose(1, 2)
    return nn.functional.interpolate(along, size=length, mode="linear", align_corners=True).transpose(1, 2)


def _likeliest(checkpoint: Checkpoint, remembered: Remembered, decoding: Decoding) -> Iterator[Sample]:
    if decoding.repetition_penalty != 1:  # which the batch does not know
        for row in range(len(remembered.memory)):
            one = Remembered(remembered.memory[row : row + 1], remembered.mask[row : row + 1])
            yield _streamed(checkpoint, one, replace(decoding, temperature=0.0))
        return
    for tokens in beam_search(checkpoint.model, remembered, 1, decoding.max_new_tokens):
        yield _sample(checkpoint, tokens)


def _streamed(checkpoint: Checkpoint, remembered: Remembered, decoding: Decoding) -> Sample:
    return _sample(checkpoint, [step.token for step in stream(checkpoint, remembered, decoding)])


def _sample(checkpoint: Checkpoint, tokens: list[int]) -> Sample:
    return Sample(checkpoint.tokenizer.decode(tokens, skip_special_tokens=True).strip(), tuple(tokens))
