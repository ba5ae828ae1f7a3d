"""Bare encoders, which a head of the unit's classifies with."""

from typing import Any

import pytest
import torch
from torch import nn

from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import REAL, attached, base_of, encoder_of, equal, mattering, near, read

BARE = ("BertModel", "RobertaModel", "DistilBertModel", "MPNetModel", "T5EncoderModel", "DebertaV2Model")
KINDS = pytest.mark.parametrize("kind", BARE)
TOPICS: dict[str, list[str]] = {"topic": ["World", "Sports", "Business"]}
BOTH: dict[str, list[str]] = {**TOPICS, "tone": ["good", "bad"]}
MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
SOURCE: dict[str, Any] = {"input_ids": REAL, "attention_mask": MASK}
CLASSES = torch.tensor([2, 0])


def head_by_hand(model: HMUModel, task: str) -> torch.Tensor:
    """Mean over the real slots, then one linear layer."""
    memory = model.remember(model.encode(**SOURCE), MASK).memory
    means = torch.stack([memory[0].mean(0), memory[1, :4].mean(0)])
    head: Any = model.unit().heads[task]
    return means @ head.weight.T + head.bias


@KINDS
def test_a_head_reads_the_mean_of_the_memorys_real_slots(kind: str) -> None:
    model = mattering(encoder_of(kind), task_labels=TOPICS)
    near(model(**SOURCE).logits, head_by_hand(model, "topic"))


@KINDS
def test_the_loss_is_the_cross_entropy_of_its_classes_and_the_kl(kind: str) -> None:
    model = mattering(encoder_of(kind), task_labels=TOPICS, kl_weight=0.5)
    kl = model.remember(model.encode(**SOURCE), MASK).trace.kl
    assert kl is not None
    outputs = model(**SOURCE, labels=CLASSES, task="topic")
    tokens = torch.cat((kl[0], kl[1, :4]))
    expected = nn.functional.cross_entropy(outputs.logits, CLASSES) + 0.5 * tokens.mean(0).sum()
    torch.testing.assert_close(outputs.loss, expected)


@KINDS
def test_a_fresh_unit_remembers_what_the_encoder_gave(kind: str) -> None:
    base = encoder_of(kind)
    alone = read(base, **SOURCE)
    outputs = read(attached(base), **SOURCE)
    assert outputs.keys() == alone.keys()
    equal(outputs.last_hidden_state, alone.last_hidden_state)


@KINDS
def test_no_unit_is_the_base(kind: str) -> None:
    base = encoder_of(kind)
    alone = read(base, **SOURCE).last_hidden_state
    model = mattering(base, task_labels=TOPICS)
    equal(read(model, **SOURCE, unit=None, labels=CLASSES, task="topic").last_hidden_state, alone)
    assert (mattering(base)(**SOURCE).last_hidden_state != alone).any()


@KINDS
def test_padding_changes_no_class(kind: str) -> None:
    model = mattering(encoder_of(kind), task_labels=TOPICS)
    alone = torch.cat((model(REAL[:1]).logits, model(REAL[1:, :4]).logits))
    near(model(**SOURCE).logits, alone)


@KINDS
def test_a_fresh_head_learns_on_a_fresh_unit(kind: str) -> None:
    """The head's gradient does not wait for α."""
    model = attached(encoder_of(kind), task_labels=TOPICS).train()
    model(**SOURCE, labels=CLASSES).loss.backward()
    reached = {name for name, each in model.unit().named_parameters() if each.grad is not None and each.grad.any()}
    assert reached == {"memory.alpha", "heads.topic.weight", "heads.topic.bias"}


@pytest.mark.parametrize("kind", ["BertModel", "T5EncoderModel"])
def test_two_tasks_have_a_head_each(kind: str) -> None:
    model = mattering(encoder_of(kind), task_labels=BOTH)
    assert model(**SOURCE, task="tone").logits.shape == (2, 2)
    near(model(**SOURCE, task="topic").logits, head_by_hand(model, "topic"))


@pytest.mark.parametrize(
    ("labels", "asked", "told"),
    [
        (TOPICS, {"task": "sport"}, 'task "sport": this unit has heads for topic'),
        (BOTH, {}, "task: not named; this unit has heads for topic, tone"),
        ({}, {"task": "topic"}, 'task "topic": this unit has heads for none'),
        ({}, {"labels": CLASSES}, "task: not named; this unit has heads for none"),
    ],
)
def test_a_task_without_a_head_is_refused(labels: dict[str, list[str]], asked: dict[str, Any], told: str) -> None:
    model = attached(encoder_of("BertModel"), task_labels=labels)
    with pytest.raises(ValueError, match=f"^{told}$"):
        model(**SOURCE, **asked)


def test_encoder_outputs_kept_from_before_are_classified_as_their_source() -> None:
    model = mattering(encoder_of("BertModel"), task_labels=TOPICS)
    kept = model.encode(**SOURCE)
    equal(model(encoder_outputs=kept, attention_mask=MASK).logits, model(**SOURCE).logits)


@pytest.mark.parametrize("kind", ["T5", "Bart", "BERT2BERT"])
def test_the_head_of_a_unit_before_a_decoder_classifies_and_the_decoder_still_answers(kind: str) -> None:
    model = mattering(base_of(kind), task_labels=TOPICS)
    near(model(**SOURCE, task="topic").logits, head_by_hand(model, "topic"))
    without = mattering(base_of(kind))
    without.unit().load_state_dict({k: v for k, v in model.unit().state_dict().items() if "heads" not in k})
    given = {**SOURCE, "decoder_input_ids": REAL}
    equal(model(**given).logits, without(**given).logits)


def test_token_types_reach_the_encoder() -> None:
    model, types = mattering(encoder_of("BertModel"), task_labels=TOPICS), torch.ones_like(REAL)
    assert (model(**SOURCE, token_type_ids=types).logits != model(**SOURCE).logits).all()
