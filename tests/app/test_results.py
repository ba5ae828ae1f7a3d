"""Results made by hand: what differs most, and what is taken away as CSV and JSON."""

import csv
import io
import json
import math
from dataclasses import replace

import pytest

from app.handlers.results import Answer, Column, Question, Result, Row, differ_most, table_csv, table_json
from hmu import Controls


def by_hand(*rows: Row, classes: tuple[str, ...] = (), asked: str | None = "right") -> Result:
    columns = (Column("one", Controls()), Column("other", Controls(-2.0, 1.0, 3)))[: len(rows[0].answers)]
    return Result(Question("any", "text", asked), classes, columns, rows)


def classed(number: int, *first: float) -> Row:
    given = ((*first,), (0.5, 0.25, 0.25))
    return Row(number, "text", (), tuple(Answer("a", max(one), one) for one in given))


def worded(number: int, *outputs: str) -> Row:
    return Row(number, "text", ("right", "also"), tuple(Answer(output, 0.5) for output in outputs))


def test_classes_differ_by_total_variation_whatever_is_answered() -> None:
    rows = (classed(1, 0.5, 0.25, 0.25), classed(2, 0.1, 0.1, 0.8), classed(3, 0.75, 0.25, 0.0))
    assert [row.difference for row in rows] == pytest.approx([0, 0.55, 0.25])
    result = by_hand(*rows, classes=("a", "b", "c"))
    assert [row.number for row in differ_most(result, 2)] == [2, 3]


def test_sentences_differ_by_the_words_they_do_not_share() -> None:
    rows = (
        worded(1, "A dog.", "A dog."),
        worded(2, "A dog runs.", "a dog and a dog"),
        worded(3, "A dog.", "a dog"),
        worded(4, "A dog.", "Two cats"),
        worded(5, "", ""),
    )
    assert [row.difference for row in rows] == pytest.approx([0, 1 - 2 / 6, 0, 1, 0])
    assert [row.number for row in differ_most(by_hand(*rows))] == [4, 2, 3, 1, 5]


def test_a_single_column_differs_from_nothing() -> None:
    result = by_hand(worded(1, "A dog."))
    assert result.rows[0].difference is None
    assert differ_most(result) == ()


def test_the_csv_leaves_out_what_there_is_not() -> None:
    assert table_csv(by_hand(worded(1, "A dog."), asked=None)).splitlines()[0] == (
        "row,text,one: output,one: probability"
    )


def test_both_texts_are_taken_away_and_neither_is_computed() -> None:
    row = Row(1, "A dog.", ("right",), (Answer("a", 0.5),), "=cmd()")
    result = replace(by_hand(row), question=Question("any", "text", "right", "other"))
    head, line = csv.reader(io.StringIO(table_csv(result), newline=""))
    assert head[:4] == ["row", "text", "second", "answer"]
    assert line[:4] == ["1", "A dog.", "'=cmd()", "right"]
    assert json.loads(table_json(result))["rows"][0]["second"] == "=cmd()"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_spreadsheet_computes_a_cell_of_the_csv(start: str) -> None:
    hostile = f'{start}HYPERLINK("x")'
    row = Row(1, hostile, (hostile,), (Answer(hostile, 0.5), Answer("fine - or = not", 0.25)))
    _, line = csv.reader(io.StringIO(table_csv(by_hand(row)), newline=""))
    assert line[:6] == ["1", f"'{hostile}", f"'{hostile}", f"'{hostile}", "0.5", "fine - or = not"]


def test_the_json_holds_everything() -> None:
    result = by_hand(worded(1, "A dog.", "=a cat"))
    columns = (Column("one", Controls(-math.inf), {"bleu": 3.5}), result.columns[1])
    value = json.loads(table_json(replace(result, columns=columns)))
    asked = {"task": "any", "text_column": "text", "answer_column": "right", "second_column": None}
    assert value["question"] == asked
    assert value["columns"][0]["controls"]["gate_bias"] == "-inf"
    assert value["columns"][0]["metrics"] == {"bleu": 3.5}
    assert value["columns"][1]["name"] == "other (δ -2, τ 1, seed 3)"
    assert value["rows"][0]["answers"][1] == {"output": "=a cat", "probability": 0.5, "distribution": []}
    assert value["rows"][0]["difference"] == result.rows[0].difference
