"""Values → plots: one function a plot, each a plain value with names, units and fixed ranges, so that plots compare.

A plot is what plotly.js takes, {"data": traces, "layout": …}, built by hand because it is made anew at every move of a
slider; `figure` makes a plotly figure of it, for notebooks and files (extra `plots`).
Colours carry one meaning everywhere: amber is literal, violet is latent and the memory, teal the baseline.
"""

from hmu.plots.classes import class_bars, class_curves, class_differences, confusion_map
from hmu.plots.parts import BASELINE, GATE_SCALE, GREY, LATENT, LITERAL, MEMORY, PALE, Plot, figure
from hmu.plots.results import differences, recollection, retention, training
from hmu.plots.tokens import attention_map, gate_bars, gate_heatmap, token_pushes, written_gates

__all__ = [
    "BASELINE",
    "GATE_SCALE",
    "GREY",
    "LATENT",
    "LITERAL",
    "MEMORY",
    "PALE",
    "Plot",
    "attention_map",
    "class_bars",
    "class_curves",
    "class_differences",
    "confusion_map",
    "differences",
    "figure",
    "gate_bars",
    "gate_heatmap",
    "recollection",
    "retention",
    "token_pushes",
    "training",
    "written_gates",
]
