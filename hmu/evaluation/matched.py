"""Where latent and softmax samples are equally good, as a model card tells it: in its metadata and in a section.

Knows nothing of models; `python -m hmu match` finds the figures, and writes them into a card that is already there.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

KEY = "matched_softmax"
"""The metadata's key; its value is a table with the fields of a match."""

_TITLE = "Imagination"
_EQUAL = """
Samples by the latent's noise (τ = {latent_temperature:g}, words chosen greedily) cover {coverage_latent:.4f} of the
concepts of {inputs:,} inputs of `{task}`, on average. Samples drawn from the softmax of `{baseline}` cover equally much
({coverage_softmax:.4f}, within one point) at temperature **{softmax_temperature:.4g}**: there the variety of the two
can be compared. One sample an input; input i has seed {seed} + i."""
_UNEQUAL = """
Samples by the latent's noise (τ = {latent_temperature:g}, words chosen greedily) cover {coverage_latent:.4f} of the
concepts of {inputs:,} inputs of `{task}`, on average. At no softmax temperature does `{baseline}` cover equally much,
within one point: {reason}. The closest is {closest:.4g} ({coverage_softmax:.4f}). One sample an input; input i has seed
{seed} + i."""


def with_match(card: str, match: Mapping[str, Any]) -> str:
    """A card with a match in place of the one that it told before.

    Args:
        card: README.md with a metadata block.
        match: the fields of `hmu.cli.match.Match`, and `task` and `baseline`, names both.

    Raises:
        ValueError: for a card without metadata.
    """
    head, body = split(card)
    kept = [line for line in head.split("\n") if not line.startswith(f"{KEY}:")]
    kept.append(f"{KEY}: {json.dumps(dict(match), ensure_ascii=False)}")
    return "---\n" + "\n".join(kept) + "\n---\n" + _with_section(body, _section(match))


def split(card: str) -> tuple[str, str]:
    """A card's metadata, and what stands below it.

    Raises:
        ValueError: for a card without metadata.
    """
    start, mark, rest = card.partition("---\n")
    head, end, body = rest.partition("\n---\n")
    if start.strip() or not mark or not end:
        raise ValueError(
            "card: no metadata between two --- lines at its head; write it with `python -m hmu card` first"
        )
    return head, body


def _section(match: Mapping[str, Any]) -> str:
    told = _UNEQUAL if match["softmax_temperature"] is None else _EQUAL
    return f"## {_TITLE}\n{told.format(**match)}\n"


def _with_section(body: str, section: str) -> str:
    """The section in the place of the earlier one, or before the last but one: limits and citation stand last."""
    parts = [part for part in re.split(r"^(?=## )", body, flags=re.MULTILINE) if not part.startswith(f"## {_TITLE}\n")]
    place = max(1, len(parts) - 2)
    return "".join([*parts[:place], section + "\n", *parts[place:]])
