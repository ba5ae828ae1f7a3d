"""Likelihoods in batches against single texts, one token after the other."""

import math
from dataclasses import replace

import pytest
import torch
from transformers import PreTrainedTokenizerBase

from hmu import Checkpoint, Controls, read, remember
from hmu.beams import log_probabilities
from hmu.evaluation.batches import batches
from hmu.evaluation.likelihood import fit, likelihoods
from hmu.evaluation.score import score
from hmu.layers import new_cache
from hmu.tasks import Example, find_task

STORIES = (
    Example(
        "Ann had a dog. The dog ran. It saw a ball. Ann threw it.",
        label=0,
        references=("The dog runs after the ball.", "It ran."),
        endings=("The dog runs after the ball 🐕.", "Stocks fell today."),
    ),
    Example("A man went out.", label=1, references=("People walk to the café.",), endings=("Go.", "People walk.")),
    Example(
        "Stocks were high. Nobody sold. Then came a rumour. All sold at once.",
        label=1,
        references=("Stocks fell today.",),
        endings=("A group of people standing in a field.", "Stocks fell today."),
    ),
)
SETTINGS = (Controls(), Controls(gate_bias=-3.0, temperature=1.0, seed=4))


def alone(checkpoint: Checkpoint, number: int, text: str, controls: Controls) -> list[float]:
    """The log-probability of each token of one text, its end included, after a source that is read alone."""
    ids = checkpoint.tokenizer(text)["input_ids"]
    source = read(checkpoint, "roc_stories", STORIES[number].source)
    with torch.inference_mode():
        remembered = checkpoint.model.remember(source.states, source.mask, controls, [number])
    return log_probabilities(checkpoint.model, remembered, ids)


def likeliest(checkpoint: Checkpoint, number: int, text: str) -> list[bool]:
    """Whether each token of a text is what the model would write there, one step of the cache after the other."""
    model, ids = checkpoint.model, checkpoint.tokenizer(text)["input_ids"]
    source = read(checkpoint, "roc_stories", STORIES[number].source)
    cache, before, found = new_cache(), model.config.decoder_start_token_id, list[bool]()
    with torch.inference_mode():
        remembered = model.remember(source.states, source.mask, SETTINGS[1], [number])
        for token in ids:
            logits = model.decode(torch.tensor([[before]]), remembered, cache).logits
            found.append(int(logits.argmax()) == token)
            before = token
    return found


@pytest.mark.parametrize("size", [1, 64])
@pytest.mark.parametrize("controls", SETTINGS)
def test_a_batch_of_texts_is_as_likely_as_each_alone(checkpoint: Checkpoint, size: int, controls: Controls) -> None:
    """Catches padding that counts, memories that are mixed up, and an end of text left out."""
    for batch in batches(checkpoint, STORIES, size):
        found = likelihoods(
            checkpoint, batch.remembered(checkpoint, controls), [STORIES[row].endings for row in batch.rows]
        )
        for row, one in zip(batch.rows, found, strict=True):
            expected = [alone(checkpoint, row, text, controls) for text in STORIES[row].endings]
            assert [each.nats for each in one] == pytest.approx([sum(each) for each in expected], abs=1e-3)
            assert [each.tokens for each in one] == [len(each) for each in expected]


def test_a_memory_without_texts_has_no_likelihoods(checkpoint: Checkpoint) -> None:
    remembered = remember(checkpoint, read(checkpoint, "sst2", "a film"), Controls())
    assert likelihoods(checkpoint, remembered, [[]]) == [[]]


@pytest.mark.parametrize("controls", SETTINGS)
def test_the_choice_is_the_likelier_ending_per_token(checkpoint: Checkpoint, controls: Controls) -> None:
    (found,) = score(checkpoint, find_task("story_cloze"), STORIES, (controls,))
    expected = []
    for number, story in enumerate(STORIES):
        means = [sum(each) / len(each) for each in (alone(checkpoint, number, e, controls) for e in story.endings)]
        expected.append(means.index(max(means)))
    assert found.answers == tuple(expected)
    right = sum(answer == story.label for answer, story in zip(expected, STORIES, strict=True))
    assert found.metrics["accuracy"] == pytest.approx(right / len(STORIES))
    assert found.metrics["majority"] == pytest.approx(2 / 3)


def test_a_longer_ending_is_not_refused_for_its_length(hmu_checkpoint: Checkpoint) -> None:
    """The sum of its log-probabilities is lower, their mean higher: catches a sum that is taken for the mean."""
    endings = ("zq.", "The dog runs after the ball 🐕.")
    example = Example("ball dog throw", label=1, endings=endings)
    batch = next(batches(hmu_checkpoint, [example], 1))
    ((short, long),) = likelihoods(hmu_checkpoint, batch.remembered(hmu_checkpoint, Controls()), [endings])
    assert long.per_token > short.per_token
    (found,) = score(hmu_checkpoint, find_task("story_cloze"), [example])
    assert found.answers == (1,)


@pytest.mark.parametrize("size", [1, 64])
def test_perplexity_is_of_all_references_tokens_over_their_words(checkpoint: Checkpoint, size: int) -> None:
    nats = words = 0.0
    for number, story in enumerate(STORIES):
        for reference in story.references:
            nats -= sum(alone(checkpoint, number, reference, SETTINGS[1]))
            words += len(reference.split())
    assert words == 6 + 2 + 5 + 3
    assert fit(checkpoint, STORIES, SETTINGS[1], size).perplexity == pytest.approx(math.exp(nats / words), rel=1e-3)


def test_token_accuracy_and_loss_are_those_of_every_token_after_those_before_it(checkpoint: Checkpoint) -> None:
    right, losses = list[bool](), list[float]()
    for number, story in enumerate(STORIES):
        for reference in story.references:
            losses += [-nats for nats in alone(checkpoint, number, reference, SETTINGS[1])]
            right += likeliest(checkpoint, number, reference)
    found = fit(checkpoint, STORIES, SETTINGS[1])
    assert found.token_loss == pytest.approx(sum(losses) / len(losses), rel=1e-4)
    assert found.token_accuracy == pytest.approx(sum(right) / len(right))
    assert 0 < sum(right) < len(right)


def test_what_was_learned_is_less_perplexing(checkpoint: Checkpoint, tokenizer: PreTrainedTokenizerBase) -> None:
    known = Example("ball dog throw", references=("The dog runs after the ball 🐕.",))
    other = replace(known, references=("The ball runs after the dog 🐕.",))
    assert fit(checkpoint, [known], Controls()).perplexity < fit(checkpoint, [other], Controls()).perplexity
