"""Words asked of a beam search, against sums and searches done another way."""

import math

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.decoders import Metaspace as MetaspaceDecoder
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Metaspace
from transformers import PreTrainedTokenizerFast

from hmu import Checkpoint, Controls, wanted
from hmu.beams import beam_search
from hmu.evaluation.score import score
from hmu.memory import Remembered
from hmu.reading import read, remember
from hmu.tasks import Example, find_task
from hmu.wanted import WantedWords, used

COMMON_GEN = find_task("common_gen")
SETS = (Example("dog ball throw", references=("A dog throws.",)), Example("king film", references=("The king films.",)))


def memory_of(checkpoint: Checkpoint, text: str = "dog, ball, throw") -> Remembered:
    return remember(checkpoint, read(checkpoint, "common_gen", text), Controls())


def test_words_are_used_by_stem_and_counted_as_often_as_they_are_asked_for() -> None:
    assert used("The Dogs were running; a dog ran.", ["dog", "run", "ran", "cat", "dog"]) == 4


@pytest.mark.parametrize("text", [" The dogs surf on the surface", " surfing kings", " a film of dogs and a dog", " x"])
def test_what_is_added_along_a_text_is_what_its_missing_words_cost(hmu_checkpoint: Checkpoint, text: str) -> None:
    """Would catch a word that is paid twice, or kept although its end made another word of it: surf, surface."""
    words, tokenizer = ["dog", "surf", "king", "film"], hmu_checkpoint.tokenizer
    tokens = [1, *tokenizer(text)["input_ids"]]
    asked = WantedWords(tokenizer, [words], cost=1.5)
    flat = torch.zeros(1, len(tokenizer))
    flat[0, tokens[1:]] = 1.0  # among the likeliest, which alone are looked at
    added = [
        float(asked(torch.tensor([tokens[:place]]), flat.clone())[0, token] - flat[0, token])
        for place, token in enumerate(tokens[1:], 1)
    ]
    whole = tokenizer.decode(tokens[1:], skip_special_tokens=True)
    assert sum(added) == pytest.approx(-1.5 * (len(words) - used(whole, words)))


def test_the_mark_of_a_new_word_parts_words_and_a_model_may_have_more_scores_than_pieces() -> None:
    """As SentencePiece has it (T5): its pieces lose their space where a text starts."""
    pieces = ["<pad>", "</s>", "<unk>", "▁a", "▁dog", "s", "▁ball"]
    inner = Tokenizer(WordLevel({piece: number for number, piece in enumerate(pieces)}, unk_token="<unk>"))
    inner.pre_tokenizer, inner.decoder = Metaspace(), MetaspaceDecoder()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    assert tokenizer("a dog")["input_ids"] == [3, 4]
    asked = WantedWords(tokenizer, [["dog", "ball"]], cost=1.5)
    for written, gained in (
        ([3], {4: 1.5, 6: 1.5}),
        ([3, 4], {6: 1.5}),
        ([3, 4, 5], {5: -1.5, 6: 1.5}),
        ([3, 4, 6], {5: 0.0}),
    ):
        scores = asked(torch.tensor([[0, *written]]), torch.zeros(1, 10))
        assert scores[0].tolist() == [gained.get(token, 0.0) for token in range(10)]


