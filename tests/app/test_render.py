"""Values → what the components are given: plain JSON, nothing measured anew, nothing that could run."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import words
from app.components.live import live_plot, source_strip, token_strip
from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.classify import CURVE_POINTS, classify
from app.handlers.looking import Look, look
from app.handlers.writing import Written, write
from app.render import (
    NO_GATE,
    column,
    empty_column,
    gate_plots,
    look_plots,
    notes,
    source,
    verdict_plots,
    writing_plots,
)
from hmu import Controls, Decoding

SCRIPTS = sorted((Path(__file__).parents[2] / "app" / "components").glob("*.js"))
HOSTILE = '<img src=x onerror="alert(1)"> ${alert(1)} {{constructor}} <b>&amp;'
BASELINE, MEMORY = "answers-baseline", "answers-hmu"
FORCED = Controls(gate_bias=1.0, forced=(None, 1.0, 0.0))


def looked(desk: Desk, name: str = MEMORY, text: str = "dog, ball", controls: Controls = FORCED) -> Look:
    return look(desk, Ask(name, "common_gen", text, controls))


def ended(desk: Desk, name: str, text: str = "field, look, stand") -> Written:
    *_, last = write(desk, Ask(name, "common_gen", text), Decoding())
    return last


def strings(plot: Any) -> Iterator[str]:
    """Every text in a plot, wherever it is."""
    if isinstance(plot, str):
        yield plot
    elif isinstance(plot, dict | list):
        for part in plot.values() if isinstance(plot, dict) else plot:
            yield from strings(part)


def test_a_source_strip_shows_the_mean_gates_and_what_is_forced(desk: Desk) -> None:
    what = looked(desk)
    assert what.gate is not None
    shown = source(what, FORCED)
    assert shown["tokens"] == list(what.tokens)
    assert shown["gates"] == pytest.approx(what.gate.mean, abs=5.1e-5)
    assert shown["gates"][1:3] == [1.0, 0.0]
    assert shown["forced"] == [None, 1.0, 0.0]
    assert f"{what.gate.active} active units" in shown["label"]


def test_a_source_strip_without_a_gate_offers_nothing_to_force(desk: Desk) -> None:
    shown = source(looked(desk, BASELINE), FORCED)
    assert shown["gates"] is None
    assert shown["label"] == words.SOURCE_PLAIN


def test_the_bars_are_the_gates_kl_and_sigma_of_the_tokens(desk: Desk) -> None:
    what = looked(desk)
    assert what.gate is not None
    bars, heatmap = look_plots(what, by_gate=True)
    rows = [what.gate.mean, what.gate.kl, what.gate.sigma]
    assert [trace["y"] for trace in bars["data"]] == [[round(value, 4) for value in row or ()] for row in rows]
    assert len(heatmap["data"][0]["z"]) == len(what.gate.channels[0])


def test_channels_are_sorted_by_their_gate_or_left_as_they_are(desk: Desk) -> None:
    orders = [look_plots(looked(desk), by_gate)[1]["data"][0] for by_gate in (True, False)]
    sums, places = [sum(row) for row in orders[0]["z"]], [row[0] for row in orders[1]["text"]]
    assert sums == pytest.approx(sorted(sums), abs=0.1)
    assert places == list(range(len(places)))
    assert {row[0]: z for row, z in zip(orders[0]["text"], orders[0]["z"], strict=True)} == dict(
        enumerate(orders[1]["z"])
    )


@pytest.mark.parametrize("name", [BASELINE, MEMORY])
def test_a_strip_shows_the_text_that_was_written(desk: Desk, name: str) -> None:
    written = ended(desk, name)
    shown = column("A · title", written)
    assert "".join(token["piece"] for token in shown["tokens"]).strip() == written.text
    assert written.text == "A group of people standing in a field."
    assert shown["title"] == "A · title"


@pytest.mark.parametrize("name", [BASELINE, MEMORY])
def test_every_token_tells_what_its_step_measured(desk: Desk, name: str) -> None:
    written = ended(desk, name)
    shown = column("A", written)
    assert shown["ids"] == [step.token for step in written.steps]
    for token in shown["tokens"]:
        step = written.steps[token["place"]]
        alternatives = [[other.piece, other.probability, other.token] for other in step.alternatives]
        assert (token["token"], token["piece"], token["gate"]) == (step.token, step.piece, step.gate)
        assert token["alternatives"] == alternatives
        assert len(alternatives) == 5
        assert token["attention"] == pytest.approx(step.attention, abs=5.1e-4)
        assert 0 <= token["probability"] <= 1


def test_only_a_memory_colours_by_gate(desk: Desk) -> None:
    baseline, memory = (column("A", ended(desk, name)) for name in (BASELINE, MEMORY))
    assert {token["gate"] for token in baseline["tokens"]} == {None}
    assert all(0 <= token["gate"] <= 1 for token in memory["tokens"])
    assert (baseline["note"], memory["note"]) == (words.NO_GATE_LABEL, words.GATE_LABEL)


def test_the_facts_are_the_columns_own_measures(desk: Desk) -> None:
    written = ended(desk, MEMORY)
    facts = column("A", written)["facts"]
    assert f"{len(written.steps)} tokens" in facts
    assert f"{written.mean_logprob:.2f}" in facts
    assert f"{written.perplexity:.2f}" in facts
    assert column("A", Written(written.look))["facts"] == "…"


def test_a_strip_is_busy_until_its_column_is_done(desk: Desk) -> None:
    frames = write(desk, Ask("endless-hmu", "common_gen", "dog"), Decoding(max_new_tokens=2))
    assert [column("A", frame)["busy"] for frame in frames] == [True, True, False]
    assert not empty_column("A")["busy"]
    assert empty_column("A").keys() <= column("A", Written(looked(desk))).keys()


def test_written_tokens_show_their_gate_or_where_they_looked(desk: Desk) -> None:
    baseline, memory = (ended(desk, name) for name in (BASELINE, MEMORY))
    seen, nowhere = writing_plots(memory)
    assert seen is not None
    assert nowhere is None
    assert seen["data"][0]["y"] == [round(step.gate or 0.0, 4) for step in memory.steps]
    seen, attention = writing_plots(baseline)
    assert seen is not None
    assert attention is not None
    assert len(seen["data"]) == 2
    assert len(attention["data"][0]["z"]) == len(baseline.look.tokens)
    assert writing_plots(Written(memory.look)) == (None, None)


def test_the_difference_is_the_second_column_minus_the_first(desk: Desk) -> None:
    verdicts = [classify(desk, Ask(name, "sst2", "a gripping film")) for name in (BASELINE, MEMORY, MEMORY)]
    bars, difference = verdict_plots(["A", "B", "C"], verdicts)
    assert [trace["name"] for trace in bars["data"]] == ["A", "B", "C"]
    first, second, _ = (list(verdict.probabilities.values()) for verdict in verdicts)
    assert bars["data"][0]["y"] == pytest.approx(first, abs=5.1e-5)
    expected = [b - a for a, b in zip(first, second, strict=True)]
    assert difference["data"][0]["y"] == pytest.approx(expected, abs=5.1e-5)
    assert difference["layout"]["title"]["text"] == "B minus A"


def test_one_column_alone_has_no_difference(desk: Desk) -> None:
    bars, difference = verdict_plots(["A"], [classify(desk, Ask(MEMORY, "sst2", "a gripping film"))])
    assert len(bars["data"]) == 1
    assert difference == {"empty": words.ONE_COLUMN}


def test_the_curves_are_marked_where_the_slider_stands_and_the_pushes_named(desk: Desk) -> None:
    verdict = classify(desk, Ask(MEMORY, "sst2", "a gripping film", Controls(gate_bias=-3.0)))
    curves, pushes = gate_plots(verdict, now=-3.0)
    assert [trace["name"] for trace in curves["data"]] == ["negative", "positive"]
    assert [trace["x"] for trace in curves["data"]] == [list(CURVE_POINTS)] * 2
    assert curves["layout"]["shapes"][0]["x0"] == -3.0
    assert [trace["y"] for trace in pushes["data"]] == [
        [round(rise, 4) for rise in rises] for rises in (verdict.literal, verdict.latent)
    ]
    assert verdict.answer in pushes["layout"]["title"]["text"]


def test_without_a_gate_the_plots_of_it_say_so(desk: Desk) -> None:
    assert look_plots(looked(desk, BASELINE), by_gate=True) == (NO_GATE, NO_GATE)
    assert gate_plots(classify(desk, Ask(BASELINE, "sst2", "dull")), now=0.0) == (NO_GATE, NO_GATE)


def test_a_note_is_said_once_where_all_columns_say_it_and_by_letter_where_not() -> None:
    cut, plain = Look(("dog",), None, ("Cut.", "Read.")), Look(("dog",), None, ())
    assert notes({"A": plain, "B": plain}) == ""
    assert notes({"A": cut, "B": cut}) == "Cut.\nRead."
    assert notes({"A": plain, "B": cut}) == "B:\nCut.\nRead."
    assert notes({"A": cut, "B": Look(("dog",), None, ("Left out.",))}) == "A:\nCut.\nRead.\nB:\nLeft out."


def everything_sent(desk: Desk, text: str) -> list[Any]:
    """What every component is given for a text, by both arms."""
    sent: list[Any] = []
    for name in (BASELINE, MEMORY):
        written = ended(desk, name, text)
        verdict = classify(desk, Ask(name, "ag_news", text, FORCED))
        sent += [source(written.look, FORCED), column("A", written), notes({"A": written.look})]
        sent += [*look_plots(written.look, by_gate=True), *writing_plots(written), *gate_plots(verdict, now=0.0)]
        sent += [*verdict_plots(["A", "B"], [verdict, verdict]), empty_column("A")]
    return sent


def test_everything_sent_is_strict_json(desk: Desk) -> None:
    sent = everything_sent(desk, HOSTILE)
    assert json.loads(json.dumps(sent, allow_nan=False)) == sent


def test_no_text_of_a_plot_holds_what_was_typed_or_written_as_markup(desk: Desk) -> None:
    assert "<" in "".join(looked(desk, text=HOSTILE).tokens)
    assert "<" in ended(desk, "markup-hmu", "dog, ball, throw").text
    seen, _ = writing_plots(ended(desk, "markup-hmu", "dog, ball, throw"))
    plots = [seen, *(sent for sent in everything_sent(desk, HOSTILE) if sent and "data" in sent)]
    said = [text.removesuffix("<extra></extra>") for plot in plots for text in strings(plot)]
    assert len(plots) > 10
    assert [text for text in said if re.search(r"[<>]", text)] == []


PARTS = (live_plot("name", "label"), source_strip("name", "A", "label"), token_strip("name", "A", "label"))


@pytest.mark.parametrize("part", PARTS, ids=["live_plot", "source_strip", "token_strip"])
def test_templates_hold_no_expression(part: Any) -> None:
    assert not re.search(r"\$\{|\{\{", part.html_template)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.name))
def test_scripts_set_text_and_never_markup(script: Path) -> None:
    written = script.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", written)
