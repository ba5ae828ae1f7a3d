"""Profiles of tokens → plots: what the memory does with a source, and what each written token saw of it."""

import math
from collections.abc import Sequence

from hmu.plots.parts import (
    BASELINE,
    GATE_SCALE,
    GREY,
    LATENT,
    LEGEND,
    LITERAL,
    Plot,
    bar,
    escaped,
    frame,
    level,
    places,
    rounded,
    shades,
    stacked,
    ticks,
)
from hmu.profile import GateProfile, WritingProfile


def gate_bars(profile: GateProfile) -> Plot:
    """What the memory does with each source token: mean gate with its spread over channels; below, KL and mean σ."""
    gate = bar(profile.tokens, profile.mean, shades(profile.mean), "gate %{y:.3f} ± %{error_y.array:.3f}")
    gate["error_y"] = {"array": rounded(profile.spread), "color": GREY, "thickness": 1, "width": 3}
    further = (("KL (nats)", profile.kl, LATENT), ("σ", profile.sigma, GREY))
    rows = {
        name: bar(profile.tokens, values, colour, name + " %{y:.3f}")
        for name, values, colour in further
        if values is not None
    }
    plot = stacked("Per source token", {"gate": gate} | rows, profile.tokens)
    plot["layout"] |= {"shapes": [level(0.5)], "bargap": 0.25}
    plot["layout"]["yaxis"] |= {"range": [0, 1.04], "tickvals": [0, 0.5, 1]}
    return plot


def gate_heatmap(profile: GateProfile, by_gate: bool = True) -> Plot:
    """Gate of every source token and channel; channels from the most latent to the most literal, or as they are."""
    rows = list(zip(*profile.channels, strict=True))
    order = list(range(len(rows)))
    if by_gate:
        sums = [sum(row) for row in rows]
        order.sort(key=sums.__getitem__)
    heatmap = {
        "type": "heatmap",
        "x": places(profile.tokens),
        "z": [[round(gate, 2) for gate in rows[c]] for c in order],
        "text": [[c] * len(profile.tokens) for c in order],
        "colorscale": GATE_SCALE,
        "zmin": 0,
        "zmax": 1,
        "colorbar": {"thickness": 8, "tickvals": [0, 1], "ticktext": ["latent", "literal"], "outlinewidth": 0},
        "hovertemplate": "channel %{text}: %{z}<extra></extra>",
    }
    plot = frame("Gate per token and channel", "channel, most literal on top" if by_gate else "channel", [heatmap])
    plot["layout"]["xaxis"] |= ticks(profile.tokens)
    plot["layout"]["yaxis"] |= {"showticklabels": False}
    return plot


def written_gates(profile: WritingProfile) -> Plot:
    """Each written token: the gate as it saw it through its cross-attention, its log-probability, the entropy."""
    logs = [math.log(max(value, 1e-30)) for value in profile.probability]
    rows = {
        "log-prob.": bar(profile.pieces, logs, GREY, "log-probability %{y:.3f}"),
        "entropy": bar(profile.pieces, profile.entropy, GREY, "entropy %{y:.3f} nats"),
    }
    if not profile.gates:
        return stacked("Per written token", rows, profile.pieces)
    seen = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": places(profile.pieces),
        "y": rounded(profile.gates),
        "line": {"color": GREY, "width": 1.5},
        "marker": {"size": 9, "color": shades(profile.gates)},
        "hovertemplate": "gate %{y:.3f}<extra></extra>",
    }
    plot = stacked("Per written token: the gate it saw", {"gate": seen} | rows, profile.pieces)
    plot["layout"]["yaxis"] |= {"range": [-0.04, 1.04], "tickvals": [0, 0.5, 1]}
    return plot


def attention_map(profile: WritingProfile, colour: str = BASELINE, labels: int = 16) -> Plot:
    """Where each written token looked in the source: cross-attention, mean over layers and heads.

    Args:
        profile: of a text.
        colour: of what was looked at.
        labels: at most so many source tokens are named, as in `ticks`.
    """
    heatmap = {
        "type": "heatmap",
        "x": places(profile.pieces),
        "y": places(profile.source),
        "z": [[round(row[i], 3) for row in profile.attention] for i in range(len(profile.source))],
        "colorscale": [[0.0, "rgba(128,128,128,0.06)"], [0.4, colour + "bf"], [1.0, colour]],
        "zmin": 0,
        "zmax": 1,
        "showscale": False,
        "hovertemplate": "weight %{z}<extra></extra>",
    }
    plot = frame("Where each written token looked", "", [heatmap])
    plot["layout"]["xaxis"] |= ticks(profile.pieces)
    plot["layout"]["yaxis"] |= {"autorange": "reversed", **ticks(profile.source, labels)}
    return plot


def token_pushes(tokens: Sequence[str], literal: Sequence[float], latent: Sequence[float], answer: str) -> Plot:
    """How much the answer's probability rises when one token alone is forced literal, or latent."""
    both = (("forced literal", literal, LITERAL), ("forced latent", latent, LATENT))
    bars = [{**bar(tokens, values, colour, name + " %{y:+.4f}"), "name": name} for name, values, colour in both]
    plot = frame(f"What each token's gate does for “{escaped(answer)}”", "rise of its probability", bars)
    reach = max(0.02, *(abs(value) for value in (*literal, *latent))) * 1.15
    plot["layout"] |= LEGEND | {"shapes": [level(0.0)]}
    plot["layout"]["xaxis"] |= ticks(tokens)
    plot["layout"]["yaxis"] |= {"range": [-reach, reach]}
    return plot
