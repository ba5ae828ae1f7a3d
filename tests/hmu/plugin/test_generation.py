"""The base's `generate` through a unit: two routes to one answer."""

from typing import Any

import pytest
import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from hmu import Controls
from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import EACH, REAL, SHORT, attached, base_of, equal, frozen, mattering, near, stir

MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
SOURCE: dict[str, Any] = {"input_ids": REAL, "attention_mask": MASK}
SOME = pytest.mark.parametrize("kind", ["T5", "Bart", "BERT2BERT-wide", "MemoryTransformer"])


@torch.inference_mode()
def by_hand(model: HMUModel, **more: Any) -> tuple[Tensor, Tensor]:
    """Six tokens, each the likeliest after all before it, without a cache; and the logits that said so."""
    config = model.base.generation_config
    ids, logits = torch.full((2, 1), config.decoder_start_token_id), []
    for _ in range(6):
        last = model(**SOURCE, decoder_input_ids=ids, use_cache=False, **more).logits[:, -1]
        logits.append(last)
        allowed = last.index_fill(1, torch.tensor(config.eos_token_id), -torch.inf)
        ids = torch.cat((ids, allowed.argmax(-1, keepdim=True)), 1)
    return ids, torch.stack(logits)


@EACH
@pytest.mark.parametrize("controls", [None, Controls(gate_bias=-2.0, temperature=1.0, seed=4)])
def test_greedy_generate_equals_a_loop_without_cache(kind: str, controls: Controls | None) -> None:
    model = mattering(base_of(kind))
    made = model.generate(**SOURCE, **SHORT, controls=controls, return_dict_in_generate=True, output_logits=True)
    ids, logits = by_hand(model, controls=controls)
    assert made.sequences.tolist() == ids.tolist()
    near(torch.stack(made.logits), logits)


@EACH
def test_ready_encoder_outputs_give_the_answer_of_their_source(kind: str) -> None:
    model = mattering(base_of(kind))
    encoded = BaseModelOutput(last_hidden_state=model.encode(**SOURCE))
    told: dict[str, Any] = {
        **SHORT,
        "return_dict_in_generate": True,
        "output_logits": True,
        "encoder_no_repeat_ngram_size": 0,
    }
    asked = model.generate(**SOURCE, **told)
    ready = [
        model.generate(REAL, encoder_outputs=encoded, attention_mask=MASK, **told),
        model.generate(encoder_outputs=encoded, attention_mask=MASK, **told),
    ]
    for each in ready:
        equal(each.logits, asked.logits)


@SOME
@pytest.mark.parametrize("form", [lambda e: e, lambda e: e.to_tuple(), lambda e: e.last_hidden_state])
def test_forward_reads_ready_encoder_outputs_in_any_form(kind: str, form: Any) -> None:
    model = mattering(base_of(kind))
    encoded = BaseModelOutput(last_hidden_state=model.encode(**SOURCE))
    given: dict[str, Any] = {"attention_mask": MASK, "decoder_input_ids": REAL}
    equal(model(encoder_outputs=form(encoded), **given).logits, model(REAL, **given).logits)
    equal(encoded.last_hidden_state, model.encode(**SOURCE))


@SOME
def test_one_row_of_a_batch_answers_as_it_does_alone(kind: str) -> None:
    model = mattering(base_of(kind))
    together = model.generate(**SOURCE, **SHORT, num_beams=2)
    alone = [model.generate(REAL[:1], **SHORT, num_beams=2), model.generate(REAL[1:, :4], **SHORT, num_beams=2)]
    assert together.tolist() == [*alone[0].tolist(), *alone[1].tolist()]


@SOME
def test_returned_sequences_are_as_many_as_asked_and_begin_with_the_best_beam(kind: str) -> None:
    model = mattering(base_of(kind))
    many = model.generate(**SOURCE, **SHORT, num_beams=3, num_return_sequences=3)
    assert many.shape == (6, 7)
    equal(many[::3], model.generate(**SOURCE, **SHORT, num_beams=3))


