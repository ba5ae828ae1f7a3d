"""Profiles → plots: one function a plot, each a plain value with names, units and fixed ranges, so that plots compare.

A plot is what plotly.js takes, {"data": traces, "layout": …}, built by hand because it is made anew at every move of a
slider; `figure` makes a plotly figure of it, for notebooks and files (extra `plots`).
Colours carry one meaning everywhere: amber is literal, violet is latent and the memory, teal the baseline.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hmu.profile import GateProfile, WritingProfile

Plot = dict[str, Any]
LITERAL, LATENT, BASELINE, MEMORY, GREY = "#d97706", "#7c3aed", "#0f766e", "#7c3aed", "#9ca3af"
PALE = "#e7e5f0"
GATE_SCALE = [[0.0, LATENT], [0.5, PALE], [1.0, LITERAL]]
"""Diverging: violet (0, latent) over pale (½) to amber (1, literal)."""
_CLASSES = ("#2563eb", "#db2777", "#65a30d", "#64748b", "#0284c7", "#dc2626")
"""None of the colours that mean a memory or a path."""
_DASHES = ("solid", "dash", "dashdot", "dot")
_HATCHES = ("", "/", "x", ".")


def figure(plot: Plot) -> Any:
    """A plot as a plotly figure, to show, restyle or write to a file."""
    import plotly.graph_objects as go  # noqa: PLC0415 - the page and the command line do without

    return go.Figure(plot)


def gate_bars(profile: GateProfile) -> Plot:
    """What the memory does with each source token: mean gate with its spread over channels; below, KL and mean σ."""
    gate = _bar(profile.tokens, profile.mean, _shades(profile.mean), "gate %{y:.3f} ± %{error_y.array:.3f}")
    gate["error_y"] = {"array": _round(profile.spread), "color": GREY, "thickness": 1, "width": 3}
    further = (("KL (nats)", profile.kl, LATENT), ("σ", profile.sigma, GREY))
    rows = {
        name: _bar(profile.tokens, values, colour, name + " %{y:.3f}")
        for name, values, colour in further
        if values is not None
    }
    plot = _stacked("Per source token", {"gate": gate} | rows, profile.tokens)
    plot["layout"] |= {"shapes": [_level(0.5)], "bargap": 0.25}
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
        "x": _places(profile.tokens),
        "z": [[round(gate, 2) for gate in rows[c]] for c in order],
        "text": [[c] * len(profile.tokens) for c in order],
        "colorscale": GATE_SCALE,
        "zmin": 0,
        "zmax": 1,
        "colorbar": {"thickness": 8, "tickvals": [0, 1], "ticktext": ["latent", "literal"], "outlinewidth": 0},
        "hovertemplate": "channel %{text}: %{z}<extra></extra>",
    }
    plot = _plot("Gate per token and channel", "channel, most literal on top" if by_gate else "channel", [heatmap])
    plot["layout"]["xaxis"] |= _ticks(profile.tokens)
    plot["layout"]["yaxis"] |= {"showticklabels": False}
    return plot


def written_gates(profile: WritingProfile) -> Plot:
    """Each written token: the gate as it saw it through its cross-attention, its log-probability, the entropy."""
    logs = [math.log(max(value, 1e-30)) for value in profile.probability]
    rows = {
        "log-prob.": _bar(profile.pieces, logs, GREY, "log-probability %{y:.3f}"),
        "entropy": _bar(profile.pieces, profile.entropy, GREY, "entropy %{y:.3f} nats"),
    }
    if not profile.gates:
        return _stacked("Per written token", rows, profile.pieces)
    seen = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": _places(profile.pieces),
        "y": _round(profile.gates),
        "line": {"color": GREY, "width": 1.5},
        "marker": {"size": 9, "color": _shades(profile.gates)},
        "hovertemplate": "gate %{y:.3f}<extra></extra>",
    }
    plot = _stacked("Per written token: the gate it saw", {"gate": seen} | rows, profile.pieces)
    plot["layout"]["yaxis"] |= {"range": [-0.04, 1.04], "tickvals": [0, 0.5, 1]}
    return plot


def attention_map(profile: WritingProfile, colour: str = BASELINE) -> Plot:
    """Where each written token looked in the source: cross-attention, mean over layers and heads."""
    heatmap = {
        "type": "heatmap",
        "x": _places(profile.pieces),
        "y": _places(profile.source),
        "z": [[round(row[i], 3) for row in profile.attention] for i in range(len(profile.source))],
        "colorscale": [[0.0, "rgba(128,128,128,0.06)"], [0.4, colour + "bf"], [1.0, colour]],
        "zmin": 0,
        "zmax": 1,
        "showscale": False,
        "hovertemplate": "weight %{z}<extra></extra>",
    }
    plot = _plot("Where each written token looked", "", [heatmap])
    plot["layout"]["xaxis"] |= _ticks(profile.pieces)
    plot["layout"]["yaxis"] |= {"autorange": "reversed", **_ticks(profile.source)}
    return plot


def class_bars(probabilities: Mapping[str, Mapping[str, float]], colours: Sequence[str]) -> Plot:
    """Probability of each class, one group of bars a column; {column: {class: probability}}.

    Columns of one colour are told apart by hatching.
    """
    bars = []
    for place, ((column, by_class), colour) in enumerate(zip(probabilities.items(), colours, strict=True)):
        hatch = _HATCHES[colours[:place].count(colour)]
        bars.append(
            {
                "type": "bar",
                "name": column,
                "x": list(by_class),
                "y": _round(by_class.values()),
                "marker": {"color": colour, "pattern": {"shape": hatch}},
                "text": [f"{p:.2f}" for p in by_class.values()],
                "textposition": "outside",
                "cliponaxis": False,
                "hovertemplate": _escaped(column) + ": %{y:.3f}<extra></extra>",
            }
        )
    plot = _plot("Probability of each class", "probability", bars)
    plot["layout"] |= _LEGEND
    plot["layout"]["yaxis"] |= {"range": [0, 1.1], "tickvals": [0, 0.5, 1]}
    return plot


def class_differences(first: Mapping[str, float], second: Mapping[str, float], title: str) -> Plot:
    """Second minus first, for each class."""
    difference = [second[name] - first[name] for name in first]
    colours = [MEMORY if value > 0 else BASELINE for value in difference]
    bars = {"type": "bar", "x": list(first), "y": _round(difference), "marker": {"color": colours}}
    plot = _plot(_escaped(title), "difference of probability", [bars | {"hovertemplate": "%{y:+.3f}<extra></extra>"}])
    reach = max(0.1, *(abs(value) for value in difference)) * 1.15
    plot["layout"]["shapes"] = [_level(0.0)]
    plot["layout"]["yaxis"] |= {"range": [-reach, reach]}
    return plot


def class_curves(biases: Sequence[float], curves: Mapping[str, Sequence[float]], now: float) -> Plot:
    """Each class's probability over the gate bias; the dotted line is where the slider stands."""
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "line": {"dash": _DASHES[place % len(_DASHES)]},
            "x": list(biases),
            "y": _round(values),
            "hovertemplate": _escaped(name) + " %{y:.3f}<extra></extra>",
        }
        for place, (name, values) in enumerate(curves.items())
    ]
    plot = _plot("Each class over the gate bias", "probability", lines)
    here = {"type": "line", "x0": now, "x1": now, "yref": "paper", "y0": 0, "y1": 1, "line": _DOTTED}
    plot["layout"] |= _LEGEND | {"colorway": list(_CLASSES), "shapes": [here]}
    plot["layout"]["xaxis"] |= {"title": {"text": "gate bias δ (logits)", "font": {"size": 12}}}
    plot["layout"]["yaxis"] |= {"range": [0, 1.02], "tickvals": [0, 0.5, 1]}
    return plot


