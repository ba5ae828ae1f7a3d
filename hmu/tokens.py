"""Source texts → token ids, one way for training, scoring and reading. Knows nothing of models or tasks.

One text is `text </s>`, a pair `first <sep> second </s>`; a tokenizer that says itself how a pair is put together has
its way (`[CLS] first [SEP] second [SEP]`). The marks are set as tokens; where a text spells one of them out, that is
text. What is too long is cut here: the tokenizer's own cutting is a setting that threads would share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Tokens:
    """A source as the encoder takes it.

    Args:
        ids: at most as many as asked for; the last one ends the source.
        whole: how many there were before they were cut.
    """

    ids: list[int]
    whole: int


def source_tokens(
    tokenizer: PreTrainedTokenizerBase, sources: Sequence[tuple[str, str | None]], limit: int
) -> list[Tokens]:
    """The tokens of each source.

    Args:
        tokenizer: ends each text itself.
        sources: a text and None, or the two texts of a pair.
        limit: tokens at most, the marks included; of a pair the longer text is cut first.

    Raises:
        ValueError: for a pair, if the tokenizer has neither a way of its own nor a separator token.
    """
    whole = text_tokens(tokenizer, [first for first, _ in sources])
    found = [Tokens(cut(ids, limit), len(ids)) for ids in whole]
    pairs = [(number, second) for number, (_, second) in enumerate(sources) if second is not None]
    if pairs:
        marks = _marks(tokenizer)
        seconds = text_tokens(tokenizer, [second for _, second in pairs])
        for (number, _), second in zip(pairs, seconds, strict=True):
            found[number] = marks.joined(whole[number], second, limit)
    return found


def text_tokens(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """Each text's tokens, whole and ended; a special token's spelling in it is text."""
    return tokenizer(list(texts), split_special_tokens=True, verbose=False)["input_ids"]


def target_tokens(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """The same of texts that are to be written: some foreign tokenizers have another vocabulary for these."""
    return tokenizer(text_target=list(texts), split_special_tokens=True, verbose=False)["input_ids"]


def cut(ids: list[int], limit: int) -> list[int]:
    """A text's first tokens, at most as many, with its end."""
    return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]


def separator_of(tokenizer: PreTrainedTokenizerBase) -> int:
    """The token between the texts of a pair.

    Raises:
        ValueError: if there is none.
    """
    separator = tokenizer.sep_token_id
    if separator is None:
        raise ValueError(
            "the tokenizer has no separator token (sep_token), so that no pair of texts can be read; take a checkpoint "
            "whose vocabulary has one"
        )
    return int(separator)


@dataclass(frozen=True, slots=True)
class _Marks:
    """What a tokenizer puts around texts.

    Args:
        alone: how many tokens before and after a text that stands alone.
        before, between, after: the tokens around the two texts of a pair.
    """

    alone: tuple[int, int]
    before: list[int]
    between: list[int]
    after: list[int]

    def joined(self, first: list[int], second: list[int], limit: int) -> Tokens:
        """A pair's tokens, from those of each text alone."""
        start, end = self.alone
        one, other = (text[start : len(text) - end] for text in (first, second))
        around = len(self.before) + len(self.between) + len(self.after)
        left, right = longest_first(len(one), len(other), limit - around)
        ids = [*self.before, *one[:left], *self.between, *other[:right], *self.after]
        return Tokens(ids, len(one) + len(other) + around)


def _marks(tokenizer: PreTrainedTokenizerBase) -> _Marks:
    """What the tokenizer's own template says of pairs; where that puts nothing between the texts, the separator is.

    Raises:
        ValueError: if there is neither.
    """
    alone, pair = (tokenizer(*texts, return_special_tokens_mask=True, verbose=False) for texts in (["a"], ["a", "a"]))
    before, _, after = _runs(alone)
    own = _runs(pair)
    if len(own) == 5:  # marks, a text, marks, a text, marks
        return _Marks((len(before), len(after)), own[0], own[2], own[4])
    return _Marks((len(before), len(after)), before, [separator_of(tokenizer)], after)


def _runs(read: Mapping[str, list[int]]) -> list[list[int]]:
    """The tokens of one text or two, and the marks around each, which may be none at either end."""
    runs: list[list[int]] = [[]]
    for token, mark in zip(read["input_ids"], read["special_tokens_mask"], strict=True):
        if bool(mark) == bool(len(runs) % 2 == 0):
            runs.append([])
        runs[-1].append(token)
    return runs if len(runs) % 2 else [*runs, []]


def longest_first(one: int, other: int, room: int) -> tuple[int, int]:
    """How many tokens two texts of these lengths keep: what is over is taken from the longer one, then from both.

    Where both are cut, an odd place goes to the longer one, to the second where they are as long.
    """
    if one + other <= room:
        return one, other
    if one > other:
        right, left = longest_first(other, one, room)
        return left, right
    room = max(room, 0)
    short = min(one, room // 2)
    return short, room - short
