"""Tables scored in batches against the same texts asked one at a time, and against the command line's scores."""

import csv
import io
import math
import pickle
from collections.abc import Sequence
from dataclasses import replace
from statistics import mean
from typing import Any

import pytest

from app import words
from app.desk import Desk
from app.handlers import scoring
from app.handlers.asks import Ask
from app.handlers.results import Answer, Column, Question, Result
from app.handlers.scoring import Progress, _measured, score, table_csv
from app.handlers.uploads import Table
from app.sheets import scores
from hmu import Controls, Decoding, class_probabilities, find_task, read, remember, stream
from hmu.evaluation import score as score_of_the_command_line
from hmu.evaluation.metrics import text_metrics
from hmu.tasks import Example

TURNED = Controls(gate_bias=-2.0, temperature=1.0, seed=5)
SETUPS = tuple(
    Ask(f"answers-{arm}", "", "", controls) for arm in ("baseline", "hmu") for controls in (Controls(), TURNED)
)
TEXTS = (
    "a gripping and funny film",
    "the plot is dull , the cast is worse",
    "Stocks fell",
    "the team won the cup final and the minister met the king of the hill in the field near the street café " * 2,
    "dull </s> film",
)
LABELS = ("Positive", 0, "1", "NEGATIVE", 1)
SETS = ("field, look, stand", ["ball", "dog", "throw"], '["street", "walk", "café"]', "stock")
SENTENCES = (
    "A group of people standing.",
    ["A dog.", "The dog runs after the ball."],
    "People walk.",
    '["A", "Stocks fell."]',
)
REVIEWS, CONCEPTS = Question("sst2", "text", "right"), Question("common_gen", "text", "right")


def table(texts: Sequence[Any], right: Sequence[Any] | None = None) -> Table:
    given = texts if right is None else right
    rows = tuple({"text": text, "right": answer} for text, answer in zip(texts, given, strict=True))
    return Table(("text", "right"), rows, name="mine.csv")


def scored(desk: Desk, given: Table, question: Question, setups: Sequence[Ask] = SETUPS) -> Result:
    *_, last = score(desk, setups, given, question)
    assert isinstance(last, Result)
    return last


@pytest.mark.parametrize("setup", SETUPS, ids=str)
def test_classes_of_a_batch_are_those_of_each_text_alone(desk: Desk, setup: Ask) -> None:
    checkpoint = desk.shelf.get(setup.checkpoint)
    result = scored(desk, table(TEXTS), Question("sst2", "text"), [setup])
    for text, row in zip(TEXTS, result.rows, strict=True):
        remembered = remember(checkpoint, read(checkpoint, "sst2", text), setup.controls)
        alone = class_probabilities(checkpoint, remembered, "sst2")
        (answer,) = row.answers
        assert dict(zip(result.classes, answer.distribution, strict=True)) == pytest.approx(alone, abs=1e-5)
        assert answer.output == max(alone, key=lambda name: alone[name])
        assert answer.probability == max(answer.distribution)


@pytest.mark.parametrize("pair", ["answers", "endless"])
@pytest.mark.parametrize("controls", [Controls(), TURNED], ids=["as-trained", "turned"])
def test_sentences_of_a_batch_are_the_greedy_streams_of_each_text_alone(
    desk: Desk, pair: str, controls: Controls
) -> None:
    checkpoint = desk.shelf.get(f"{pair}-hmu")
    result = scored(desk, table(SETS), Question("common_gen", "text"), [Ask(checkpoint.name, "", "", controls)])
    greedy = Decoding(max_new_tokens=checkpoint.model.config.max_target_length)
    for row in result.rows:
        remembered = remember(checkpoint, read(checkpoint, "common_gen", row.text), controls)
        steps = list(stream(checkpoint, remembered, greedy))
        assert row.answers[0].output == "".join(step.piece for step in steps).strip()
        assert row.answers[0].probability == pytest.approx(math.exp(mean(step.logprob for step in steps)), abs=1e-4)


