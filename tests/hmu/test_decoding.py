"""The stream against the library's `generate` and against a decode without cache."""

import gc
import math
import weakref
from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor

from hmu import Checkpoint, Controls, Decoding, Remembered, Step, read, remember, stream
from hmu import decoding as module
from hmu.layers import new_cache
from hmu.outputs import MemoryOutput

TEXTS = ("field, look, stand", "ball dog throw", "walk street café", "dog", "stock fall today people")
SOURCES = pytest.mark.parametrize("text", TEXTS)
CONTROLS = Controls(gate_bias=-1.0, temperature=1.0, seed=4)


def memory(checkpoint: Checkpoint, text: str, controls: Controls = CONTROLS) -> Remembered:
    return remember(checkpoint, read(checkpoint, "common_gen", text), controls)


def write(checkpoint: Checkpoint, text: str, **settings: Any) -> list[Step]:
    return list(stream(checkpoint, memory(checkpoint, text), Decoding(**settings)))


def ids_of(checkpoint: Checkpoint, text: str) -> Tensor:
    ids: Tensor = checkpoint.tokenizer(text.replace(",", ""), return_tensors="pt")["input_ids"]
    return ids


def uncached(checkpoint: Checkpoint, text: str, steps: list[Step]) -> Any:
    """One pass over all that was written, without a cache: the logits before each step."""
    written = torch.tensor([[checkpoint.model.config.decoder_start_token_id, *(step.token for step in steps[:-1])]])
    with torch.inference_mode():
        return checkpoint.model(
            input_ids=ids_of(checkpoint, text), decoder_input_ids=written, controls=CONTROLS, output_attentions=True
        )


@SOURCES
@pytest.mark.parametrize("penalty", [1.0, 1.7])
def test_the_greedy_stream_equals_generate(checkpoint: Checkpoint, text: str, penalty: float) -> None:
    tokens = [step.token for step in write(checkpoint, text, repetition_penalty=penalty)]
    whole = checkpoint.model.generate(
        input_ids=ids_of(checkpoint, text), controls=CONTROLS, max_new_tokens=48, repetition_penalty=penalty
    )
    assert [1, *tokens] == whole[0].tolist()


@pytest.mark.parametrize("settings", [{}, {"num_beams": 3}])
def test_generate_returns_the_attention_of_the_stream_where_it_is_asked_for_weights(
    checkpoint: Checkpoint, settings: dict[str, Any]
) -> None:
    asked = {"output_attentions": True, "output_hidden_states": True, "return_dict_in_generate": True, **settings}
    ids = ids_of(checkpoint, TEXTS[0])
    found = checkpoint.model.generate(input_ids=ids, controls=CONTROLS, max_new_tokens=5, **asked)
    assert len(found.cross_attentions) == 5
    assert all(torch.allclose(layer.sum(-1), torch.ones(())) for token in found.cross_attentions for layer in token)
    if not settings:
        alone = uncached(checkpoint, TEXTS[0], write(checkpoint, TEXTS[0])[:5]).cross_attentions
        for place, token in enumerate(found.cross_attentions):
            torch.testing.assert_close(token[-1][:, :, 0], alone[-1][:, :, place])


@SOURCES
def test_the_greedy_stream_equals_a_decode_without_cache(checkpoint: Checkpoint, text: str) -> None:
    remembered, written = memory(checkpoint, text), [1]
    with torch.inference_mode():
        while len(written) <= 48 and written[-1] != 2:
            written.append(int(checkpoint.model.decode(torch.tensor([written]), remembered).logits[0, -1].argmax()))
    assert written[1:] == [step.token for step in write(checkpoint, text)]


def test_the_tiny_models_write_more_than_one_thing_and_end_it(checkpoint: Checkpoint) -> None:
    """Guards the tests of this file: a model that repeats one token would pass most of them."""
    texts = {tuple(step.token for step in write(checkpoint, text)) for text in TEXTS}
    assert len(texts) > 2
    assert any(tokens[-1] == 2 and len(set(tokens)) > 5 for tokens in texts)


