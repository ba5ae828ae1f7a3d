"""The page's actions for programs: named endpoints with typed arguments, which are also the tools of an MCP server.

Arguments are checked by the handlers' own rules; answers are plain JSON.
"""

from collections.abc import Callable
from typing import Any

import gradio as gr

from app.desk import Desk
from app.gpu import write
from app.handlers.asks import Ask, controls_of, decoding_of
from app.handlers.classify import CURVE_POINTS, classify
from app.handlers.looking import Look, look
from app.told import told
from hmu.profile import WritingProfile


def build(desk: Desk) -> None:
    """Add the endpoints to the page that is being built."""
    for action in (_checkpoints(desk), _look(desk), _generate(), _classify(desk)):
        gr.api(told(action), api_name=action.__name__)


def _checkpoints(desk: Desk) -> Callable[..., Any]:
    def checkpoints() -> list[dict[str, Any]]:
        """List the checkpoints that can be asked: id, pair, kind of memory, tasks, parameters, bytes and sha256."""
        keys = ("id", "pair", "arm", "memory", "title", "tasks", "parameters", "bytes", "sha256")
        return [{key: entry.to_json()[key] for key in keys} for entry in desk.catalog.entries]

    return checkpoints


def _look(desk: Desk) -> Callable[..., Any]:
    def look_inside(
        checkpoint: str,
        task: str,
        text: str,
        gate_bias: float = 0.0,
        latent_temperature: float = 0.0,
        seed: int = 0,
        forced: list[float | None] | None = None,
    ) -> dict[str, Any]:
        """Read a text with a checkpoint's memory and tell what each source token's gate does; writes nothing.

        Args:
            checkpoint: id of a checkpoint, as `checkpoints` lists them.
            task: common_gen, ag_news or sst2.
            text: what is read.
            gate_bias: logits added to every gate, -8 (latent) to 8 (literal).
            latent_temperature: scale of the latent's noise, 0 (the mean) to 2.
            seed: of the noise.
            forced: for each source token 1 (literal), 0 (latent) or null (as learned).
        """
        ask = Ask(checkpoint, task, text, controls_of(gate_bias, latent_temperature, seed, forced))
        return _seen(look(desk, ask))

    return look_inside


def _generate() -> Callable[..., Any]:
    def generate(
        checkpoint: str,
        task: str,
        text: str,
        gate_bias: float = 0.0,
        latent_temperature: float = 0.0,
        seed: int = 0,
        forced: list[float | None] | None = None,
        temperature: float = 0.0,
        top_k: int = 0,
        top_p: float = 1.0,
        repetition_penalty: float = 1.0,
        max_new_tokens: int = 48,
    ) -> dict[str, Any]:
        """Let a checkpoint write: its text, and for each token probability, entropy, alternatives and the gate it saw.

        Args:
            checkpoint: id of a checkpoint, as `checkpoints` lists them.
            task: common_gen.
            text: what is read, for example "dog, ball, throw".
            gate_bias: logits added to every gate, -8 (latent) to 8 (literal).
            latent_temperature: scale of the latent's noise, 0 (the mean) to 2.
            seed: of the noise and of the sampling.
            forced: for each source token 1 (literal), 0 (latent) or null (as learned).
            temperature: of the softmax, 0 (greedy) to 2.
            top_k: draw among the k likeliest, 0 (all) to 100.
            top_p: draw among the likeliest that together reach this probability, 0.05 to 1 (all).
            repetition_penalty: 1 (none) to 2.
            max_new_tokens: 1 to 128.
        """
        controls = controls_of(gate_bias, latent_temperature, seed, forced)
        settings = decoding_of(
            controls.seed,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            repetition_penalty=repetition_penalty,
            max_new_tokens=max_new_tokens,
        )
        *_, last = write(Ask(checkpoint, task, text, controls), settings)
        return {
            "text": last.text,
            "tokens": [] if last.writing is None else _tokens(last.steps, last.writing),
            "mean_logprob": last.mean_logprob,
            "perplexity": last.perplexity,
            "seconds_to_first_token": last.first_token,
            "tokens_per_second": last.tokens_per_second,
            **_seen(last.look),
        }

    return generate


def _classify(desk: Desk) -> Callable[..., Any]:
    def classify_text(
        checkpoint: str,
        task: str,
        text: str,
        gate_bias: float = 0.0,
        latent_temperature: float = 0.0,
        seed: int = 0,
        forced: list[float | None] | None = None,
    ) -> dict[str, Any]:
        """Classify a text: each class's probability, each class over the gate bias, and what each token's gate does.

        Args:
            checkpoint: id of a checkpoint, as `checkpoints` lists them.
            task: ag_news or sst2.
            text: what is classified.
            gate_bias: logits added to every gate, -8 (latent) to 8 (literal).
            latent_temperature: scale of the latent's noise, 0 (the mean) to 2.
            seed: of the noise.
            forced: for each source token 1 (literal), 0 (latent) or null (as learned).
        """
        ask = Ask(checkpoint, task, text, controls_of(gate_bias, latent_temperature, seed, forced))
        verdict = classify(desk, ask)
        return {
            "label": verdict.answer,
            "probabilities": verdict.probabilities,
            "gate_biases": list(CURVE_POINTS) if verdict.curves else [],
            "curves": verdict.curves,
            "rise_forced_literal": verdict.literal,
            "rise_forced_latent": verdict.latent,
            **_seen(verdict.look),
        }

    return classify_text


def _seen(found: Look) -> dict[str, Any]:
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


def _tokens(steps: Any, writing: WritingProfile) -> list[dict[str, Any]]:
    return [
        {
            "token": step.token,
            "piece": step.piece,
            "logprob": step.logprob,
            "probability": probability,
            "entropy": step.entropy,
            "gate": step.gate,
            "alternatives": [[other.piece, other.probability] for other in step.alternatives],
        }
        for step, probability in zip(steps, writing.probability, strict=True)
    ]
