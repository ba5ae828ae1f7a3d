"""Padding of the source reaches no answer."""

from typing import Any

import pytest
import torch
from torch import Tensor

from hmu import Controls
from tests.hmu.plugin.support_plugin import EACH, LABELS, LOSS_OF_TWO_BERTS, REAL, SHORT, base_of, mattering, near

pytestmark = LOSS_OF_TWO_BERTS

FROM_EITHER_SIDE = ("T5", "MT5", "UMT5", "M2M100", "MemoryTransformer")
"""Their positions are relative, or counted over what is not padding."""
CONTROLS = pytest.mark.parametrize("controls", [Controls(), Controls(temperature=1.0, seed=3)])


def padded(ids: Tensor, amount: int, side: str, token: int) -> dict[str, Any]:
    before, after = (amount, 0) if side == "left" else (0, amount)
    fill = torch.nn.functional.pad
    return {
        "input_ids": fill(ids, (before, after), value=token),
        "attention_mask": fill(torch.ones_like(ids), (before, after)),
    }


@EACH
@CONTROLS
def test_padding_on_the_right_changes_no_logit_and_no_answer(kind: str, controls: Controls) -> None:
    model = mattering(base_of(kind))
    source = padded(REAL, 3, "right", model.config.pad_token_id)
    given: dict[str, Any] = {"decoder_input_ids": LABELS, "controls": controls}
    near(model(**source, **given).logits, model(REAL, **given).logits)
    answers = [model.generate(**each, **SHORT, controls=controls).tolist() for each in (source, {"input_ids": REAL})]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("kind", FROM_EITHER_SIDE)
@CONTROLS
def test_padding_on_the_left_changes_no_logit(kind: str, controls: Controls) -> None:
    model = mattering(base_of(kind))
    source = padded(REAL, 3, "left", model.config.pad_token_id)
    given: dict[str, Any] = {"decoder_input_ids": LABELS, "controls": controls}
    near(model(**source, **given).logits, model(REAL, **given).logits)


@EACH
def test_what_stands_under_the_mask_is_not_read(kind: str) -> None:
    """Other tokens there, not the padding token: the unit's mask is the caller's, not guessed from the ids."""
    if kind == "M2M100":
        pytest.skip("counts its positions from the ids, not from the mask")
    model = mattering(base_of(kind))
    one, other = (padded(REAL, 2, "right", token) for token in (55, 56))
    near(model(**one, decoder_input_ids=LABELS).logits, model(**other, decoder_input_ids=LABELS).logits)


@EACH
def test_the_kl_counts_real_tokens_alone(kind: str) -> None:
    model = mattering(base_of(kind), kl_weight=1.0)
    source = padded(REAL, 3, "right", model.config.pad_token_id)
    given: dict[str, Any] = {"labels": LABELS, "controls": Controls()}
    near(model(**source, **given).loss, model(REAL, **given).loss)