def test_with_beams_enough_it_finds_what_trying_everything_finds(
    hmu_checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every text of two tokens, and the empty one: ranked by (log p − cost · missing) / length, and of as many as there
    are beams the likeliest of those with most words."""
    model, tokenizer, cost = hmu_checkpoint.model, hmu_checkpoint.tokenizer, 3.0
    monkeypatch.setattr(wanted, "_WEIGHED", len(tokenizer))
    remembered, words, size = memory_of(hmu_checkpoint), ["a", "i"], model.config.vocab_size
    start, end = model.config.decoder_start_token_id, model.config.eos_token_id
    with torch.inference_mode():
        first = model.decode(torch.tensor([[start]]), remembered).logits[0, -1].log_softmax(-1)
        begun = torch.tensor([[start, token] for token in range(size)])
        every = Remembered(remembered.memory.expand(size, -1, -1), remembered.mask.expand(size, -1), remembered.trace)
        second = (first[:, None] + model.decode(begun, every).logits[:, -1].log_softmax(-1)).tolist()
    pairs = [[one, two] for one in range(size) if one != end for two in range(size)]
    counts = [used(text, words) for text in tokenizer.batch_decode(pairs, skip_special_tokens=True)]
    ranked = [
        ((second[one][two] - cost * (len(words) - count)) / 2, count, [one, two])
        for (one, two), count in zip(pairs, counts, strict=True)
    ]
    ranked.append((float(first[end]) - cost * len(words), 0, [end]))
    kept = sorted(ranked, reverse=True)[:size]
    best = max(kept, key=lambda text: text[1])[2]  # the first of those with most words
    asked = WantedWords(tokenizer, [words], cost)
    assert beam_search(model, remembered, beams=size, max_new_tokens=2, wanted=asked) == [best]


def test_without_words_it_is_the_plain_search(hmu_checkpoint: Checkpoint) -> None:
    model, remembered = hmu_checkpoint.model, memory_of(hmu_checkpoint)
    assert model.config.beam_length_penalty == 1.0
    plain = beam_search(model, remembered, beams=4, max_new_tokens=12)
    assert beam_search(model, remembered, 4, 12, WantedWords(hmu_checkpoint.tokenizer, [[]])) == plain


def test_a_dear_word_is_written_wherever_a_beam_can_write_it(hmu_checkpoint: Checkpoint) -> None:
    """A cost that outweighs any token brings in what stands among the likeliest tokens at some step."""
    model, tokenizer, remembered = hmu_checkpoint.model, hmu_checkpoint.tokenizer, memory_of(hmu_checkpoint)
    (plain,) = beam_search(model, remembered, beams=8, max_new_tokens=12)
    with torch.inference_mode():
        first = model.decode(torch.tensor([[1]]), remembered).logits[0, -1].topk(20).indices.tolist()
    texts = [tokenizer.decode([token]).strip() for token in first]
    word = next(text for text in texts if text.isalpha() and not used(tokenizer.decode(plain), [text]))
    (found,) = beam_search(model, remembered, 8, 12, WantedWords(tokenizer, [[word]], cost=1e4))
    assert used(tokenizer.decode(found, skip_special_tokens=True), [word]) == 1


def test_of_equal_texts_the_likelier_is_taken_and_of_others_the_one_with_more_words(hmu_checkpoint: Checkpoint) -> None:
    tokenizer = hmu_checkpoint.tokenizer
    asked = WantedWords(tokenizer, [["dog", "ball"]])
    texts = [tokenizer(text)["input_ids"] for text in ("a cat", "the dog", "a dog", "dog and ball", "ball and dog")]
    assert [asked.most(0, texts[:count]) for count in (1, 3, 5)] == [0, 1, 3]


def test_each_memory_is_asked_for_its_own_words_in_a_batch_as_alone(hmu_checkpoint: Checkpoint) -> None:
    (found,) = score(hmu_checkpoint, COMMON_GEN, SETS, wanted=True)
    alone = [score(hmu_checkpoint, COMMON_GEN, [example], wanted=True)[0].answers[0] for example in SETS]
    assert list(found.answers) == alone


def test_what_cannot_be_asked_is_refused(hmu_checkpoint: Checkpoint) -> None:
    tokenizer, remembered = hmu_checkpoint.tokenizer, memory_of(hmu_checkpoint)
    for cost in (-1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="cost of a missing word"):
            WantedWords(tokenizer, [["dog"]], cost)
    with pytest.raises(ValueError, match="for 2 of 1 memories"):
        beam_search(hmu_checkpoint.model, remembered, 2, 4, WantedWords(tokenizer, [["dog"], ["cat"]]))
    with pytest.raises(ValueError, match="not asked for any words"):
        score(hmu_checkpoint, find_task("roc_stories"), [Example("A b.", references=("C.",))], wanted=True)
