"""A vocabulary trained on the training texts, byte-level BPE or Unigram, in the form that `AutoTokenizer` loads."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

SPECIAL = ("<pad>", "<s>", "</s>", "<sep>")
"""Ids 0 to 3: padding, start of a target, end of a text, between a pair of sentences."""


def train_tokenizer(texts: Iterable[str], size: int, max_length: int, kind: str = "bpe") -> PreTrainedTokenizerFast:
    """Train a vocabulary.

    Args:
        texts: what it is trained on.
        size: pieces, special ones included.
        max_length: tokens at which texts are cut unless asked otherwise.
        kind: "bpe" (byte-level) or "unigram" (what T5's is; over bytes as well, so that no character is unknown).

    Returns:
        A tokenizer that ends every text with `</s>`; no text is unknown to it, since every byte is a piece.
    """
    tokenizer = {"bpe": _bpe, "unigram": _unigram}[kind](texts, size)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=SPECIAL[0],
        bos_token=SPECIAL[1],
        eos_token=SPECIAL[2],
        sep_token=SPECIAL[3],
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
    )


def vocabulary_of(checkpoint: Path) -> PreTrainedTokenizerBase:
    """That of a checkpoint, which what starts from it must take.

    Raises:
        ValueError: for a folder that holds none.
    """
    if not (checkpoint / "tokenizer.json").is_file():
        raise ValueError(f"{checkpoint}: no tokenizer.json; give the folder of a checkpoint")
    return AutoTokenizer.from_pretrained(checkpoint, local_files_only=True)


def _bpe(texts: Iterable[str], size: int) -> Tokenizer:
    return _trained(Tokenizer(models.BPE()), texts, trainers.BpeTrainer, size)


def _unigram(texts: Iterable[str], size: int) -> Tokenizer:
    """Over bytes too, so that no character is unknown to it."""
    return _trained(Tokenizer(models.Unigram()), texts, trainers.UnigramTrainer, size)


def _trained(tokenizer: Tokenizer, texts: Iterable[str], trainer: Any, size: int) -> Tokenizer:
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    told = trainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, told)
    return tokenizer