def token_pushes(tokens: Sequence[str], literal: Sequence[float], latent: Sequence[float], answer: str) -> Plot:
    """How much the answer's probability rises when one token alone is forced literal, or latent."""
    both = (("forced literal", literal, LITERAL), ("forced latent", latent, LATENT))
    bars = [{**_bar(tokens, values, colour, name + " %{y:+.4f}"), "name": name} for name, values, colour in both]
    plot = _plot(f"What each token's gate does for “{_escaped(answer)}”", "rise of its probability", bars)
    reach = max(0.02, *(abs(value) for value in (*literal, *latent))) * 1.15
    plot["layout"] |= _LEGEND | {"shapes": [_level(0.0)]}
    plot["layout"]["xaxis"] |= _ticks(tokens)
    plot["layout"]["yaxis"] |= {"range": [-reach, reach]}
    return plot


def confusion_map(counts: Sequence[Sequence[int]], classes: Sequence[str], title: str, colour: str = MEMORY) -> Plot:
    """How many inputs of each right class (downwards) got each answer (across); shaded by their share of the class."""
    names = [_escaped(name) for name in classes]
    heatmap = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": [_round(count / (sum(row) or 1) for count in row) for row in counts],
        "text": [list(row) for row in counts],
        "texttemplate": "%{text}",
        "textfont": {"size": 15},
        "colorscale": [[0.0, PALE], [1.0, colour]],
        "zmin": 0,
        "zmax": 1,
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
        "hovertemplate": "right %{y}, answered %{x}: %{text}, %{z:.0%} of the class<extra></extra>",
    }
    plot = _plot(_escaped(title), "right", [heatmap])
    plot["layout"]["xaxis"] |= {"type": "category", "title": {"text": "answered", "font": {"size": 12}}}
    plot["layout"]["yaxis"] |= {"type": "category", "autorange": "reversed"}
    return plot


