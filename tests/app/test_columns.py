"""What the tabs offer."""

from dataclasses import replace

import pytest

from app import words
from app.desk import Desk
from app.tabs.columns import tasks_that


def knowing(desk: Desk, *tasks: str) -> Desk:
    """A desk whose checkpoints know these tasks alone."""
    entries = tuple(replace(entry, tasks=tasks) for entry in desk.catalog.entries)
    return replace(desk, catalog=replace(desk.catalog, entries=entries))


@pytest.mark.parametrize(
    ("known", "writing", "classifying"),
    [
        (("common_gen", "ag_news", "sst2"), ["common_gen"], ["ag_news", "sst2"]),
        (("common_gen", "sst2", "mrpc", "story_cloze"), ["common_gen"], ["sst2"]),
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
        offered = tasks_that(knowing(desk, "mrpc", "roc_stories"), generate)
        assert offered
        assert {task.name for task in offered} <= set(words.EXAMPLE_TEXTS) & set(words.PLACEHOLDERS)
