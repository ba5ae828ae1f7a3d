"""Encoders with a classification head of their own, which reads the memory."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import torch
from torch import nn

from hmu import Controls
from hmu.memory import Remembered
from tests.hmu.plugin.support_plugin import REAL, attached, encoder_of, equal, mattering, near, read, snapshot, stir

FAMILIES = ("Bert", "Roberta", "DistilBert", "Electra", "Albert", "DebertaV2", "MPNet", "XLMRoberta")
KINDS = pytest.mark.parametrize("kind", [f"{family}ForSequenceClassification" for family in FAMILIES])
HALVES = pytest.mark.parametrize("kind", ["T5ForSequenceClassification", "BartForSequenceClassification"])
MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
SOURCE: dict[str, Any] = {"input_ids": REAL, "attention_mask": MASK}
CLASSES = torch.tensor([2, 0])


@KINDS
def test_a_fresh_unit_changes_nothing(kind: str) -> None:
    base = encoder_of(kind, num_labels=3)
    alone = read(base, **SOURCE, labels=CLASSES)
    outputs = read(attached(base), **SOURCE, labels=CLASSES)
    equal((outputs.loss, outputs.logits), (alone.loss, alone.logits))


@KINDS
def test_without_a_unit_the_base_answers_as_it_did_and_is_what_it_was(kind: str) -> None:
    base = encoder_of(kind, num_labels=3)
    before, alone = snapshot(base), read(base, **SOURCE, labels=CLASSES)
    model = mattering(base).train()
    model(**SOURCE, labels=CLASSES).loss.backward()
    outputs = read(model.eval(), **SOURCE, labels=CLASSES, unit=None)
    equal((outputs.loss, outputs.logits), (alone.loss, alone.logits))
    equal(snapshot(base), before)


@KINDS
def test_a_unit_that_matters_changes_every_logit(kind: str) -> None:
    base = encoder_of(kind, num_labels=3)
    alone = read(base, **SOURCE).logits
    assert (mattering(base)(**SOURCE).logits != alone).all()


@pytest.mark.parametrize("kind", ["Bert", "Roberta", "DistilBert"])
def test_pooling_and_head_read_the_memory(kind: str) -> None:
    """The rest of the base, written a second time."""
    base = encoder_of(f"{kind}ForSequenceClassification", num_labels=3)
    model = mattering(base)
    states = base.base_model(**SOURCE).last_hidden_state
    equal(model.encode(**SOURCE), states)
    first = model.remember(states, MASK).memory[:, 0]
    if kind == "Roberta":
        logits = base.classifier(first[:, None])
    elif kind == "Bert":
        logits = base.classifier(torch.tanh(base.bert.pooler.dense(first)))
    else:
        logits = base.classifier(torch.relu(base.pre_classifier(first)))
    near(model(**SOURCE).logits, logits)


@KINDS
def test_padding_changes_no_logit(kind: str) -> None:
    model = mattering(encoder_of(kind, num_labels=3))
    near(model(**SOURCE).logits, torch.cat((model(REAL[:1]).logits, model(REAL[1:, :4]).logits)))


@KINDS
def test_the_task_reaches_alpha_first_and_the_whole_unit_later(kind: str) -> None:
    fresh, stirred = attached(encoder_of(kind, num_labels=3)), mattering(encoder_of(kind, num_labels=3))
    for model, wanted in (
        (fresh, {"memory.alpha"}),
        (stirred, {name for name, _ in stirred.unit().named_parameters()}),
    ):
        model.train()(**SOURCE, labels=CLASSES).loss.backward()
        got = {name for name, each in model.unit().named_parameters() if each.grad is not None and each.grad.any()}
        assert got == wanted
        assert all(each.grad is None for each in model.base.parameters())


@KINDS
def test_the_loss_is_the_bases_and_the_kl(kind: str) -> None:
    model = mattering(encoder_of(kind, num_labels=3), kl_weight=0.5)
    kl = model.remember(model.encode(**SOURCE), MASK).trace.kl
    assert kl is not None
    outputs = model(**SOURCE, labels=CLASSES)
    expected = nn.functional.cross_entropy(outputs.logits, CLASSES)
    torch.testing.assert_close(outputs.loss, expected + 0.5 * torch.cat((kl[0], kl[1, :4])).mean(0).sum())


@KINDS
def test_two_threads_with_a_unit_each_get_their_own_answers(kind: str) -> None:
    model = mattering(encoder_of(kind, num_labels=3))
    model.add_unit("other")
    stir(model, "other", 8)
    units = ("default", "other", None)
    alone = [read(model, **SOURCE, unit=unit).logits for unit in units]
    assert (alone[0] != alone[1]).all()
    started = Barrier(len(units))

    def answer(unit: str | None) -> list[Any]:
        started.wait()
        return [read(model, **SOURCE, unit=unit).logits for _ in range(15)]

    with ThreadPoolExecutor(len(units)) as pool:
        for one, found in zip(alone, pool.map(answer, units), strict=True):
            equal(torch.stack(found), one.expand(15, -1, -1))


@KINDS
def test_a_call_that_fails_leaves_nothing_behind_in_the_base(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    base = encoder_of(kind, num_labels=3)
    alone, model = read(base, **SOURCE).logits, mattering(base)

    def refuse(*_: Any, **__: Any) -> Remembered:
        raise RuntimeError("no memory")

    monkeypatch.setattr(model.unit(), "forward", refuse)
    with pytest.raises(RuntimeError, match="no memory"):
        model(**SOURCE)
    equal(read(base, **SOURCE).logits, alone)


@HALVES
def test_a_head_behind_a_decoder_reads_the_memory_through_it(kind: str) -> None:
    source: dict[str, Any] = {**SOURCE, "input_ids": REAL.clone()}
    base = encoder_of(kind, num_labels=3)
    source["input_ids"][:, 3] = base.config.eos_token_id
    alone = read(base, **source, labels=CLASSES)
    fresh = read(attached(base), **source, labels=CLASSES)
    equal((fresh.loss, fresh.logits), (alone.loss, alone.logits))
    assert (mattering(base)(**source).logits != alone.logits).all()


def test_controls_change_what_the_head_reads() -> None:
    model = mattering(encoder_of("BertForSequenceClassification", num_labels=3))
    ways = (Controls(), Controls(gate_bias=4.0), Controls(gate_bias=-4.0), Controls(temperature=1.0, seed=3))
    logits = [model(**SOURCE, controls=controls).logits for controls in ways]
    assert len({tuple(each.flatten().tolist()) for each in logits}) == len(ways)


@pytest.mark.parametrize("kind", ["BertForSequenceClassification", "DistilBertForSequenceClassification"])
def test_hidden_states_are_given_where_asked(kind: str) -> None:
    base = encoder_of(kind, num_labels=3)
    alone = read(base, **SOURCE, output_hidden_states=True)
    equal(read(attached(base), **SOURCE, output_hidden_states=True).hidden_states, alone.hidden_states)