def test_the_end_of_text_is_the_last_step_and_adds_nothing(checkpoint: Checkpoint) -> None:
    ended = next(steps for text in TEXTS if (steps := write(checkpoint, text))[-1].token == 2)
    assert ([step.token for step in ended].index(2), ended[-1].piece) == (len(ended) - 1, "")


@pytest.mark.parametrize("settings", [{}, {"num_beams": 3}, {"do_sample": True, "top_k": 20, "top_p": 0.9}])
def test_generate_with_controls_equals_generate_from_the_memory(
    checkpoint: Checkpoint, settings: dict[str, Any]
) -> None:
    remembered = memory(checkpoint, "ball dog throw")
    ready = MemoryOutput(last_hidden_state=remembered.memory, memory_mask=remembered.mask)
    given = ({"input_ids": ids_of(checkpoint, "ball dog throw"), "controls": CONTROLS}, {"encoder_outputs": ready})
    texts = []
    for source in given:
        torch.manual_seed(0)
        texts.append(checkpoint.model.generate(**source, **settings, max_new_tokens=12).tolist())
    assert texts[0] == texts[1]


def test_generate_reads_its_controls(hmu_checkpoint: Checkpoint) -> None:
    """Catches controls that get lost between generate and the encoder."""
    ids = ids_of(hmu_checkpoint, "walk street café")
    settings = {"max_new_tokens": 12, "output_logits": True, "return_dict_in_generate": True}
    one, other = (
        hmu_checkpoint.model.generate(input_ids=ids, controls=Controls(gate_bias=bias), **settings)
        for bias in (0.0, 8.0)
    )
    assert not torch.allclose(one.logits[0], other.logits[0])


def test_generate_over_a_padded_batch_equals_each_alone(checkpoint: Checkpoint) -> None:
    sources = [text.replace(",", "") for text in TEXTS[:3]]
    batch = checkpoint.tokenizer(sources, padding=True, return_tensors="pt")
    together = checkpoint.model.generate(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], max_new_tokens=30
    )
    alone = [checkpoint.model.generate(input_ids=ids_of(checkpoint, text), max_new_tokens=30)[0] for text in sources]
    assert [row[row != 0].tolist() for row in together] == [row.tolist() for row in alone]


@SOURCES
def test_what_a_step_tells_of_a_token_equals_an_uncached_pass(checkpoint: Checkpoint, text: str) -> None:
    steps = write(checkpoint, text, repetition_penalty=1.3)
    logprobs = uncached(checkpoint, text, steps).logits[0].log_softmax(-1)
    top = logprobs.exp().topk(5)
    torch.testing.assert_close(
        torch.tensor([step.logprob for step in steps]),
        logprobs[torch.arange(len(steps)), [step.token for step in steps]],
        rtol=1e-4,
        atol=1e-4,
    )
    told = torch.tensor([[other.probability for other in step.alternatives] for step in steps])
    torch.testing.assert_close(told, top.values, rtol=1e-4, atol=1e-5)
    assert [[other.token for other in step.alternatives] for step in steps] == top.indices.tolist()


