"""A checkpoint's classes for a text: as asked, over the whole range of the gate bias, and with each token forced."""

from dataclasses import dataclass, replace

from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.looking import Look, look_of
from hmu import Checkpoint, Controls, Source, class_probabilities_each, find_task, remember_each

CURVE_POINTS = tuple(x / 2 for x in range(-16, 17))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a checkpoint answers, and what of it the gate decides.

    Args:
        probabilities: {class: probability}; they sum to one.
        look: how the text is read.
        curves: {class: probability at each of `CURVE_POINTS`}; empty where the memory has no gate.
        literal, latent: for each source token, how much the answer's probability rises when that token alone is
            forced so; empty where the memory has no gate.
    """

    probabilities: dict[str, float]
    look: Look
    curves: dict[str, tuple[float, ...]]
    literal: tuple[float, ...]
    latent: tuple[float, ...]

    @property
    def answer(self) -> str:
        """The likeliest class."""
        return max(self.probabilities, key=lambda name: self.probabilities[name])


def classify(desk: Desk, ask: Ask) -> Verdict:
    """Let a checkpoint classify; everything that it takes from the gate is one batch.

    Raises:
        ValueError: for an unknown checkpoint or task, a task without classes, an empty text, or a bad control.
    """
    if find_task(ask.task).generates:
        raise ValueError(f'task "{ask.task}" writes; pick it on the Generate tab')
    checkpoint, source = desk.source(desk.entry(ask.checkpoint), ask.task, ask.text, ask.second)
    remembered = remember_each(checkpoint, source, [ask.controls])
    look = look_of(checkpoint, source, ask, remembered)
    probabilities = class_probabilities_each(checkpoint, remembered, ask.task)[0]
    if look.gate is None:
        return Verdict(probabilities, look, {}, (), ())
    verdict = Verdict(probabilities, look, _curves(checkpoint, source, ask), (), ())
    literal, latent = _pushes(checkpoint, source, ask, verdict)
    return replace(verdict, literal=literal, latent=latent)


def _curves(checkpoint: Checkpoint, source: Source, ask: Ask) -> dict[str, tuple[float, ...]]:
    walk = [replace(ask.controls, gate_bias=bias) for bias in CURVE_POINTS]
    points = class_probabilities_each(checkpoint, remember_each(checkpoint, source, walk), ask.task)
    return {name: tuple(point[name] for point in points) for name in points[0]}


def _pushes(
    checkpoint: Checkpoint, source: Source, ask: Ask, verdict: Verdict
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    places = range(len(source.tokens))
    tried = [_with_forced(ask.controls, place, gate, len(places)) for gate in (1.0, 0.0) for place in places]
    points = class_probabilities_each(checkpoint, remember_each(checkpoint, source, tried), ask.task)
    rises = tuple(point[verdict.answer] - verdict.probabilities[verdict.answer] for point in points)
    return rises[: len(places)], rises[len(places) :]


def _with_forced(controls: Controls, place: int, gate: float, length: int) -> Controls:
    forced = [*controls.forced, *[None] * (length - len(controls.forced))]
    forced[place] = gate
    return replace(controls, forced=tuple(forced))
