"""What each argument of the endpoints is, said once: docstrings, the API's page and the tools' schemas show it."""

from collections.abc import Iterable

from app.handlers.asks import DECODING, GATE_BIAS_REACH, SEED_REACH, TEMPERATURE_REACH
from app.handlers.imagine import MOST_SAMPLES, MOST_STEPS
from app.handlers.memory import MOST_FILLERS, MOST_PAIRS, MOST_ROWS, RECALL, RETENTION
from app.handlers.uploads import MAX_BYTES, MAX_ROWS
from app.links import LETTERS
from hmu import TASKS


def _from(name: str) -> str:
    low, high, *_ = DECODING[name]
    return f"{low:g} to {high:g}"


def _of_the_checkpoint(names: Iterable[str]) -> str:
    return f"one of {', '.join(names)} that the checkpoint has."


_WRITING = [task.name for task in TASKS.values() if task.generates]
_CLASSIFYING = [task.name for task in TASKS.values() if task.labels]
_OF_TWO = ", ".join(task.name for task in TASKS.values() if task.pair)
_TURNED = "gate_bias, latent_temperature and forced"
ARGUMENTS = {
    "checkpoint": "id of a checkpoint, as `checkpoints` lists them.",
    "task": _of_the_checkpoint((*_WRITING, *_CLASSIFYING)),
    "generate.task": _of_the_checkpoint(_WRITING),
    "imagine.task": _of_the_checkpoint(_WRITING),
    "interpolate.task": _of_the_checkpoint(_WRITING),
    "classify_text.task": _of_the_checkpoint(_CLASSIFYING),
    "link.task": "of all columns: one that writes opens the tab Generate, one that classifies the tab Classify.",
    "text": 'what is read; for common_gen concepts with commas between them, for example "dog, ball, throw".',
    "classify_text.text": "what is classified; the first text where the task reads two.",
    "second": f"the second text of a task that reads two, {_OF_TWO}; null for a task of one text.",
    "link.text": "what stands in the page's prompt.",
    "link.second": f"what stands below it, for a task that reads two texts, {_OF_TWO}; null for a task of one text.",
    "interpolate.text": "the first end, as it would be given to `generate`.",
    "part": f"what is asked: {RETENTION}, a token after some others, or {RECALL}, the values of some keys.",
    "amount": f"tokens in between, 1 to {MOST_FILLERS}, or pairs of a key and its value, 1 to {MOST_PAIRS}.",
    "row": f"which random texts, 0 to {MOST_ROWS:,}.",
    "other_text": "the second end, alike.",
    "gate_bias": f"logits added to every gate, {-GATE_BIAS_REACH:g} (latent) to {GATE_BIAS_REACH:g} (literal).",
    "latent_temperature": f"scale of the latent's noise, 0 (the mean) to {TEMPERATURE_REACH:g}.",
    "imagine.latent_temperature": f"scale of the latent's noise, 0 (all alike) to {TEMPERATURE_REACH:g}.",
    "seed": f"of whatever is drawn, 0 to {SEED_REACH}.",
    "imagine.seed": f"of the first sample, 0 to {SEED_REACH}; the next has the next.",
    "forced": "for each source token 1 (literal), 0 (latent) or null (as learned); null or [] forces none.",
    "temperature": f"of the softmax, {_from('temperature')}; 0 takes the likeliest token.",
    "top_k": f"draw among the k likeliest tokens, {_from('top_k')}; 0 takes all.",
    "top_p": f"draw among the likeliest that together reach this probability, {_from('top_p')}; 1 takes all.",
    "repetition_penalty": f"{_from('repetition_penalty')}; 1 is none.",
    "max_new_tokens": f"tokens at most, {_from('max_new_tokens')}.",
    "begun": "tokens that the text begins with, for example an answer's first ones and an alternative; null for none.",
    "samples": f"how many texts, 1 to {MOST_SAMPLES}.",
    "compared": "id of a checkpoint that writes as many texts by drawing from its softmax; null for none.",
    "softmax_temperature": f"of the compared checkpoint's softmax, {_from('temperature')}.",
    "steps": f"how many texts, both ends included, 2 to {MOST_STEPS}.",
    "rows": (
        f"at most {MAX_ROWS:,} objects and {MAX_BYTES / 1e6:g} MB: each with a text, with a second one for a task that "
        f"reads two ({_OF_TWO}), and, if it is known, its answer, which is a class by name or number, or the right "
        "sentence or sentences. Either all rows have one or none."
    ),
    "columns": f"one to {len(LETTERS)} objects: each with a checkpoint and, as in `generate`, {_TURNED}.",
    "query": "of a link to the page, or the link.",
}
"""Argument → description; "endpoint.argument" where one endpoint's is not like the others'."""


def described(endpoint: str, names: Iterable[str]) -> dict[str, str]:
    """Each argument of an endpoint with its description, in their order."""
    return {name: ARGUMENTS.get(f"{endpoint}.{name}") or ARGUMENTS[name] for name in names}
