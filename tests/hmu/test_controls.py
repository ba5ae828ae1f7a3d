"""What a reader may turn, and what is refused."""

import dataclasses
import math

import pytest

from hmu import AS_PUBLISHED, Controls


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"gate_bias": math.nan}, "gate bias"),
        ({"temperature": -0.1}, "latent temperature"),
        ({"temperature": math.inf}, "latent temperature"),
        ({"temperature": math.nan}, "latent temperature"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"forced": (None, 1.5)}, "forced gate"),
        ({"forced": (math.nan,)}, "forced gate"),
    ],
)
def test_a_control_out_of_range_is_refused_by_name(values: dict[str, float], name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: "):
        Controls(**values)  # type: ignore[arg-type]


def test_the_default_is_the_mean_and_the_paper_samples() -> None:
    assert (Controls(), AS_PUBLISHED) == (Controls(0.0, 0.0, 0), Controls(0.0, 1.0, 0))


def test_controls_are_immutable() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Controls().gate_bias = 1.0  # type: ignore[misc]
