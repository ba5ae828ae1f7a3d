"""The unit against its own equations, written a second time."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from hmu import AS_PUBLISHED, HMU, Checkpoint, Controls, Decoding, MemoryTransformer, preset, read, remember, stream
from hmu import noise as draws
from hmu.memory import Remembered, positions_of


def reference(unit: HMU, v: Tensor, controls: Controls, epsilon: Tensor) -> dict[str, Tensor]:
    """REFERENCE, section 1, in plain tensor algebra and float64."""
    weights = {name: tensor.double() for name, tensor in unit.state_dict().items()}

    def linear(x: Tensor, name: str) -> Tensor:
        return torch.einsum("bni,oi->bno", x, weights[f"{name}.weight"]) + weights[f"{name}.bias"]

    def norm(x: Tensor, name: str) -> Tensor:
        centred = x - x.sum(-1, keepdim=True) / x.shape[-1]
        spread = ((centred**2).sum(-1, keepdim=True) / x.shape[-1] + 1e-5) ** 0.5
        return centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    v = v.double()
    mean, log_variance = linear(v, "latent.mean"), linear(v, "latent.log_variance")
    z = mean + controls.temperature * log_variance.exp() ** 0.5 * epsilon.double()
    literal, latent = norm(v, "norm_literal"), norm(linear(z, "latent.decode"), "norm_latent")
    logits = linear(torch.cat((literal, latent), -1), "gate.weigh") + controls.gate_bias
    gate = 1 / (1 + (-logits).exp())
    projected = linear(gate * literal + (1 - gate) * latent, "project")
    gelu = projected * (1 + torch.erf(projected / math.sqrt(2))) / 2
    return {"memory": norm(gelu, "norm_memory"), "gate": gate, "z": z, "mean": mean, "log_variance": log_variance}


@pytest.fixture
def unit() -> HMU:
    """Every weight random, the LayerNorms' affines too."""
    torch.manual_seed(3)
    unit = HMU(width=12, latent_dim=5)
    for parameter in unit.parameters():
        nn.init.normal_(parameter, std=0.5)
    return unit.eval()


@pytest.fixture
def states() -> Tensor:
    return torch.randn(2, 7, 12, generator=torch.Generator().manual_seed(1))


ONES = torch.ones(2, 7, dtype=torch.long)
AS_TRAINED = Controls()


def parts(remembered: Remembered) -> dict[str, Any]:
    trace = remembered.trace
    return {
        "memory": remembered.memory,
        "gate": trace.gate,
        "z": trace.z,
        "mean": trace.mean,
        "log_variance": trace.log_variance,
    }


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
@pytest.mark.parametrize(
    "controls",
    [Controls(), AS_PUBLISHED, Controls(gate_bias=-1.5), Controls(gate_bias=2.0, temperature=0.7, seed=11)],
)
def test_the_unit_equals_its_equations(
    unit: HMU, states: Tensor, controls: Controls, dtype: torch.dtype, tolerance: float
) -> None:
    epsilon = draws.normal([controls.seed] * 2, range(2), positions_of(ONES), 5, like=states)
    made = parts(unit.to(dtype)(states.to(dtype), ONES, controls))
    torch.testing.assert_close(
        {name: value.double() for name, value in made.items()},
        reference(unit, states, controls, epsilon),
        rtol=tolerance,
        atol=tolerance,
    )


@pytest.mark.parametrize(("bias", "name"), [(math.inf, "norm_literal"), (-math.inf, "norm_latent")])
def test_a_saturated_gate_passes_one_path_alone(unit: HMU, states: Tensor, bias: float, name: str) -> None:
    """Catches a gate that is turned round, or a path that leaks past it."""
    paths = {
        "norm_literal": unit.norm_literal(states),
        "norm_latent": unit.norm_latent(unit.latent.decode(unit.latent.mean(states))),
    }
    alone = unit.norm_memory(nn.functional.gelu(unit.project(paths[name])))
    torch.testing.assert_close(unit(states, ONES, Controls(gate_bias=bias)).memory, alone)


@pytest.mark.parametrize(("gate", "bias"), [(1.0, math.inf), (0.0, -math.inf)])
def test_every_token_forced_equals_a_saturated_gate(unit: HMU, states: Tensor, gate: float, bias: float) -> None:
    forced = unit(states, ONES, Controls(forced=(gate,) * ONES.shape[1])).memory
    assert torch.equal(forced, unit(states, ONES, Controls(gate_bias=bias)).memory)


def test_a_forced_token_leaves_the_others_as_learned(unit: HMU, states: Tensor) -> None:
    free = unit(states, ONES, Controls(gate_bias=1.0)).trace.gate
    held = unit(states, ONES, Controls(gate_bias=1.0, forced=(None, 0.25))).trace.gate
    assert (held[:, 1] == 0.25).all()
    assert torch.equal(held[:, [0, *range(2, ONES.shape[1])]], free[:, [0, *range(2, ONES.shape[1])]])


