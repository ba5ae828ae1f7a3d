"""From a text to probabilities, one call after the other."""

import pytest
import torch

from hmu import Checkpoint, Controls, class_probabilities, class_probabilities_each, read, remember, remember_each


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
    with pytest.raises(ValueError, match='task "cola" is unknown; choose one of common_gen, ag_news, sst2'):
        read(checkpoint, "cola", "a text")


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
