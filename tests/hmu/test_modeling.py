"""What may and what may not reach an answer: targets, padding, batch, gradient."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from hmu import Checkpoint, Controls, MemoryTransformer
from hmu.memory import positions_of

Models = Callable[..., MemoryTransformer]
SOURCE, TARGET = torch.tensor([[5, 40, 41, 77, 2]]), torch.tensor([[1, 30, 31, 32, 33, 34]])
KINDS = pytest.mark.parametrize("temperature", [0.0, 1.0])


def answers(model: MemoryTransformer, temperature: float, **given: Any) -> dict[str, Tensor]:
    """Decoded and classified: the two ways out of the model."""
    controls = Controls(temperature=temperature, seed=3)
    with torch.inference_mode():
        return {
            "decoded": model(
                **given, decoder_input_ids=TARGET.expand(len(given["input_ids"]), -1), controls=controls
            ).logits,
            "classified": model(**given, task="ag_news", controls=controls).logits,
        }


def assert_same(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


def test_no_logit_depends_on_a_later_target(checkpoint: Checkpoint) -> None:
    """The published scripts fed the target unshifted and unmasked: their accuracy was that of copying."""
    changed = TARGET.clone()
    changed[0, 3:] = torch.tensor([60, 61, 62])
    one, other = (checkpoint.model(input_ids=SOURCE, decoder_input_ids=ids).logits for ids in (TARGET, changed))
    torch.testing.assert_close(one[:, :3], other[:, :3], rtol=0, atol=1e-6)
    assert not torch.allclose(one[:, 3:], other[:, 3:])


def test_a_model_that_sees_its_target_reads_it_whole_and_refuses_to_write(tiny_model: Models) -> None:
    """As the public scripts do: kept to show what their figures are worth."""
    model, labels = tiny_model("hmu", sees_target=True).eval(), torch.tensor([[30, 31, 32, -100]])
    changed = torch.tensor([[30, 31, 60, -100]])
    assert model.shift_right(labels).tolist() == [[30, 31, 32, 0]]
    one, other = (model(input_ids=SOURCE, labels=target).logits for target in (labels, changed))
    assert not torch.allclose(one[:, 0], other[:, 0], atol=1e-4)
    with pytest.raises(ValueError, match="copies and cannot write"):
        model.generate(SOURCE, max_new_tokens=4)


def test_labels_are_shifted_right_behind_the_start_token(checkpoint: Checkpoint) -> None:
    labels = torch.tensor([[30, 31, 2], [30, 2, -100]])
    assert checkpoint.model.shift_right(labels).tolist() == [[1, 30, 31], [1, 30, 2]]


@KINDS
@pytest.mark.parametrize("amount", [1, 9])
@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_changes_no_answer(checkpoint: Checkpoint, side: str, amount: int, temperature: float) -> None:
    """The published scripts masked padding neither in attention nor in the pooled mean."""
    padding, real = torch.zeros(1, amount, dtype=torch.long), torch.ones_like(SOURCE)
    ids = torch.cat((padding, SOURCE) if side == "left" else (SOURCE, padding), 1)
    mask = torch.cat((padding, real) if side == "left" else (real, padding), 1)
    padded = answers(checkpoint.model, temperature, input_ids=ids, attention_mask=mask)
    assert_same(padded, answers(checkpoint.model, temperature, input_ids=SOURCE))


@KINDS
def test_a_batch_of_two_equals_two_singles(checkpoint: Checkpoint, temperature: float) -> None:
    other = torch.tensor([[44, 45, 2]])
    ids = torch.cat((SOURCE, torch.nn.functional.pad(other, (0, 2))))
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    both = answers(checkpoint.model, temperature, input_ids=ids, attention_mask=mask)
    singles = [
        answers(checkpoint.model, temperature, input_ids=one, rows=(row,)) for row, one in enumerate((SOURCE, other))
    ]
    assert_same(both, {name: torch.cat([single[name] for single in singles]) for name in both})


def test_positions_count_real_tokens_from_either_side() -> None:
    mask = torch.tensor([[0, 0, 1, 1, 1], [1, 1, 1, 0, 0]])
    assert [row[kept].tolist() for row, kept in zip(positions_of(mask), mask.bool(), strict=True)] == [[0, 1, 2]] * 2


@pytest.mark.parametrize("arm", ["baseline", "hmu"])
def test_gradient_reaches_every_parameter(tiny_model: Models, arm: str) -> None:
    """All but the bias of the keys: it adds one number to a whole row of scores, which a softmax does not see."""
    model = tiny_model(arm).train()
    controls = Controls(temperature=1.0)
    losses = [model(input_ids=SOURCE, labels=TARGET[:, 1:], controls=controls).loss]
    losses += [
        model(input_ids=SOURCE, labels=torch.tensor([1]), task=task, controls=controls).loss for task in model.heads
    ]
    torch.stack(losses).sum().backward()
    unreached = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().max() > 0]
    assert [name for name in unreached if not name.endswith("k_proj.bias")] == []


def test_without_controls_training_samples_and_evaluation_takes_the_mean(tiny_model: Models) -> None:
    model = tiny_model("hmu", dropout=0.0)
    mean = model(input_ids=SOURCE, task="sst2", controls=Controls()).logits
    assert torch.equal(model(input_ids=SOURCE, task="sst2").logits, mean)
    assert not torch.allclose(model.train()(input_ids=SOURCE, task="sst2").logits, mean)


def test_the_loss_is_cross_entropy_plus_the_weighted_kl(tiny_model: Models) -> None:
    model = tiny_model("hmu", kl_weight=0.5, free_bits=0.0)
    with torch.inference_mode():
        made = model(input_ids=SOURCE, labels=torch.tensor([1]), task="sst2")
    expected = (
        torch.nn.functional.cross_entropy(made.logits, torch.tensor([1])) + 0.5 * made.trace.kl.mean((0, 1)).sum()
    )
    torch.testing.assert_close(made.loss, expected)


def test_a_share_of_the_kl_is_a_share_of_its_weight(tiny_model: Models) -> None:
    controls, given = Controls(temperature=1.0), {"input_ids": SOURCE, "labels": TARGET}
    model, plain = tiny_model("hmu", kl_weight=0.5), tiny_model("hmu", kl_weight=0.0)
    free, half, whole = (model(**given, controls=controls, kl_share=share).loss for share in (0.0, 0.5, 1.0))
    torch.testing.assert_close(free, plain(**given, controls=controls).loss)
    torch.testing.assert_close(whole - free, 2 * (half - free))
    assert whole > half > free


def test_a_gate_starts_where_it_is_told_and_is_loaded_as_it_was_saved(tiny_model: Models, tmp_path: Path) -> None:
    model = MemoryTransformer(tiny_model("hmu", memory_settings={"gate_start": 2.0}).config)
    bias = dict(model.named_parameters())["memory.gate.weigh.bias"]
    assert bias.tolist() == [2.0] * len(bias)
    torch.nn.init.normal_(bias)
    model.save_pretrained(tmp_path)
    loaded = dict(MemoryTransformer.from_pretrained(tmp_path).named_parameters())
    torch.testing.assert_close(loaded["memory.gate.weigh.bias"], bias)


def test_the_gate_is_pressed_only_where_no_bias_was_given(tiny_model: Models) -> None:
    """A drawn bias moves the mean gate on purpose; pressing it back would unlearn the slider."""
    model = tiny_model("hmu", kl_weight=0.0, gate_weight=3.0, gate_target=0.9)
    for bias in (0.0, 1.0):
        with torch.inference_mode():
            made = model(input_ids=SOURCE, labels=torch.tensor([1]), task="sst2", controls=Controls(gate_bias=bias))
        cost = 0.0 if bias else 3.0 * (made.trace.gate.mean() - 0.9) ** 2
        torch.testing.assert_close(made.loss, torch.nn.functional.cross_entropy(made.logits, torch.tensor([1])) + cost)


def test_a_cached_decode_equals_a_whole_one(checkpoint: Checkpoint) -> None:
    model = checkpoint.model
    with torch.inference_mode():
        whole = model(input_ids=SOURCE, decoder_input_ids=TARGET).logits
        first = model(input_ids=SOURCE, decoder_input_ids=TARGET[:, :2], use_cache=True)
        rest = model(input_ids=SOURCE, decoder_input_ids=TARGET[:, 2:], past_key_values=first.past_key_values)
    torch.testing.assert_close(torch.cat((first.logits, rest.logits), 1), whole, rtol=1e-5, atol=1e-5)


def test_the_baseline_ignores_the_controls(baseline_checkpoint: Checkpoint) -> None:
    model = baseline_checkpoint.model
    one, other = (model(input_ids=SOURCE, task="sst2", controls=c).logits for c in (Controls(), Controls(-8.0, 2.0, 5)))
    assert torch.equal(one, other)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "forward: give input_ids, or encoder_outputs"),
        ({"input_ids": SOURCE}, "forward: give decoder_input_ids, labels, or the name of a task"),
        ({"input_ids": SOURCE, "task": "cola"}, 'task "cola": this checkpoint has heads for ag_news, sst2'),
    ],
)
def test_an_impossible_call_says_what_to_give(checkpoint: Checkpoint, given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        checkpoint.model(**given)
