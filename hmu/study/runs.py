"""One run of the study: train, measure on the given file, and tell all that a reader needs to believe the figures."""

import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import torch
from sklearn.metrics import log_loss
from transformers import PreTrainedTokenizerBase

from hmu.checkpoint import Checkpoint, load_checkpoint
from hmu.controls import AS_PUBLISHED
from hmu.evaluation.corruptions import NOISES
from hmu.evaluation.kept import fingerprint as weights_of
from hmu.evaluation.retention import Bench
from hmu.evaluation.robustness import condensed, noise_losses
from hmu.evaluation.score import AS_TRAINED, Score, score
from hmu.evaluation.synthetic import Recollection, measure
from hmu.evaluation.thorough import evaluate
from hmu.study.arms import find_arm
from hmu.study.presets import Run, recipe_of
from hmu.study.provenance import commit, hardware, versions
from hmu.study.results import Result
from hmu.study.vocabulary import fingerprint
from hmu.tasks import Example, Task, find_task
from hmu.tasks.files import read_examples
from hmu.tasks.synthetic import SYNTHETIC
from hmu.training.data import split_examples
from hmu.training.trainer import Trained, train
from hmu.unit import HMU

NOISY_INPUTS, NOISY_TEXTS = 1000, 200
"""The first inputs that are answered again under each noise: of a task with classes, and of one that writes."""
SAMPLES = 4
"""Latent samples of an input, for their variety."""
SYNTHETIC_ROWS = 256
"""Rows behind each figure of the synthetic tasks."""


def planned(
    preset: str,
    tasks: Sequence[str],
    arms: Sequence[str],
    seeds: Sequence[int],
    rows: int = 0,
    held_out: float = 0.0,
    trunk: str = "",
) -> list[Run]:
    """Every run once: all arms of a seed stand together, so that what is there pairs as early as can be."""
    return [Run(preset, task, arm, seed, rows, held_out, trunk) for seed, task, arm in product(seeds, tasks, arms)]


def done(
    run: Run,
    data_root: Path | None,
    work: Path,
    tokenizer: PreTrainedTokenizerBase | None,
    trunk: Path | None = None,
) -> Result:
    """Train and measure.

    Args:
        run: which.
        data_root: folder of the tasks' folders; None for the synthetic tasks, which have none.
        work: for the training's own files; what belongs to this run is removed at the end.
        tokenizer: the preset's vocabulary; None for that of `trunk`, and for the synthetic tasks, which have their own.
        trunk: the checkpoint that the run names so.

    Returns:
        The run's line of results.

    Raises:
        ValueError: for a data file that is missing or does not fit, or a trunk of another size.
    """
    recipe, folder = recipe_of(run), work / run.id.replace("/", "-")
    commit()  # now: files may change while it trains
    trained = train(recipe, run.arm, data_root, folder, tokenizer=tokenizer, trunk=trunk)
    checkpoint = load_checkpoint(trained.folder, dtype="fp32")
    begun = time.perf_counter()
    measures = _recollected(run, checkpoint) if data_root is None else _measures(run, checkpoint, data_root)
    result = {"id": run.id, **asdict(run), **measures, **_facts(trained, checkpoint)}
    result["precision"] = recipe.optimizer.precision
    result["trunk_sha256"] = trunk and weights_of(trunk)
    result["measure_seconds"] = round(time.perf_counter() - begun, 1)
    shutil.rmtree(folder)
    return result


def _measures(run: Run, checkpoint: Checkpoint, data_root: Path) -> dict[str, Any]:
    """Each part of the result that was measured: by the task that was trained, and by what is scored with it."""
    measured = _unmeasured()
    for task, examples in _sets(run, data_root):
        name = task.name
        found = evaluate(checkpoint, task, examples, samples=SAMPLES)
        measured["inputs"][name] = len(examples)
        measured["metrics"][name] = _told(found.metrics | _log_loss(found.score, examples))
        if find_arm(run.arm).samples:
            (sampled,) = score(checkpoint, task, examples, (AS_PUBLISHED,))
            measured["sampled"][name] = _told(sampled.metrics)
        if task.labels or task.asks_concepts:
            some = examples[: NOISY_TEXTS if task.generates else NOISY_INPUTS]
            measured["noise"][name] = _robust(checkpoint, task, some)
        if isinstance(checkpoint.model.memory, HMU):
            measured["condensed"][name] = asdict(condensed(checkpoint, task, examples, found.score))
    return measured


