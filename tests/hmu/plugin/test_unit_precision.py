"""Bases in half precision, checkpointed, or placed by a device map."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from hmu import Controls
from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import (
    EACH,
    LABELS,
    LOSS_OF_TWO_BERTS,
    REAL,
    SHORT,
    attached,
    base_of,
    encoder_of,
    equal,
    mattering,
    near,
    read,
)

pytestmark = LOSS_OF_TWO_BERTS
HEADS = pytest.mark.parametrize("kind", ["BertForSequenceClassification", "DistilBertForSequenceClassification"])
CHECKPOINTED = pytest.mark.filterwarnings(
    "ignore:None of the inputs have requires_grad=True",
    "ignore:.gradient_checkpointing_enable. is deprecated:FutureWarning",
)
"""Nothing before the unit needs a gradient, of which torch warns; the newer name is not in every version."""
REENTRANT = pytest.mark.parametrize("use_reentrant", [False, True])


@EACH
def test_a_fresh_unit_changes_nothing_of_a_base_in_bf16(kind: str) -> None:
    base = base_of(kind).to(torch.bfloat16)
    alone = read(base, REAL, labels=LABELS), base.generate(REAL, **SHORT)
    model = attached(base)
    fresh = read(model, REAL, labels=LABELS), model.generate(REAL, **SHORT)
    assert fresh[0].logits.dtype == torch.bfloat16
    assert {each.dtype for each in model.units.parameters()} == {torch.float32}
    equal((fresh[0].loss, fresh[0].logits, fresh[1]), (alone[0].loss, alone[0].logits, alone[1]))


@HEADS
def test_a_fresh_unit_changes_nothing_of_a_classifier_in_bf16(kind: str) -> None:
    base = encoder_of(kind).to(torch.bfloat16)
    alone = read(base, REAL).logits
    equal(read(attached(base), REAL).logits, alone)


@pytest.mark.parametrize("kind", ["T5", "Bart", "BERT2BERT-wide"])
def test_a_unit_is_computed_in_float32_under_autocast(kind: str) -> None:
    model = mattering(base_of(kind))
    states, mask = model.encode(REAL), torch.ones_like(REAL)
    memory = model.remember(states, mask).memory
    with torch.autocast("cpu", torch.bfloat16):
        equal(model.remember(states, mask).memory, memory)


@pytest.mark.parametrize("kind", ["T5", "Bart"])
def test_a_unit_gets_its_gradient_on_a_base_in_bf16(kind: str) -> None:
    model = mattering(base_of(kind).to(torch.bfloat16)).train()
    model(REAL, labels=LABELS).loss.backward()
    missed = [name for name, each in model.unit().named_parameters() if each.grad is None or not each.grad.any()]
    assert missed == []


def gradients(model: HMUModel, **given: Any) -> Mapping[str, Tensor | None]:
    model.zero_grad()
    model(REAL, **given, controls=Controls(temperature=1.0, seed=4)).loss.backward()
    return {name: None if each.grad is None else each.grad.clone() for name, each in model.unit().named_parameters()}


@EACH
@REENTRANT
@CHECKPOINTED
def test_checkpointing_the_base_leaves_the_units_gradients(kind: str, use_reentrant: bool) -> None:
    if kind == "MemoryTransformer":
        pytest.skip("does not offer it")
    model = mattering(base_of(kind)).train()
    plain = gradients(model, labels=LABELS)
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": use_reentrant})
    assert any(getattr(module, "gradient_checkpointing", False) for module in model.base.modules())
    near(gradients(model, labels=LABELS), plain)
    assert None not in plain.values()


@HEADS
@REENTRANT
@CHECKPOINTED
def test_checkpointing_a_classifier_leaves_the_units_gradients(kind: str, use_reentrant: bool) -> None:
    model, classes = mattering(encoder_of(kind)).train(), torch.tensor([1, 0])
    plain = gradients(model, labels=classes)
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": use_reentrant})
    near(gradients(model, labels=classes), plain)


@pytest.mark.parametrize("kind", ["T5", "Bart", "Marian"])
def test_a_base_placed_by_a_device_map_answers_as_it_did(kind: str, tmp_path: Path) -> None:
    base = base_of(kind)
    base.save_pretrained(tmp_path / "base")
    model = mattering(type(base).from_pretrained(tmp_path / "base"))
    model.save_pretrained(tmp_path / "unit")
    placed = HMUModel.from_pretrained(tmp_path / "unit", device_map={"": "cpu"})
    equal(placed.generate(REAL, **SHORT), model.eval().generate(REAL, **SHORT))
    given: dict[str, Any] = {"input_ids": REAL, "decoder_input_ids": LABELS}
    equal(read(placed, **given).logits, read(model, **given).logits)


def test_a_model_cast_as_a_whole_keeps_its_answers_near() -> None:
    model = mattering(base_of("T5"))
    given: dict[str, Any] = {"input_ids": REAL, "decoder_input_ids": LABELS}
    plain = read(model, **given).logits
    torch.testing.assert_close(read(model.double(), **given).logits, plain.double(), rtol=1e-4, atol=1e-4)
