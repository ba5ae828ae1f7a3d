"""Data files: what is read, and what a fault is called."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from hmu import find_task
from hmu.tasks import Example
from hmu.tasks.files import in_slice, read_examples, sliced, without_parts

SST2, COMMON_GEN = find_task("sst2"), find_task("common_gen")
GOOD = {"sentence": "a gripping film", "label": 1}


def lines(*rows: Any) -> str:
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)


def test_a_plain_and_a_gzipped_file_hold_the_same_examples(tmp_path: Path) -> None:
    plain, packed = tmp_path / "rows.jsonl", tmp_path / "rows.jsonl.gz"
    text = lines(GOOD, "", {"sentence": "line\u2028separator", "label": 0})
    plain.write_text(text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.encode()))
    expected = [Example("a gripping film", 1, group="a gripping film")]
    expected += [Example("line separator", 0, group="line\u2028separator")]
    assert (read_examples(plain, SST2), read_examples(packed, SST2)) == (expected, expected)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{not json", "not JSON"),
        ('{"label": ' + "9" * 5000 + "}", "not JSON"),
        ("[1, 2]", "no field sentence, label"),
        ({"sentence": "no label"}, "no field label"),
        ({"sentence": "a", "label": 2}, "label 2; task sst2 takes 0 to 1"),
        ({"sentence": "a", "label": -1}, "label -1; task sst2 takes 0 to 1"),
        ({"sentence": "a", "label": "1"}, 'label is "1"; task sst2 needs a whole number'),
        ({"sentence": "a", "label": True}, "label is true; task sst2 needs a whole number"),
        ({"sentence": "a", "label": 1.0}, "label is 1.0; task sst2 needs a whole number"),
        ({"sentence": "a", "label": None}, "label is null; task sst2 needs a whole number"),
        ({"sentence": None, "label": 1}, "sentence is null; task sst2 needs a text"),
        ({"sentence": "", "label": 1}, "sentence is empty; task sst2 needs a text, correct or remove the row"),
        ({"sentence": " \t", "label": 1}, "sentence is empty; task sst2 needs a text, correct or remove the row"),
    ],
)
def test_a_row_that_does_not_fit_is_named_by_file_and_line(tmp_path: Path, row: Any, told: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(lines(GOOD, row), encoding="utf-8")
    with pytest.raises(ValueError, match=f"^{re.escape(str(file))}, line 2: {re.escape(told)}"):
        read_examples(file, SST2)


CLOZE = {
    **{f"input_sentence_{number}": "A day." for number in range(1, 5)},
    **{f"sentence_quiz{number}": "The end." for number in (1, 2)},
    "answer_right_ending": 1,
}
STORY = {f"sentence{number}": "A day." for number in range(1, 6)}
PAIR = {"premise": "A man plays.", "hypothesis": "A man plays.", "label": 2}
SAME = {"sentence1": "Shares rose.", "sentence2": "They gained.", "label": 1}
SET = {"concept_set_idx": 0, "concepts": ["dog", "ball"], "target": "A dog has a ball."}


@pytest.mark.parametrize(
    ("task", "good", "fault", "told"),
    [
        ("mnli", PAIR, {"hypothesis": 3}, "hypothesis is 3; task mnli needs a text"),
        ("mnli", PAIR, {"label": 3}, "label 3; task mnli takes 0 to 2"),
        ("mnli", PAIR, {"label": -1}, "label -1; task mnli takes 0 to 2"),
        ("mrpc", SAME, {"sentence1": ""}, "sentence1 is empty; task mrpc needs a text"),
        ("mrpc", SAME, {"sentence2": " "}, "sentence2 is empty; task mrpc needs a text"),
        ("ag_news", {"text": "Stocks fell", "label": 2}, {"text": "\n"}, "text is empty; task ag_news needs a text"),
        ("common_gen", SET, {"concepts": []}, "concepts is empty; task common_gen needs a list of texts, correct or"),
        ("common_gen", SET, {"concepts": [" "]}, "concepts is empty; task common_gen needs a list of texts"),
        ("common_gen", SET, {"concepts": ["", ",;"]}, "concepts is empty; task common_gen needs a list of texts"),
        ("common_gen", SET, {"target": " "}, "target is empty; task common_gen needs a text"),
        ("roc_stories", STORY, {"sentence5": " "}, "sentence5 is empty; task roc_stories needs a text"),
        ("story_cloze", CLOZE, {"answer_right_ending": 0}, "answer_right_ending 0; task story_cloze takes 1 to 2"),
        ("story_cloze", CLOZE, {"answer_right_ending": "1"}, 'answer_right_ending is "1"'),
    ],
)
def test_what_a_field_may_not_hold_is_named(
    tmp_path: Path, task: str, good: dict[str, Any], fault: dict[str, Any], told: str
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(lines(good, good | fault), encoding="utf-8")
    with pytest.raises(ValueError, match=f"^{re.escape(str(file))}, line 2: {re.escape(told)}"):
        read_examples(file, find_task(task))


@pytest.mark.parametrize("field", STORY)
def test_a_story_without_one_of_its_sentences_is_refused(tmp_path: Path, field: str) -> None:
    """Catches a default for a field that is not there: every target would be the bare end of a text."""
    file = tmp_path / "rows.jsonl"
    file.write_text(lines({name: text for name, text in STORY.items() if name != field}), encoding="utf-8")
    with pytest.raises(ValueError, match=f"line 1: no field {field}; task roc_stories needs sentence1"):
        read_examples(file, find_task("roc_stories"))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_file_is_named(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_bytes(gzip.compress(text.encode()) if text and name.endswith("gz") else text.encode())
    with pytest.raises(ValueError, match=f"^{re.escape(str(file))}: no inputs, the file is empty"):
        read_examples(file, SST2)


def test_a_file_that_breaks_off_tells_its_last_good_line(tmp_path: Path) -> None:
    """Stored, not packed: what lies before the break can be read."""
    file = tmp_path / "rows.jsonl.gz"
    file.write_bytes(gzip.compress(lines(*[GOOD] * 1000).encode(), compresslevel=0)[:-9000])
    with pytest.raises(ValueError, match=r"rows\.jsonl\.gz: .*, after line \d{3}; the file is damaged"):
        read_examples(file, SST2)


@pytest.mark.parametrize("concepts", ["dog ball", None, ["dog", 3]])
def test_concepts_must_be_a_list_of_texts(tmp_path: Path, concepts: Any) -> None:
    """Joined letter by letter, a text would be read as concepts of one letter each."""
    file = tmp_path / "rows.jsonl"
    file.write_text(lines({"concept_set_idx": 0, "concepts": concepts, "target": "A dog."}))
    with pytest.raises(ValueError, match=r"line 1: concepts is .*; task common_gen needs a list of texts"):
        read_examples(file, COMMON_GEN)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"absent\.jsonl: no such file; give a JSON-lines file"):
        read_examples(tmp_path / "absent.jsonl", SST2)


def cut(packed: bytes) -> bytes:
    return packed[:-20]


def flipped(packed: bytes) -> bytes:
    return packed[:30] + bytes(byte ^ 255 for byte in packed[30:60]) + packed[60:]


def not_packed(packed: bytes) -> bytes:
    return b"plain" + packed


@pytest.mark.parametrize("damage", [cut, flipped, not_packed])
def test_a_damaged_gzip_file_is_named(tmp_path: Path, damage: Any) -> None:
    file = tmp_path / "rows.jsonl.gz"
    text = lines(*({"sentence": f"film number {number * 7919}", "label": 0} for number in range(200)))
    file.write_bytes(damage(gzip.compress(text.encode())))
    with pytest.raises(ValueError, match=r"rows\.jsonl\.gz.*: .*(the file is damaged|put one object on each line)"):
        read_examples(file, SST2)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_bytes('{"sentence": "café", "label": 1}\n'.encode("latin-1"))
    with pytest.raises(ValueError, match=r"rows\.jsonl: .*the file is damaged or not UTF-8"):
        read_examples(file, SST2)


def test_the_slice_is_the_same_each_time_and_keeps_groups_together() -> None:
    rows = [Example(f"row {i}", group=str(i // 2)) for i in range(2000)]
    first, again = ([in_slice(row, 42, 0.3) for row in rows] for _ in range(2))
    assert first == again
    assert first[::2] == first[1::2]


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 1.0])
def test_the_slice_is_about_its_share(share: float) -> None:
    """5,000 groups: five standard errors of 0.5 are 0.035."""
    inside = sum(in_slice(Example("", group=str(i)), 42, share) for i in range(5000))
    assert inside / 5000 == pytest.approx(share, abs=0.0 if share in {0.0, 1.0} else 0.035)


def test_another_seed_cuts_another_slice() -> None:
    one, other = ([in_slice(Example("", group=str(i)), seed, 0.5) for i in range(100)] for seed in (1, 2))
    assert one != other


def test_what_a_held_out_phrase_is_part_of_or_holds_is_not_trained_on() -> None:
    train = [Example(source=text) for text in ("a dull film", "dull", "dull films", "a very dull film indeed", "fun")]
    kept = without_parts(train, [Example(source="a dull film"), Example(source="a very dull film")])
    assert [example.source for example in kept] == ["dull films", "fun"]


@pytest.mark.parametrize(("task", "left"), [("sst2", 0), ("cola", 20)])
def test_a_slice_is_apart_where_rows_are_parts_of_one_another_and_only_there(task: str, left: int) -> None:
    """Every second phrase holds the one before it: of SST-2 nothing is left where one of each two is held out."""
    texts = [text for number in range(40) for text in (f"film {number} .", f"a film {number} . indeed")]
    rows = [Example(source=text, group=text) for text in texts]
    chosen = [two for two in zip(rows[::2], rows[1::2], strict=True) if sum(in_slice(e, 3, 0.5) for e in two) == 1][:20]
    kept, held = sliced([example for two in chosen for example in two], find_task(task), 3, 0.5)
    assert (len(kept), len(held)) == (left, 20)
