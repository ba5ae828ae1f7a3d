"""One run of the study: train, measure on the given file, and tell all that a reader needs to believe the figures."""

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from hmu.checkpoint import Checkpoint, load_checkpoint
from hmu.evaluation.kept import fingerprint as weights_of
from hmu.study.claims import TRAINED_WITH
from hmu.study.measures import Bar, Scored, no_bar, seen_measures, synthetic_measures, text_measures, untrained
from hmu.study.presets import Run, fingerprint_of, recipe_of, shared_by_arms
from hmu.study.provenance import commit, hardware, versions
from hmu.study.results import Result
from hmu.study.vocabulary import fingerprint
from hmu.tasks import TRAIN, Task, find_task
from hmu.tasks.files import read_examples
from hmu.training.data import split_examples
from hmu.training.trainer import Trained, train


def planned(
    preset: str,
    tasks: Sequence[str],
    arms: Sequence[str],
    seeds: Sequence[int],
    rows: int = 0,
    held_out: float = 0.0,
    trunk: str = "",
    file: str = TRAIN,
) -> list[Run]:
    """Every run once: all arms of a seed stand together, so that what is there pairs as early as can be."""
    return [
        Run(preset, task, arm, seed, rows, held_out, trunk, file) for seed, task, arm in product(seeds, tasks, arms)
    ]


def done(
    run: Run,
    data_root: Path | None,
    work: Path,
    tokenizer: PreTrainedTokenizerBase | None,
    trunk: Path | None = None,
    bar: Bar = no_bar,
) -> Result:
    """Train and measure.

    Args:
        run: which.
        data_root: folder of the tasks' folders; None for the synthetic tasks, which have none.
        work: for the training's own files; `forget` removes what belongs to this run.
        tokenizer: the preset's vocabulary; None for that of `trunk`, and for the synthetic tasks, which have their own.
        trunk: the checkpoint that the run names so.
        bar: shows how far the measuring is; the training shows it by itself.

    Returns:
        The run's line of results.

    Raises:
        ValueError: for a data file that is missing or does not fit, before anything is trained; for a trunk of another
            size, or a full disk.
    """
    recipe, folder = recipe_of(run), _folder(run, work)
    commit()  # now: files may change while it trains
    sets = [] if data_root is None else list(_sets(run, data_root))
    trained = train(recipe, run.arm, data_root, folder, tokenizer=tokenizer, trunk=trunk)
    checkpoint = load_checkpoint(trained.folder, dtype="fp32")
    begun = time.perf_counter()
    if data_root is None:
        measures = synthetic_measures(run, checkpoint, bar) | {"untrained": untrained(run, checkpoint, folder)}
    else:
        measured = seen_measures if checkpoint.model.config.sees_target else text_measures
        measures = measured(run, checkpoint, sets, bar)
    result = {"id": run.id, **asdict(run), **measures, **_facts(trained, checkpoint)}
    result |= {"precision": recipe.optimizer.precision, "recipe": fingerprint_of(recipe, run.arm)}
    result |= {"shared_recipe": shared_by_arms(run), "train_rows": 0 if data_root is None else trained.rows}
    result |= {"data": {} if data_root is None else _files(run, data_root), "trunk_sha256": trunk and weights_of(trunk)}
    result["measure_seconds"] = round(time.perf_counter() - begun, 1)
    return result


def forget(run: Run, work: Path) -> None:
    """Remove the files of a run whose line is written."""
    shutil.rmtree(_folder(run, work), ignore_errors=True)


def _folder(run: Run, work: Path) -> Path:
    return work / run.id.replace("/", "-")


def _sets(run: Run, data_root: Path) -> Iterator[Scored]:
    """What a run is measured on: the given files, or the slice held out."""
    if run.held_out:
        task = find_task(run.task)
        yield task, task.merge(split_examples(recipe_of(run), data_root, held_out=True)[run.task])
        return
    for scored in scored_tasks(run, data_root):
        yield scored, scored.merge(read_examples(data_root / scored.folder / scored.scored_on, scored))


def scored_tasks(run: Run, data_root: Path) -> list[Task]:
    """The tasks whose given files a run is measured on: its own; with stories the choice of an end, if it is there."""
    tasks = [find_task(run.task)] + [find_task(name) for name, trained in TRAINED_WITH.items() if trained == run.task]
    return [task for task in tasks if task.name == run.task or (data_root / task.folder / task.scored_on).is_file()]


def _files(run: Run, data_root: Path) -> dict[str, str]:
    """Each file that a run read → its SHA-256, the first 16 digits."""
    read = [data_root / find_task(run.task).folder / plan.file for plan in recipe_of(run).tasks]
    if not run.held_out:
        read += [data_root / task.folder / task.scored_on for task in scored_tasks(run, data_root)]
    return {file.relative_to(data_root).as_posix(): sha256(file.read_bytes()).hexdigest()[:16] for file in read}


def _facts(trained: Trained, checkpoint: Checkpoint) -> dict[str, Any]:
    model = checkpoint.model
    return {
        "parameters": model.num_parameters(),
        "memory_parameters": sum(p.numel() for p in model.memory.parameters()),
        "steps": trained.steps,
        "tokens": trained.tokens,
        "train_seconds": round(trained.seconds, 3),
        "losses": [[step, round(loss, 4)] for step, loss in trained.losses],
        "vocabulary": fingerprint(checkpoint.tokenizer),
        "versions": versions(),
        "hardware": hardware(model.device),
        "threads": torch.get_num_threads(),
        "commit": commit(),
        "date": datetime.now(UTC).date().isoformat(),
    }
