"""Somebody else's encoder–decoder as a checkpoint: it writes as the base's own `generate` does, gate and all."""

from typing import Any

import pytest
import torch

import hmu
from hmu import Checkpoint, Controls, Decoding
from hmu.beams import beam_search, log_probabilities
from hmu.layers import new_cache
from hmu.memory import Remembered
from hmu.plugin import HMUModel
from hmu.plugin.asked import joined
from hmu.plugin.foreign import PluggedWriter
from tests.hmu.plugin.support_plugin import EACH, LABELS, REAL, base_of, equal, mattering, near, words

MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])


def eager(kind: str, **settings: Any) -> Any:
    """A base that gives its attention's weights, and whose texts never end by themselves."""
    base = base_of(kind)
    base.set_attn_implementation("eager")
    base.generation_config.update(eos_token_id=None, **settings)
    return base


def asked(model: HMUModel, on: bool = True) -> Checkpoint:
    """The same base and unit as a checkpoint."""
    base = Checkpoint("base", PluggedWriter(model.base).eval(), words())  # type: ignore[arg-type]
    return joined("unit", base, model.unit(), on)


def remembered(checkpoint: Checkpoint, controls: Controls | None = None) -> Remembered:
    return checkpoint.model.remember(checkpoint.model.encode(REAL, MASK), MASK, controls)


def of_row(memory: Remembered, row: int) -> Remembered:
    return Remembered(memory.memory[row : row + 1], memory.mask[row : row + 1])


@EACH
@torch.inference_mode()
def test_it_writes_what_the_bases_generate_writes(kind: str) -> None:
    model = mattering(eager(kind))
    model.generation_config.update(min_length=0, no_repeat_ngram_size=0, encoder_no_repeat_ngram_size=0)
    for on, unit in ((True, "default"), (False, None)):
        checkpoint = asked(model, on)
        memory = remembered(checkpoint)
        for beams in (1, 3):
            options: dict[str, Any] = {
                "num_beams": beams,
                "do_sample": False,
                "max_new_tokens": 5,
                "attention_mask": MASK,
            }
            theirs = model.generate(REAL, unit=unit, **options)[:, 1:].tolist()
            assert beam_search(checkpoint.model, memory, beams, 5) == theirs
            if beams == 1:
                for row in (0, 1):
                    steps = hmu.stream(checkpoint, of_row(memory, row), Decoding(max_new_tokens=5))
                    assert [step.token for step in steps] == theirs[row]


@EACH
@torch.inference_mode()
def test_probabilities_are_those_of_the_plugged_models_own_pass(kind: str) -> None:
    model = mattering(eager(kind))
    checkpoint = asked(model)
    memory = remembered(checkpoint)
    start = checkpoint.model.config.decoder_start_token_id
    inputs = torch.tensor([[start, *row[:-1]] for row in LABELS.tolist()])
    logits = model(REAL, MASK, decoder_input_ids=inputs).logits.log_softmax(-1)
    theirs = logits.gather(-1, LABELS[:, :, None])[:, :, 0]
    for row in (0, 1):
        near(torch.tensor(log_probabilities(checkpoint.model, of_row(memory, row), LABELS[row].tolist())), theirs[row])
    equal(checkpoint.model.shift_right(LABELS), inputs)


@EACH
@torch.inference_mode()
def test_attention_sums_to_one_over_the_real_tokens_with_and_without_a_cache(kind: str) -> None:
    checkpoint = asked(mattering(eager(kind)))
    memory, cache = remembered(checkpoint), new_cache()
    inputs = torch.cat((torch.full((2, 1), checkpoint.model.config.decoder_start_token_id), LABELS), 1)
    whole = checkpoint.model.decode(inputs, memory, want_weights=True)
    for place in range(inputs.shape[1]):
        step = checkpoint.model.decode(inputs[:, place : place + 1], memory, cache, want_weights=True)
        near(step.logits[:, 0], whole.logits[:, place])
        for cached, uncached in zip(step.cross_attentions, whole.cross_attentions, strict=True):
            near(cached[:, :, 0], uncached[:, :, place])
            near(cached.sum(-1), torch.ones_like(cached.sum(-1)))
            assert not cached[1, :, :, 4:].any()


