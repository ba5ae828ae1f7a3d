"""Files that visitors bring: what a table holds, what a fault is called, and what is never read."""

import gzip
import json
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.handlers import uploads
from app.handlers.proposing import Guess, class_number, columns_for
from app.handlers.uploads import MAX_BYTES, MAX_ROWS, Table, read_table, table_of
from hmu import find_task
from hmu.text import admit

Save = Callable[[str, str | bytes], Path]
ROWS = ({"text": 'a "warm", funny; film', "label": "1"}, {"text": "dull\tand café", "label": "0"})
CSV = '"a ""warm"", funny; film"{0}1\n"dull\tand café"{0}0\n'


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def save(name: str, content: str | bytes) -> Path:
        file = tmp_path / "private" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return save


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def shown(rows: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    return [{name: cell.replace("\t", " ") for name, cell in row.items()} for row in rows]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text,label\n" + CSV.format(",")),
        ("a.csv", "text;label\n" + CSV.format(";")),
        ("a.csv", "text\tlabel\n" + CSV.format("\t")),
        ("a.tsv", "text\tlabel\n" + CSV.format("\t")),
        ("a.tsv", "text,label\n" + CSV.format(",")),
        ("A.CSV", "\n text , label \r\n" + CSV.format(",").replace("\n", "\r\n") + " , \r\n\r\n"),
        ("a.csv", "\ufefftext,label\n" + CSV.format(",")),
        ("a.jsonl", lines(*ROWS)),
        ("a.json-lines", "\ufeff\n" + lines(*ROWS).replace("\n", "\r\n\r\n")),
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_one_table_in_any_dress_is_one_table(save: Save, name: str, content: str, packed: bool) -> None:
    file = save(f"{name}.gz" if packed else name, gzip.compress(content.encode()) if packed else content)
    assert read_table(file) == Table(("text", "label"), tuple(shown(ROWS)), (), file.name)


def test_a_header_that_quotes_other_delimiters_is_cut_at_its_own(save: Save) -> None:
    table = read_table(save("a.csv", '"text, in full, or not";label\nfine;1\n'))
    assert table.rows == ({"text, in full, or not": "fine", "label": "1"},)


def test_a_column_alone_needs_no_delimiter(save: Save) -> None:
    assert read_table(save("a.csv", "text\nfine film\n")).rows == ({"text": "fine film"},)


def test_a_cell_may_hold_line_breaks(save: Save) -> None:
    assert read_table(save("a.csv", 'text,label\n"one\ntwo\u2028three",1\n')).rows[0]["text"] == "one two three"


def test_a_column_without_a_name_gets_one(save: Save) -> None:
    assert read_table(save("a.csv", ",text\n0,fine\n")).columns == ("column 1", "text")


def test_json_columns_are_those_of_all_rows_and_a_missing_cell_is_none(save: Save) -> None:
    table = read_table(save("a.jsonl", lines({"a": 1}, {"b": ["x", "y "], "a": None}, {"c": True})))
    assert table.columns == ("a", "b", "c")
    assert [tuple(row.values()) for row in table.rows] == [
        (1, None, None),
        (None, ["x", "y"], None),
        (None, None, True),
    ]


def test_what_a_cell_cannot_be_is_its_json_text(save: Save) -> None:
    table = read_table(save("a.jsonl", lines({"a": {"b": [1]}, "c": ["dog", 3]})))
    assert table.rows == ({"a": '{"b": [1]}', "c": '["dog", 3]'},)


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "  é\tü\r\n ",
        "x" * 3000,
        " " * 3000 + "x",
        "a\u2028b\x1cc",
        "a\x00\u202eb",
        "👩\u200d👧",
        "\ufffe!",
        "\xada",
    ],
)
def test_a_cell_is_what_may_be_read_of_it(save: Save, text: str) -> None:
    """Catches a short cut around `admit` that lets something through."""
    table = read_table(save("a.jsonl", lines({"text": text})))
    assert table.rows[0]["text"] == admit(text).text
    assert table.notes == tuple(f"Row 1, text: {note}" for note in admit(text).notes)


def test_a_cell_with_nothing_to_read_is_empty(save: Save) -> None:
    assert read_table(save("a.jsonl", lines({"text": "\x00\u202e \n"}))).rows == ({"text": ""},)


def test_notes_are_few_however_many_cells_were_changed(save: Save) -> None:
    notes = read_table(save("a.jsonl", lines(*[{"text": "a\x07b"}] * 50))).notes
    assert notes[4] == "Row 5, text: Left out 1 control or direction characters (U+0007)."
    assert notes[5:] == ("45 more changes of this kind.",)


def test_a_name_is_cleaned_as_a_cell_is(save: Save) -> None:
    assert read_table(save("a.jsonl", lines({"te\x1b[31mxt\u202e": "x", "\x00": "y"}))).columns == (
        "te[31mxt",
        "column 2",
    )


