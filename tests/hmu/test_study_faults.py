"""What may befall a study: stops, full disks, dead processes, bad files, other processes at the same folder."""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hmu.study import results, runs
from hmu.study.presets import Run
from tests.hmu.support_data import hmu, write_rows
from tests.hmu.support_study import data, figures, lines, study
from tests.hmu.test_study_report import result

__all__ = ["data"]  # a fixture


def test_a_study_that_was_stopped_goes_on_without_a_lost_or_doubled_run(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, flags = tmp_path / "out", ("--tasks", "mrpc", "--arms", "baseline,hmu", "--seeds", "1-2")
    real, begun = runs.done, list[str]()

    def cut(run: Run, *asked: Any) -> Any:
        begun.append(run.id)
        if len(begun) == 3:
            raise KeyboardInterrupt
        return real(run, *asked)

    monkeypatch.setattr(runs, "done", cut)
    with pytest.raises(KeyboardInterrupt):
        study(data, out, *flags)
    before = lines(out)
    assert [one["id"] for one in before] == begun[:2]
    assert study(data, out, *flags).out == f"4 of 4 runs in {out / 'results.jsonl'}\n"
    assert lines(out)[:2] == before
    assert len({one["id"] for one in lines(out)}) == len(lines(out)) == 4
    assert begun[2] == begun[3]
    study(data, out, *flags)
    assert len(begun) == 5


def test_a_run_that_another_process_holds_is_left_to_it_and_said_to_be(data: Path, tmp_path: Path) -> None:
    out, run = tmp_path / "out", Run("tiny", "mrpc", "baseline", 1)
    with results.claimed(out / "work", run.id) as mine:
        assert mine
        said = study(data, out, "--tasks", "mrpc", "--arms", "baseline", "--seeds", "1")
    assert said.out == f"0 of 1 runs in {out / 'results.jsonl'}\n"
    assert said.err == ["1 left to other processes, which are at them"]
    study(data, out, "--tasks", "mrpc", "--arms", "baseline", "--seeds", "1")
    assert [one["id"] for one in lines(out)] == [run.id]


def test_what_a_dead_process_held_is_free(tmp_path: Path) -> None:
    dies = (
        "import os, sys, pathlib; from hmu.study.results import claimed\n"
        "with claimed(pathlib.Path(sys.argv[1]), 'a/run') as mine: os._exit(7 if mine else 1)"
    )
    assert subprocess.run([sys.executable, "-c", dies, str(tmp_path)], check=False).returncode == 7
    assert [file.name for file in tmp_path.iterdir()] == ["a-run.lock"]
    with results.claimed(tmp_path, "a/run") as mine:
        assert mine
    assert not list(tmp_path.iterdir())


def test_a_run_that_is_known_from_elsewhere_is_not_done_again(data: Path, tmp_path: Path) -> None:
    flags = ("--tasks", "mrpc", "--arms", "baseline", "--seeds", "1")
    study(data, tmp_path / "one", *flags)
    said = study(data, tmp_path / "other", *flags, "--known", tmp_path / "one/results.jsonl")
    assert said.code == 0
    assert not (tmp_path / "other/results.jsonl").exists()


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--tasks", "mrpc", "--arms", "hum"), 'arm "hum" is unknown'),
        (("--tasks", "story_cloze"), "comes with roc_stories"),
        (("--tasks", "mrcp"), 'task "mrcp" is unknown'),
        (("--tasks", "mrpc", "--seeds", "one"), "give seeds such as 1-5"),
        (("--tasks", "mrpc", "--rows", "999", "--arms", "baseline"), "999 rows, but mrpc has 24"),
    ],
)
def test_a_study_that_cannot_be_is_refused_in_one_line(data: Path, tmp_path: Path, flags: Any, told: str) -> None:
    said = study(data, tmp_path / "out", *flags)
    assert (said.code, len(said.err)) == (2, 1)
    assert told in said.err[0]


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes, as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_loses_no_earlier_line(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    results.append(file, {"id": "one"})
    before = file.read_bytes()
    with room(len(before) + 10), pytest.raises(ValueError, match=r"results.jsonl: .*; make room"):
        results.append(file, {"id": "other", "text": "long" * 100})
    assert file.read_bytes() == before
    results.append(file, {"id": "other"})
    assert [one["id"] for one in results.read([file])] == ["one", "other"]


def test_a_line_that_was_begun_is_none_and_takes_no_other_with_it(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    results.append(file, {"id": "one"})
    with file.open("a") as lines:
        lines.write('{"id": "two", "met')
    assert [one["id"] for one in results.read([file])] == ["one"]
    results.append(file, {"id": "three"})
    assert [one["id"] for one in results.read([file])] == ["one", "three"]


def test_a_whole_line_that_only_lacks_its_end_is_kept(tmp_path: Path) -> None:
    """As two files are put together by hand."""
    file = tmp_path / "results.jsonl"
    file.write_text('{"id": "one"}\n{"id": "two"}')
    results.append(file, {"id": "three"})
    assert [one["id"] for one in results.read([file])] == ["one", "two", "three"]


def test_half_a_letter_at_the_end_is_half_a_line(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    results.append(file, {"id": "one", "trunk": "café"})
    assert file.read_bytes().isascii()
    begun = '{"id": "two", "trunk": "café'.encode()
    file.write_bytes(file.read_bytes() + begun[:-1])
    assert [one["trunk"] for one in results.read([file])] == ["café"]
    file.write_bytes(file.read_bytes() + b"\n")
    with pytest.raises(ValueError, match=r"results\.jsonl, line 2: not JSON"):
        results.read([file])


def test_processes_that_share_a_file_lose_and_double_no_line(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    code = (
        "import sys; from pathlib import Path; from hmu.study import results\n"
        "print('ready', flush=True); sys.stdin.read()\n"
        "for n in range(60):\n"
        "    results.append(Path(sys.argv[1]), {'id': f'{sys.argv[2]}/{n}', 'more': 'x' * 4000})\n"
    )
    gate, go = os.pipe()
    begin = partial(subprocess.Popen[str], stdin=gate, stdout=subprocess.PIPE, text=True)
    started = [begin([sys.executable, "-c", code, str(file), name]) for name in "abcd"]
    for process in started:
        assert process.stdout is not None
        with process.stdout as told:
            assert told.readline() == "ready\n"
    os.close(gate)
    os.close(go)  # now all at once: one that ends before the next begins takes nothing from it
    assert [process.wait() for process in started] == [0] * 4
    found = [json.loads(line)["id"] for line in file.read_text().splitlines()]
    assert sorted(found) == sorted(f"{name}/{n}" for name in "abcd" for n in range(60))


@pytest.mark.parametrize(("field", "value"), [("versions", None), ("metrics", None), ("seed", "1"), ("date", 3)])
def test_a_line_without_what_a_report_needs_is_named(tmp_path: Path, field: str, value: Any) -> None:
    file = tmp_path / "results.jsonl"
    results.append(file, line := result("mrpc", "hmu", 1))
    assert hmu("report", "--results", file, "--out", tmp_path).code == 0
    results.append(file, line | {"id": "other", field: value})
    said = hmu("report", "--results", file, "--out", tmp_path)
    assert said.code == 2
    assert f'{file}, line 2: "{field}" is {value!r}; give files that `hmu study` wrote' in said.err[-1]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"arm": "hum"}, "\"arm\" is 'hum'"),
        ({"metrics": {"rte": {}}}, '"metrics.mrpc" is None'),
        ({"metrics": {"mrpc": {"accuracy": "0.5"}}}, "\"metrics.mrpc.accuracy\" is '0.5'"),
        ({"metrics": {"mrpc": []}}, '"metrics.mrpc" is []'),
        ({"noise": {"mrpc": {"inputs": 3, "losses": {"drop:0.1": 3}}}}, '"noise.mrpc.losses.drop:0.1" is 3'),
        ({"noise": {"mrpc": {"losses": {}}}}, '"noise.mrpc.inputs" is None'),
        ({"condensed": {"mrpc": {}}}, '"condensed.mrpc.lost" is None'),
        ({"losses": [[100, 0.5], [200]]}, '"losses" is [[100, 0.5], [200]]'),
        ({"threads": True}, '"threads" is True'),
        ({"task": "synthetic", "metrics": {"synthetic": {}}}, '"metrics.synthetic.retention@1" is None'),
    ],
)
def test_what_is_wrong_inside_a_line_is_named(tmp_path: Path, changes: Any, told: str) -> None:
    file = tmp_path / "results.jsonl"
    results.append(file, result("mrpc", "hmu", 1) | changes)
    said = hmu("report", "--results", file, "--out", tmp_path)
    assert said.code == 2
    assert f"{file}, line 1: {told}; give files that `hmu study` wrote" in said.err[-1]


