"""Words that a text should use, asked of a beam search: a missing word costs as much as an unlikely token.

A departure from the paper, which decodes plainly; the same for every memory. Needs the extra `evaluate`, whose stems
it knows words by. Knows nothing of models or tasks. Axes: r beams of all memories, n tokens so far, v vocabulary.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache, partial

import snowballstemmer
import torch
from torch import Tensor
from transformers import LogitsProcessor, PreTrainedTokenizerBase

BEAMS = 8
"""So many beams are kept where words are wanted, unless asked otherwise: more ways to bring a word in."""
COST = 2.0
"""Nats that a missing word costs: of 1 to 4 the most coverage of held-out rows of CommonGen at no loss of BLEU."""
LENGTH_PENALTY = 1.0
"""By what power of its length a beam's sum is divided: the missing words hold off an early end."""
_WEIGHED = 48
"""Likeliest tokens of a beam that are looked at for a word; the rest are too unlikely for a word to lift them."""
_WORD_MARK = "▁"
_WORD = re.compile(r"\w+")


class WantedWords(LogitsProcessor):
    """Ranks beams by log p − cost · (wanted words that are missing), for `generate`; a text's sum ends as just that.

    A word is used where a written one has its English Snowball stem: "dogs" uses "dog", "teeth" does not use "tooth".

    Args:
        tokenizer: of what is written; its pieces hold the space before a word, as byte-level and SentencePiece ones do.
        words: for each memory.
        cost: of each missing word, nats.

    Raises:
        ValueError: for a cost below 0 or without end.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, words: Sequence[Sequence[str]], cost: float = COST) -> None:
        if not 0 <= cost < float("inf"):
            raise ValueError(f"cost of a missing word: {cost}; give a number of nats from 0")
        self.tokenizer, self.words, self.cost, self.length_penalty = tokenizer, words, cost, LENGTH_PENALTY
        self._special = set(tokenizer.all_special_ids)
        self._piece = cache(partial(_spelled, tokenizer))

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Log-probabilities (r, v) after input_ids (r, n), start token included → those that beams are ranked by."""
        beams = len(input_ids) // len(self.words)
        if input_ids.shape[1] == 1:  # at the start every word is missing
            missing = torch.tensor([len(words) for words in self.words for _ in range(beams)])
            scores = scores - self.cost * missing.to(scores)[:, None]
        likeliest = scores.topk(min(_WEIGHED, scores.shape[-1]), dim=-1)
        texts = self.tokenizer.batch_decode(input_ids[:, 1:], skip_special_tokens=True)
        gained = [
            self._gained(text, tokens, self.words[row // beams])
            for row, (text, tokens) in enumerate(zip(texts, likeliest.indices.tolist(), strict=True))
        ]
        return scores.scatter(1, likeliest.indices, likeliest.values + self.cost * torch.tensor(gained).to(scores))

    def most(self, memory: int, written: Sequence[Sequence[int]]) -> int:
        """Which of a memory's texts, in tokens, uses most of its words; the first of those that use as many."""
        texts = self.tokenizer.batch_decode(list(map(list, written)), skip_special_tokens=True)
        counts = [used(text, self.words[memory]) for text in texts]
        return counts.index(max(counts))

    def _gained(self, text: str, tokens: Sequence[int], words: Sequence[str]) -> list[int]:
        """How many more words are used with each token; fewer where it goes on with a word, "surf" to "surface"."""
        begun = text.rfind(" ") + 1  # what stands before the last word is not changed by a token
        known, last = stems(text[:begun]), text[begun:]
        left = [stem for word in words if (stem := _stem(word.lower())) not in known]
        if not left:
            return [0] * len(tokens)
        had = _among(last, left)
        return [0 if token in self._special else _among(last + self._piece(token), left) - had for token in tokens]


def _spelled(tokenizer: PreTrainedTokenizerBase, number: int) -> str:
    """A token as it goes on a text; SentencePiece's mark of a new word is a space there.

    Nothing for a number behind the vocabulary: a model may have more logits than its tokenizer has pieces.
    """
    if number >= len(tokenizer):
        return ""
    token = tokenizer.convert_ids_to_tokens(number)
    spelled = tokenizer.convert_tokens_to_string([token])
    return f" {spelled.lstrip()}" if token.startswith(_WORD_MARK) else spelled


def used(text: str, words: Sequence[str]) -> int:
    """How many of the words a text uses: the Snowball (English) stem of each is that of a word of the text."""
    return _among(text, [_stem(word.lower()) for word in words])


def _among(text: str, wanted: Sequence[str]) -> int:
    written = stems(text)
    return sum(stem in written for stem in wanted)


def stems(text: str) -> set[str]:
    """The stems of a text's words, lower case."""
    return {_stem(word) for word in _WORD.findall(text.lower())}


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    return str(snowballstemmer.stemmer("english").stemWord(word))  # a stemmer of one's own: it keeps what it works on