@pytest.mark.parametrize(("question", "texts"), [(REVIEWS, TEXTS), (CONCEPTS, SETS)], ids=["classes", "sentences"])
def test_no_answer_depends_on_the_batches(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, question: Question, texts: Sequence[Any]
) -> None:
    """Would catch answers left in the order of the batches, and padding that is read."""
    right = LABELS if question is REVIEWS else SENTENCES
    together = scored(desk, table(texts, right), question)
    monkeypatch.setattr(scoring, "CLASSIFIED", 2)
    monkeypatch.setattr(scoring, "WRITTEN", 1)
    apart = scored(desk, table(texts, right), question)
    assert [[a.output for a in row.answers] for row in apart.rows] == [
        [a.output for a in row.answers] for row in together.rows
    ]
    assert apart.columns == together.columns


def test_a_text_longer_than_a_model_reads_is_told(desk: Desk) -> None:
    result = scored(desk, table(TEXTS), Question("sst2", "text"), SETUPS[2:])
    assert result.notes == ("answers-hmu: cut to the first 24 tokens: 1 of 5 texts.",)


def test_classes_score_as_the_command_line_scores_them(desk: Desk) -> None:
    task, truth = find_task("sst2"), (1, 0, 1, 0, 1)
    examples = [Example(task.prepare(text), label) for text, label in zip(TEXTS, truth, strict=True)]
    for column in scored(desk, table(TEXTS, LABELS), REVIEWS, SETUPS[::2]).columns:
        (expected,) = score_of_the_command_line(desk.shelf.get(column.checkpoint), task, examples)
        assert column.metrics == {name: expected.metrics[name] for name in ("accuracy", "majority", "macro_f1")}


def test_sentences_are_measured_as_the_command_line_measures_them(desk: Desk) -> None:
    result = scored(desk, table(SETS, SENTENCES), CONCEPTS)
    concepts = [["field", "look", "stand"], ["ball", "dog", "throw"], ["street", "walk", "café"], ["stock"]]
    references = [SENTENCES[:1], SENTENCES[1], SENTENCES[2:3], ["A", "Stocks fell."]]
    for place, column in enumerate(result.columns):
        found = text_metrics([row.answers[place].output for row in result.rows], concepts, references)
        assert column.metrics == {"coverage": found.coverage, "bleu": found.bleu}
        assert column.confusion == ()
    assert result.columns[0].metrics["bleu"] > 0


def test_the_confusion_counts_every_input_where_it_belongs(desk: Desk) -> None:
    result = scored(desk, table(TEXTS, LABELS), REVIEWS)
    for place, column in enumerate(result.columns):
        pairs = [(row.right[0], row.answers[place].output) for row in result.rows]
        assert column.confusion == tuple(
            tuple(pairs.count((right, said)) for said in result.classes) for right in result.classes
        )
        hits = sum(column.confusion[i][i] for i in range(len(result.classes)))
        assert column.metrics["accuracy"] == hits / len(TEXTS)


def test_rows_with_the_same_concepts_are_one_input_with_all_their_references(desk: Desk) -> None:
    texts = ("dog, ball", "street", ["Dog", "ball"], "dog ball", "ball dog")
    result = scored(desk, table(texts, ("A dog.", "A street.", ["B.", "C."], "D.", "E.")), CONCEPTS)
    found = [(row.number, row.text, row.right) for row in result.rows]
    assert found == [
        (1, "dog, ball", ("A dog.", "B.", "C.", "D.")),
        (2, "street", ("A street.",)),
        (5, "ball dog", ("E.",)),
    ]


def test_without_an_answer_column_there_are_answers_but_no_metrics(desk: Desk) -> None:
    for question, texts in ((Question("ag_news", "text"), TEXTS), (Question("common_gen", "text"), SETS)):
        result = scored(desk, table(texts), question)
        assert [(column.metrics, column.confusion) for column in result.columns] == [({}, ())] * len(SETUPS)
        assert all(row.right == () and all(answer.output for answer in row.answers) for row in result.rows)