def test_a_run_whose_disk_was_full_goes_on_to_the_same_figures(data: Path, tmp_path: Path) -> None:
    flags = ("--tasks", "mrpc", "--arms", "hmu", "--seeds", "1")
    study(data, tmp_path / "whole", *flags)
    out = tmp_path / "out"
    shutil.copytree(tmp_path / "whole/vocabulary-tiny", out / "vocabulary-tiny")
    with room(20_000):
        said = study(data, out, *flags)
    assert said.code == 2
    assert "make room or make it writable, and run it again" in said.err[-1]
    assert not (out / "results.jsonl").exists()
    assert study(data, out, *flags).code == 0
    assert figures(lines(out)[0]) == figures(lines(tmp_path / "whole")[0])


def test_what_was_begun_and_not_finished_is_done_again(data: Path, tmp_path: Path) -> None:
    out, flags = tmp_path / "out", ("--tasks", "mrpc", "--arms", "baseline", "--seeds", "1")
    for begun in (out / "vocabulary-tiny.begun/tokenizer.json", resumed(out, 2) / "trainer_state.json"):
        begun.parent.mkdir(parents=True)
        begun.write_text("{")
    assert study(data, out, *flags).code == 0
    assert [one["steps"] for one in lines(out)] == [3]


def resumed(out: Path, step: int) -> Path:
    return out / f"work/tiny-mrpc-baseline-1/resume/checkpoint-{step}"


