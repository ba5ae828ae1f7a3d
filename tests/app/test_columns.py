"""What the tabs offer."""

import json
from dataclasses import replace

import pytest

from app import words
from app.components.board import at_first
from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.looking import look
from app.tabs.classify import _verdicts
from app.tabs.columns import ask_of, box_words, examples_of, tasks_that
from hmu import TASKS, Controls


def knowing(desk: Desk, *tasks: str) -> Desk:
    """A desk whose checkpoints know these tasks alone."""
    entries = tuple(replace(entry, tasks=tasks) for entry in desk.catalog.entries)
    return replace(desk, catalog=replace(desk.catalog, entries=entries))


@pytest.mark.parametrize(
    ("known", "writing", "classifying"),
    [
        (("common_gen", "ag_news", "sst2"), ["common_gen"], ["ag_news", "sst2"]),
        (("common_gen", "sst2", "mrpc", "story_cloze"), ["common_gen"], ["sst2", "mrpc"]),
        (("common_gen", "mnli"), ["common_gen"], ["mnli"]),
    ],
)
def test_a_task_that_no_checkpoint_knows_is_not_offered(
    desk: Desk, known: tuple[str, ...], writing: list[str], classifying: list[str]
) -> None:
    there = knowing(desk, *known)
    assert [task.name for task in tasks_that(there, generate=True)] == writing
    assert [task.name for task in tasks_that(there, generate=False)] == classifying


def test_no_tab_is_without_a_task_or_without_words_for_it(desk: Desk) -> None:
    for generate in (True, False):
        offered = tasks_that(knowing(desk, "cola", "roc_stories"), generate)
        assert offered
        assert all(examples_of(task) and box_words(task)[0] for task in offered)


def test_every_task_of_two_texts_is_offered_with_words_for_both_boxes() -> None:
    tasks = [task for task in TASKS.values() if task.pair]
    assert [task.name for task in tasks] == list(words.EXAMPLES_OF_TWO)
    assert all(all(box_words(task)) for task in tasks)


@pytest.mark.parametrize(("task", "second"), [("sst2", None), ("mrpc", "two"), ("mnli", "two")])
def test_a_second_text_is_asked_of_tasks_that_read_two_and_of_no_other(
    two_texts_desk: Desk, task: str, second: str | None
) -> None:
    asked = ask_of(two_texts_desk, "twofold-hmu", 1.0, 0.0, 3, task, "one", None, "two")
    assert asked == Ask("twofold-hmu", task, "one", Controls(1.0, 0.0, 3), second)


def test_what_was_forced_on_another_second_text_is_left_out(two_texts_desk: Desk) -> None:
    tokens = list(look(two_texts_desk, Ask("twofold-hmu", "mrpc", "a dog", second="a ball")).tokens)
    strip = {"tokens": tokens, "forced": [1, None, 0]}
    same, other = (
        ask_of(two_texts_desk, "twofold-hmu", 0.0, 0.0, 0, "mrpc", "a dog", strip, text) for text in ("a ball", "a cat")
    )
    assert (same.controls.forced, other.controls.forced) == ((1.0, None, 0.0), ())


def test_a_column_whose_checkpoint_cannot_be_loaded_leaves_the_others(desk: Desk) -> None:
    setups = ["answers-hmu", 0.0, 0.0, "spoiled-hmu", 0.0, 0.0] * 2
    found = _verdicts(desk, list("ABCD"), "classify", "a film", "", "sst2", 2, 0, *setups, *[None] * 4)
    bars, difference = map(json.loads, found[:2])
    said, first, second = found[2:5]
    assert bars["data"]
    assert difference["empty"] == second["label"] == words.UNLOADED_HERE
    assert "spoiled-hmu" in said["text"]
    assert first["tokens"]


def test_a_third_arm_waits_in_the_third_column(desk: Desk) -> None:
    two, other = desk.catalog.pairs()[:2]
    names = [arm.id for arm in two.arms]
    assert at_first(two) == (*names, names[1], names[0])
    assert at_first(replace(two, arms=(*two.arms, other.memory_arm))) == (*names, other.memory_arm.id, names[0])
