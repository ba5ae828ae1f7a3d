"""The synthetic rows: each made from its address alone, and right by construction."""

import pytest
import torch

from hmu.tasks.synthetic import (
    COPY,
    END,
    FIRST,
    GAP,
    PAD,
    QUERY,
    START,
    TOKENS,
    VOCABULARY,
    Row,
    copy,
    join,
    recall,
    retention,
)

SHAPES = ((64, 4), (128, 8), (256, 16), (512, 64), (4, 1))


def equal(one: Row, other: Row) -> bool:
    pairs = ((one.source, other.source), (one.asked, other.asked), (one.answers, other.answers))
    return all(torch.equal(a, b) for a, b in pairs)


def test_a_row_is_the_same_whatever_was_drawn_before_it() -> None:
    """Would catch a generator that rows share, and one that depends on torch's global seed."""
    many = [(retention(3, i, 20), recall(3, i, 64, 4), copy(3, i, 20)) for i in range(6)]
    torch.manual_seed(1)
    alone = (retention(3, 5, 20), recall(3, 5, 64, 4), copy(3, 5, 20))
    assert [equal(a, b) for a, b in zip(many[5], alone, strict=True)] == [True] * 3


@pytest.mark.parametrize(("seed", "index"), [(3, 6), (4, 5)])
def test_another_address_is_another_row(seed: int, index: int) -> None:
    for make in (lambda s, i: retention(s, i, 20), lambda s, i: recall(s, i, 64, 4), lambda s, i: copy(s, i, 20)):
        assert not torch.equal(make(3, 5).source, make(seed, index).source)


def test_tasks_do_not_share_their_draws() -> None:
    assert not torch.equal(retention(3, 5, 19).source[:20], copy(3, 5, 20).source[:20])


@pytest.mark.parametrize("steps", [0, 1, 10, 400])
def test_a_retention_row_is_a_token_its_fillers_and_the_query(steps: int) -> None:
    row = retention(0, 1, steps)
    text = row.source[:-1]
    assert (len(text), int(row.source[-1])) == (steps + 1, QUERY)
    assert (int(text.min()) >= FIRST, int(text.max()) < VOCABULARY) == (True, True)
    assert (row.asked.tolist(), row.answers.tolist()) == ([START, int(text[0])], [int(text[0]), END])


def test_a_longer_retention_row_begins_with_the_shorter() -> None:
    """So that figures for two t are of the same tokens."""
    short, long = (retention(0, 9, steps).source[:-1] for steps in (10, 400))
    assert torch.equal(long[:11], short)


def test_tokens_and_fillers_are_drawn_from_the_whole_vocabulary() -> None:
    """In 8,192 · 20 draws each of the tokens is missing with probability e⁻²⁰."""
    tokens = torch.cat([retention(0, i, 511).source[:-1] for i in range(320)])
    assert len(tokens.unique()) == TOKENS


def test_a_copy_row_asks_for_its_source() -> None:
    row = copy(2, 1, 9)
    assert row.source.tolist()[-1] == COPY
    assert row.answers.tolist() == [*row.source.tolist()[:-1], END]
    assert row.asked.tolist() == [START, *row.source.tolist()[:-1]]


@pytest.mark.parametrize(("length", "pairs"), SHAPES)
def test_a_recall_rows_keys_are_distinct_and_each_is_asked_once_for_its_own_value(length: int, pairs: int) -> None:
    for index in range(20):
        row = recall(0, index, length, pairs)
        source = row.source.tolist()
        keys, values, rest = source[: 2 * pairs : 2], source[1 : 2 * pairs : 2], source[2 * pairs :]
        assert (len(source), len(set(keys)), len(set(values))) == (length, pairs, pairs)
        assert all(FIRST <= key < FIRST + TOKENS // 2 <= value < VOCABULARY for key in keys for value in values)
        questions = [token for token in rest if token != GAP]
        assert (sorted(questions), row.asked.tolist()) == (sorted(keys), questions)
        assert row.answers.tolist() == [values[keys.index(question)] for question in questions]
        assert all(token == GAP for token in rest[1::2])


def test_questions_come_sooner_than_evenly() -> None:
    """The power law's gaps: the median place of 4 questions in 240 slots is near the beginning."""
    places = [
        place
        for index in range(200)
        for place, token in enumerate(recall(0, index, 488, 4).source[8:].tolist())
        if token != GAP
    ]
    assert sorted(places)[len(places) // 2] < 120


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: retention(0, 0, -1), "retention: -1 steps"),
        (lambda: copy(0, 0, 0), "copy: 0 tokens"),
        (lambda: recall(0, 0, 64, 17), "recall: 17 pairs in 64 tokens"),
        (lambda: recall(0, 0, 64, 0), "recall: 0 pairs"),
    ],
)
def test_a_row_that_cannot_be_is_refused(make, told: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=told):
        make()


def test_joined_rows_are_padded_at_the_end_and_masked_there() -> None:
    rows = [retention(0, 0, 2), retention(0, 1, 5)]
    batch = join(rows)
    assert batch.source[0].tolist() == [*rows[0].source.tolist(), PAD, PAD, PAD]
    assert batch.mask.tolist() == [[1, 1, 1, 1, 0, 0, 0], [1] * 7]
    mixed = join([recall(0, 0, 16, 3), recall(0, 1, 16, 1)])
    assert mixed.answers[1].tolist()[1:] == [-100, -100]
