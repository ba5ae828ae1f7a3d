"""Rows from the Hub, through a stand-in for the library `datasets`: no network."""

import gzip
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hmu import find_task
from hmu.tasks import TASKS, Task
from hmu.tasks.files import read_examples
from hmu.tasks.hub import fetch, hub_root
from tests.hmu.support_data import hmu, write_recipe, write_rows

ROWS: dict[Any, list[dict[str, Any]]] = {
    ("nyu-mll/glue", "mnli", "validation_matched"): [
        {"premise": "A man plays.", "hypothesis": "Nobody – plays.", "label": 2, "idx": 0}
    ],
    ("stanfordnlp/sst2", None, "train"): [{"idx": 0, "sentence": "a film ", "label": 1}],
    ("stanfordnlp/sst2", None, "validation"): [{"idx": n, "sentence": f"a film {n}", "label": n} for n in (0, 1)],
    ("csv", None, "train[:2000]"): [{"storyid": "x", **{f"sentence{n}": f"Day {n}." for n in range(1, 6)}}],
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the stand-in was asked for, in order."""
    calls: list[tuple[Any, ...]] = []

    def load_dataset(path: str, name: str | None = None, *, split: str, data_files: str | None = None) -> Any:
        calls.append((path, name, split, data_files))
        if (path, name, split) not in ROWS:
            raise ConnectionError("cannot be reached")
        return ROWS[path, name, split]

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    return calls


def test_a_split_is_fetched_once_and_reads_as_a_file_of_a_data_root(asked: list[Any], tmp_path: Path) -> None:
    task = find_task("mnli")
    file = fetch(task, "validation.jsonl.gz", tmp_path)
    assert file == fetch(task, "validation.jsonl.gz", tmp_path) == tmp_path / "glue/mnli/validation.jsonl.gz"
    assert asked == [("nyu-mll/glue", "mnli", "validation_matched", None)]
    assert read_examples(file, task) == [task.example(ROWS[asked[0][:3]][0])]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_stories_are_read_from_the_csv_file_of_their_repository(asked: list[Any], tmp_path: Path) -> None:
    task = find_task("roc_stories")
    (example,) = read_examples(fetch(task, "validation.jsonl.gz", tmp_path), task)
    assert example.references == ("Day 5.",)
    assert asked[0][-1] == "hf://datasets/wza/roc_stories/ROCStories__spring2016.csv"


@pytest.mark.parametrize(
    ("task", "file", "told"),
    [
        ("story_cloze", "validation.jsonl.gz", "LSDSem/story_cloze: its authors hand the data out on request; put"),
        ("sst2", "test.jsonl.gz", "stanfordnlp/sst2: no split for test.jsonl.gz, only train, train_full, validation; "),
        ("rte", "train.jsonl.gz", "nyu-mll/glue, split train: ConnectionError: cannot be reached; put it at "),
    ],
)
def test_what_cannot_be_fetched_is_told_with_its_remedy(
    asked: list[Any], tmp_path: Path, task: str, file: str, told: str
) -> None:
    with pytest.raises(ValueError, match=f"^{told}.*--data-root DIR$"):
        fetch(find_task(task), file, tmp_path)
    assert list(tmp_path.rglob("*.gz*")) == []


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ValueError, match=r'no --data-root and no HMU_DATA; .* pip install "\.\[hub-data\]"'):
        fetch(find_task("rte"), "train.jsonl.gz", tmp_path)


def test_a_fetch_that_breaks_off_leaves_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def rows(*_: Any, **__: Any) -> Any:
        yield {"sentence": "A film.", "label": 1}
        raise OSError("line is dead")

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=rows))
    with pytest.raises(ValueError, match="OSError: line is dead"):
        fetch(find_task("cola"), "train.jsonl.gz", tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def capped(name: str, most: int) -> Task:
    """A task whose train file keeps fewer rows than the paper's."""
    task = find_task(name)
    assert task.hub
    return replace(task, hub=replace(task.hub, most=dict.fromkeys(task.hub.most, most)))


PHRASES = [{"sentence": f"a film {number}", "label": number % 2} for number in range(50)]


def numbers(file: Path, task: Task) -> list[int]:
    """Which of `PHRASES` a file holds, in its order."""
    return [int(example.source.split()[-1]) for example in read_examples(file, task)]


def test_a_train_file_keeps_the_drawn_rows_in_their_order_and_every_other_file_keeps_all(
    asked: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ROWS, ("stanfordnlp/sst2", None, "train"), PHRASES)
    task = capped("sst2", 7)
    kept, whole = (numbers(fetch(task, f"{name}.jsonl.gz", tmp_path), task) for name in ("train", "train_full"))
    assert kept == [1, 7, 8, 14, 15, 17, 40]
    assert whole == list(range(50))
    assert numbers(fetch(capped("sst2", 50), "train.jsonl.gz", tmp_path / "other"), task) == whole


def test_the_tasks_of_glue_that_are_larger_keep_as_many_rows_as_the_paper_trains_on() -> None:
    most = {name: dict(task.hub.most) for name, task in TASKS.items() if task.hub and task.hub.most}
    assert most == {name: {"train": 20_000} for name in ("sst2", "qnli", "mnli")}


def test_a_file_fetched_before_there_was_a_most_is_written_anew_and_one_that_fits_is_kept(
    asked: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a whole train split in the cache that is taken for the capped one."""
    monkeypatch.setitem(ROWS, ("stanfordnlp/sst2", None, "train"), PHRASES)
    old = write_rows(tmp_path / "glue/sst2/train.jsonl.gz", PHRASES)
    told = [len(numbers(fetch(capped("sst2", most), old.name, tmp_path), find_task("sst2"))) for most in (50, 49, 49)]
    assert (told, len(asked)) == ([50, 49, 49], 1)


def test_a_damaged_file_in_the_cache_is_told_by_its_reader(asked: list[Any], tmp_path: Path) -> None:
    old = write_rows(tmp_path / "glue/sst2/train.jsonl.gz", PHRASES)
    old.write_bytes(old.read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"train\.jsonl\.gz: .*the file is damaged"):
        read_examples(fetch(capped("sst2", 49), old.name, tmp_path), find_task("sst2"))
    assert asked == []


def test_evaluate_takes_the_hubs_rows_where_no_folder_is_named(
    asked: list[Any], hmu_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HMU_DATA", raising=False)
    monkeypatch.setattr("hmu.tasks.hub.constants.HF_HOME", str(tmp_path))
    said = hmu("evaluate", "--checkpoint", hmu_folder, "--task", "sst2", "--json")
    assert said.value["examples"] == 2
    with gzip.open(hub_root() / "glue/sst2/validation.jsonl.gz", "rt") as lines:
        assert len(list(lines)) == 2


def test_a_named_folder_comes_before_the_hub(
    asked: list[Any], hmu_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HMU_DATA", str(tmp_path))
    said = hmu("evaluate", "--checkpoint", hmu_folder, "--task", "sst2", "--json")
    assert (said.code, asked) == (2, [])
    assert f"{tmp_path}/glue/sst2/validation.jsonl.gz: no such file" in said.err[0]


def test_train_asks_the_hub_for_the_files_of_its_recipe(
    asked: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HMU_DATA", raising=False)
    monkeypatch.setattr("hmu.tasks.hub.constants.HF_HOME", str(tmp_path))
    said = hmu("train", "--recipe", write_recipe(tmp_path), "--arm", "hmu", "--out", tmp_path / "out")
    assert said.code == 2
    assert asked == [("allenai/common_gen", None, "train", None)]
