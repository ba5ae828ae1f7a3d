"""Units that are not the published one with a residual."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from hmu import HMU, Controls
from hmu.plugin import HMUModel
from hmu.ungated import UngatedHMU
from tests.hmu.plugin.support_plugin import EACH, LABELS, LOSS_OF_TWO_BERTS, REAL, attached, base_of, equal, read

pytestmark = LOSS_OF_TWO_BERTS
GIVEN: dict[str, Any] = {"input_ids": REAL, "decoder_input_ids": LABELS}


@EACH
@pytest.mark.parametrize("memory", ["hmu", "hmu_ungated"])
def test_a_published_start_changes_the_answer_and_is_kept(kind: str, memory: str, tmp_path: Path) -> None:
    base = base_of(kind)
    model = attached(base, memory=memory, start="published", latent_dim=6)
    before = read(model, **GIVEN).logits
    assert (before != read(base, **GIVEN).logits).all()
    model.save_pretrained(tmp_path)
    equal(read(HMUModel.from_pretrained(tmp_path, base), **GIVEN).logits, before)


@pytest.mark.parametrize(("memory", "module"), [("hmu", HMU), ("hmu_ungated", UngatedHMU)])
def test_the_decoder_reads_what_that_memory_writes(memory: str, module: type[nn.Module]) -> None:
    model = attached(base_of("T5"), memory=memory, start="published", latent_dim=6)
    unit = module(16, 6).eval()  # the same weights in the same module outside any base
    unit.load_state_dict(model.unit().memory.state_dict())
    states, mask = model.encode(REAL), torch.ones_like(REAL)
    equal(read(model, **GIVEN).encoder_last_hidden_state, unit(states, mask, Controls()).memory)


@EACH
@pytest.mark.parametrize("memory", ["hmu", "hmu_ungated"])
def test_a_published_unit_is_trained_from_its_first_step(kind: str, memory: str) -> None:
    model = attached(base_of(kind), memory=memory, start="published").train()
    model(REAL, labels=LABELS).loss.backward()
    missed = [name for name, each in model.unit().named_parameters() if each.grad is None or not each.grad.any()]
    assert missed == []


def test_a_memory_without_a_start_from_identity_is_refused() -> None:
    told = '^unit: memory "hmu_ungated" has no start from identity; give start="published"$'
    with pytest.raises(ValueError, match=told):
        HMUModel.from_base(base_of("T5"), memory="hmu_ungated")