def test_a_table_at_the_limits_is_taken(save: Save) -> None:
    row = {f"c{place}": "x" for place in range(100)}
    assert len(read_table(save("a.jsonl", lines(row))).columns) == 100
    assert len(read_table(save("a.csv", "text\n" + "x\n" * 2000)).rows) == 2000
    assert read_table(save("b.jsonl", b'{"a":1}'.ljust(MAX_BYTES))).rows == ({"a": 1},)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.xlsx", "PK", "a.xlsx: unknown kind of file; give .csv, .tsv, .jsonl, .json-lines"),
        ("a.gz", "x", "a.gz: unknown kind of file"),
        ("a.csv", "", "a.csv: no rows; give a header and rows"),
        ("a.csv", "text,label\n\n,\n", "a.csv: no rows"),
        ("a.jsonl", "\n\n", "a.jsonl: no rows"),
        ("a.jsonl", "{}\n", "a.jsonl: no rows"),
        ("a.csv", "text,label\nfine,1\n\nb,c,0\n", "a.csv, row 2, line 4: cells: 3, in the header: 2; quote cells"),
        ("a.csv", "text,label\nfine\n", "a.csv, row 1, line 2: cells: 1, in the header: 2"),
        ("a.csv", 'text,label\n"one\ntwo",1\n"open,1\nx,0\n', "a.csv, row 2, line 5: unexpected end of data; close"),
        ("a.csv", 'text,label\n"so" he said,1\n', "a.csv, row 1, line 2: ',' expected after '\"'; close each quote"),
        ("a.csv", "text,label\n" + "x" * 200_000 + ",1\n", "a.csv, row 1, line 2: field larger than field limit"),
        ("a.csv", "text,text\nx,y\n", 'a.csv, header, line 1: two columns are called "text"; rename one'),
        ("a.csv", "," * 4_000_000, "a.csv: no rows"),
        ("a.csv", "x," * 2_000_000, "a.csv, header, line 1: more than 100 columns"),
        ("a.csv", "text\n" + "x\n" * 2001, "a.csv, row 2,001: at most 2,000 rows are taken"),
        ("a.jsonl", '{"a": 1}\n\n{oops\n', "a.jsonl, row 2, line 3: not JSON (Expecting property name"),
        ("a.jsonl", "[1, 2]\n", "a.jsonl, row 1, line 1: not an object; put one object"),
        ("a.jsonl", '{"a": NaN}\n', "a.jsonl, row 1, line 1: not JSON (NaN is no number)"),
        (
            "a.jsonl",
            '{"a": ' + "9" * 5000 + "}\n",
            "a.jsonl, row 1, line 1: not JSON (a number or a nesting",
        ),
        ("a.jsonl", '{"a": ' + "[" * 200_000 + "\n", "a.jsonl, row 1, line 1: not JSON (a number or a nesting"),
        ("a.jsonl", lines({f"c{n}": 1 for n in range(101)}), "a.jsonl, row 1: more than 100 columns; send only"),
        ("a.jsonl", "".join(lines({f"c{n}": 1}) for n in range(101)), "a.jsonl, row 101: more than 100 columns"),
        ("a.jsonl", lines({"a": 1}, {"a ": 1}), 'a.jsonl, row 2: two columns are called "a"; rename one'),
        ("a.csv", "text\nfine\ncafé\n".encode("latin-1"), "a.csv, line 3: not UTF-8; save the file as UTF-8"),
        ("a.csv", "text\nfine\n".encode("utf-16"), "a.csv, line 1: not UTF-8"),
        ("a.csv.gz", "text\nfine\n", "a.csv.gz: not a whole gzip file"),
        ("a.csv.gz", gzip.compress(b"text\nfine\n", mtime=0)[:-9], "a.csv.gz: not a whole gzip file"),
        ("a.csv", "x" * (MAX_BYTES + 1), "a.csv: more than 5 MB, unpacked; send fewer rows"),
        ("a.jsonl.gz", gzip.compress(b" " * (MAX_BYTES + 1)), "a.jsonl.gz: more than 5 MB, unpacked"),
        ("a.jsonl.gz", gzip.compress(b"") * 260_000, "a.jsonl.gz: more than 5 MB, unpacked"),
    ],
)
def test_a_fault_is_named_by_file_and_row_and_never_by_folder(
    save: Save, name: str, content: str | bytes, told: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(told)}") as refusal:
        read_table(save(name, content))
    assert "private" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 200


def test_a_file_that_is_gone_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^gone\.csv: no such file; upload it again$"):
        read_table(tmp_path / "gone.csv")


def test_a_bomb_is_not_unpacked(save: Save) -> None:
    file = save("bomb.jsonl.gz", gzip.compress(bytes(20 * MAX_BYTES)))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="more than 5 MB"):
            read_table(file)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MAX_BYTES


