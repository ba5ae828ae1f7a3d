"""What the tests of the endpoints and of the tools share: one question for each of them, over the tiny zoo."""

from typing import Any

WRITES, NEWS = "common_gen", "ag_news"
_ASKED = {"checkpoint": "answers-hmu", "text": "field, look, stand"}
CALLS: dict[str, dict[str, Any]] = {
    "checkpoints": {},
    "card": {"checkpoint": "answers-hmu"},
    "look_inside": {"task": WRITES, **_ASKED},
    "generate": {"task": WRITES, **_ASKED},
    "classify_text": {"task": NEWS, **_ASKED},
    "recall": {"checkpoint": "recall-hmu", "part": "recall", "amount": 3},
    "imagine": {"task": WRITES, **_ASKED, "samples": 3, "latent_temperature": 2.0, "compared": "answers-baseline"},
    "interpolate": {"task": WRITES, **_ASKED, "other_text": "dog", "steps": 3},
    "score": {"checkpoint": "answers-hmu", "task": NEWS, "rows": [{"text": "Stocks fell", "answer": "Business"}]},
    "link": {"task": WRITES, "text": "dog", "columns": [{"checkpoint": "answers-hmu", "gate_bias": -2}]},
    "open_link": {"query": "task=common_gen&text=dog&a=answers-hmu&a.bias=-2"},
}
"""Endpoint → arguments that it answers."""


def untimed(answer: Any) -> Any:
    """An answer without its times: they differ."""
    return {key: value for key, value in answer.items() if "second" not in key} if isinstance(answer, dict) else answer
