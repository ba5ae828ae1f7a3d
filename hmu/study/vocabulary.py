"""The vocabulary that all runs of a preset share: trained once on every task's training texts, kept in a folder.

T5's, which the paper takes, cannot be had without the Hub: a Unigram vocabulary of the same size stands in its place.
No two trainings of one give the same pieces, since the library adds up in the order of a hash, so that runs that are to
be compared read one and the same: in a clone, that of the project's own runs.
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from filelock import FileLock
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from hmu.study.presets import PRESETS, Run
from hmu.study.results import Result
from hmu.tasks import TASKS, TRAIN, Task
from hmu.tasks.files import read_examples
from hmu.tasks.synthetic import SYNTHETIC
from hmu.training.vocabulary import train_tokenizer

_KEPT = Path(__file__).parents[2] / "docs" / "study"
"""Where a clone has the vocabularies of the project's own runs; elsewhere there is no such folder."""


def trained_tasks(preset: str) -> list[Task]:
    """The tasks whose training texts make up a preset's vocabulary."""
    return [TASKS[name] for name in PRESETS[preset].epochs]


def vocabulary(preset: str, data_root: Path, folder: Path, given: Path | None = None) -> PreTrainedTokenizerBase:
    """The preset's vocabulary: from its folder, which gets that of the project's own runs or one trained now.

    Args:
        preset: a name in `PRESETS`.
        data_root: folder of the tasks' folders.
        folder: where vocabularies are kept.
        given: a folder with that of other runs, which is taken in its place.

    Raises:
        ValueError: for a training file that is missing or does not fit, or a vocabulary that is none or too large.
    """
    size = PRESETS[preset].model["vocab_size"]
    if given is not None:
        return _of_size(given, size)
    kept, own = folder / _name(preset), _own(preset)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{kept}.lock"):  # another process may be at it
        if not kept.is_dir():
            begun = folder / f"{kept.name}.begun"
            if own:
                shutil.copytree(own, begun, dirs_exist_ok=True)
            else:
                _trained(preset, data_root).save_pretrained(begun)
            begun.rename(kept)
    return _of_size(kept, size)


def notes(preset: str, folder: Path, given: Path | None = None) -> list[str]:
    """What to tell before `vocabulary` is asked for the same: which one it takes, where no flag and no run before says.

    Args:
        preset, folder, given: as of `vocabulary`.
    """
    own, kept = _own(preset), folder / _name(preset)
    if given is not None or own is None or kept.is_dir():
        return []
    return [f"vocabulary of the project's own runs: {own}, copied to {kept}"]


def _name(preset: str) -> str:
    return f"vocabulary-{PRESETS[preset].like or preset}"


def _own(preset: str) -> Path | None:
    """The folder with that of the project's own runs, if this is a clone that has one."""
    own = _KEPT / _name(preset)
    return own if own.is_dir() else None


def _trained(preset: str, data_root: Path) -> PreTrainedTokenizerBase:
    wanted, texts = PRESETS[preset], _texts(trained_tasks(preset), data_root)
    size, length = wanted.model["vocab_size"], wanted.model["max_source_length"]
    return train_tokenizer(texts, size, length, kind=wanted.vocabulary)


def fingerprint(tokenizer: PreTrainedTokenizerBase) -> str:
    """SHA-256 of the pieces in order: two vocabularies with the same one give the same tokens' numbers."""
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda piece: piece[1])
    return hashlib.sha256("\n".join(piece for piece, _ in pieces).encode()).hexdigest()


def refuse_another(tokenizer: PreTrainedTokenizerBase, runs: Iterable[Run], results: Sequence[Result]) -> None:
    """Runs with this vocabulary are not compared with others of their task that read another: say so before they begin.

    Args:
        tokenizer: of the runs to come.
        runs: these, and some that may be done.
        results: what there is.

    Raises:
        ValueError: naming the task and both vocabularies.
    """
    own, there = fingerprint(tokenizer), {result["id"] for result in results}
    asked = {(one.preset, one.task, one.trunk) for one in runs if one.id not in there}
    for result in results:
        other, task = result.get("vocabulary", own), result["task"]
        if other != own and task != SYNTHETIC and (result["preset"], task, result.get("trunk", "")) in asked:
            raise ValueError(
                f"results of {result['preset']}/{task} are of the vocabulary {other[:10]}, these runs would be of "
                f"{own[:10]}; give theirs by --vocabulary, or another --out without them"
            )


def _of_size(folder: Path, size: int) -> PreTrainedTokenizerBase:
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the library raises whatever its parsers raise
        raise ValueError(f"{folder}: {' '.join(str(error).split())[:200]}; give a vocabulary's folder") from None
    if len(tokenizer) > size:
        raise ValueError(f"{folder}: {len(tokenizer):,} pieces, the preset has {size:,} at most; give its vocabulary")
    return tokenizer


def _texts(tasks: Iterable[Task], data_root: Path) -> Iterator[str]:
    for task in tasks:
        for example in read_examples(data_root / task.folder / TRAIN, task):
            yield from (example.source, *filter(None, [example.second]), *example.references)
