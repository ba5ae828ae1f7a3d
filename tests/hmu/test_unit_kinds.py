"""The unit's other kinds: a fixed gate, no noise, a residual, the public scripts' unit, a wider baseline."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from hmu import AS_PUBLISHED, HMU, Controls, MemoryTransformer, preset
from hmu.ungated import UngatedHMU

ONES = torch.ones(2, 7, dtype=torch.long)
AS_TRAINED = Controls()


@pytest.fixture
def unit() -> HMU:
    """Every weight random, the LayerNorms' affines too."""
    torch.manual_seed(3)
    return randomised(HMU(width=12, latent_dim=5))


@pytest.fixture
def states() -> Tensor:
    return torch.randn(2, 7, 12, generator=torch.Generator().manual_seed(1))


def randomised(module: HMU | UngatedHMU) -> Any:
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    return module.eval()


def memory_of(unit: nn.Module, states: Tensor, controls: Controls = AS_TRAINED) -> Tensor:
    return unit(states, ONES, controls).memory


def twin(unit: HMU, **settings: Any) -> HMU:
    """Another kind of unit with the same weights where it has the same ones."""
    other = HMU(width=12, latent_dim=5, **settings)
    other.load_state_dict(unit.state_dict(), strict=False)
    return other.eval()


@pytest.mark.parametrize("gate", [0.0, 0.25, 0.5, 1.0])
def test_a_fixed_gate_equals_every_token_forced_there(unit: HMU, states: Tensor, gate: float) -> None:
    forced = Controls(forced=(gate,) * 7)
    assert torch.allclose(memory_of(twin(unit, gate=gate), states), memory_of(unit, states, forced), atol=1e-6)


def test_a_fixed_gate_at_an_end_heeds_no_bias_and_one_between_does(unit: HMU, states: Tensor) -> None:
    biased = Controls(gate_bias=3.0)
    ends, half = twin(unit, gate=1.0), twin(unit, gate=0.5)
    assert torch.equal(memory_of(ends, states), memory_of(ends, states, biased))
    trace = half(states, ONES, biased).trace
    assert trace.gate.unique().item() == pytest.approx(1 / (1 + math.exp(-3)))


@pytest.mark.parametrize("gate", [-0.1, 1.1, math.nan])
def test_a_fixed_gate_outside_its_range_is_refused(gate: float) -> None:
    with pytest.raises(ValueError, match="from 0"):
        HMU(width=12, latent_dim=5, gate=gate)


def test_a_unit_without_noise_heeds_no_temperature(unit: HMU, states: Tensor) -> None:
    hot = Controls(temperature=2.0, seed=3)
    assert torch.equal(memory_of(twin(unit, noise=False), states, hot), memory_of(unit, states))
    assert not torch.equal(memory_of(unit, states, hot), memory_of(unit, states))


def test_shared_noise_is_the_same_at_every_token_of_a_text_and_another_in_another(unit: HMU, states: Tensor) -> None:
    hot, mask = Controls(temperature=1.0, seed=3), torch.tensor([[0, 0, 1, 1, 1, 1, 1], [1] * 7])
    shared = twin(unit, shared_noise=True)

    def epsilon(one: HMU) -> Tensor:
        trace = one(states, mask, hot).trace
        return (trace.z - trace.mean) / torch.exp(0.5 * trace.log_variance)

    drawn, own = epsilon(shared), epsilon(unit)
    assert torch.allclose(drawn, drawn[:, -1:].expand_as(drawn), atol=1e-4)
    assert torch.allclose(drawn[0, 2], own[0, 2], atol=1e-4)  # the first token's own
    assert not torch.allclose(own[0, 3], own[0, 2], atol=0.1)
    assert not torch.allclose(drawn[0, -1], drawn[1, -1], atol=0.1)


def test_a_residual_unit_starts_as_the_identity_and_goes_on_towards_the_unit(unit: HMU, states: Tensor) -> None:
    residual = twin(unit, residual=True)
    assert residual.alpha is not None
    assert torch.equal(memory_of(residual, states), states)
    nn.init.ones_(residual.alpha)
    assert torch.allclose(memory_of(residual, states), memory_of(unit, states), atol=1e-6)


def test_at_the_identity_only_alpha_and_what_the_kl_reaches_have_a_gradient(unit: HMU, states: Tensor) -> None:
    residual = twin(unit, residual=True)
    remembered = residual(states, ONES, AS_PUBLISHED)
    (remembered.memory.square().sum() + remembered.trace.kl.sum()).backward()
    moved = {name for name, p in residual.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    latent = {f"latent.{part}.{kind}" for part in ("mean", "log_variance") for kind in ("weight", "bias")}
    assert moved == {"alpha"} | latent


def test_the_ungated_unit_has_the_public_scripts_size_and_equation() -> None:
    assert sum(p.numel() for p in UngatedHMU(256, 128).parameters()) == 494_336
    torch.manual_seed(5)
    unit, v = randomised(UngatedHMU(12, 5)), torch.randn(2, 7, 12)
    named = {name: tensor.double() for name, tensor in unit.state_dict().items()}
    linear = nn.functional.linear
    z = linear(v.double(), named["latent.mean.weight"], named["latent.mean.bias"])
    both = torch.cat((v.double(), linear(z, named["latent.decode.weight"], named["latent.decode.bias"])), -1)
    norm = nn.functional.layer_norm
    both = norm(both, (24,), named["norm_both.weight"], named["norm_both.bias"])
    inner = nn.functional.gelu(linear(both, named["widen.weight"], named["widen.bias"]))
    out = v.double() + linear(inner, named["project.weight"], named["project.bias"])
    wanted = norm(out, (12,), named["norm_memory.weight"], named["norm_memory.bias"])
    assert torch.allclose(memory_of(unit, v).double(), wanted, atol=1e-5)


def test_the_ungated_unit_has_a_latent_to_heat_and_no_gate_to_turn(states: Tensor) -> None:
    torch.manual_seed(6)
    unit = randomised(UngatedHMU(12, 5))
    assert torch.equal(memory_of(unit, states), memory_of(unit, states, Controls(gate_bias=4.0)))
    assert not torch.equal(memory_of(unit, states), memory_of(unit, states, AS_PUBLISHED))
    trace = unit(states, ONES, Controls()).trace
    assert trace.gate is None
    assert trace.kl.shape == trace.mean.shape == (2, 7, 5)


def test_a_baseline_widened_in_its_encoder_has_the_units_parameters_more() -> None:
    """Within a hundredth of a per cent of the unit: is it the unit or the size?"""
    sizes = [
        sum(p.numel() for p in MemoryTransformer(preset("small", **changes)).parameters())
        for changes in ({}, {"encoder_d_ff": 1169})
    ]
    assert sizes[1] - sizes[0] == 297_540
