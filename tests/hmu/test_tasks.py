"""From a row to an example, from one example to others, and from many rows to one input."""

from random import Random
from typing import Any

import pytest

from hmu import TASKS, find_task
from hmu.evaluation.sources import SOURCES
from hmu.tasks import Example, Task

_BEGUN = "1 is here. 2 is here. 3 is here. 4 is here."
CLOZE = {
    **{f"input_sentence_{n}": f"{n} is  here. " for n in range(1, 5)},
    "sentence_quiz1": "She sleeps.",
    "sentence_quiz2": "She  wins.",
    "answer_right_ending": 2,
}


@pytest.mark.parametrize(
    ("task", "typed", "prepared"),
    [
        ("common_gen", " Dog, ball;\tThrow  ", "dog ball throw"),
        ("common_gen", "dog\u3000ball\u3000", "dog ball"),
        ("common_gen", " ,; ", ""),
        ("ag_news", "Stocks  fell\non Wall Street ", "Stocks fell on Wall Street"),
        ("sst2", "A  GRIPPING film", "a gripping film"),
    ],
)
def test_a_typed_text_becomes_what_the_model_was_trained_on(task: str, typed: str, prepared: str) -> None:
    assert find_task(task).prepare(typed) == prepared


@pytest.mark.parametrize(
    ("task", "row", "example"),
    [
        (
            "common_gen",
            {"concept_set_idx": 7, "concepts": ["ski", "mountain"], "target": "He skis."},
            Example(source="ski mountain", references=("He skis.",), group="7"),
        ),
        (
            "ag_news",
            {"text": "Stocks  fell", "label": 2},
            Example(source="Stocks fell", label=2, group="Stocks  fell"),
        ),
        ("sst2", {"sentence": "a Film ", "label": 1}, Example(source="a film", label=1, group="a Film ")),
        (
            "mrpc",
            {"sentence1": "Shares  rose .", "sentence2": " They gained.", "label": 1},
            Example(source="Shares rose .", second="They gained.", label=1, group="Shares  rose ."),
        ),
        (
            "rte",
            {"sentence1": "Two boats came.", "sentence2": "Boats came.", "label": 0},
            Example(source="Two boats came.", second="Boats came.", label=0, group="Two boats came."),
        ),
        (
            "qnli",
            {"question": "When?", "sentence": "In 1932.", "label": 0},
            Example(source="When?", second="In 1932.", label=0, group="When?"),
        ),
        (
            "mnli",
            {"premise": "A man plays.", "hypothesis": "Nobody plays.", "label": 2},
            Example(source="A man plays.", second="Nobody plays.", label=2, group="A man plays."),
        ),
        (
            "cola",
            {"sentence": "The dog bark. ", "label": 0},
            Example(source="The dog bark.", label=0, group="The dog bark. "),
        ),
        (
            "roc_stories",
            {f"sentence{n}": f"{n} is  here. " for n in range(1, 6)},
            Example("1 is here. 2 is here. 3 is here. 4 is here.", None, ("5 is here.",), _BEGUN),
        ),
        ("story_cloze", CLOZE, Example(_BEGUN, label=1, group=_BEGUN, endings=("She sleeps.", "She wins."))),
    ],
)
def test_a_row_becomes_an_example(task: str, row: dict[str, object], example: Example) -> None:
    assert find_task(task).example(row) == example


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_an_example_is_prepared_as_a_typed_text_is(task: object) -> None:
    """Catches a model that is asked in another way than it was trained."""
    rows: dict[str, dict[str, Any]] = {
        "common_gen": {"concept_set_idx": 0, "concepts": ["Ski", "mountain"], "target": ""},
        "ag_news": {"text": "Ski  mountain", "label": 0},
        "sst2": {"sentence": "Ski  mountain", "label": 0},
        "mrpc": {"sentence1": "Ski  mountain", "sentence2": "", "label": 0},
        "rte": {"sentence1": "Ski  mountain", "sentence2": "", "label": 0},
        "cola": {"sentence": "Ski  mountain", "label": 0},
        "qnli": {"question": "Ski  mountain", "sentence": "", "label": 0},
        "mnli": {"premise": "Ski  mountain", "hypothesis": "", "label": 0},
        "roc_stories": {"sentence1": "Ski  mountain", **{f"sentence{n}": "" for n in range(2, 6)}},
        "story_cloze": CLOZE | {"input_sentence_1": "Ski  mountain"} | {f"input_sentence_{n}": "" for n in (2, 3, 4)},
    }
    found = find_task(task.name)  # type: ignore[attr-defined]
    assert found.example(rows[found.name]).source.strip() == found.prepare("Ski  mountain")


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_a_task_writes_names_or_chooses_and_says_where_its_rows_are(task: Task) -> None:
    assert (task.generates, bool(task.labels), task.chooses).count(True) == 1
    assert set(task.pair) <= set(task.fields)
    assert task.hub is not None
    assert task.hub.on_request or task.scored_on.split(".")[0] in task.hub.splits
    assert SOURCES[task.name].hub == ("GEM/common_gen" if task.name == "common_gen" else task.hub.repo)


