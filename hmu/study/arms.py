"""What is compared: each arm by name, and what it changes in the model. All else is the same for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hmu.memories import build_memory


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm.

    Args:
        title: what it is, in a few words.
        changes: what it sets in the config (`MemoryTransformerConfig`).
        training: what it sets in the recipe (`Recipe`).
        widens: whether its encoder's feed-forward has as many parameters more as the unit has.
    """

    title: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    widens: bool = False

    def changes_in(self, model: Mapping[str, Any]) -> dict[str, Any]:
        """What it sets in the config of a model of this size."""
        return {**self.changes, **({"encoder_d_ff": _widened(model)} if self.widens else {})}

    @property
    def samples(self) -> bool:
        """Whether it has a latent that may be drawn rather than taken at its mean."""
        settings = self.changes.get("memory_settings", {})
        return self.changes.get("memory", "none") != "none" and settings.get("noise", True)


def _widened(model: Mapping[str, Any]) -> int:
    width, layers = model["d_model"], model["encoder_layers"]
    unit = sum(parameter.numel() for parameter in build_memory("hmu", width, {}).parameters())
    return int(model["d_ff"]) + round(unit / (layers * (2 * width + 1)))


_KL = {"kl_weight": 0.01, "free_bits": 0.25}
_RISE = 200
"""Steps over which the noise or the KL rises, in the arms where it does."""


def _hmu(
    title: str, losses: Mapping[str, Any] | None = None, training: Mapping[str, Any] | None = None, **settings: Any
) -> Arm:
    return Arm(title, {"memory": "hmu", "memory_settings": settings, **(losses or {})}, training or {})


BASELINE = "baseline"
ARMS: Mapping[str, Arm] = {
    BASELINE: Arm("the Transformer alone"),
    "hmu": _hmu("the unit of the paper's text: gated, noise in training, no KL in the loss"),
    "hmu_ungated": Arm("the unit of the public scripts, without a gate", {"memory": "hmu_ungated"}),
    "hmu_kl": _hmu("the unit with KL (β 0.01) and free bits (λ 0.25)", _KL),
    "baseline_wide": Arm("a baseline with the unit's parameters more in its encoder", widens=True),
    "hmu_half": _hmu("no gate: g = ½ everywhere", gate=0.5),
    "hmu_literal": _hmu("no latent path: g = 1 everywhere", gate=1.0),
    "hmu_quiet": _hmu("no noise, in training or after", noise=False),
    "hmu_k32": _hmu("latent width 32", latent_dim=32),
    "hmu_k64": _hmu("latent width 64", latent_dim=64),
    "hmu_k256": _hmu("latent width 256", latent_dim=256),
    "hmu_residual": _hmu("a residual around the unit, α from 0", residual=True),
    "hmu_residual_kl": _hmu("a residual around the unit, with KL and free bits", _KL, residual=True),
    "hmu_balanced": _hmu("KL, free bits and a cost that keeps the mean gate near ½", {**_KL, "gate_weight": 4.0}),
    "hmu_kl_weak": _hmu("KL of a tenth (β 0.001) and free bits", {**_KL, "kl_weight": 0.001}),
    "hmu_kl_strong": _hmu("KL of ten times (β 0.1) and free bits", {**_KL, "kl_weight": 0.1}),
    "hmu_kl_rising": _hmu("KL that rises from 0, and free bits", _KL, {"kl_warmup": _RISE}),
    "hmu_warm": _hmu("noise that rises from 0", None, {"latent_warmup": _RISE}),
    "hmu_open": _hmu("the gate begins literal (b_g = 2, g ≈ 0.88)", gate_start=2.0),
    "hmu_shut": _hmu("the gate begins latent (b_g = −2, g ≈ 0.12)", gate_start=-2.0),
    "hmu_text_noise": _hmu("one draw of noise for a whole text in place of one a token", shared_noise=True),
    "hmu_dropped": _hmu("the literal path left out in 30 % of the steps", None, {"latent_only_share": 0.3}),
}
"""Name → arm; `hmu` has latent width 128, half the model's."""

MAIN = (BASELINE, "hmu", "hmu_ungated", "hmu_kl", "baseline_wide")
"""The arms of every task; the others are ablations, and ways to something better."""


def find_arm(name: str) -> Arm:
    """The arm of that name.

    Raises:
        ValueError: for an unknown name.
    """
    if name not in ARMS:
        raise ValueError(f'arm "{name}" is unknown; choose among {", ".join(ARMS)}')
    return ARMS[name]
