"""Tables, columns and checkpoints that cannot be scored: what is wrong is named before anything is answered."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.results import Question
from app.handlers.scoring import score
from hmu import Controls
from tests.app.test_scoring import CONCEPTS, REVIEWS, SETUPS, TEXTS, scored, table


@pytest.mark.parametrize(
    ("question", "texts", "right", "told"),
    [
        (REVIEWS, ["fine", ""], [1, 1], "mine.csv, row 2: text is empty; write a few words or remove the row"),
        (REVIEWS, ["fine", None], [1, 1], "mine.csv, row 2: text is empty"),
        (REVIEWS, ["fine", 3], [1, 1], "mine.csv, row 2: text is 3; task sst2 needs a text"),
        (REVIEWS, [["fine"]], [1], 'mine.csv, row 1: text is ["fine"]; task sst2 needs a text'),
        (
            REVIEWS,
            ["a", "b"],
            [1, "meh"],
            'mine.csv, row 2: right is "meh"; give one of negative, positive, or a number',
        ),
        (REVIEWS, ["a"], [2], "mine.csv, row 1: right is 2; give one of negative, positive, or a number from 0 to 1"),
        (REVIEWS, ["a"], [True], "mine.csv, row 1: right is true; give"),
        (REVIEWS, ["a"], [None], "mine.csv, row 1: right is null; give"),
        (REVIEWS, ["a"], ["y" * 999], f'mine.csv, row 1: right is "{"y" * 59}; give'),
        (CONCEPTS, ["dog", " , ; "], ["A.", "B."], "mine.csv, row 2: text is empty"),
        (
            CONCEPTS,
            ['["dog", 3]'],
            ["A."],
            'mine.csv, row 1: text is "[\\"dog\\", 3]"; task common_gen needs a text, or',
        ),
        (
            CONCEPTS,
            ["['dog']"],
            ["A."],
            "mine.csv, row 1: text is \"['dog']\"; task common_gen needs a text, or a list",
        ),
        (CONCEPTS, ["dog", "cat"], ["A.", ""], 'mine.csv, row 2: right is ""; write a right sentence, or choose no'),
        (CONCEPTS, ["dog"], [[]], "mine.csv, row 1: right is []; write a right sentence"),
        (CONCEPTS, ["dog"], [["A.", "\x07"]], 'mine.csv, row 1: right is ["A.", "\\u0007"]; write a right sentence'),
        (CONCEPTS, [], [], "mine.csv: no rows; upload a table with some"),
        (Question("chess", "text"), ["a"], ["b"], 'task "chess" is unknown; choose one of'),
        (Question("sst2", "line"), ["a"], ["b"], 'mine.csv: no column "line"; choose one of text, right'),
        (Question("sst2", "text", "gold"), ["a"], ["b"], 'mine.csv: no column "gold"; choose one of text, right'),
        (Question("sst2", "text", "text"), ["a"], ["b"], 'mine.csv: "text" is the text and the answer; choose two'),
    ],
)
def test_what_cannot_be_asked_is_named_by_row_before_anything_is_answered(
    desk: Desk, question: Question, texts: list[Any], right: list[Any], told: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(told)}"):
        next(iter(score(desk, SETUPS, table(texts, right), question)))
    assert desk.shelf.loaded() == ()


@pytest.mark.parametrize(
    ("setups", "told"),
    [
        ([], "0 columns; compare from 1 to 8"),
        (SETUPS[:1] * 9, "9 columns; compare from 1 to 8"),
        ([Ask("answers-hmu", "", "", Controls(forced=(1.0,)))], "forced gates are for the tokens of one text"),
        ([Ask("nobody", "", "")], 'checkpoint "nobody" is unknown'),
    ],
)
def test_set_ups_that_cannot_be_compared_are_refused(desk: Desk, setups: Sequence[Ask], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        list(score(desk, setups, table(TEXTS), Question("sst2", "text")))


@pytest.mark.parametrize(("labels", "knows"), [({}, "no classes"), ({"sst2": ["bad", "good"]}, "bad, good")])
def test_a_checkpoint_without_the_classes_is_refused(desk: Desk, labels: dict[str, list[str]], knows: str) -> None:
    desk.shelf.get("answers-hmu").model.config.task_labels = labels
    with pytest.raises(ValueError, match=f"answers-hmu: for task sst2 it knows {knows}, not negative, positive"):
        list(score(desk, SETUPS, table(TEXTS), Question("sst2", "text")))


def test_a_checkpoint_is_not_scored_on_what_it_has_not_learned(desk: Desk) -> None:
    with pytest.raises(ValueError, match='checkpoint "answers-baseline" has not learned task "roc_stories"'):
        scored(desk, table(TEXTS), Question("roc_stories", "text"))
