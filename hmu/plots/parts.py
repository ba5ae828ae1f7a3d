"""What every plot is made of: colours, frame, rows of bars, axes of tokens. Knows nothing of what is drawn."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Plot = dict[str, Any]
LITERAL, LATENT, BASELINE, MEMORY, GREY = "#d97706", "#7c3aed", "#0f766e", "#7c3aed", "#9ca3af"
PALE = "#e7e5f0"
GATE_SCALE = [[0.0, LATENT], [0.5, PALE], [1.0, LITERAL]]
"""Diverging: violet (0, latent) over pale (½) to amber (1, literal)."""
CLASSES = ("#2563eb", "#db2777", "#65a30d", "#64748b", "#0284c7", "#dc2626")
"""None of the colours that mean a memory or a path."""
DASHES = ("solid", "dash", "dashdot", "dot")
HATCHES = ("", "/", "x", ".")
DOTTED = {"dash": "dot", "width": 1, "color": GREY}
_AXIS: Plot = {"showgrid": False, "zeroline": False, "automargin": True, "ticklabeloverflow": "allow"}
"""Looking for labels that leave the figure takes plotly half of the time of a drawing; margins make room for ours."""
_TITLE = {"x": 0, "xanchor": "left", "y": 1, "yanchor": "top", "pad": {"t": 6}, "font": {"size": 14}}
LEGEND: Plot = {
    "showlegend": True,
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left"},
    "margin": {"l": 48, "r": 12, "t": 72, "b": 26},
}
"""The legend's lines stand between title and plot, also where a narrow screen makes two of one."""


def figure(plot: Plot) -> Any:
    """A plot as a plotly figure, to show, restyle or write to a file."""
    import plotly.graph_objects as go  # noqa: PLC0415 - the page and the command line do without

    return go.Figure(plot)


def frame(title: str, y: str, traces: list[Plot]) -> Plot:
    """A plot of these traces with a title and the name of its upright axis; it keeps a visitor's zoom."""
    layout = {
        "title": {"text": title, **_TITLE},
        "margin": {"l": 48, "r": 12, "t": 40, "b": 26},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "uirevision": "keep",
        "xaxis": {**_AXIS},
        "yaxis": {**_AXIS, "title": {"text": y, "font": {"size": 12}}},
    }
    return {"data": traces, "layout": layout}


def stacked(title: str, rows: Mapping[str, Plot], tokens: Sequence[str]) -> Plot:
    """The first row's trace on top, each further one in a low row below it, all over one axis of tokens."""
    first, *below = rows
    plot = frame(title, first, list(rows.values()))
    layout, low, gap = plot["layout"], 0.17, 0.06
    top = len(below) * (low + gap)
    layout["yaxis"]["domain"] = [top, 1]
    for place, name in enumerate(below, 2):
        floor = top - (place - 1) * (low + gap)
        further = {"domain": [floor, floor + low], "title": {"text": name, "font": {"size": 10}}, "nticks": 3}
        layout[f"yaxis{place}"] = _AXIS | further
        rows[name]["yaxis"] = f"y{place}"
    layout["xaxis"] |= {**ticks(tokens), "anchor": f"y{len(rows)}" if below else "y"}
    return plot


def bar(tokens: Sequence[str], values: Iterable[float], colour: str | list[str], hover: str) -> Plot:
    """A bar for each token."""
    return {
        "type": "bar",
        "x": places(tokens),
        "y": rounded(values),
        "marker": {"color": colour},
        "hovertemplate": hover + "<extra></extra>",
    }


def level(at: float) -> Plot:
    """A dotted line across the plot at this height."""
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": DOTTED}


def places(tokens: Sequence[str]) -> list[int]:
    """Tokens repeat, so they are places on the axis and only labels by text."""
    return list(range(len(tokens)))


def ticks(tokens: Sequence[str], labels: int = 32) -> Plot:
    """The labels of an axis of tokens: at most so many; of more tokens every second, third, … one is named."""
    every = -(-len(tokens) // labels) or 1
    return {"tickvals": places(tokens)[::every], "ticktext": [_label(token) for token in tokens[::every]]}


def escaped(text: str) -> str:
    """Text that plotly shows as it is, not as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shades(gates: Sequence[float]) -> list[str]:
    """The colours of `GATE_SCALE` at these gates."""
    return [_mixed(LATENT, PALE, 2 * gate) if gate < 0.5 else _mixed(PALE, LITERAL, 2 * gate - 1) for gate in gates]


def rounded(values: Iterable[float]) -> list[float]:
    """Four digits, which is more than a plot shows."""
    return [round(float(value), 4) for value in values]


def _label(token: str) -> str:
    """A token as an axis label: shortened, and with the brackets of its markup made harmless."""
    text = token.strip() or "␣"
    return escaped(text if len(text) <= 12 else text[:11] + "…")


def _mixed(first: str, second: str, share: float) -> str:
    parts = zip(bytes.fromhex(first[1:]), bytes.fromhex(second[1:]), strict=True)
    return "rgb(" + ",".join(str(round(a + (b - a) * min(max(share, 0.0), 1.0))) for a, b in parts) + ")"
