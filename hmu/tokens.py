"""Source texts → token ids, one way for training, scoring and reading. Knows nothing of models or tasks.

One text is `text </s>`, a pair `first <sep> second </s>`; a tokenizer that begins its texts with a mark keeps that once
(`[CLS] first [SEP] second [SEP]`). The marks are set as tokens; where a text spells one of them out, that is text. What
is too long is cut here: the tokenizer's own cutting is a setting that threads would share.
"""

from collections.abc import Sequence
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
        tokenizer: ends each text itself; its separator stands between the two of a pair.
        sources: a text and None, or the two texts of a pair.
        limit: tokens at most, the marks included; of a pair the longer text is cut first.

    Raises:
        ValueError: for a pair, if the tokenizer has no separator token.
    """
    whole = text_tokens(tokenizer, [first for first, _ in sources])
    found = [Tokens(cut(ids, limit), len(ids)) for ids in whole]
    pairs = [(number, second) for number, (_, second) in enumerate(sources) if second is not None]
    if pairs:
        separator = separator_of(tokenizer)
        begins = tokenizer.cls_token_id is not None and whole[pairs[0][0]][:1] == [tokenizer.cls_token_id]
        seconds = text_tokens(tokenizer, [second for _, second in pairs])
        for (number, _), second in zip(pairs, seconds, strict=True):
            found[number] = _joined(whole[number], second, separator, limit, begins)
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


def _joined(first: list[int], second: list[int], separator: int, limit: int, begins: bool) -> Tokens:
    """Both texts with a separator between, and the end that the second one has."""
    start = int(begins)
    one, other = first[start:-1], second[start:-1]
    left, right = longest_first(len(one), len(other), limit - 2 - start)
    ids = [*first[:start], *one[:left], separator, *other[:right], second[-1]]
    return Tokens(ids, len(one) + len(other) + 2 + start)


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
