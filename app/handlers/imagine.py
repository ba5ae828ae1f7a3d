"""Several texts from one source, with their variety, and the texts between two sources.

Knows nothing of the grids they are shown in. Nothing drawn here is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.desk import Desk, refuse_unlearned
from app.handlers.asks import DECODING, Ask, number, whole
from hmu import Checkpoint, Decoding, Source, find_task, read
from hmu.imagine import Sample, interpolate, latent_samples, softmax_samples

if TYPE_CHECKING:
    from hmu.evaluation.variety import Variety

MOST_SAMPLES, MOST_STEPS = 16, 12


@dataclass(frozen=True, slots=True)
class Samples:
    """The texts of one checkpoint, as far as they are there.

    Args:
        notes: what was changed in the source before it was read.
        samples: so far; sample i is of the first seed + i.
        variety: of their texts; None before the first, and where the extra `evaluate` is not installed.
    """

    notes: tuple[str, ...]
    samples: tuple[Sample, ...] = ()
    variety: "Variety | None" = None


@dataclass(frozen=True, slots=True)
class Imagined:
    """Texts by the latent's noise, and beside them texts by the softmax's draws.

    Args:
        latent: of the one checkpoint.
        softmax: of the other, always as many; None where none were asked for.
        done: whether all are there.
    """

    latent: Samples
    softmax: Samples | None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """The texts along the line from one source's latents to another's, as far as they are there.

    Args:
        shares: the second source's share in each text that was asked for, from 0 to 1.
        notes: what was changed in either source before it was read.
        samples: so far; sample i is of share i.
        done: whether all are there.
    """

    shares: tuple[float, ...]
    notes: tuple[str, ...]
    samples: tuple[Sample, ...] = ()
    done: bool = False


def imagine(
    desk: Desk, latent: Ask, softmax: Ask | None, n: int, decoding: Decoding, softmax_temperature: float
) -> Iterator[Imagined]:
    """Let a checkpoint write n texts that differ by the latent's noise, another n that differ by what is drawn.

    Args:
        desk: where the models are.
        latent: asked for latent samples; its controls' temperature scales the noise, sample i takes their seed + i.
        softmax: asked for softmax samples, sample i with the decoding's seed + i; None for none.
        n: samples of each, 1 to `MOST_SAMPLES`.
        decoding: how tokens are chosen; latent samples take the likeliest token whatever its temperature.
        softmax_temperature: takes the place of the decoding's own; not read where `softmax` is None.

    Yields:
        One more sample of each, and the variety of those so far; the last is marked done.

    Raises:
        ValueError: for a number outside its range, an unknown checkpoint or task, a task that writes nothing, an empty
            text, a bad control, or latent samples of a checkpoint without a latent.
    """
    n = whole("samples", n, 1, MOST_SAMPLES)
    checkpoint, source = _source(desk, latent)
    imagined = Imagined(Samples(source.notes), None)
    by_noise = latent_samples(checkpoint, source, latent.controls, n, decoding)
    by_draw: Iterator[Sample] = iter(())
    if softmax is not None:
        temperature = number("softmax temperature", softmax_temperature, *DECODING["temperature"][:2])
        checkpoint, source = _source(desk, softmax)
        imagined = replace(imagined, softmax=Samples(source.notes))
        drawn = replace(decoding, temperature=temperature)
        by_draw = softmax_samples(checkpoint, source, softmax.controls, n, drawn)
    for sample in by_noise:
        beside = imagined.softmax and _with(imagined.softmax, next(by_draw))
        so_far = _with(imagined.latent, sample)
        imagined = Imagined(so_far, beside, done=len(so_far.samples) == n)
        yield imagined


def between(desk: Desk, ask: Ask, other_text: str, steps: int, decoding: Decoding) -> Iterator[Between]:
    """Let a checkpoint write the texts from one source to another, by the latent path alone.

    Args:
        desk: where the models are.
        ask: the first source; its controls are not read, for there is neither gate nor noise here.
        other_text: the second source, as it was typed.
        steps: texts, the ends included, 2 to `MOST_STEPS`.
        decoding: as in `imagine`.

    Yields:
        One more text; the last is marked done.

    Raises:
        ValueError: as `imagine`.
    """
    steps = whole("steps", steps, 2, MOST_STEPS)
    checkpoint, first = _source(desk, ask)
    second = read(checkpoint, ask.task, replace(ask, text=other_text).text)
    shares = tuple(step / (steps - 1) for step in range(steps))
    line = Between(shares, tuple(dict.fromkeys((*first.notes, *second.notes))))
    for sample in interpolate(checkpoint, first, second, steps, decoding):
        so_far = (*line.samples, sample)
        line = replace(line, samples=so_far, done=len(so_far) == steps)
        yield line


def _source(desk: Desk, ask: Ask) -> tuple[Checkpoint, Source]:
    if not find_task(ask.task).generates:
        raise ValueError(f'task "{ask.task}" classifies; pick it on the Classify tab')
    refuse_unlearned(desk.entry(ask.checkpoint), ask.task)
    checkpoint = desk.shelf.get(ask.checkpoint)
    return checkpoint, read(checkpoint, ask.task, ask.text)


def _with(samples: Samples, sample: Sample) -> Samples:
    so_far = (*samples.samples, sample)
    return replace(samples, samples=so_far, variety=_variety([one.text for one in so_far]))


def _variety(texts: Sequence[str]) -> "Variety | None":
    try:
        from hmu.evaluation.variety import variety  # noqa: PLC0415 - needs an extra, which the page does without

        return variety(texts)
    except ModuleNotFoundError:
        return None
