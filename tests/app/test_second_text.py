"""Tasks that read two texts: what the page's handlers make of them, against the library's own calls."""

import re
from typing import Any

import pytest

from app.desk import Desk
from app.handlers import scoring
from app.handlers.asks import Ask
from app.handlers.classify import classify
from app.handlers.looking import look
from app.handlers.results import Question, Result
from app.handlers.scoring import score
from app.handlers.uploads import Table
from app.handlers.writing import write
from app.render import source
from app.sheets import differing
from hmu import Controls, Decoding, class_probabilities, read, remember
from hmu.evaluation import score as score_of_the_command_line
from hmu.tasks import Example, find_task

BOTH = ("twofold-baseline", "twofold-hmu")
FIRST, SECOND = "the dog runs after the ball", "a film , dull"
TURNED = Controls(gate_bias=-2.0, temperature=1.0, seed=5, forced=(None, 1.0))
ROWS = ((FIRST, SECOND, "neutral"), ("people walk", "people walk to the café " * 12, 0), (FIRST, "a dog", "2"))


def ask(task: str = "mnli", second: str | None = SECOND, text: str = FIRST, **controls: Any) -> Ask:
    return Ask("twofold-hmu", task, text, Controls(**controls), second)


def alone(desk: Desk, asked: Ask, controls: Controls) -> dict[str, float]:
    checkpoint = desk.shelf.get(asked.checkpoint)
    there = read(checkpoint, asked.task, asked.text, asked.second)
    return class_probabilities(checkpoint, remember(checkpoint, there, controls), asked.task)


@pytest.mark.parametrize("task", ["mrpc", "mnli"])
@pytest.mark.parametrize("name", BOTH)
def test_two_texts_are_answered_as_the_library_answers_them(two_texts_desk: Desk, name: str, task: str) -> None:
    asked = Ask(name, task, FIRST, TURNED, SECOND)
    verdict = classify(two_texts_desk, asked)
    assert verdict.probabilities == alone(two_texts_desk, asked, TURNED)
    assert verdict.look == look(two_texts_desk, asked)


def test_each_token_of_either_text_is_forced_as_by_hand(two_texts_desk: Desk) -> None:
    asked = ask(gate_bias=-1.0)
    verdict = classify(two_texts_desk, asked)
    places = range(len(verdict.look.tokens))
    for gate, pushes in ((1.0, verdict.literal), (0.0, verdict.latent)):
        forced = [alone(two_texts_desk, asked, Controls(-1.0, forced=(None,) * at + (gate,))) for at in places]
        rises = [shares[verdict.answer] - verdict.probabilities[verdict.answer] for shares in forced]
        assert pushes == pytest.approx(rises, abs=1e-5)


def test_the_order_of_the_texts_matters(two_texts_desk: Desk) -> None:
    one, other = (classify(two_texts_desk, asked) for asked in (ask(), ask(text=SECOND, second=FIRST)))
    assert one.probabilities != pytest.approx(other.probabilities, abs=1e-3)


def test_the_memory_of_texts_tells_second_texts_apart(two_texts_desk: Desk) -> None:
    entry = two_texts_desk.entry("twofold-hmu")
    first, other, again = (two_texts_desk.source(entry, "mrpc", FIRST, text)[1] for text in (SECOND, "dog", SECOND))
    assert first is again
    assert first.tokens != other.tokens


def test_the_strip_begins_a_line_with_the_second_text(two_texts_desk: Desk) -> None:
    found = look(two_texts_desk, ask(text="a <sep> dog"))
    assert found.second is not None
    assert found.tokens[found.second - 1] == "<sep>"
    assert "".join(found.tokens[found.second :]) == f" {SECOND}</s>"
    assert source(found, Controls())["second"] == found.second
    assert look(two_texts_desk, ask("sst2", None)).second is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (ask(second=None), "task mnli: reads a pair of texts; give a second one, too"),
        (ask("sst2"), "task sst2: reads one text; leave the second one out"),
        (ask("sst2", ""), "task sst2: reads one text; leave the second one out"),
        (ask(second=" \u200b"), "second text: empty; write a few words or pick an example"),
        (ask(text=""), "first text: empty; write a few words or pick an example"),
        (ask("rte"), 'checkpoint "twofold-hmu" has not learned task "rte"'),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_second_text_too_few_too_many_or_empty_is_told(two_texts_desk: Desk, asked: Ask, said: str) -> None:
    for do in (classify, look):
        with pytest.raises(ValueError, match=f"^{re.escape(said)}"):
            do(two_texts_desk, asked)


def test_a_task_that_writes_takes_no_second_text(two_texts_desk: Desk) -> None:
    with pytest.raises(ValueError, match="task common_gen: reads one text; leave the second one out"):
        list(write(two_texts_desk, ask("common_gen"), Decoding()))