def table(**columns: list[Any]) -> Table:
    names = tuple(columns)
    return Table(names, tuple(dict(zip(names, cells, strict=True)) for cells in zip(*columns.values(), strict=True)))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("text", "rows: 'text'; give a list of objects, one for each row"),
        ({"text": "a"}, "rows: {'text': 'a'}; give a list"),
        ([], r"rows: \[\]; give a list"),
        ([{"text": "a"}, None], "rows, row 2: None; give an object with text and, if wanted, answer"),
        ([{"answer": 1}], "rows, row 1: .*; give an object with text"),
        ([{"text": "a", "more": 1}], "rows, row 1: .*; give an object with text"),
        ([{"text": "a"}] * (MAX_ROWS + 1), "rows, row 2,001: at most 2,000 rows"),
        ([{"text": "a" * MAX_BYTES}], "rows: more than 5 MB"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_list_of_objects_is_held_to_the_limits_of_a_file(rows: object, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        table_of("rows", rows, ("text", "answer"))


def test_a_list_nested_without_end_is_refused() -> None:
    nested: list[Any] = []
    for _ in range(5_000):
        nested = [nested]
    with pytest.raises(ValueError, match="rows: nested too deeply"):
        table_of("rows", nested, ("text",))


def test_a_list_of_objects_is_the_table_of_the_same_json_lines(save: Save) -> None:
    rows = [{"text": "a\x07b ", "answer": 1}, {"text": ["dog", "ball"]}]
    file = read_table(save("rows.jsonl", lines(*rows)))
    assert table_of("rows.jsonl", rows, ("text", "answer")) == file


@pytest.mark.parametrize(
    ("task", "given", "expected"),
    [
        ("sst2", table(id=["0", "1"], sentence=["a", "b"], label=["1", "0"]), Guess("sentence", "label")),
        ("sst2", table(Label=["POSITIVE"], Review=["fine"], note=["a long note"]), Guess("Review", "Label")),
        ("sst2", table(label=["1", "oops"], text=["a", None], flag=[0, 1]), Guess("text", "label")),
        ("sst2", table(what=["a short one"], who=["x"], said=["negative"]), Guess("what", "said")),
        ("sst2", table(what=["fine film"], who=["x"]), Guess("what", None)),
        ("sst2", table(only=["1"]), Guess("only", None)),
        ("ag_news", table(topic=["sports"], n=[3], title=["a"]), Guess("title", "topic")),
        ("mrpc", table(n=[7], sentence1=["a"], sentence2=["b"], label=[1]), Guess("sentence1", "label", "sentence2")),
        ("mnli", table(Hypothesis=["b"], label=["neutral"], Premise=["a"]), Guess("Premise", "label", "Hypothesis")),
        ("qnli", table(idx=["0"], question=["a?"], sentence=["b"], label=[0]), Guess("question", "label", "sentence")),
        ("rte", table(premise=["a"], hypothesis=["b"]), Guess("premise", None, "hypothesis")),
        ("rte", table(text=["a"], second=["b"], answer=[1]), Guess("text", "answer", "second")),
        ("mrpc", table(no=["x"], said=["a dog"], heard=["a cat"]), Guess("said", None, "heard")),
        ("mrpc", table(n=[7], m=[8], said=["a dog"]), Guess("said", None, "n")),
        ("mrpc", table(said=["a dog"], label=[1]), Guess("said", "label", None)),
        ("mrpc", table(label=[1]), Guess("label", None, None)),
        ("common_gen", table(n=[0], concepts=[["a", "b"]], target=["A b."]), Guess("concepts", "target")),
        ("common_gen", table(target=["A dog."], words=["dog"]), Guess("words", "target")),
        ("common_gen", table(said=["A dog."], id=["x"], asked=[["dog", "cat"]]), Guess("asked", "said")),
        ("common_gen", table(words=["dog"]), Guess("words", None)),
        ("common_gen", table(n=[1], m=[2]), Guess("n", None)),
    ],
)
def test_the_columns_proposed_are_those_a_person_would_pick(task: str, given: Table, expected: Guess) -> None:
    assert columns_for(given, task) == expected


@pytest.mark.parametrize(
    ("cell", "number"),
    [(0, 0), (3, 3), ("2", 2), (" sci/tech ", 3), ("WORLD", 0), ("Sports", 1)]
    + [(cell, None) for cell in (4, -1, "4", "-1", "", "1.0", 1.0, True, None, [1], "²", "worlds")],
)
def test_a_class_is_its_number_or_its_name_in_any_case(cell: object, number: int | None) -> None:
    assert class_number(find_task("ag_news"), cell) == number


def test_every_kind_is_read(save: Save) -> None:
    contents = {".csv": "a\nx\n", ".tsv": "a\nx\n", ".jsonl": lines({"a": "x"}), ".json-lines": lines({"a": "x"})}
    assert {kind: read_table(save(f"f{kind}", contents[kind])).rows for kind in uploads.KINDS} == {
        kind: ({"a": "x"},) for kind in contents
    }
