"""The vocabulary that all runs of a preset share: trained once on every task's training texts, kept in a folder.

T5's, which the paper takes, cannot be had without the Hub: a Unigram vocabulary of the same size stands in its place.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from filelock import FileLock
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from hmu.study.presets import PRESETS
from hmu.tasks import TASKS, Task
from hmu.tasks.files import read_examples
from hmu.training.vocabulary import train_tokenizer

FILE = "train.jsonl.gz"


def trained_tasks(preset: str) -> list[Task]:
    """The tasks whose training texts make up a preset's vocabulary."""
    return [TASKS[name] for name in PRESETS[preset].epochs]


def vocabulary(preset: str, data_root: Path, folder: Path) -> PreTrainedTokenizerBase:
    """The preset's vocabulary, from its folder or trained now.

    Args:
        preset: a name in `PRESETS`.
        data_root: folder of the tasks' folders.
        folder: where vocabularies are kept.

    Raises:
        ValueError: for a training file that is missing or does not fit.
    """
    kept = folder / f"vocabulary-{preset}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{kept}.lock"):  # another process may be at it
        if not kept.is_dir():
            wanted, begun = PRESETS[preset], folder / f"{kept.name}.begun"
            texts = _texts(trained_tasks(preset), data_root)
            size, length = wanted.model["vocab_size"], wanted.model["max_source_length"]
            train_tokenizer(texts, size, length, kind=wanted.vocabulary).save_pretrained(begun)
            begun.rename(kept)
    return AutoTokenizer.from_pretrained(kept)


def fingerprint(tokenizer: PreTrainedTokenizerBase) -> str:
    """SHA-256 of the pieces in order: two vocabularies with the same one give the same tokens' numbers."""
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda piece: piece[1])
    return hashlib.sha256("\n".join(piece for piece, _ in pieces).encode()).hexdigest()


def _texts(tasks: Iterable[Task], data_root: Path) -> Iterator[str]:
    for task in tasks:
        for example in read_examples(data_root / task.folder / FILE, task):
            yield from (example.source, *filter(None, [example.second]), *example.references)