def test_forced_gates_count_real_tokens_whichever_side_is_padded(unit: HMU, states: Tensor) -> None:
    left, right = torch.tensor([[0, 0, 1, 1]]), torch.tensor([[1, 1, 0, 0]])
    real = states[:1, :2]
    controls = Controls(forced=(1.0, 0.0), temperature=1.0, seed=3)
    padding = torch.zeros_like(real)
    behind = unit(torch.cat((real, padding), 1), right, controls).memory[:, :2]
    before = unit(torch.cat((padding, real), 1), left, controls).memory[:, 2:]
    torch.testing.assert_close(before, behind)


def test_controls_for_each_row_equal_one_call_a_row(unit: HMU, states: Tensor) -> None:
    each = [Controls(gate_bias=-2.0, temperature=1.5, seed=5, forced=(None, 1.0)), Controls(gate_bias=3.0)]
    together = unit(states, ONES, each).memory
    alone = [unit(states[i : i + 1], ONES[i : i + 1], one, rows=[i]).memory for i, one in enumerate(each)]
    torch.testing.assert_close(together, torch.cat(alone))


def test_controls_for_other_than_every_row_are_refused(unit: HMU, states: Tensor) -> None:
    with pytest.raises(ValueError, match="controls: 3 for 2 rows; give one for all or one for each"):
        unit(states, ONES, [Controls()] * 3)


def test_zero_temperature_ignores_the_seed(unit: HMU, states: Tensor) -> None:
    one, other = (unit(states, ONES, Controls(seed=seed)).memory for seed in (0, 12345))
    assert torch.equal(one, other)


def test_another_seed_draws_another_latent(unit: HMU, states: Tensor) -> None:
    one, other = (unit(states, ONES, Controls(temperature=1, seed=seed)).trace.z for seed in (0, 1))
    assert not torch.isclose(one, other).any()


def test_the_unit_has_297472_parameters_at_256_and_128() -> None:
    assert sum(parameter.numel() for parameter in HMU(256, 128).parameters()) == 297_472


@pytest.mark.parametrize(("memory", "total"), [("none", 23_842_152), ("hmu", 24_139_624)])
def test_the_paper_preset_counts_the_published_totals(memory: str, total: int) -> None:
    with torch.device("meta"):
        model = MemoryTransformer(preset("paper", memory=memory))
    assert sum(parameter.numel() for parameter in model.parameters()) == total


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ValueError, match=r'preset: "huge" is unknown; choose one of small, paper'):
        preset("huge")


def test_reading_the_gate_leaves_the_logits_unchanged(hmu_checkpoint: Checkpoint) -> None:
    """Catches instruments inside the model: streaming reads gates and attention, the next pass must not see it."""
    model = hmu_checkpoint.model
    ids = torch.tensor([[5, 40, 41, 2]])
    with torch.inference_mode():
        before = model(input_ids=ids, decoder_input_ids=ids).logits
        remembered = remember(hmu_checkpoint, read(hmu_checkpoint, "common_gen", "dog ball"), Controls(3.0, 1.0))
        gates = [step.gate for step in stream(hmu_checkpoint, remembered, Decoding(max_new_tokens=3))]
        after = model(input_ids=ids, decoder_input_ids=ids).logits
    assert None not in gates
    assert torch.equal(before, after)


def contents(model: nn.Module) -> dict[str, Any]:
    """Every module's attributes by identity: an attribute that is set, replaced or added shows."""
    return {
        f"{path}.{name}": id(value) if not isinstance(value, bool | int | float) else value
        for path, module in model.named_modules()
        for name, value in vars(module).items()
    }


def test_controls_touch_nothing_on_the_module(hmu_checkpoint: Checkpoint) -> None:
    model = hmu_checkpoint.model
    ids = torch.tensor([[5, 40, 41, 2]])
    held, weights = contents(model), {name: tensor.clone() for name, tensor in model.state_dict().items()}
    model(input_ids=ids, decoder_input_ids=ids, controls=Controls(-4.0, 1.5, 9))
    model.generate(input_ids=ids, controls=Controls(4.0, 1.5, 9), max_new_tokens=4)
    assert contents(model) == held
    torch.testing.assert_close(dict(model.state_dict()), weights, rtol=0, atol=0)


def test_threads_with_their_own_controls_get_their_own_answers(tiny_model: Callable[..., MemoryTransformer]) -> None:
    """Two users, one model: catches any control that passes through the module."""
    model = tiny_model("hmu")
    ids = torch.arange(4, 24)[None]
    users = [Controls(gate_bias=bias, temperature=1.0, seed=seed) for seed, bias in enumerate((-6.0, -2.0, 2.0, 6.0))]

    def ask(controls: Controls) -> list[Tensor]:
        with torch.inference_mode():
            return [model(input_ids=ids, decoder_input_ids=ids, controls=controls).logits for _ in range(15)]

    alone = [ask(user) for user in users]
    with ThreadPoolExecutor(len(users)) as threads:
        together = list(threads.map(ask, users))
    torch.testing.assert_close(together, alone, rtol=0, atol=0)
    assert not torch.allclose(alone[0][0], alone[3][0])
