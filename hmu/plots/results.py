"""What a study found (`docs/reproduction.json`) → plots: differences with their intervals, and curves."""

from collections.abc import Mapping, Sequence
from typing import Any

from hmu.plots.parts import BASELINE, CLASSES, DASHES, DOTTED, GREY, LEGEND, MEMORY, Plot, escaped, frame, rounded

Told = Mapping[str, Any]


def differences(rows: Sequence[Told], arm: str = "hmu") -> Plot:
    """HMU minus baseline on every task, in the task's own metric, with its paired 95 % interval.

    Args:
        rows: the report's `arms`; tasks without a pair of runs are left out, and so are metrics that are no share.
        arm: which of them is compared with the baseline.
    """
    shown = [row for row in rows if row["arm"] == arm and row["difference"] and row["metric"] != "perplexity"][::-1]
    found = [row["difference"] for row in shown]
    ends = [
        (one["mean"] if one["low"] is None else one["low"], one["mean"] if one["high"] is None else one["high"])
        for one in found
    ]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": rounded(one["mean"] for one in found),
        "y": [
            f"{row['task']} · {row['metric'].replace('_', ' ')} ({one['seeds']})"
            for row, one in zip(shown, found, strict=True)
        ],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": rounded(high - one["mean"] for one, (_, high) in zip(found, ends, strict=True)),
            "arrayminus": rounded(one["mean"] - low for one, (low, _) in zip(found, ends, strict=True)),
            "color": GREY,
            "thickness": 1.5,
        },
        "marker": {"size": 10, "color": MEMORY},
        "hovertemplate": "%{y}: %{x:+.4f}<extra></extra>",
    }
    plot = frame("HMU minus baseline, paired, 95 %", "", [dots])
    reach = max([0.02, *(abs(end) for pair in ends for end in pair)]) * 1.1
    zero = {"type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1, "line": DOTTED}
    plot["layout"] |= {"shapes": [zero]}
    plot["layout"]["xaxis"] |= {"range": [-reach, reach], "nticks": 5}
    return plot


def training(curves: Sequence[Told], task: str) -> Plot:
    """Mean training loss of every arm over the steps.

    Args:
        curves: the report's `training`.
        task: whose.
    """
    plot = frame(
        f"Training loss: {escaped(task)}", "loss", _lines([c for c in curves if c["task"] == task], "%{y:.3f}")
    )
    plot["layout"] |= LEGEND
    plot["layout"]["xaxis"] |= {"title": {"text": "step", "font": {"size": 12}}}
    return plot


def retention(curves: Sequence[Told]) -> Plot:
    """P(the right token) of every arm, over the tokens read since.

    Args:
        curves: the report's `retention`, or of the same form.
    """
    plot = frame("What is kept of one token", "P(right token)", _lines(curves, "t = %{x}: %{y:.3f}"))
    plot["layout"] |= LEGEND
    plot["layout"]["xaxis"] |= {"type": "log", "title": {"text": "tokens read since", "font": {"size": 12}}}
    steps = sorted({step for curve in curves for step in curve["x"]})
    plot["layout"]["xaxis"] |= {"tickvals": steps, "ticktext": [str(step) for step in steps]}
    plot["layout"]["yaxis"] |= {"range": [0, 1.04], "tickvals": [0, 0.5, 1]}
    return plot


def _lines(curves: Sequence[Told], hover: str) -> list[Plot]:
    return [
        {
            "type": "scatter",
            "mode": "lines+markers" if len(curve["x"]) < 10 else "lines",
            "name": escaped(curve["arm"]),
            "x": list(curve["x"]),
            "y": rounded(curve["y"]),
            "line": {"color": colour, "dash": DASHES[place % len(DASHES)]},
            "hovertemplate": f"{escaped(curve['arm'])} {hover}<extra></extra>",
        }
        for place, (curve, colour) in enumerate(zip(curves, _colours(curves), strict=True))
    ]


def _colours(curves: Sequence[Told]) -> list[str]:
    """The baseline's and the unit's own; the others have none that means either."""
    own, others = {"baseline": BASELINE, "hmu": MEMORY}, iter(CLASSES * len(curves))
    return [own.get(curve["arm"]) or next(others) for curve in curves]