def test_a_checkpoint_that_counts_its_classes_otherwise_is_read_by_their_names(desk: Desk) -> None:
    before = scored(desk, table(TEXTS, LABELS), REVIEWS)
    desk.shelf.get("answers-hmu").model.config.task_labels["sst2"].reverse()
    after = scored(desk, table(TEXTS, LABELS), REVIEWS)
    for one, other in zip(before.rows, after.rows, strict=True):
        assert one.answers[2].distribution == other.answers[2].distribution[::-1]


def test_progress_runs_from_none_to_all_and_a_result_ends_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "CLASSIFIED", 2)
    *steps, last = score(desk, SETUPS[:2], table(TEXTS), Question("sst2", "text"))
    assert steps == [Progress(done, 10) for done in (0, 2, 4, 6, 8, 9, 10)]
    assert isinstance(last, Result)


def test_closing_stops_the_work(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    answer = scoring._answer

    def counted(*values: Any) -> list[Answer]:
        asked.append(values)
        return answer(*values)

    monkeypatch.setattr(scoring, "_answer", counted)
    monkeypatch.setattr(scoring, "WRITTEN", 1)
    work = score(desk, SETUPS, table(SETS), Question("common_gen", "text"))
    next(work)
    assert asked == []
    next(work)
    work.close()
    assert len(asked) == 1
    assert list(work) == []


def test_progress_and_result_cross_to_another_process(desk: Desk) -> None:
    for value in score(desk, SETUPS, table(TEXTS, LABELS), REVIEWS):
        assert pickle.loads(pickle.dumps(value)) == value


def test_the_csv_holds_the_table(desk: Desk) -> None:
    result = scored(desk, table(TEXTS, LABELS), REVIEWS, SETUPS[1:3])
    head, *lines = csv.reader(io.StringIO(table_csv(result), newline=""))
    turned = "answers-baseline (δ -2, τ 1, seed 5)"
    outputs = [f"{name}: {what}" for name in (turned, "answers-hmu") for what in ("output", "probability")]
    assert head == ["row", "text", "answer", *outputs, "difference"]
    for line, row in zip(lines, result.rows, strict=True):
        assert line[:4] == [str(row.number), row.text, row.right[0], row.answers[0].output]
        assert float(line[-1]) == pytest.approx(row.difference, abs=1e-6)


def knowing(desk: Desk, *tasks: str) -> Desk:
    """A desk whose checkpoints have learned these tasks."""
    entries = tuple(replace(entry, tasks=tasks) for entry in desk.catalog.entries)
    return replace(desk, catalog=replace(desk.catalog, entries=entries))


def test_stories_are_scored_without_concepts_and_said_so(desk: Desk) -> None:
    stories = table(["He ran. He fell.", "It rained."], ["He got up.", "We went in."])
    result = scored(knowing(desk, "roc_stories"), stories, Question("roc_stories", "text", "right"), SETUPS[:1])
    assert set(result.columns[0].metrics) == {"bleu"}
    told = scores(result, ["A"])
    assert told is not None
    assert (told["caption"], told["head"]) == (words.TEXT_SCORES, ["", "BLEU"])


def test_acceptability_is_scored_by_matthews_correlation_too() -> None:
    task, examples = find_task("cola"), [Example("a", label=label) for label in (1, 1, 0, 0)]
    column = _measured(
        Column("one", Controls()), task, examples, ["acceptable", "acceptable", "acceptable", "unacceptable"]
    )
    assert column.metrics == pytest.approx(
        {"accuracy": 0.75, "majority": 0.5, "macro_f1": 0.7333, "matthews": 0.5774}, abs=1e-4
    )
    assert column.confusion == ((1, 1), (0, 2))