def test_the_published_tasks_have_their_classes() -> None:
    classes = {name: len(task.labels) for name, task in TASKS.items() if task.labels}
    assert classes == {"ag_news": 4, "sst2": 2, "mrpc": 2, "rte": 2, "cola": 2, "qnli": 2, "mnli": 3}


def test_interleaved_rows_of_one_concept_set_become_one_input_with_all_references() -> None:
    rows = [Example("dog", references=(reference,), group=group) for group, reference in ("1a", "2b", "1c", "3d", "2e")]
    merged = find_task("common_gen").merge(rows)
    assert [(one.group, one.references) for one in merged] == [("1", ("a", "c")), ("2", ("b", "e")), ("3", ("d",))]


def test_classification_keeps_every_row_when_merged() -> None:
    rows = [Example("same text", label=label, group="same text") for label in (0, 1)]
    assert find_task("sst2").merge(rows) == rows


def test_a_varied_set_keeps_its_concepts_and_takes_further_words_from_its_sentence() -> None:
    one = Example("dog ball", references=("The dogs threw two red balls over a fence .",), group="1")
    others = [Example("sky", references=(f"The sky is as blue as on day {n} .",), group="2") for n in range(99)]
    examples = [one, *others]
    varied = [find_task("common_gen").vary(examples, Random(seed))[0] for seed in range(200)]  # type: ignore[misc]
    sets = [example.source.split() for example in varied]
    assert all(
        {"dog", "ball"} <= set(words) <= {"dog", "ball", "threw", "two", "red", "over", "fence"} for words in sets
    )
    assert {len(words) for words in sets} == {2, 3, 4, 5}
    assert {words.index("dog") for words in sets} == {0, 1, 2, 3, 4}
    assert {(example.references, example.group) for example in varied} == {(one.references, "1")}
    assert all(len(set(words)) == len(words) for words in sets)


def test_a_sentence_is_adopted_under_the_concepts_that_its_words_stand_for() -> None:
    examples = [
        Example("dog throw ball", references=("Two dogs are throwing balls and she was happy .",)),
        Example("ski wash", references=("He washes and skis .",)),
        *[Example("sky", references=(f"It was the sky of day {n} .",)) for n in range(9)],
    ]
    sentences = ["She was throwing balls for her dogs.", "The dogs slept.", "It was his wash."]
    adopted = [find_task("common_gen").adopt(sentences, examples, Random(seed)) for seed in range(20)]  # type: ignore[misc]
    (first,) = adopted[0]
    assert {frozenset(one.source.split()) for (one,) in adopted} == {frozenset({"throw", "ball", "dog"})}
    assert len({one.source for (one,) in adopted}) > 1
    assert (first.references, first.label) == ((sentences[0],), None)


@pytest.mark.parametrize("task", ["ag_news", "sst2"])
def test_a_varied_text_lacks_some_words_and_keeps_order_and_class(task: str) -> None:
    words = [f"word{n}" for n in range(40)]
    examples = [Example(" ".join(words), label=1, group="a"), Example("film", label=0)] * 50
    varied = find_task(task).vary(examples, Random(3))  # type: ignore[misc]
    kept = [example.source.split() for example in varied[::2]]
    assert all([word for word in words if word in one] == one for one in kept)
    assert 0.8 < sum(map(len, kept)) / (50 * 40) < 0.9
    assert {example.source for example in varied[1::2]} == {"film"}
    assert [(one.label, one.group) for one in varied] == [(one.label, one.group) for one in examples]


def test_a_varied_story_breaks_off_earlier_and_goes_on_as_it_did() -> None:
    told = ["Ann was late.", "She ran!", "Was the bus gone?", 'It was "late" too.']
    story = Example(" ".join(told), references=("She got on.",), group="a")
    varied = find_task("roc_stories").vary([story] * 60, Random(1))  # type: ignore[misc]
    assert {(one.source, one.references) for one in varied} == {
        (" ".join(told[:shown]), (told[shown],)) for shown in (1, 2, 3)
    }
    assert {one.group for one in varied} == {"a"}


def test_a_story_of_one_sentence_keeps_its_end() -> None:
    story = Example("Ann was late", references=("She ran.",))
    assert find_task("roc_stories").vary([story], Random(1)) == [story]  # type: ignore[misc]


def test_sets_vary_by_the_draws_alone() -> None:
    examples = [Example("dog ball run", references=("A dog runs after balls .",)) for _ in range(30)]
    first, again, other = (find_task("common_gen").vary(examples, Random(seed)) for seed in (1, 1, 2))  # type: ignore[misc]
    assert first == again
    assert first != other
