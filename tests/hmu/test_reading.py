"""From a text to probabilities, one call after the other."""

import pytest
import torch

from hmu import Checkpoint, Controls, class_probabilities, class_probabilities_each, read, remember, remember_each
from tests.hmu.support_data import without_separator


def test_a_source_is_its_tokens_and_their_states(checkpoint: Checkpoint) -> None:
    source = read(checkpoint, "common_gen", "Field,  look;stand")
    ids = checkpoint.tokenizer("field look stand", return_tensors="pt")["input_ids"]
    with torch.inference_mode():
        torch.testing.assert_close(source.states, checkpoint.model.encode(ids, torch.ones_like(ids)))
    assert "".join(source.tokens) == " field look stand</s>"


def test_a_source_too_long_for_the_model_is_cut_and_said_so(checkpoint: Checkpoint) -> None:
    source = read(checkpoint, "ag_news", "zq " * 200)
    whole = len(checkpoint.tokenizer("zq " * 199 + "zq", verbose=False)["input_ids"])
    assert (len(source.tokens), source.notes) == (24, (f"Read the first 24 of {whole} tokens.",))


def test_a_long_text_gets_both_notes(checkpoint: Checkpoint) -> None:
    notes = read(checkpoint, "ag_news", "word " * 20_000).notes
    assert [note.split(" the first ")[0] for note in notes] == ["Cut to", "Read"]


def test_a_typed_end_marker_is_text(checkpoint: Checkpoint) -> None:
    """<s> strikes through in HTML; catches a tokenizer that takes it for the start of a target."""
    source = read(checkpoint, "ag_news", "<s>a</s>")
    assert source.tokens == (*(" ", "<", "s", ">", "a", "<", "/", "s", ">"), "</s>")


@pytest.mark.parametrize("text", ["", "   ", " , ; "])
def test_a_text_without_words_is_refused(checkpoint: Checkpoint, text: str) -> None:
    with pytest.raises(ValueError, match=r"^text: empty"):
        read(checkpoint, "common_gen", text)


def test_an_unknown_task_is_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(ValueError, match='task "weather" is unknown; choose one of common_gen, ag_news, sst2'):
        read(checkpoint, "weather", "a text")


def test_a_pair_of_texts_reads_as_its_tokens_with_the_separator_between(checkpoint: Checkpoint) -> None:
    alone = [read(checkpoint, "cola", text).tokens for text in ("The team won", "a </s> film")]
    both = read(checkpoint, "mrpc", " The  team won", "a </s> film")
    assert both.tokens == (*alone[0][:-1], "<sep>", *alone[1])


@pytest.mark.parametrize(
    ("task", "second", "told"),
    [
        ("mrpc", None, "task mrpc: reads a pair of texts; give a second one, too"),
        ("sst2", "another", "task sst2: reads one text; leave the second one out"),
        ("mrpc", " ", "text: empty"),
    ],
)
def test_a_second_text_too_few_or_too_many_is_refused(
    checkpoint: Checkpoint, task: str, second: str | None, told: str
) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        read(checkpoint, task, "a text", second)


def test_a_vocabulary_without_a_separator_is_told_when_a_pair_is_asked(hmu_checkpoint: Checkpoint) -> None:
    bare = Checkpoint("bare", hmu_checkpoint.model, without_separator(hmu_checkpoint.tokenizer))
    assert read(bare, "sst2", "a film").tokens == read(hmu_checkpoint, "sst2", "a film").tokens
    with pytest.raises(ValueError, match=r"^bare: the tokenizer has no separator token"):
        read(bare, "mrpc", "a film", "another film")


def test_every_class_has_a_probability_and_they_sum_to_one(checkpoint: Checkpoint) -> None:
    source = read(checkpoint, "ag_news", "Stocks fell on Wall Street")
    probabilities = class_probabilities(checkpoint, remember(checkpoint, source, Controls()), "ag_news")
    assert tuple(probabilities) == ("World", "Sports", "Business", "Sci/Tech")
    assert sum(probabilities.values()) == pytest.approx(1)


def test_a_task_without_a_head_is_refused(checkpoint: Checkpoint) -> None:
    source = read(checkpoint, "common_gen", "dog")
    with pytest.raises(ValueError, match="this checkpoint has heads for ag_news, sst2"):
        class_probabilities(checkpoint, remember(checkpoint, source, Controls()), "common_gen")


def test_one_batch_of_controls_equals_one_call_each(checkpoint: Checkpoint) -> None:
    source = read(checkpoint, "sst2", "a funny film")
    each = [Controls(gate_bias=-3.0), Controls(temperature=1.0, seed=8), Controls(forced=(1.0, None, 0.0))]
    together = class_probabilities_each(checkpoint, remember_each(checkpoint, source, each), "sst2")
    alone = [class_probabilities(checkpoint, remember(checkpoint, source, one), "sst2") for one in each]
    assert together == [pytest.approx(one, abs=1e-6) for one in alone]


def test_more_forced_gates_than_tokens_are_refused(checkpoint: Checkpoint) -> None:
    source = read(checkpoint, "sst2", "a film")
    with pytest.raises(ValueError, match=rf"forced gates: 99 for {len(source.tokens)} source tokens"):
        remember(checkpoint, source, Controls(forced=(1.0,) * 99))
