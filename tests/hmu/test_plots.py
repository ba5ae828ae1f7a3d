"""Plots as values: what plotly takes, drawn to one scale, with colours that mean the same everywhere."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import plotly.colors
import pytest

from hmu.plots import (
    BASELINE,
    GATE_SCALE,
    MEMORY,
    attention_map,
    class_bars,
    class_curves,
    class_differences,
    figure,
    gate_bars,
    gate_heatmap,
    recollection,
    retention,
    token_pushes,
    training,
    written_gates,
)
from hmu.profile import GateProfile, WritingProfile

MARKUP = "<b>&"
TOKENS = (" dog", MARKUP, " ", " an-unusually-long-token")
GATE = GateProfile(
    tokens=TOKENS,
    mean=(0.0, 0.3, 0.5, 1.0),
    spread=(0.0, 0.1, 0.2, 0.0),
    channels=((0.0, 0.0, 0.0), (0.6, 0.2, 0.1), (0.5, 0.9, 0.1), (1.0, 1.0, 1.0)),
    kl=(0.5, 1.0, 1.5, 2.0),
    sigma=(0.9, 0.8, 0.7, 0.6),
    active=2,
)
WRITING = WritingProfile(
    source=TOKENS,
    pieces=("A", MARKUP, "∎"),
    probability=(0.9, 0.0, 1.0),
    entropy=(0.2, 2.5, 0.0),
    gates=(0.1, 0.55, 1.0),
    attention=((0.25,) * 4, (1.0, 0.0, 0.0, 0.0), (0.0, 0.5, 0.5, 0.0)),
)
UNGATED = WritingProfile(TOKENS, WRITING.pieces, WRITING.probability, WRITING.entropy, None, WRITING.attention)
BARE = GateProfile(TOKENS, GATE.mean, GATE.spread, GATE.channels)
SURE, TORN = {"good": 1.0, "bad": 0.0}, {"good": 0.4, "bad": 0.6}
PLOTS: dict[str, Callable[[], dict[str, Any]]] = {
    "gate_bars": lambda: gate_bars(GATE),
    "gate_bars-of-a-bare-gate": lambda: gate_bars(BARE),
    "gate_heatmap": lambda: gate_heatmap(GATE),
    "gate_heatmap-as-is": lambda: gate_heatmap(GATE, by_gate=False),
    "written_gates": lambda: written_gates(WRITING),
    "written_gates-without": lambda: written_gates(UNGATED),
    "attention_map": lambda: attention_map(WRITING),
    "class_bars": lambda: class_bars({"A": SURE, "B": TORN, "C": TORN, "D": SURE}, [MEMORY] * 4),
    "class_differences": lambda: class_differences(SURE, TORN, MARKUP),
    "class_curves": lambda: class_curves((-8.0, 0.0, 8.0), {"good": (0.1, 0.5, 1), "bad": (0.9, 0.5, 0)}, 0.5),
    "retention": lambda: retention([{"arm": MARKUP, "x": [1, 10, 200], "y": [1.0, 0.5, 0.25]}]),
    "recollection": lambda: recollection([(MARKUP, (1, 10), (1.0, 0.5), MEMORY)], retains=True, now=7),
    "training": lambda: training([{"task": MARKUP, "arm": "hmu", "x": [1, 2], "y": [2.0, 1.0]}], MARKUP),
    "token_pushes": lambda: token_pushes(TOKENS, (0.1, -0.2, 0.0, 0.5), (0.0, 0.0, -0.9, 0.1), MARKUP),
}
STACKED = {"gate_bars": 3, "gate_bars-of-a-bare-gate": 1, "written_gates": 3, "written_gates-without": 2}


@pytest.mark.parametrize("name", PLOTS)
def test_plotly_takes_the_plot_as_it_is(name: str) -> None:
    plot = PLOTS[name]()
    drawn = json.loads(figure(plot).to_json())
    assert [trace["type"] for trace in drawn["data"]] == [trace["type"] for trace in plot["data"]]
    assert json.loads(json.dumps(plot, allow_nan=False)) == plot


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_has_a_title_and_keeps_its_zoom(name: str) -> None:
    layout = PLOTS[name]()["layout"]
    assert layout["title"]["text"]
    assert layout["uirevision"] == "keep"


@pytest.mark.parametrize("name", PLOTS)
def test_no_token_or_title_is_markup(name: str) -> None:
    text = json.dumps(PLOTS[name](), ensure_ascii=False).replace("<extra></extra>", "")
    assert not re.search(r"[<>]", text)
    assert ("&lt;b&gt;&amp;" in text) == (name not in {"class_bars", "class_curves"})


@pytest.mark.parametrize("gate", [0.0, 0.1, 0.25, 0.499, 0.5, 0.501, 0.8, 1.0])
def test_a_shade_is_the_colour_scale_at_its_gate(gate: float) -> None:
    profile = GateProfile(("dog",), (gate,), (0.0,), ((gate,),))
    (ours,) = gate_bars(profile)["data"][0]["marker"]["color"]
    (theirs,) = plotly.colors.sample_colorscale(GATE_SCALE, [gate], colortype="tuple")
    assert re.fullmatch(r"rgb\(\d+,\d+,\d+\)", ours)
    assert [int(part) for part in re.findall(r"\d+", ours)] == pytest.approx([255 * part for part in theirs], abs=1)


def test_bars_markers_and_heatmap_share_one_scale() -> None:
    seen = WritingProfile(TOKENS, ("a", "b", "c", "d"), (1.0,) * 4, (0.0,) * 4, GATE.mean, ((0.25,) * 4,) * 4)
    bars, marks = gate_bars(GATE)["data"][0], written_gates(seen)["data"][0]
    heat = gate_heatmap(GATE)["data"][0]
    assert bars["marker"]["color"] == marks["marker"]["color"]
    assert (heat["colorscale"], heat["zmin"], heat["zmax"]) == (GATE_SCALE, 0, 1)


@pytest.mark.parametrize("name", STACKED)
def test_stacked_rows_share_one_axis_of_tokens_and_do_not_overlap(name: str) -> None:
    plot = PLOTS[name]()
    layout, traces = plot["layout"], plot["data"]
    assert len(traces) == STACKED[name]
    assert [axis for axis in layout if axis.startswith("xaxis")] == ["xaxis"]
    assert {trace.get("xaxis", "x") for trace in traces} == {"x"}
    axes = [trace.get("yaxis", "y") for trace in traces]
    assert axes == ["y", "y2", "y3"][: len(traces)]
    assert layout["xaxis"]["anchor"] == axes[-1]
    spans = [layout[axis.replace("y", "yaxis")]["domain"] for axis in axes]
    assert spans[0][1] == 1
    assert spans[-1][0] == pytest.approx(0)
    assert all(low < high for low, high in spans)
    assert all(below[1] < above[0] for above, below in pairwise(spans))


def test_tokens_are_places_so_that_repeated_ones_stay_apart() -> None:
    twice = GateProfile(("a", "a"), (0.1, 0.9), (0.0, 0.0), ((0.1,), (0.9,)))
    axis = gate_bars(twice)["layout"]["xaxis"]
    assert (axis["tickvals"], axis["ticktext"]) == ([0, 1], ["a", "a"])
    assert gate_bars(twice)["data"][0]["x"] == [0, 1]


def test_a_label_is_short_and_never_empty() -> None:
    assert gate_bars(GATE)["layout"]["xaxis"]["ticktext"] == ["dog", "&lt;b&gt;&amp;", "␣", "an-unusuall…"]


def test_sorted_channels_run_from_latent_to_literal_and_name_themselves() -> None:
    (heat,) = gate_heatmap(GATE)["data"]
    assert [row[0] for row in heat["text"]] == [2, 0, 1]
    assert heat["z"] == [[0.0, 0.1, 0.1, 1.0], [0.0, 0.6, 0.5, 1.0], [0.0, 0.2, 0.9, 1.0]]
    assert gate_heatmap(GATE, by_gate=False)["data"][0]["z"][0] == [0.0, 0.6, 0.5, 1.0]


def test_an_impossible_token_still_has_a_height() -> None:
    (_, logs, entropy) = written_gates(WRITING)["data"]
    assert logs["y"] == pytest.approx([-0.1054, -69.0776, 0.0], abs=1e-3)
    assert entropy["y"] == [0.2, 2.5, 0.0]


def test_attention_has_a_row_for_each_source_token_the_first_on_top() -> None:
    plot = attention_map(WRITING)
    assert plot["data"][0]["z"] == [list(column) for column in zip(*WRITING.attention, strict=True)]
    assert plot["layout"]["yaxis"]["autorange"] == "reversed"


def test_a_long_source_is_named_in_part_and_shown_whole() -> None:
    tokens = tuple(f"t{n}" for n in range(40))
    long = replace(WRITING, source=tokens, attention=tuple((1 / 40,) * 40 for _ in WRITING.pieces))
    for labels, named in ((16, tokens[::3]), (40, tokens)):
        plot = attention_map(long, labels=labels)
        axis = plot["layout"]["yaxis"]
        assert axis["ticktext"] == list(named)
        assert axis["tickvals"] == [plot["data"][0]["y"][tokens.index(name)] for name in named]
        assert len(plot["data"][0]["z"]) == 40


def test_bars_of_one_colour_are_told_apart_by_hatching() -> None:
    columns = dict.fromkeys("ABCD", SURE)
    colours = [BASELINE, MEMORY, MEMORY, BASELINE]
    for given in (colours, [MEMORY] * 4):
        marks = [trace["marker"] for trace in class_bars(columns, given)["data"]]
        looks = [(mark["color"], mark["pattern"]["shape"]) for mark in marks]
        assert len(set(looks)) == 4
        assert [colour for colour, _ in looks] == given
    plain = class_bars(columns, colours)["data"][:2]
    assert [trace["marker"]["pattern"]["shape"] for trace in plain] == ["", ""]


def test_differences_are_second_minus_first_on_an_even_scale() -> None:
    plot = class_differences(SURE, TORN, "B minus A")
    assert plot["data"][0]["y"] == [-0.6, 0.6]
    assert plot["data"][0]["marker"]["color"] == [BASELINE, MEMORY]
    assert plot["layout"]["yaxis"]["range"] == pytest.approx([-0.69, 0.69])


def test_a_difference_of_nothing_is_not_blown_up() -> None:
    low, high = class_differences(SURE, SURE, "B minus A")["layout"]["yaxis"]["range"]
    assert (low, high) == pytest.approx((-0.115, 0.115))


@pytest.mark.parametrize("name", ["gate_bars", "written_gates", "class_bars", "class_curves"])
def test_gates_and_probabilities_are_drawn_from_nought_to_one(name: str) -> None:
    low, high = PLOTS[name]()["layout"]["yaxis"]["range"]
    assert -0.05 < low <= 0
    assert 1 < high <= 1.1


def test_amounts_are_ticks_of_a_logarithmic_axis_and_what_is_looked_at_is_marked() -> None:
    lines = [("a", (1, 10), (1.0, 0.5), BASELINE), ("b", (10, 200), (0.5, 0.25), MEMORY)]
    layout = recollection(lines, retains=False, now=7)["layout"]
    assert (layout["xaxis"]["type"], layout["xaxis"]["tickvals"]) == ("log", [1, 10, 200])
    assert layout["xaxis"]["title"]["text"] == "pairs"
    assert (layout["shapes"][0]["x0"], layout["shapes"][0]["x1"]) == (7, 7)
