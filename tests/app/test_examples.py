"""The examples: each says what to look at, and on the embedded pair there is something to be seen."""

import pytest

from app import words
from app.tabs.columns import examples_of, samples_of, worth_seeing
from hmu import Checkpoint, Controls, Decoding, find_task, read, remember, stream
from zoo.catalog import read_catalog
from zoo.shelf import Shelf

LATENT, AS_TRAINED = Controls(gate_bias=-8.0), Controls()
WRITTEN, NEWS = (words.EXAMPLE_TEXTS[task] for task in ("common_gen", "ag_news"))


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf(read_catalog(), device="cpu", dtype="fp32")


@pytest.fixture(scope="module")
def hmu(shelf: Shelf) -> Checkpoint:
    return shelf.get("trio-hmu")


def text_of(checkpoint: Checkpoint, prompt: str, controls: Controls = AS_TRAINED) -> str:
    remembered = remember(checkpoint, read(checkpoint, "common_gen", prompt), controls)
    return "".join(step.piece for step in stream(checkpoint, remembered, Decoding())).strip()


def gates(checkpoint: Checkpoint, task: str, text: str) -> dict[str, float]:
    source = read(checkpoint, task, text)
    trace = remember(checkpoint, source, AS_TRAINED).trace
    assert trace.gate is not None
    means = trace.gate[0].mean(-1).tolist()
    return dict(zip((token.strip() for token in source.tokens), means, strict=True))


def test_every_example_says_what_to_look_at_and_nothing_else_does() -> None:
    assert set(words.LOOK_AT) == {text for texts in words.EXAMPLE_TEXTS.values() for text in texts}


def test_no_example_of_two_texts_is_cut_where_it_is_offered() -> None:
    """Gradio cuts the label of an example to 60 characters."""
    labels = [label for name in words.EXAMPLES_OF_TWO for label in samples_of(find_task(name))["sample_labels"]]
    assert len(labels) == len(set(labels)) >= 12
    assert [label for label in labels if len(label) > 60] == []


def test_a_story_is_offered_by_its_first_sentence_and_a_long_sentence_as_it_is() -> None:
    stories, news = (samples_of(find_task(name))["sample_labels"] for name in ("roc_stories", "ag_news"))
    assert stories[0] == "Mara wanted to bake a cake for her brother. …"
    assert news == list(NEWS)


@pytest.mark.parametrize("task", words.EXAMPLES_OF_TWO)
def test_an_example_of_two_texts_is_told_what_to_look_at_while_both_stand_there(task: str) -> None:
    for (first, second), told in words.EXAMPLES_OF_TWO[task].items():
        assert worth_seeing(first, second) == told
        assert worth_seeing(first, f"{second} ") == worth_seeing(first) == ""


def test_no_two_tasks_begin_with_the_same_example() -> None:
    """Or nothing would change when one is picked after the other, and nothing be asked anew."""
    first = [examples_of(find_task(name))[0][0] for name in (*words.EXAMPLE_TEXTS, *words.EXAMPLES_OF_TWO)]
    assert len(first) == len(set(first))


@pytest.mark.parametrize("task", words.EXAMPLE_TEXTS)
def test_the_gate_differs_visibly_between_the_words_of_every_example(hmu: Checkpoint, task: str) -> None:
    for text in words.EXAMPLE_TEXTS[task]:
        found = gates(hmu, task, text)
        inside = [gate for token, gate in found.items() if token != "</s>"]
        assert max(inside) - min(inside) > 0.06, text
        assert found["</s>"] < min(inside) / 2, text


@pytest.mark.parametrize("prompt", [prompt for prompt in WRITTEN if "ski" not in prompt])
def test_the_latent_alone_writes_something_else(hmu: Checkpoint, prompt: str) -> None:
    assert text_of(hmu, prompt, LATENT) != text_of(hmu, prompt)