def _recollected(run: Run, checkpoint: Checkpoint) -> dict[str, Any]:
    """The same of the synthetic tasks."""
    settings = {"metrics": AS_TRAINED} | ({"sampled": AS_PUBLISHED} if find_arm(run.arm).samples else {})
    measured = _unmeasured()
    measured["inputs"][SYNTHETIC] = SYNTHETIC_ROWS
    for part, controls in settings.items():
        measured[part][SYNTHETIC] = _told(_named(measure(Bench(checkpoint, controls, rows=SYNTHETIC_ROWS))))
    return measured


def _named(found: Recollection) -> dict[str, float]:
    """Every figure by its name: P(right) and cosine after t tokens, recall of pairs in a length, copy of a length."""
    kept = {f"retention@{one.steps}": one.probability.mean for one in found.retention}
    cosines = {f"cosine@{one.steps}": one.cosine.mean for one in found.retention}
    recalled = {f"recall@{one.pairs}of{one.length}": one.accuracy.mean for one in found.recall}
    copied = {f"copy@{one.length}": one.accuracy.mean for one in found.copy}
    published = {f"published@{steps}": figure for steps, figure in found.published.by_steps.items()}
    shuffled = {"published_shuffled": found.published.texts_shuffled}
    return kept | cosines | recalled | copied | published | shuffled


def _unmeasured() -> dict[str, Any]:
    return {"inputs": {}, "metrics": {}, "sampled": {}, "noise": {}, "condensed": {}}


def _sets(run: Run, data_root: Path) -> Iterable[tuple[Task, list[Example]]]:
    """What a run is measured on: the given file of its task, or the slice held out; with stories also the choice."""
    task = find_task(run.task)
    if run.held_out:
        yield task, task.merge(split_examples(recipe_of(run), data_root, held_out=True)[run.task])
        return
    for scored in (task, *([find_task("story_cloze")] if run.task == "roc_stories" else [])):
        yield scored, scored.merge(read_examples(data_root / scored.folder / scored.scored_on, scored))


def _robust(checkpoint: Checkpoint, task: Task, examples: Sequence[Example]) -> dict[str, Any]:
    (whole,) = score(checkpoint, task, examples, (AS_TRAINED,))
    losses = noise_losses(checkpoint, task, examples, whole, NOISES)
    return {"inputs": len(examples), "losses": {one.under: _told(one.lost) for one in losses}}


def _log_loss(found: Score, examples: Sequence[Example]) -> dict[str, float]:
    """Mean negative log-probability of the right class, in nats."""
    if not found.probabilities:
        return {}
    exact = [[share / sum(shares) for share in shares] for shares in found.probabilities]  # float32 rounds their sum
    return {"log_loss": float(log_loss([e.label for e in examples], exact, labels=list(range(len(exact[0])))))}


def _told(metrics: dict[str, Any]) -> dict[str, Any]:
    """Without what there is none of; six digits, more than any set of this size can bear."""
    return {
        name: round(value, 6) if isinstance(value, float) else value
        for name, value in metrics.items()
        if value is not None
    }


def _facts(trained: Trained, checkpoint: Checkpoint) -> dict[str, Any]:
    model = checkpoint.model
    return {
        "parameters": model.num_parameters(),
        "memory_parameters": sum(p.numel() for p in model.memory.parameters()),
        "steps": trained.steps,
        "tokens": trained.tokens,
        "train_seconds": round(trained.seconds, 1),
        "losses": [[step, round(loss, 4)] for step, loss in trained.losses],
        "vocabulary": fingerprint(checkpoint.tokenizer),
        "versions": versions(),
        "hardware": hardware(model.device),
        "threads": torch.get_num_threads(),
        "commit": commit(),
        "date": datetime.now(UTC).date().isoformat(),
    }