@SOURCES
def test_the_gate_a_token_saw_is_the_mean_weighted_by_its_attention(hmu_checkpoint: Checkpoint, text: str) -> None:
    steps = write(hmu_checkpoint, text)
    passed = uncached(hmu_checkpoint, text, steps)
    attention = torch.stack(passed.cross_attentions).mean((0, 2))[0]
    gates = passed.trace.gate[0].mean(-1)
    seen = torch.tensor([step.gate for step in steps])
    torch.testing.assert_close(torch.tensor([step.attention for step in steps]), attention, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(seen, attention @ gates, rtol=1e-4, atol=1e-5)
    assert gates.min() - 1e-6 <= seen.min() <= seen.max() <= gates.max() + 1e-6


def test_attention_sums_to_one_and_leaves_padding_out(checkpoint: Checkpoint) -> None:
    remembered = memory(checkpoint, "dog ball")
    padded = Remembered(
        torch.nn.functional.pad(remembered.memory, (0, 0, 0, 3)), torch.nn.functional.pad(remembered.mask, (0, 3))
    )
    for step in stream(checkpoint, padded, Decoding(max_new_tokens=4)):
        assert sum(step.attention) == pytest.approx(1)
        assert step.attention[-3:] == (0.0, 0.0, 0.0)


def test_the_baseline_has_no_gate(baseline_checkpoint: Checkpoint) -> None:
    assert {step.gate for step in write(baseline_checkpoint, "dog")} == {None}


def test_no_more_tokens_are_written_than_asked_for(checkpoint: Checkpoint) -> None:
    longest = write(checkpoint, TEXTS[0])
    assert [write(checkpoint, TEXTS[0], max_new_tokens=n) == longest[:n] for n in (1, 2, 7)] == [True] * 3


def test_writing_ends_at_the_end_token_of_the_config(checkpoint: Checkpoint) -> None:
    tokens = [step.token for step in write(checkpoint, TEXTS[0])]
    model = deepcopy(checkpoint.model)
    model.config.eos_token_id = tokens[3]
    other = Checkpoint("other", model, checkpoint.tokenizer)
    assert [step.token for step in write(other, TEXTS[0])] == tokens[: tokens.index(tokens[3]) + 1]


def test_closing_early_frees_the_cache_and_leaves_the_gradient_mode(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[weakref.ref[Any]] = []

    def watched() -> Any:
        cache = new_cache()
        made.append(weakref.ref(cache))
        return cache

    monkeypatch.setattr(module, "new_cache", watched)
    steps = stream(checkpoint, memory(checkpoint, "dog"), Decoding())
    next(steps)
    alive = made[0]() is not None
    between = (torch.is_grad_enabled(), torch.is_inference_mode_enabled())
    steps.close()
    gc.collect()
    assert (alive, made[0]()) == (True, None)
    assert (between, torch.is_grad_enabled(), torch.is_inference_mode_enabled()) == ((True, False), True, False)


@pytest.mark.parametrize("text", ["Ein Hund 🐕 läuft.", "👨‍👩‍👧‍👦 café", "مرحبا", "日本語"])
def test_pieces_are_whole_characters_and_join_to_the_text(checkpoint: Checkpoint, text: str) -> None:
    """The tiny vocabulary splits these characters over several tokens."""
    tokens = checkpoint.tokenizer(text)["input_ids"]
    writing = module.Pieces(checkpoint.tokenizer)
    pieces = [writing.add(token) for token in tokens]
    assert len(tokens) > len(text.split()) + 1
    assert "\ufffd" not in "".join(pieces)
    assert "".join(pieces) == checkpoint.tokenizer.decode(tokens, skip_special_tokens=True)


@SOURCES
def test_the_pieces_of_a_stream_join_to_its_text(checkpoint: Checkpoint, text: str) -> None:
    steps = write(checkpoint, text)
    whole = checkpoint.tokenizer.decode([step.token for step in steps], skip_special_tokens=True)
    assert "".join(step.piece for step in steps) == whole


def test_a_text_begun_with_its_own_tokens_goes_on_as_before(checkpoint: Checkpoint) -> None:
    """Catches a cache that lags behind the tokens that were given."""
    remembered = memory(checkpoint, "field, look, stand")
    whole = list(stream(checkpoint, remembered, Decoding()))
    begun = [step.token for step in whole[:3]]
    assert list(stream(checkpoint, remembered, Decoding(), begun)) == whole


def test_a_begun_text_takes_the_given_token_and_its_own_probability(checkpoint: Checkpoint) -> None:
    remembered = memory(checkpoint, "field, look, stand")
    first = next(stream(checkpoint, remembered, Decoding()))
    other = first.alternatives[1]
    step, *rest = stream(checkpoint, remembered, Decoding(max_new_tokens=3), [other.token])
    assert step.token == other.token
    assert math.exp(step.logprob) == pytest.approx(other.probability)
    assert len(rest) <= 2


def test_entropy_is_that_of_the_models_distribution(checkpoint: Checkpoint) -> None:
    steps = write(checkpoint, "ball dog throw", temperature=1.3, top_k=5)
    logits = uncached(checkpoint, "ball dog throw", steps).logits[0]
    expected = torch.distributions.Categorical(logits=logits).entropy()
    torch.testing.assert_close(torch.tensor([step.entropy for step in steps]), expected, rtol=1e-4, atol=1e-4)
