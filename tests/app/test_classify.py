"""One column's classes, and what the gate has to do with them, against the library's own calls."""

from typing import Any

import pytest

from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.classify import CURVE_POINTS, Verdict, classify
from app.handlers.looking import look
from hmu import Controls, class_probabilities, read, remember

BOTH = ("answers-baseline", "answers-hmu")
TURNED = Controls(gate_bias=-2.0, temperature=1.0, seed=5, forced=(None, 1.0))


def ask(text: str = "a gripping film", task: str = "sst2", checkpoint: str = "answers-hmu", **controls: Any) -> Ask:
    return Ask(checkpoint, task, text, Controls(**controls))


def alone(desk: Desk, asked: Ask, controls: Controls) -> dict[str, float]:
    checkpoint = desk.shelf.get(asked.checkpoint)
    source = read(checkpoint, asked.task, asked.text)
    return class_probabilities(checkpoint, remember(checkpoint, source, controls), asked.task)


@pytest.mark.parametrize("task", ["ag_news", "sst2"])
@pytest.mark.parametrize("name", BOTH)
def test_the_bars_are_the_probabilities_of_the_checkpoint(desk: Desk, name: str, task: str) -> None:
    asked = Ask(name, task, "a gripping film", TURNED)
    verdict = classify(desk, asked)
    assert verdict.probabilities == alone(desk, asked, TURNED)
    assert verdict.look == look(desk, asked)
    assert verdict.probabilities[verdict.answer] == max(verdict.probabilities.values())


@pytest.mark.parametrize("bias", [-8.0, 0.0, 2.5, 8.0])
def test_the_curve_where_the_slider_stands_equals_the_bar(desk: Desk, bias: float) -> None:
    verdict = classify(desk, ask(gate_bias=bias, temperature=1.0, seed=2))
    at = CURVE_POINTS.index(bias)
    here = {name: curve[at] for name, curve in verdict.curves.items()}
    assert here == pytest.approx(verdict.probabilities, abs=1e-5)


def test_the_curve_is_the_bar_of_every_slider_position(desk: Desk) -> None:
    verdict = classify(desk, ask(task="ag_news", forced=(0.0,)))
    assert {len(curve) for curve in verdict.curves.values()} == {len(CURVE_POINTS)}
    for at in (0, 11, 32):
        bars = classify(desk, ask(task="ag_news", forced=(0.0,), gate_bias=CURVE_POINTS[at])).probabilities
        assert {name: curve[at] for name, curve in verdict.curves.items()} == pytest.approx(bars, abs=1e-5)


@pytest.mark.parametrize("already", [(), (1.0, None, 0.0)], ids=["none-forced", "two-forced"])
def test_each_push_equals_that_one_token_forced_by_hand(desk: Desk, already: tuple[float | None, ...]) -> None:
    asked = ask(gate_bias=-1.0, temperature=0.5, seed=3, forced=already)
    verdict = classify(desk, asked)
    length = len(verdict.look.tokens)
    standing = [*already, *[None] * (length - len(already))]
    for gate, pushes in ((1.0, verdict.literal), (0.0, verdict.latent)):
        by_hand = []
        for place in range(length):
            forced = (*standing[:place], gate, *standing[place + 1 :])
            rise = alone(desk, asked, Controls(-1.0, 0.5, 3, forced))[verdict.answer]
            by_hand.append(rise - verdict.probabilities[verdict.answer])
        assert pushes == pytest.approx(by_hand, abs=1e-5)


def test_forcing_a_token_to_what_it_is_forced_to_pushes_nothing(desk: Desk) -> None:
    verdict = classify(desk, ask(forced=(1.0, 0.0)))
    assert (verdict.literal[0], verdict.latent[1]) == pytest.approx((0.0, 0.0), abs=1e-5)
    assert verdict.latent[0] != pytest.approx(0.0, abs=1e-4)


def test_a_baseline_answers_with_bars_alone_whatever_is_turned(desk: Desk) -> None:
    plain, turned = (
        classify(desk, Ask(BOTH[0], "sst2", "a gripping film", controls)) for controls in (Controls(), TURNED)
    )
    assert plain == turned == Verdict(plain.probabilities, plain.look, {}, (), ())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (ask(checkpoint="nobody"), 'checkpoint "nobody" is unknown; .*answers-baseline, answers-hmu'),
        (ask(task="chess"), 'task "chess" is unknown; choose one of common_gen'),
        (ask(task="common_gen"), 'task "common_gen" writes; pick it on the Generate tab'),
        (ask("\u200b\u00a0"), "text: empty"),
        (ask(checkpoint="spoiled-hmu"), "damaged or changed"),
        (ask("film", forced=(1.0,) * 25), "forced gates: 25 for .* source tokens; give at most one for each"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(desk: Desk, asked: Ask, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refusal:
        classify(desk, asked)
    assert "\n" not in str(refusal.value)
