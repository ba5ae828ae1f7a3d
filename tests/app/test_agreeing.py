"""A picked task moves the columns, a picked checkpoint the task: pairs of one task each beside a pair of several."""

from pathlib import Path

import pytest

from app.handlers.agreeing import columns_for_task, task_for
from zoo.catalog import Catalog, Entry, FileRecord, ZooError

FILE = FileRecord("model.safetensors", "0" * 64, 1)


def entry(pair: str, arm: str, *tasks: str, memory: str | None = None) -> Entry:
    memory = memory or ("none" if arm == "baseline" else arm)
    return Entry(f"{pair}-{arm}", pair, arm, pair, tasks, 1, 1, (FILE,), pair, None, None, memory)


@pytest.fixture
def catalog() -> Catalog:
    whole = [entry("trio", arm, "common_gen", "sst2") for arm in ("baseline", "hmu")]
    rte = [entry("rte", arm, "rte") for arm in ("baseline", "hmu")]
    more = [entry("more", arm, "sst2", "rte", "common_gen") for arm in ("baseline", "hmu", "hmu_published")]
    return Catalog(Path(), (*whole, *rte, *more, entry("lone", "hmu_published", "rte")))


def test_columns_that_know_the_task_stay(catalog: Catalog) -> None:
    picked = ["more-hmu_published", "trio-hmu", "trio-baseline", "more-hmu"]
    assert columns_for_task(catalog, "sst2", picked) == picked


@pytest.mark.parametrize(
    ("task", "picked", "expected"),
    [
        ("rte", ["trio-baseline", "trio-hmu"], ["rte-baseline", "rte-hmu"]),
        ("rte", ["more-baseline", "trio-hmu"], ["more-baseline", "more-hmu"]),
        ("common_gen", ["rte-hmu", "rte-baseline"], ["trio-hmu", "trio-baseline"]),
        ("common_gen", ["lone-hmu_published", "rte-hmu"], ["more-hmu_published", "trio-hmu"]),
        ("mnli", ["trio-baseline", "rte-hmu"], ["trio-baseline", "rte-hmu"]),
    ],
    ids=["both move", "a pair that stands goes first", "back to the first pair", "the same arm", "nothing knows it"],
)
def test_columns_that_do_not_move_to_their_like(
    catalog: Catalog, task: str, picked: list[str], expected: list[str]
) -> None:
    assert columns_for_task(catalog, task, picked) == expected


@pytest.mark.parametrize(
    ("now", "picked", "others", "expected"),
    [
        ("sst2", "more-hmu", ["trio-baseline"], "sst2"),
        ("sst2", "rte-hmu", ["trio-baseline"], "rte"),
        ("mnli", "more-hmu", ["rte-baseline"], "rte"),
        ("mnli", "more-hmu", ["rte-baseline", "trio-hmu"], "sst2"),
    ],
    ids=["it stays", "the only one known", "one that the others know", "none that all know"],
)
def test_a_picked_checkpoint_moves_the_task(
    catalog: Catalog, now: str, picked: str, others: list[str], expected: str
) -> None:
    assert task_for(catalog, ["sst2", "rte", "mnli"], now, picked, others) == expected


def test_where_it_knows_none_of_the_tab_s_tasks_the_task_stays(catalog: Catalog) -> None:
    assert task_for(catalog, ["common_gen", "roc_stories"], "roc_stories", "rte-hmu", []) == "roc_stories"


def test_an_unknown_checkpoint_is_named(catalog: Catalog) -> None:
    with pytest.raises(ZooError, match='"none-such" is unknown'):
        columns_for_task(catalog, "sst2", ["none-such"])


def test_both_move_to_a_pair_that_has_them_both(catalog: Catalog) -> None:
    """A lone baseline and a unit on another base are no comparison."""
    unit = [entry("unit", arm, "roc_stories") for arm in ("baseline", "hmu")]
    there = Catalog(Path(), (*catalog.entries, entry("stories", "baseline", "roc_stories"), *unit))
    assert columns_for_task(there, "roc_stories", ["trio-baseline", "trio-hmu"]) == ["unit-baseline", "unit-hmu"]
    assert columns_for_task(there, "roc_stories", ["trio-baseline"]) == ["stories-baseline"]
