"""Three memory tasks without files: retention, associative recall and copy, every row made from its address.

A row is token ids, not text. The `TOKENS` ids from `FIRST` on are the vocabulary from which everything is drawn that is
remembered, filled in, asked or answered; the special ids lie below it. Knows nothing of models, training or figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from hmu import noise

SYNTHETIC = "synthetic"
"""The three together, as a run of the study and a checkpoint of the zoo name what was learned."""
TOKENS = 8192
"""Size of the one vocabulary that tokens and fillers come from."""
SPECIAL = ("<pad>", "<s>", "</s>", "<query>", "<copy>", "<gap>")
"""Ids below the vocabulary: padding, start and end of a target, the two questions, and nothing to remember here."""
PAD, START, END, QUERY, COPY, GAP = range(len(SPECIAL))
FIRST = len(SPECIAL)
VOCABULARY = FIRST + TOKENS
"""Embeddings that a model of these tasks needs."""

_NEAR = 0.01
"""Exponent a of the gaps' power law a·x^(a−1), as in zoology: most questions come soon after the pairs."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row in token ids; PAD is never among them.

    Args:
        source: what the encoder reads, n ids.
        asked: what the decoder reads, t ids; the start token and the answers so far, or the questions themselves.
        answers: t ids, what is right after each of them.
    """

    source: Tensor
    asked: Tensor
    answers: Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """B rows, padded at the end.

    Args:
        source: (b, n) ids.
        mask: (b, n), 1 for a real token.
        asked: (b, t) ids.
        answers: (b, t) ids, −100 where nothing is asked.
    """

    source: Tensor
    mask: Tensor
    asked: Tensor
    answers: Tensor


def join(rows: Sequence[Row]) -> Batch:
    """Rows of any lengths → one batch."""
    source = pad_sequence([row.source for row in rows], True, PAD)
    return Batch(
        source=source,
        mask=(source != PAD).long(),
        asked=pad_sequence([row.asked for row in rows], True, PAD),
        answers=pad_sequence([row.answers for row in rows], True, -100),
    )


def retention(seed: int, index: int, steps: int) -> Row:
    """A token, that many random fillers, a query; the answer is the token, then the end.

    Rows of one address share the token and, up to the shorter, their fillers.

    Args:
        seed, index: the row's address.
        steps: t ≥ 0, fillers between token and query.

    Raises:
        ValueError: for fewer than no steps.
    """
    if steps < 0:
        raise ValueError(f"retention: {steps} steps; give a whole number ≥ 0")
    text = _tokens(noise.stream("retention", seed, index), 1 + steps)
    return _written(torch.cat((text, torch.tensor([QUERY]))), text[:1])


def copy(seed: int, index: int, length: int) -> Row:
    """Random tokens and the word to copy; the answer is the same tokens, then the end.

    Args:
        seed, index: the row's address.
        length: tokens to copy.

    Raises:
        ValueError: for no tokens.
    """
    if length < 1:
        raise ValueError(f"copy: {length} tokens; give a whole number ≥ 1")
    text = _tokens(noise.stream("copy", seed, index), length)
    return _written(torch.cat((text, torch.tensor([COPY]))), text)


def recall(seed: int, index: int, length: int, pairs: int) -> Row:
    """Multi-query associative recall, as in HazyResearch/zoology: keys with their values, then each key once more.

    Keys are distinct and come from the vocabulary's lower half, values from its upper half, distinct too. After the
    pairs each key stands again as a question, at an even distance drawn from a power law, in random order; all else is
    the gap token. The answer to each question is its key's value.

    A departure from zoology, whose models are decoders: there an answer is predicted at the question's own place in the
    text; here the decoder reads the questions one after another, in the text's order, never the answers.

    Args:
        seed, index: the row's address.
        length: of the source.
        pairs: keys, each with a value.

    Raises:
        ValueError: if the pairs and their questions do not fit the length, or pairs are fewer than one.
    """
    check_recall(length, pairs)
    draw = noise.stream("recall", seed, index)
    half = TOKENS // 2
    keys = FIRST + torch.randperm(half, generator=draw)[:pairs]
    values = FIRST + half + torch.randperm(half, generator=draw)[:pairs]
    source = torch.full((length,), GAP)
    source[: 2 * pairs] = torch.stack((keys, values), dim=1).flatten()
    likely = torch.arange(1, (length - 2 * pairs) // 2 + 1, dtype=torch.float64) ** (_NEAR - 1)
    places = torch.multinomial(likely, pairs, generator=draw)
    source[2 * pairs + 2 * places] = keys
    order = places.argsort()
    return Row(source, keys[order], values[order])


def check_recall(length: int, pairs: int) -> None:
    """Refuse what `recall` cannot make.

    Raises:
        ValueError: if the pairs and their questions do not fit the length, or pairs are fewer than one.
    """
    if pairs < 1 or 4 * pairs > length or pairs > TOKENS // 2:
        raise ValueError(
            f"recall: {pairs} pairs in {length} tokens; give from 1 to a quarter of the length, at most {TOKENS // 2}"
        )


def _tokens(draw: torch.Generator, count: int) -> Tensor:
    return torch.randint(FIRST, VOCABULARY, (count,), generator=draw)


def _written(source: Tensor, answer: Tensor) -> Row:
    """A row whose answer the decoder writes by itself: it reads the start token and what it has written."""
    return Row(source, torch.cat((torch.tensor([START]), answer)), torch.cat((answer, torch.tensor([END]))))
