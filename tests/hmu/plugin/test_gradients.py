"""What training reaches: the unit, and the base only where it is asked for."""

from collections.abc import Iterable

import pytest
import torch
from torch import Tensor, nn

from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import EACH, LABELS, LOSS_OF_TWO_BERTS, REAL, attached, base_of, mattering

pytestmark = LOSS_OF_TWO_BERTS


def reached(parameters: Iterable[tuple[str, nn.Parameter]]) -> set[str]:
    """The names of those with a gradient that is not 0 everywhere."""
    return {name for name, each in parameters if each.grad is not None and bool(each.grad.any())}


def losses(model: HMUModel) -> Tensor:
    loss: Tensor = model.train()(REAL, labels=LABELS).loss
    loss.backward()
    return loss


LATENT = {f"memory.latent.{layer}.{part}" for layer in ("mean", "log_variance") for part in ("weight", "bias")}


@EACH
@pytest.mark.parametrize(("kl_weight", "also"), [(0.0, set()), (0.1, LATENT)])
def test_at_the_start_the_task_reaches_alpha_alone_and_the_kl_its_latent(
    kind: str, kl_weight: float, also: set[str]
) -> None:
    model = attached(base_of(kind), kl_weight=kl_weight)
    losses(model)
    assert reached(model.unit().named_parameters()) == {"memory.alpha", *also}
    assert [name for name, each in model.base.named_parameters() if each.grad is not None] == []


@EACH
def test_one_step_on_alpha_opens_the_whole_unit_to_the_gradient(kind: str) -> None:
    model = attached(base_of(kind))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses(model)
    optimizer.step()
    optimizer.zero_grad()
    losses(model)
    assert reached(model.unit().named_parameters()) == {name for name, _ in model.unit().named_parameters()}


@pytest.mark.parametrize("kind", ["T5", "Bart", "BERT2BERT-wide"])
def test_a_base_that_is_not_frozen_is_trained_through_the_unit(kind: str) -> None:
    model = mattering(base_of(kind), freeze=False)
    losses(model)
    assert {name for name in reached(model.base.named_parameters()) if "encoder" in name}
    assert model.trainable_parameters()[0] == model.trainable_parameters()[1]


def test_frozen_is_the_base_and_trainable_the_unit() -> None:
    base = base_of("T5")
    whole, model = sum(each.numel() for each in base.parameters()), attached(base)
    own = sum(each.numel() for each in model.unit().parameters())
    assert model.trainable_parameters() == (own, own + whole)


@EACH
def test_training_the_unit_lowers_the_loss(kind: str) -> None:
    model = attached(base_of(kind))
    optimizer = torch.optim.Adam(model.unit().parameters(), lr=3e-2)
    torch.manual_seed(0)
    before = losses(model).item()
    for _ in range(12):
        optimizer.step()
        optimizer.zero_grad()
        last = losses(model).item()
    assert last < before


@EACH
def test_the_loss_is_the_bases_and_the_kl(kind: str) -> None:
    """β Σ_k max(λ, mean KL_k), by hand."""
    model = mattering(base_of(kind), kl_weight=0.5, free_bits=0.3)
    outputs = model(REAL, labels=LABELS)
    kl = model.remember(model.encode(REAL), torch.ones_like(REAL)).trace.kl
    assert kl is not None
    expected = nn.functional.cross_entropy(outputs.logits.flatten(0, 1), LABELS.flatten())
    expected = expected + 0.5 * kl.mean((0, 1)).clamp(min=0.3).sum()
    torch.testing.assert_close(outputs.loss, expected)