@SOME
def test_scores_are_those_of_forward_on_what_was_sampled(kind: str) -> None:
    model = mattering(base_of(kind))
    torch.manual_seed(1)
    told = {"do_sample": True, "top_k": 0, "num_return_sequences": 2, "output_logits": True}
    made = model.generate(**SOURCE, **{**SHORT, **told}, return_dict_in_generate=True)
    assert len({tuple(row) for row in made.sequences.tolist()}) == 4
    repeated = {name: value.repeat_interleave(2, 0) for name, value in SOURCE.items()}
    logits = model(**repeated, decoder_input_ids=made.sequences[:, :-1]).logits
    near(torch.stack(made.logits, 1), logits)


@pytest.mark.parametrize("kind", ["T5", "Bart"])
def test_prompt_lookup_answers_as_greedy_decoding_does(kind: str) -> None:
    model, one = mattering(base_of(kind)), REAL[:1]
    equal(model.generate(one, **SHORT, prompt_lookup_num_tokens=2), model.generate(one, **SHORT))


@pytest.mark.parametrize("kind", ["T5", "Bart"])
def test_an_assistant_changes_no_answer(kind: str) -> None:
    model, one = mattering(base_of(kind)), REAL[:1]
    alone = model.generate(one, **SHORT)
    equal(model.generate(one, **SHORT, assistant_model=base_of(kind)), alone)
    assert model.generate(one, **SHORT, unit=None).tolist() != alone.tolist()


@pytest.mark.parametrize("kind", ["T5", "Bart", "LED", "BERT2BERT-wide"])
def test_generate_returns_the_encoders_own_states_where_asked(kind: str) -> None:
    base = frozen(base_of(kind))
    told: dict[str, Any] = {**SHORT, "return_dict_in_generate": True, "output_hidden_states": True}
    alone = base.generate(**SOURCE, **told)
    made = attached(base).generate(**SOURCE, **told)
    assert made.keys() == alone.keys()
    equal(made.encoder_hidden_states, alone.encoder_hidden_states)


@SOME
def test_source_and_options_are_taken_by_place_and_by_name(kind: str) -> None:
    model = mattering(base_of(kind))
    equal(model.generate(REAL, **SHORT), model.generate(input_ids=REAL, **SHORT))


@SOME
def test_controls_of_each_row_reach_that_row(kind: str) -> None:
    model = mattering(base_of(kind))
    each = [Controls(gate_bias=9.0), Controls(temperature=1.0, seed=8)]
    told: dict[str, Any] = {**SHORT, "return_dict_in_generate": True, "output_logits": True}
    both = torch.stack(model.generate(**SOURCE, **told, controls=each).logits, 1)
    for row, controls in enumerate(each):
        same = torch.stack(model.generate(**SOURCE, **told, controls=controls).logits, 1)
        near(both[row], same[row])
    assert (both[0, 0] != same[0, 0]).any()


@SOME
def test_an_address_gives_a_row_its_noise_wherever_it_stands(kind: str) -> None:
    model = mattering(base_of(kind))
    noisy = {"controls": Controls(temperature=1.0, seed=8), "decoder_input_ids": REAL}
    both = model(REAL, **noisy).logits
    near(model(REAL[1:], **{**noisy, "decoder_input_ids": REAL[1:]}, rows=[1]).logits, both[1:])
    assert (model(REAL[1:], **{**noisy, "decoder_input_ids": REAL[1:]}).logits != both[1:]).any()


def test_a_call_in_evaluation_reads_the_mean_and_one_in_training_draws() -> None:
    model = mattering(base_of("T5"))
    given: dict[str, Any] = {"input_ids": REAL, "decoder_input_ids": REAL}
    equal(model(**given).logits, model(**given, controls=Controls()).logits)
    model.train()
    drawn = [model(**given).logits for _ in range(2)]
    assert (drawn[0] != drawn[1]).any()


def test_reading_a_memory_again_through_remember_gives_the_memory_of_forward() -> None:
    model = mattering(base_of("T5"))
    stir(model, "default", 9)
    made = model.remember(model.encode(**SOURCE), MASK)
    outputs = model(**SOURCE, decoder_input_ids=REAL)
    equal(outputs.encoder_last_hidden_state, made.memory)