def test_a_bad_row_to_be_scored_is_told_before_anything_is_trained(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = data / "glue/mrpc/validation.jsonl.gz"
    file.unlink()
    write_rows(file, [{"sentence1": "He ran.", "sentence2": "He did.", "label": 7}])
    monkeypatch.setattr(runs, "train", lambda *_args, **_more: pytest.fail("trained"))
    said = study(data, tmp_path / "out", "--tasks", "mrpc", "--arms", "baseline", "--seeds", "1")
    assert (said.code, len(said.err)) == (2, 1)
    assert f"{file}, line 1: label 7" in said.err[0]


def test_stories_do_without_the_choice_of_an_end_and_say_so(data: Path, tmp_path: Path) -> None:
    (data / "story_cloze/validation.jsonl.gz").unlink()
    said = study(data, tmp_path / "out", "--tasks", "roc_stories", "--arms", "baseline", "--seeds", "1")
    assert said.code == 0
    assert said.err[0].startswith(f"story_cloze: no file of it under {data};")
    assert set(lines(tmp_path / "out")[0]["metrics"]) == {"roc_stories"}


@pytest.mark.parametrize(
    "flags", [("--seeds", "5-1"), ("--seeds", "1-2-3"), ("--tasks", ","), ("--held-out", "2"), ("--held-out", "nan")]
)
def test_flags_that_ask_for_nothing_are_refused(data: Path, tmp_path: Path, flags: Any) -> None:
    said = study(data, tmp_path / "out", "--tasks", "mrpc", *flags)
    assert (said.code, len(said.err)) == (2, 1)
    assert flags[0] in said.err[0]


@pytest.mark.parametrize(("line", "told"), [("{", "line 2: not JSON"), ('{"no": 1}', 'line 2: no "id"')])
def test_a_damaged_line_is_named(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "results.jsonl"
    file.write_text(f'{{"id": "one"}}\n{line}\n')
    with pytest.raises(ValueError, match=told):
        results.read([file])


def test_results_of_several_machines_count_each_run_once(tmp_path: Path) -> None:
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for file, ids in zip(files, (("one", "two"), ("two", "three")), strict=True):
        for name in ids:
            results.append(file, {"id": name, "from": file.name})
    found = results.read(files)
    assert [(one["id"], one["from"]) for one in found] == [("one", "a.jsonl"), ("two", "a.jsonl"), ("three", "b.jsonl")]
