"""Endpoints that let a checkpoint write: one text, several texts of one source, the texts between two sources.

On ZeroGPU they queue for the GPU, as the page's Run does; the desk is found there, see `app.gpu`.
"""

from dataclasses import asdict
from typing import Any

from app import gpu
from app.api.looking import seen
from app.desk import Desk
from app.handlers.asks import Ask, begun_of, controls_of, decoding_of
from app.handlers.imagine import Samples
from app.handlers.writing import Written


def generate(
    _desk: Desk,
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
    begun: list[int] | None = None,
) -> dict[str, Any]:
    """Let a checkpoint write: its text, and for each token probability, entropy, alternatives and the gate it saw."""
    controls = controls_of(gate_bias, latent_temperature, seed, forced)
    settings = decoding_of(
        controls.seed,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        repetition_penalty=repetition_penalty,
        max_new_tokens=max_new_tokens,
    )
    first = [] if begun is None else begun_of(begun)
    *_, last = gpu.write(Ask(checkpoint, task, text, controls), settings, first)
    return {
        "text": last.text,
        "tokens": _tokens(last),
        "mean_logprob": last.mean_logprob,
        "perplexity": last.perplexity,
        "seconds_to_first_token": last.first_token,
        "tokens_per_second": last.tokens_per_second,
        **seen(last.look),
    }


def imagine(
    _desk: Desk,
    checkpoint: str,
    task: str,
    text: str,
    samples: int = 6,
    gate_bias: float = 0.0,
    latent_temperature: float = 1.0,
    seed: int = 0,
    compared: str | None = None,
    softmax_temperature: float = 0.9,
    top_k: int = 0,
    top_p: float = 1.0,
    repetition_penalty: float = 1.0,
    max_new_tokens: int = 48,
) -> dict[str, Any]:
    """Let a checkpoint write several texts that differ by its latent's noise, and tell how much they vary.

    A compared checkpoint writes as many that differ by what is drawn from its softmax.
    """
    ask = Ask(checkpoint, task, text, controls_of(gate_bias, latent_temperature, seed))
    beside = None if compared is None else _compared(compared, ask)
    settings = decoding_of(
        ask.controls.seed,
        top_k=top_k,
        top_p=top_p,
        repetition_penalty=repetition_penalty,
        max_new_tokens=max_new_tokens,
    )
    *_, last = gpu.imagine(ask, beside, samples, settings, softmax_temperature)
    return {"latent": _varied(last.latent), "softmax": None if last.softmax is None else _varied(last.softmax)}


def interpolate(
    _desk: Desk,
    checkpoint: str,
    task: str,
    text: str,
    other_text: str,
    steps: int = 6,
    repetition_penalty: float = 1.0,
    max_new_tokens: int = 48,
) -> dict[str, Any]:
    """Let a checkpoint write the texts along the line from one text's latents to another's, and the share of each."""
    settings = decoding_of(0, repetition_penalty=repetition_penalty, max_new_tokens=max_new_tokens)
    if not isinstance(other_text, str):
        raise ValueError(f"other text: {other_text!r:.60}; give a text")
    *_, last = gpu.between(Ask(checkpoint, task, text), other_text, steps, settings)
    return {
        "shares": list(last.shares),
        "texts": [sample.text for sample in last.samples],
        "notes": list(last.notes),
    }


def _compared(checkpoint: object, ask: Ask) -> Ask:
    if not isinstance(checkpoint, str):
        raise ValueError(f"compared: {checkpoint!r:.60}; give a checkpoint's id, or null for none")
    return Ask(checkpoint, ask.task, ask.text, controls_of(0.0, 0.0, ask.controls.seed))


def _varied(samples: Samples) -> dict[str, Any]:
    """Texts, and how much they differ; null where the extra that measures it is not installed."""
    return {
        "texts": [sample.text for sample in samples.samples],
        "variety": None if samples.variety is None else asdict(samples.variety),
        "notes": list(samples.notes),
    }


def _tokens(written: Written) -> list[dict[str, Any]]:
    if written.writing is None:
        return []
    return [
        {
            "token": step.token,
            "piece": step.piece,
            "logprob": step.logprob,
            "probability": probability,
            "entropy": step.entropy,
            "gate": step.gate,
            "alternatives": [asdict(other) for other in step.alternatives],
        }
        for step, probability in zip(written.steps, written.writing.probability, strict=True)
    ]
