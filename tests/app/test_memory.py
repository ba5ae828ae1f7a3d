"""The memory tasks as the page asks them: the rows and figures of the bench, for any two settings."""

from typing import Any

import pytest

from app import recalled
from app.api.looking import recall
from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.memory import RECALL, RETENTION, TEXTS, Question, recollect
from hmu import Controls
from hmu.evaluation.retention import Bench
from hmu.tasks.synthetic import SYNTHETIC

NAMES = ("recall-baseline", "recall-hmu")
LATENT = Controls(gate_bias=-8.0)
TITLES = ("Baseline · recall", "HMU · recall")


def ask(name: str, controls: Controls = Controls()) -> Ask:  # noqa: B008 - a frozen value
    return Ask(name, SYNTHETIC, "", controls)


@pytest.mark.parametrize("name", NAMES)
def test_retention_is_that_of_the_bench(desk: Desk, name: str) -> None:
    found = recollect(desk, [ask(name, LATENT)], Question(RETENTION, 50))
    bench = Bench(desk.touch.get(name), LATENT, rows=TEXTS).retention(50)
    (curve,) = found.curves
    assert curve.values[curve.amounts.index(50)] == pytest.approx(bench.probability.mean, abs=1e-5)
    assert sum(one.answers[0].right for one in found.asked) / TEXTS == pytest.approx(bench.probability.mean, abs=1e-5)
    assert sum(one.answers[0].is_right for one in found.asked) / TEXTS == bench.recalled


@pytest.mark.parametrize("name", NAMES)
def test_recall_is_that_of_the_bench(desk: Desk, name: str) -> None:
    found = recollect(desk, [ask(name)], Question(RECALL, 8, 0))
    assert (found.question.tokens, len(found.asked)) == (128, 8)
    bench = Bench(desk.touch.get(name), Controls(), rows=1).recall(128, 8)
    assert sum(one.answers[0].is_right for one in found.asked) / 8 == bench.accuracy.mean


def test_both_checkpoints_are_asked_the_same(desk: Desk) -> None:
    both = recollect(desk, [ask(name) for name in NAMES], Question(RETENTION, 10))
    for place, name in enumerate(NAMES):
        alone = recollect(desk, [ask(name)], Question(RETENTION, 10))
        assert [one.answers[place] for one in both.asked] == [one.answers[0] for one in alone.asked]
        assert both.curves[place] == alone.curves[0]


def test_other_rows_ask_for_other_tokens(desk: Desk) -> None:
    first, other = (recollect(desk, [ask(NAMES[1])], Question(RETENTION, 10, row)) for row in (0, TEXTS))
    assert not {one.right for one in first.asked} & {one.right for one in other.asked}


@pytest.mark.parametrize(
    ("part", "amount", "row", "message"),
    [
        ("copy", 1, 0, 'part "copy" is unknown; choose retention or recall'),
        (RETENTION, 401, 0, "steps: 401; give a number from 1 to 400"),
        (RETENTION, 1.5, 0, "steps: 1.5; give a whole number from 1 to 400"),
        ([RECALL], 4, 0, "is unknown; choose retention or recall"),
        (RECALL, 65, 0, "pairs: 65; give a number from 1 to 64"),
        (RECALL, 4, -1, "row: -1; give a number from 0 to 1048576"),
    ],
)
def test_what_cannot_be_asked_is_refused(part: Any, amount: Any, row: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Question(part, amount, row)


def test_a_checkpoint_of_texts_is_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="answers-hmu: not a checkpoint of the synthetic tasks"):
        recollect(desk, [ask("answers-hmu")], Question(RETENTION, 10))


def test_a_checkpoint_of_these_tasks_reads_no_text(desk: Desk) -> None:
    with pytest.raises(ValueError, match='"recall-hmu" has not learned task "common_gen"; choose one of synthetic'):
        desk.source(desk.entry("recall-hmu"), "common_gen", "dog, ball")
    assert {entry.id for entry in desk.rememberers.entries} == set(NAMES)
    assert set(NAMES).isdisjoint(entry.id for entry in desk.readers.entries)


@pytest.mark.parametrize(("part", "heads"), [(RETENTION, 1), (RECALL, 2)])
def test_the_sheet_has_a_line_for_each_question_and_marks_what_is_wrong(desk: Desk, part: str, heads: int) -> None:
    found = recollect(desk, [ask(name) for name in NAMES], Question(part, 4))
    sheet = recalled.answered(found, TITLES)
    assert len(sheet["rows"]) == len(found.asked)
    assert {len(row) for row in sheet["rows"]} == {heads + 2}
    for row, one in zip(sheet["rows"], found.asked, strict=True):
        assert row[heads - 1] == one.right
        assert [cell.startswith("✓") for cell in row[heads:]] == [answer.is_right for answer in one.answers]
    said = recalled.summary(found, TITLES)["text"].split("\n")
    assert len(said) == 3
    assert said[1].startswith(TITLES[0])


def test_the_plot_marks_where_the_question_stands(desk: Desk) -> None:
    found = recollect(desk, [ask(name) for name in NAMES], Question(RETENTION, 30))
    plot = recalled.curves(found, TITLES, (False, True))
    assert [trace["name"] for trace in plot["data"]] == list(TITLES)
    assert plot["data"][1]["y"] == [round(value, 4) for value in found.curves[1].values]
    assert plot["layout"]["shapes"][0]["x0"] == 30


def test_a_program_gets_what_the_page_shows(desk: Desk) -> None:
    found = recollect(desk, [ask(NAMES[1], LATENT)], Question(RECALL, 4, 8))
    told = recall(desk, NAMES[1], RECALL, 4, 8, LATENT.gate_bias)
    assert [(one["key"], one["right"], one["answer"]) for one in told["questions"]] == [
        (one.key, one.right, one.answers[0].token) for one in found.asked
    ]
    assert [one["right_probability"] for one in told["questions"]] == [one.answers[0].right for one in found.asked]
    assert (tuple(told["amounts"]), tuple(told["right_probability"])) == (
        found.curves[0].amounts,
        found.curves[0].values,
    )