def test_what_is_no_text_cannot_be_a_second_one() -> None:
    with pytest.raises(ValueError, match="second: 3; give a text"):
        ask(second=3)  # type: ignore[arg-type]


def table(rows: Any = ROWS) -> Table:
    columns = ("premise", "hypothesis", "label")
    return Table(columns, tuple(dict(zip(columns, row, strict=True)) for row in rows), name="mine.csv")


ASKED = Question("mnli", "premise", "label", "hypothesis")
SETUPS = tuple(Ask(name, "", "", Controls(-2.0 * place)) for place, name in enumerate(BOTH))


def scored(desk: Desk, question: Question = ASKED) -> Result:
    *_, last = score(desk, SETUPS, table(), question)
    assert isinstance(last, Result)
    return last


@pytest.mark.parametrize("size", [1, 2, 32])
def test_a_table_of_two_texts_is_answered_as_each_row_alone(
    two_texts_desk: Desk, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(scoring, "CLASSIFIED", size)
    result = scored(two_texts_desk)
    for (first, second, _), row in zip(ROWS, result.rows, strict=True):
        assert (row.text, row.second) == (first, second.strip())
        for setup, answer in zip(SETUPS, row.answers, strict=True):
            asked = Ask(setup.checkpoint, "mnli", first, second=second)
            shares = alone(two_texts_desk, asked, setup.controls)
            assert dict(zip(result.classes, answer.distribution, strict=True)) == pytest.approx(shares, abs=1e-5)


def test_a_table_of_two_texts_scores_as_the_command_line_scores_it(two_texts_desk: Desk) -> None:
    task, column = find_task("mnli"), scored(two_texts_desk).columns[0]
    told = zip(ROWS, (1, 0, 2), strict=True)
    examples = [Example(first, label, second=second.strip()) for (first, second, _), label in told]
    (expected,) = score_of_the_command_line(two_texts_desk.shelf.get(column.checkpoint), task, examples)
    assert column.metrics == {name: expected.metrics[name] for name in ("accuracy", "majority", "macro_f1")}


def test_two_texts_longer_than_a_model_reads_are_told(two_texts_desk: Desk) -> None:
    name, limit = BOTH[0], 96
    assert f"{name}: cut to the first {limit} tokens: 1 of 3 texts." in scored(two_texts_desk).notes


def test_the_rows_that_differ_show_both_texts(two_texts_desk: Desk) -> None:
    shown = differing(scored(two_texts_desk), ["A", "B"])
    assert shown is not None
    assert shown["head"] == ["row", "text", "second text", "right", "A", "B", "difference"]
    assert {(row[1], row[2]) for row in shown["rows"]} >= {(FIRST, SECOND), (FIRST, "a dog")}
    assert shown["told"] == [0, 3, 4, 5]


@pytest.mark.parametrize(
    ("question", "rows", "told"),
    [
        (Question("mnli", "premise", "label"), ROWS, "task mnli: reads a pair of texts; give a second one, too"),
        (Question("sst2", "premise", None, "hypothesis"), ROWS, "task sst2: reads one text; leave the second one out"),
        (Question("mnli", "premise", None, "more"), ROWS, 'mine.csv: no column "more"; choose one of premise'),
        (
            Question("mnli", "premise", None, "premise"),
            ROWS,
            'mine.csv: "premise" is the text and the second text; choose two columns',
        ),
        (
            Question("mnli", "premise", "hypothesis", "hypothesis"),
            ROWS,
            'mine.csv: "hypothesis" is the second text and the answer; choose two columns',
        ),
        (ASKED, (*ROWS, ("a", "", 0)), "mine.csv, row 4: hypothesis is empty; write a few words or remove the row"),
        (ASKED, (("a", None, 0),), "mine.csv, row 1: hypothesis is empty"),
        (ASKED, (("a", 3, 0),), "mine.csv, row 1: hypothesis is 3; task mnli needs a text"),
    ],
)
def test_a_table_that_cannot_be_asked_is_named_before_anything_is_answered(
    two_texts_desk: Desk, question: Question, rows: Any, told: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(told)}"):
        next(iter(score(two_texts_desk, SETUPS, table(rows), question)))
    assert two_texts_desk.shelf.loaded() == ()


def test_a_vocabulary_without_a_separator_is_told_with_its_checkpoint(two_texts_desk: Desk) -> None:
    two_texts_desk.shelf.get("twofold-baseline").tokenizer.sep_token = None
    with pytest.raises(ValueError, match=r"^twofold-baseline: the tokenizer has no separator token"):
        scored(two_texts_desk)
    with pytest.raises(ValueError, match=r"^twofold-baseline: the tokenizer has no separator token"):
        classify(two_texts_desk, Ask("twofold-baseline", "mnli", FIRST, second=SECOND))
