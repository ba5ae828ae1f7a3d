"""Endpoints that write nothing: which checkpoints there are, how one reads a text, and how it classifies one."""

from dataclasses import asdict
from typing import Any

from app.desk import Desk
from app.handlers.asks import Ask, controls_of
from app.handlers.classify import CURVE_POINTS, classify
from app.handlers.looking import Look, look
from app.handlers.memory import RETENTION, Question, recollect
from app.handlers.zoo import cards
from hmu.tasks.synthetic import SYNTHETIC

_LISTED = ("id", "pair", "arm", "memory", "title", "tasks", "parameters", "bytes", "sha256")


def checkpoints(desk: Desk) -> list[dict[str, Any]]:
    """List the checkpoints that can be asked: id, pair, kind of memory, tasks, parameters, bytes and sha256."""
    asked = [entry for entry in desk.catalog.entries if entry.tasks]
    return [{key: entry.to_json()[key] for key in _LISTED} for entry in asked]


def card(desk: Desk, checkpoint: str) -> dict[str, Any]:
    """Tell what a checkpoint is: size, tasks, licence, device, whether it is loaded, and every figure of its card."""
    entry = desk.entry(checkpoint)
    found = next(card for card in cards(desk) if card.id == entry.id)
    return asdict(found) | {"figures": [figure._asdict() for figure in found.figures]}


def look_inside(
    desk: Desk,
    checkpoint: str,
    task: str,
    text: str,
    gate_bias: float = 0.0,
    latent_temperature: float = 0.0,
    seed: int = 0,
    forced: list[float | None] | None = None,
    second: str | None = None,
) -> dict[str, Any]:
    """Read a text, or two, with a checkpoint's memory and tell what each source token's gate does; writes nothing."""
    ask = Ask(checkpoint, task, text, controls_of(gate_bias, latent_temperature, seed, forced), second)
    return seen(look(desk, ask))


def classify_text(
    desk: Desk,
    checkpoint: str,
    task: str,
    text: str,
    gate_bias: float = 0.0,
    latent_temperature: float = 0.0,
    seed: int = 0,
    forced: list[float | None] | None = None,
    second: str | None = None,
) -> dict[str, Any]:
    """Classify a text, or two: each class's probability, also over the gate bias, and what each token's gate does."""
    ask = Ask(checkpoint, task, text, controls_of(gate_bias, latent_temperature, seed, forced), second)
    verdict = classify(desk, ask)
    return {
        "label": verdict.answer,
        "probabilities": verdict.probabilities,
        "gate_biases": list(CURVE_POINTS) if verdict.curves else [],
        "curves": verdict.curves,
        "rise_forced_literal": verdict.literal,
        "rise_forced_latent": verdict.latent,
        **seen(verdict.look),
    }


def recall(
    desk: Desk,
    checkpoint: str,
    part: str = RETENTION,
    amount: int = 200,
    row: int = 0,
    gate_bias: float = 0.0,
    latent_temperature: float = 0.0,
    seed: int = 0,
) -> dict[str, Any]:
    """Ask a checkpoint of the synthetic memory tasks what it still knows, and how that falls with steps or pairs.

    Each question: its key, the right token, the likeliest one, and the probabilities of both.
    """
    ask = Ask(checkpoint, SYNTHETIC, "", controls_of(gate_bias, latent_temperature, seed))
    found = recollect(desk, [ask], Question(part, amount, row))
    questions = [
        {
            "key": one.key,
            "right": one.right,
            "answer": one.answers[0].token,
            "probability": one.answers[0].probability,
            "right_probability": one.answers[0].right,
        }
        for one in found.asked
    ]
    (curve,) = found.curves
    return {"questions": questions, "amounts": list(curve.amounts), "right_probability": list(curve.values)}


def seen(found: Look) -> dict[str, Any]:
    """How a text was read, as JSON; null for whatever a memory without a gate does not have."""
    gate = found.gate
    return {
        "source_tokens": list(found.tokens),
        "gates": None if gate is None else list(gate.mean),
        "gate_spread": None if gate is None else list(gate.spread),
        "kl": None if gate is None else gate.kl,
        "sigma": None if gate is None else gate.sigma,
        "active_units": None if gate is None else gate.active,
        "notes": list(found.notes),
    }