_DOTTED = {"dash": "dot", "width": 1, "color": GREY}
_TITLE = {"x": 0, "xanchor": "left", "y": 1, "yanchor": "top", "pad": {"t": 6}, "font": {"size": 14}}
_LEGEND: Plot = {
    "showlegend": True,
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
    "margin": {"l": 48, "r": 12, "t": 72, "b": 26},
}
"""The legend's lines stand between title and plot, also where a narrow screen makes two of one."""


def _plot(title: str, y: str, traces: list[Plot]) -> Plot:
    axis: Plot = {"showgrid": False, "zeroline": False, "automargin": True}
    layout = {
        "title": {"text": title, **_TITLE},
        "margin": {"l": 48, "r": 12, "t": 40, "b": 26},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "uirevision": "keep",
        "xaxis": {**axis},
        "yaxis": {**axis, "title": {"text": y, "font": {"size": 12}}},
    }
    return {"data": traces, "layout": layout}


def _stacked(title: str, rows: Mapping[str, Plot], tokens: Sequence[str]) -> Plot:
    """The first row's trace on top, each further one in a low row below it, all over one axis of tokens."""
    first, *below = rows
    plot = _plot(title, first, list(rows.values()))
    layout, low, gap = plot["layout"], 0.17, 0.06
    top = len(below) * (low + gap)
    layout["yaxis"]["domain"] = [top, 1]
    for place, name in enumerate(below, 2):
        floor = top - (place - 1) * (low + gap)
        further = {"domain": [floor, floor + low], "title": {"text": name, "font": {"size": 10}}, "nticks": 3}
        layout[f"yaxis{place}"] = {"showgrid": False, "zeroline": False, "automargin": True, **further}
        rows[name]["yaxis"] = f"y{place}"
    layout["xaxis"] |= {**_ticks(tokens), "anchor": f"y{len(rows)}" if below else "y"}
    return plot


def _bar(tokens: Sequence[str], values: Iterable[float], colour: str | list[str], hover: str) -> Plot:
    return {
        "type": "bar",
        "x": _places(tokens),
        "y": _round(values),
        "marker": {"color": colour},
        "hovertemplate": hover + "<extra></extra>",
    }


def _level(at: float) -> Plot:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": _DOTTED}


def _places(tokens: Sequence[str]) -> list[int]:
    """Tokens repeat, so they are places on the axis and only labels by text."""
    return list(range(len(tokens)))


def _ticks(tokens: Sequence[str]) -> Plot:
    return {"tickvals": _places(tokens), "ticktext": [_label(token) for token in tokens]}


def _label(token: str) -> str:
    """A token as an axis label: shortened, and with the brackets of its markup made harmless."""
    text = token.strip() or "␣"
    return _escaped(text if len(text) <= 12 else text[:11] + "…")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shades(gates: Sequence[float]) -> list[str]:
    """The colours of `GATE_SCALE` at these gates."""
    return [_mixed(LATENT, PALE, 2 * gate) if gate < 0.5 else _mixed(PALE, LITERAL, 2 * gate - 1) for gate in gates]


def _mixed(first: str, second: str, share: float) -> str:
    parts = zip(bytes.fromhex(first[1:]), bytes.fromhex(second[1:]), strict=True)
    return "rgb(" + ",".join(str(round(a + (b - a) * min(max(share, 0.0), 1.0))) for a, b in parts) + ")"


def _round(values: Iterable[float]) -> list[float]:
    return [round(float(value), 4) for value in values]
