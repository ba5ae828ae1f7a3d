"""The draw of a token, and the settings that are refused."""

import math
from typing import Any

import pytest
import torch
from transformers.generation.logits_process import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from hmu import Checkpoint, Controls, Decoding, read, remember, stream
from hmu.sampling import draw


def sample(checkpoint: Checkpoint, **settings: Any) -> list[int]:
    remembered = remember(checkpoint, read(checkpoint, "common_gen", "dog ball"), Controls())
    return [step.token for step in stream(checkpoint, remembered, Decoding(max_new_tokens=16, **settings))]


@pytest.mark.parametrize("settings", [{"top_k": 3}, {"top_p": 0.6}, {"top_k": 5, "top_p": 0.8}])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_only_tokens_that_the_librarys_warpers_keep_are_drawn(
    checkpoint: Checkpoint, settings: dict[str, Any], seed: int
) -> None:
    tokens = sample(checkpoint, temperature=2.0, seed=seed, **settings)
    ids = checkpoint.tokenizer("dog ball", return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        scores = checkpoint.model(input_ids=ids, decoder_input_ids=torch.tensor([[1, *tokens[:-1]]])).logits[0]
    scores = TemperatureLogitsWarper(2.0)(ids, scores)
    if "top_k" in settings:
        scores = TopKLogitsWarper(settings["top_k"])(ids, scores)
    if "top_p" in settings:
        scores = TopPLogitsWarper(settings["top_p"])(ids, scores)
    assert scores[torch.arange(len(tokens)), tokens].isfinite().all()


def test_one_seed_writes_one_text_and_another_seed_another(checkpoint: Checkpoint) -> None:
    first, again = ([sample(checkpoint, temperature=1.5, seed=seed) for seed in range(6)] for _ in range(2))
    assert first == again
    assert len({tuple(tokens) for tokens in first}) > 1


def test_the_seed_is_without_effect_when_greedy(checkpoint: Checkpoint) -> None:
    assert sample(checkpoint, seed=1) == sample(checkpoint, seed=2)


def test_top_one_equals_greedy(checkpoint: Checkpoint) -> None:
    assert sample(checkpoint, temperature=1.0, top_k=1, seed=5) == sample(checkpoint)


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    """20,000 draws from (0.5, 0, 0.3, 0.2): within 0.015, four standard errors."""
    scores = torch.tensor([0.5, 0.0, 0.3, 0.2]).log()
    generator = torch.Generator().manual_seed(0)
    counts = torch.bincount(torch.tensor([draw(scores, generator) for _ in range(20_000)]), minlength=4)
    torch.testing.assert_close(counts / 20_000, scores.exp(), rtol=0, atol=0.015)
    assert counts[1] == 0


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"temperature": -0.1}, "decoding temperature"),
        ({"temperature": 10.1}, "decoding temperature"),
        ({"top_k": -1}, "top-k"),
        ({"top_p": 0.0}, "top-p"),
        ({"top_p": 1.1}, "top-p"),
        ({"repetition_penalty": 0.0}, "repetition penalty"),
        ({"repetition_penalty": 11.0}, "repetition penalty"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"max_new_tokens": 0}, "max new tokens"),
        ({"max_new_tokens": 1025}, "max new tokens"),
        *(({name: math.nan}, "") for name in ("temperature", "top_k", "top_p", "repetition_penalty", "max_new_tokens")),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(values: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name}.*: give a number from|^{name}.*; give a number from"):
        Decoding(**values)