@torch.inference_mode()
def test_what_the_base_asks_of_every_text_holds_when_streamed() -> None:
    plain = eager("Bart")
    usual = plain.generate(REAL[:1], max_new_tokens=5, do_sample=False, num_beams=1)[0, 1:].tolist()
    asks = {"forced_bos_token_id": 40, "bad_words_ids": [[usual[1]]], "suppress_tokens": [usual[2]]}
    base = eager("Bart", **asks)
    theirs = base.generate(REAL[:1], max_new_tokens=5, do_sample=False, num_beams=1)[0, 1:].tolist()
    assert theirs[0] == 40 != usual[0]
    checkpoint = Checkpoint("base", PluggedWriter(base).eval(), words())  # type: ignore[arg-type]
    memory = Remembered(checkpoint.model.encode(REAL[:1], MASK[:1]), MASK[:1])
    assert [step.token for step in hmu.stream(checkpoint, memory, Decoding(max_new_tokens=5))] == theirs
    drawn = [step.token for step in hmu.stream(checkpoint, memory, Decoding(temperature=2.0, max_new_tokens=40))]
    assert drawn[0] == 40
    assert not {usual[1], usual[2]} & set(drawn)
    assert beam_search(checkpoint.model, memory, 1, 5) == [theirs]


@pytest.mark.parametrize(
    "more",
    [
        {"no_repeat_ngram_size": 1},
        {"repetition_penalty": 3.0},
        {"forced_eos_token_id": 9},
        {"begin_suppress_tokens": None},
    ],
)
@torch.inference_mode()
def test_what_the_maker_of_the_base_adds_for_a_use_of_its_own_is_left_out(more: dict[str, Any]) -> None:
    plain = eager("Bart")
    usual = plain.generate(REAL, max_new_tokens=9, do_sample=False, num_beams=1)
    fond = eager("Bart", **{name: usual[:, 1].tolist() if value is None else value for name, value in more.items()})
    texts = [base.generate(REAL, max_new_tokens=9, do_sample=False, num_beams=1).tolist() for base in (plain, fond)]
    assert texts[0] != texts[1]
    checkpoint = Checkpoint("base", PluggedWriter(fond).eval(), words())  # type: ignore[arg-type]
    mask = torch.ones_like(REAL)
    written = beam_search(checkpoint.model, Remembered(checkpoint.model.encode(REAL, mask), mask), 1, 9)
    assert written == [text[1:] for text in texts[0]]


def test_a_base_that_begins_no_text_is_refused() -> None:
    base = base_of("T5")
    base.config.decoder_start_token_id = base.generation_config.decoder_start_token_id = None
    with pytest.raises(ValueError, match="T5ForConditionalGeneration: no decoder_start_token_id; set it"):
        PluggedWriter(base)


@torch.inference_mode()
def test_any_of_several_ends_ends_a_text() -> None:
    base = eager("T5")
    usual = base.generate(REAL[:1], max_new_tokens=8, do_sample=False, num_beams=1)[0, 1:].tolist()
    last = next(place for place in range(1, 8) if usual[place] not in usual[:place])
    unused = min(set(range(3, 60)) - set(usual))
    base.generation_config.update(eos_token_id=[unused, usual[last]])
    checkpoint = Checkpoint("base", PluggedWriter(base).eval(), words())  # type: ignore[arg-type]
    memory = Remembered(checkpoint.model.encode(REAL[:1], MASK[:1]), MASK[:1])
    streamed = [step.token for step in hmu.stream(checkpoint, memory, Decoding(max_new_tokens=8))]
    assert streamed == usual[: last + 1]
    assert beam_search(checkpoint.model, memory, 1, 8) == [streamed]
