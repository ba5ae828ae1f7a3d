"""What a study found (`docs/reproduction.json`) → plots: differences with their intervals, and curves."""

from collections.abc import Mapping, Sequence
from typing import Any

from hmu.plots.parts import BASELINE, CLASSES, DASHES, DOTTED, GREY, LEGEND, MEMORY, Plot, escaped, frame, rounded
from hmu.tasks import task_title
from hmu.tasks.synthetic import SYNTHETIC

Told = Mapping[str, Any]
_OWN = {"baseline": BASELINE, "hmu": MEMORY}
"""The pair that the page is about: the colours that mean them, and lines of full width."""


def differences(rows: Sequence[Told], arm: str = "hmu") -> Plot:
    """HMU minus baseline on every task, in the task's own metric, with its paired 95 % interval.

    Args:
        rows: the report's `arms`; tasks without a pair of runs are left out, metrics that are no share, and the
            synthetic tasks, which have curves of their own (`retention`).
        arm: which of them is compared with the baseline.
    """
    left_out = ("perplexity", SYNTHETIC)
    shown = [
        row
        for row in rows
        if row["arm"] == arm and row["difference"] and row["metric"] not in left_out and row["task"] not in left_out
    ][::-1]
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
    """Mean training loss of every arm over the steps, an arm's KL with it where it has one.

    Args:
        curves: the report's `training`.
        task: whose.
    """
    lines = _lines([curve for curve in curves if curve["task"] == task], "%{y:.3f}")
    plot = frame(f"Training loss: {escaped(task_title(task))}", "loss, KL included", lines)
    plot["layout"] |= LEGEND
    plot["layout"]["xaxis"] |= {"title": {"text": "step", "font": {"size": 12}}}
    return plot


def retention(curves: Sequence[Told]) -> Plot:
    """P(the right token) of every arm, over the tokens read since.

    Args:
        curves: the report's `retention`, or of the same form.
    """
    lines = _lines(curves, "t = %{x}: %{y:.3f}")
    return _kept("What is kept of one token", "tokens read since", lines)


def recollection(lines: Sequence[tuple[str, Sequence[int], Sequence[float], str]], retains: bool, now: int) -> Plot:
    """P(the right token) of some checkpoints, over the tokens read since or the pairs to be kept.

    Args:
        lines: name, amounts, probabilities and colour of each.
        retains: whether amounts are tokens.
        now: the amount that is looked at, marked by a dotted line.
    """
    drawn = [
        _line(name, amounts, values, colour, place, "%{x}: %{y:.3f}")
        for place, (name, amounts, values, colour) in enumerate(lines)
    ]
    told = ("What is kept of one token", "tokens read since") if retains else ("What is kept of pairs", "pairs")
    plot = _kept(*told, drawn)
    here = {"type": "line", "x0": now, "x1": now, "yref": "paper", "y0": 0, "y1": 1, "line": DOTTED}
    plot["layout"] |= {"shapes": [here]}
    return plot


def _kept(title: str, over: str, lines: list[Plot]) -> Plot:
    """Lines of P(the right token) over amounts, on a logarithmic scale."""
    plot = frame(title, "P(right token)", lines)
    plot["layout"] |= LEGEND
    plot["layout"]["xaxis"] |= {"type": "log", "title": {"text": over, "font": {"size": 12}}}
    amounts = sorted({amount for line in lines for amount in line["x"]})
    plot["layout"]["xaxis"] |= {"tickvals": amounts, "ticktext": [str(amount) for amount in amounts]}
    plot["layout"]["yaxis"] |= {"range": [-0.02, 1.04], "tickvals": [0, 0.5, 1]}
    return plot


def _lines(curves: Sequence[Told], hover: str) -> list[Plot]:
    """A line per arm; thin ones beside the pair's."""
    lines = [
        _line(curve["arm"], curve["x"], curve["y"], colour, place, hover)
        for place, (curve, colour) in enumerate(zip(curves, _colours(curves), strict=True))
    ]
    for curve, line in zip(curves, lines, strict=True):
        line["line"] |= {} if curve["arm"] in _OWN else {"width": 1.2}
    return lines


def _line(name: str, x: Sequence[float], y: Sequence[float], colour: str, place: int, hover: str) -> Plot:
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(x) < 10 else "lines",
        "name": escaped(name),
        "x": list(x),
        "y": rounded(y),
        "line": {"color": colour, "dash": DASHES[place % len(DASHES)]},
        "hovertemplate": f"{escaped(name)} {hover}<extra></extra>",
    }


def _colours(curves: Sequence[Told]) -> list[str]:
    """The baseline's and the unit's own; the others have none that means either."""
    others = iter(CLASSES * len(curves))
    return [_OWN.get(curve["arm"]) or next(others) for curve in curves]
