"""A fresh unit changes nothing, no unit is the base, and the base stays as it is."""

from typing import Any

import pytest
import torch

from tests.hmu.plugin.support_plugin import (
    EACH,
    LABELS,
    LOSS_OF_TWO_BERTS,
    REAL,
    SHORT,
    attached,
    base_of,
    equal,
    frozen,
    mattering,
    read,
    snapshot,
)

pytestmark = LOSS_OF_TWO_BERTS
WAYS = {"greedy": {}, "beams": {"num_beams": 3}, "sampled": {"do_sample": True, "top_k": 20}}
MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])


def asked(model: Any, **more: Any) -> dict[str, Any]:
    """Loss and logits, and the answer of each way to decode."""
    source: dict[str, Any] = {"input_ids": REAL, "attention_mask": MASK, **more}
    with torch.inference_mode():
        outputs = model(**source, labels=LABELS)
        found = {"loss": outputs.loss, "logits": outputs.logits, "unmasked": model(REAL, labels=LABELS, **more).logits}
        for name, way in WAYS.items():
            torch.manual_seed(5)
            found[name] = model.generate(**source, **{**SHORT, **way})
    return found


@EACH
def test_a_fresh_unit_changes_nothing(kind: str) -> None:
    base = frozen(base_of(kind))
    alone = asked(base)
    equal(asked(attached(base)), alone)


@EACH
def test_without_a_unit_the_base_answers_as_it_did(kind: str) -> None:
    base = frozen(base_of(kind))
    alone = asked(base)
    equal(asked(mattering(base), unit=None), alone)


@EACH
def test_a_unit_that_matters_changes_every_logit_and_the_loss(kind: str) -> None:
    base = base_of(kind)
    alone, with_unit = asked(base), asked(mattering(base))
    assert (with_unit["logits"] != alone["logits"]).all()
    assert with_unit["loss"] != alone["loss"]


@EACH
def test_the_base_is_bitwise_what_it_was(kind: str) -> None:
    """After attaching, reading, answering and training."""
    base = base_of(kind)
    before = snapshot(base)
    model = mattering(base, kl_weight=0.1)
    asked(model)
    optimizer = torch.optim.AdamW(model.train().parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        model(REAL, labels=LABELS).loss.backward()
        optimizer.step()
    equal(snapshot(base), before)


@pytest.mark.parametrize("kind", ["T5", "Bart", "LED", "BERT2BERT-wide"])
def test_a_fresh_unit_gives_every_output_that_the_base_gives(kind: str) -> None:
    """The encoder's hidden states and attentions too, which the base's decoder can no longer fetch."""
    base = frozen(base_of(kind))
    base.set_attn_implementation("eager")
    wanted = {"output_hidden_states": True, "output_attentions": True}
    with torch.inference_mode():
        alone, model = base(REAL, labels=LABELS, **wanted), attached(base)
        outputs = model(REAL, labels=LABELS, **wanted)
    assert len(outputs.encoder_hidden_states) == 3
    assert outputs.keys() == alone.keys()
    equal(
        *({name: tensors for name, tensors in each.items() if name != "past_key_values"} for each in (outputs, alone))
    )


@pytest.mark.parametrize("kind", ["T5", "Marian"])
def test_a_tuple_holds_what_the_named_outputs_hold(kind: str) -> None:
    model = mattering(base_of(kind))
    named = model(REAL, labels=LABELS, use_cache=False)
    equal(model(REAL, labels=LABELS, use_cache=False, return_dict=False), named.to_tuple())


@EACH
def test_source_embeddings_are_read_as_their_tokens_are(kind: str) -> None:
    if kind == "MemoryTransformer":
        pytest.skip("reads tokens alone")
    model = mattering(base_of(kind))
    encoder = model.get_encoder()
    embedded = encoder.get_input_embeddings()(REAL)
    given: dict[str, Any] = {"decoder_input_ids": LABELS}
    torch.testing.assert_close(
        model(inputs_embeds=embedded, **given).logits, model(REAL, **given).logits, rtol=1e-5, atol=1e-5
    )


def test_what_only_one_base_takes_reaches_its_encoder_through_a_fresh_unit() -> None:
    base = frozen(base_of("LED"))
    far: dict[str, Any] = {"global_attention_mask": torch.tensor([[1, 0, 0, 0, 0, 0]] * 2)}
    alone = read(base, REAL, labels=LABELS, **far).logits, base.generate(REAL, **SHORT, **far)
    assert (read(base, REAL, labels=LABELS).logits != alone[0]).any()
    model = attached(base)
    equal((read(model, REAL, labels=LABELS, **far).logits, model.generate(REAL, **SHORT, **far)), alone)
