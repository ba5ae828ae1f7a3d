"""Probabilities and counts of classes → plots."""

from collections.abc import Mapping, Sequence

from hmu.plots.parts import (
    BASELINE,
    CLASSES,
    DASHES,
    DOTTED,
    HATCHES,
    LEGEND,
    MEMORY,
    PALE,
    Plot,
    escaped,
    frame,
    level,
    rounded,
)


def class_bars(probabilities: Mapping[str, Mapping[str, float]], colours: Sequence[str]) -> Plot:
    """Probability of each class, one group of bars a column; {column: {class: probability}}.

    Columns of one colour are told apart by hatching.
    """
    bars = []
    for place, ((column, by_class), colour) in enumerate(zip(probabilities.items(), colours, strict=True)):
        hatch = HATCHES[colours[:place].count(colour)]
        bars.append(
            {
                "type": "bar",
                "name": column,
                "x": list(by_class),
                "y": rounded(by_class.values()),
                "marker": {"color": colour, "pattern": {"shape": hatch}},
                "text": [f"{p:.2f}" for p in by_class.values()],
                "textposition": "outside",
                "cliponaxis": False,
                "hovertemplate": escaped(column) + ": %{y:.3f}<extra></extra>",
            }
        )
    plot = frame("Probability of each class", "probability", bars)
    plot["layout"] |= LEGEND
    plot["layout"]["yaxis"] |= {"range": [0, 1.1], "tickvals": [0, 0.5, 1]}
    return plot


def class_differences(first: Mapping[str, float], second: Mapping[str, float], title: str) -> Plot:
    """Second minus first, for each class."""
    difference = [second[name] - first[name] for name in first]
    colours = [MEMORY if value > 0 else BASELINE for value in difference]
    bars = {"type": "bar", "x": list(first), "y": rounded(difference), "marker": {"color": colours}}
    plot = frame(escaped(title), "difference of probability", [bars | {"hovertemplate": "%{y:+.3f}<extra></extra>"}])
    reach = max(0.1, *(abs(value) for value in difference)) * 1.15
    plot["layout"]["shapes"] = [level(0.0)]
    plot["layout"]["yaxis"] |= {"range": [-reach, reach]}
    return plot


def class_curves(biases: Sequence[float], curves: Mapping[str, Sequence[float]], now: float) -> Plot:
    """Each class's probability over the gate bias; the dotted line is where the slider stands."""
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "line": {"dash": DASHES[place % len(DASHES)]},
            "x": list(biases),
            "y": rounded(values),
            "hovertemplate": escaped(name) + " %{y:.3f}<extra></extra>",
        }
        for place, (name, values) in enumerate(curves.items())
    ]
    plot = frame("Each class over the gate bias", "probability", lines)
    here = {"type": "line", "x0": now, "x1": now, "yref": "paper", "y0": 0, "y1": 1, "line": DOTTED}
    plot["layout"] |= LEGEND | {"colorway": list(CLASSES), "shapes": [here]}
    plot["layout"]["xaxis"] |= {"title": {"text": "gate bias δ (logits)", "font": {"size": 12}}}
    plot["layout"]["yaxis"] |= {"range": [0, 1.02], "tickvals": [0, 0.5, 1]}
    return plot


def confusion_map(counts: Sequence[Sequence[int]], classes: Sequence[str], title: str, colour: str = MEMORY) -> Plot:
    """How many inputs of each right class (downwards) got each answer (across); shaded by their share of the class."""
    names = [escaped(name) for name in classes]
    heatmap = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": [rounded(count / (sum(row) or 1) for count in row) for row in counts],
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
    plot = frame(escaped(title), "right", [heatmap])
    plot["layout"]["xaxis"] |= {"type": "category", "title": {"text": "answered", "font": {"size": 12}}}
    plot["layout"]["yaxis"] |= {"type": "category", "autorange": "reversed"}
    return plot
