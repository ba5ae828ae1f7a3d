"""Source texts in tokens: the marks are tokens, spelt-out marks are text, and both texts of a pair survive a cut."""

import itertools

import pytest
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from hmu.tokens import longest_first, source_tokens
from tests.hmu.support_data import without_separator

END, SEP = 2, 3


@pytest.fixture
def library(tokenizer: PreTrainedTokenizerBase) -> Tokenizer:
    """The same vocabulary with a template of its own for pairs."""
    made = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    made.post_processor = TemplateProcessing(
        single="$A </s>", pair="$A <sep> $B </s>", special_tokens=[("</s>", END), ("<sep>", SEP)]
    )
    return made


@pytest.mark.parametrize("limit", [6, 7, 8, 11, 32, 64])
def test_a_pair_is_cut_as_the_library_cuts_the_longest_first(
    tokenizer: PreTrainedTokenizerBase, library: Tokenizer, limit: int
) -> None:
    library.enable_truncation(limit, strategy="longest_first")
    pairs = [("dog " * one, "ball " * other) for one, other in itertools.product((1, 2, 3, 5, 8, 40), repeat=2)]
    assert [found.ids for found in source_tokens(tokenizer, pairs, limit)] == [
        library.encode(*pair).ids for pair in pairs
    ]


@pytest.mark.parametrize("before", ["", "<sep> "])
@pytest.mark.parametrize("between", ["</s>", "</s> </s>"])
@pytest.mark.parametrize("limit", [7, 8, 11, 64])
def test_a_tokenizer_that_puts_pairs_together_in_a_way_of_its_own_has_it(
    library: Tokenizer, before: str, between: str, limit: int
) -> None:
    library.post_processor = TemplateProcessing(
        single=f"{before}$A </s>",
        pair=f"{before}$A {between} $B </s>",
        special_tokens=[("</s>", END), ("<sep>", SEP)],
    )
    theirs = PreTrainedTokenizerFast(tokenizer_object=library, eos_token="</s>", unk_token="<unk>")
    pairs = [("dog " * one, "ball " * other) for one, other in itertools.product((1, 2, 5, 40), repeat=2)]
    found = source_tokens(theirs, [*pairs, ("dog ball", None)], limit)
    wanted = [theirs(*pair, truncation="longest_first", max_length=limit)["input_ids"] for pair in pairs]
    assert [one.ids for one in found] == [*wanted, theirs("dog ball")["input_ids"]]
    assert [one.whole for one in found[:-1]] == [len(theirs(*pair)["input_ids"]) for pair in pairs]


@pytest.mark.parametrize("limit", [2, 5, 64])
def test_a_single_text_is_cut_as_the_library_cuts_it(
    tokenizer: PreTrainedTokenizerBase, library: Tokenizer, limit: int
) -> None:
    library.enable_truncation(limit)
    (found,) = source_tokens(tokenizer, [("the dog runs after the ball", None)], limit)
    assert found.ids == library.encode("the dog runs after the ball").ids
    assert found.whole >= len(found.ids)


def test_single_texts_and_pairs_go_together(tokenizer: PreTrainedTokenizerBase) -> None:
    sources = [("dog", None), ("dog", "ball"), ("dog", ""), ("", "ball")]
    together = source_tokens(tokenizer, sources, 64)
    assert together == [source_tokens(tokenizer, [source], 64)[0] for source in sources]
    assert [found.ids.count(SEP) for found in together] == [0, 1, 1, 1]
    assert all(found.whole == len(found.ids) for found in together)


def test_a_spelt_out_separator_or_end_is_text(tokenizer: PreTrainedTokenizerBase) -> None:
    (found,) = source_tokens(tokenizer, [("a <sep> b </s>", "<pad> c <sep>")], 64)
    assert [found.ids.count(mark) for mark in (0, 1, END, SEP)] == [0, 0, 1, 1]
    assert tokenizer.decode(found.ids) == " a <sep> b </s><sep> <pad> c <sep></s>"


def test_a_pair_without_a_separator_in_the_vocabulary_is_refused(tokenizer: PreTrainedTokenizerBase) -> None:
    bare = without_separator(tokenizer)
    assert source_tokens(bare, [("dog", None)], 64) == source_tokens(tokenizer, [("dog", None)], 64)
    with pytest.raises(ValueError, match=r"no separator token \(sep_token\).* whose vocabulary has one"):
        source_tokens(bare, [("dog", "ball")], 64)


def test_the_shorter_text_is_whole_while_there_is_room_for_it() -> None:
    assert longest_first(3, 50, 20) == (3, 17)
    assert longest_first(50, 3, 20) == (17, 3)
    assert longest_first(50, 60, 21) == (10, 11)
    assert longest_first(60, 50, 21) == (11, 10)
    assert longest_first(5, 5, 20) == (5, 5)
