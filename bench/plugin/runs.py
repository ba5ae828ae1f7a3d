"""(task, arm, rows, seed) → one line of results; a run that is already there is skipped."""

import random
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase, set_seed
from transformers.utils import logging

from bench.plugin.arms import ARMS, Arm, build
from bench.plugin.told import tell
from hmu.plugin import HMUModel
from hmu.plugin.rows import UnitRows, examples_of
from hmu.plugin.training import UnitTrained, UnitTraining, train_unit
from hmu.study.provenance import commit, hardware, versions
from hmu.study.results import append, read
from hmu.tasks import TRAIN, Example, Task, find_task

SLICE_SEED = 42


@dataclass(frozen=True, slots=True)
class Run:
    """One training; `rows` 0 is all of them, `held_out` > 0 scores a slice of the training rows, for choices."""

    task: str
    arm: str
    rows: int
    seed: int
    held_out: float = 0.0
    variant: str = ""

    @property
    def id(self) -> str:
        """What makes a run the run it is, as one word."""
        parts = [self.task, self.arm, f"rows{self.rows or 'all'}", str(self.seed)]
        return "/".join(
            parts + ([f"held{self.held_out:g}"] if self.held_out else []) + [self.variant] * bool(self.variant)
        )

    @property
    def kind(self) -> str:
        """How its arm is taught: a key of `Arm.taught`."""
        return "write" if find_task(self.task).generates else "few" if self.rows else "all"


@dataclass(frozen=True, slots=True)
class Rows:
    """A task's rows.

    Args:
        train: to train on, with the frozen encoder's states.
        scored: to be scored, likewise.
        answers: the same as examples.
        seconds: that the states to train on took; None until there are any.
    """

    train: UnitRows
    scored: UnitRows
    answers: Sequence[Example]
    seconds: float | None = None


class Bench(ABC):
    """A base, or several, and the rows of one task after another with what the frozen encoder makes of them.

    Args:
        data_root: the tasks' folders.
        keep: where the units that are trained with all rows and this seed are saved, if anywhere.
        precision: of every training, one of `hmu.training.recipe.PRECISIONS`; by default the arm's.
    """

    def __init__(self, data_root: Path, keep: tuple[Path, int] | None = None, precision: str = "") -> None:
        self.data_root, self.keep, self.precision = data_root, keep, precision
        self._kept: dict[tuple[str, float], Rows] = {}

    @abstractmethod
    def base(self, run: Run) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """A fresh copy of what a run's arm is put on, and its tokenizer."""

    def identity(self, run: Run) -> Mapping[str, str]:
        """What a unit's settings name the base by, where its files do not tell: `base_name`, `base_commit`."""
        del run
        return {}

    @abstractmethod
    def training(self, run: Run, arm: Arm, rows: int) -> UnitTraining:
        """How a run trains on so many rows."""

    @abstractmethod
    def measured(self, model: HMUModel, run: Run, arm: Arm, rows: Rows) -> dict[str, Any]:
        """What a trained model makes of the rows that are scored."""

    def rows(self, run: Run, arm: Arm) -> Rows:
        """The rows of a run's task, all of them; with states as soon as an arm keeps them."""
        task, key = find_task(run.task), (run.task, run.held_out)
        fresh = replace(run, arm="unit")
        if key not in self._kept:
            self._kept.clear()  # one task's states at a time
            _, tokenizer = self.base(fresh)
            sizes, given = self.training(run, ARMS["unit"], 1), self._examples(task, run.held_out)
            train, apart = (UnitRows(task, each, tokenizer, sizes.max_source, sizes.max_target) for each in given)
            self._kept[key] = Rows(train, apart, given[1])
        rows = self._kept[key]
        if arm.keeps_states and rows.seconds is None:
            model, begun = HMUModel(self.base(fresh)[0]).eval(), time.perf_counter()
            rows.train.keep_states(model)
            rows = self._kept[key] = replace(rows, seconds=time.perf_counter() - begun)
            rows.scored.keep_states(model)
        return rows

    def _examples(self, task: Task, held_out: float) -> tuple[list[Example], list[Example]]:
        file = self.data_root / task.folder / TRAIN
        given = self.data_root / task.folder / task.scored_on
        train = examples_of(task, file, SLICE_SEED, held_out)
        if held_out:
            return train, examples_of(task, file, SLICE_SEED, held_out, apart=True)
        return train, examples_of(task, given, 0)

    def do(self, run: Run, arm: Arm) -> dict[str, Any]:
        """Train and score one run."""
        task, rows = find_task(run.task), self.rows(run, arm)
        drawn = random.Random(run.seed).sample(rows.train.rows, run.rows) if run.rows else rows.train.rows
        chosen = rows.train.with_rows(drawn if arm.keeps_states else without_states(drawn))
        set_seed(run.seed)
        model = build(self.base(run)[0], arm, run.kind, task, self.identity(run))
        training = self.training(run, arm, len(drawn))
        training = replace(training, precision=self.precision or training.precision)
        with tempfile.TemporaryDirectory() as folder:
            trained = train_unit(model, chosen, training, Path(folder)) if arm.trains else UnitTrained(0, 0, 0.0)
        own, whole = model.trainable_parameters()
        begun = time.perf_counter()
        metrics = self.measured(model, run, arm, rows)
        line = {
            "id": run.id,
            "task": run.task,
            "arm": run.arm,
            "rows": run.rows,
            "rows_trained": trained.rows,
            "seed": run.seed,
            "held_out": run.held_out,
            "variant": run.variant,
            "metrics": metrics,
            "inputs": len(task.merge(rows.answers)),
            "trainable": own if arm.trains else 0,
            "parameters": whole,
            "learning_rate": training.learning_rate,
            "head_rate": training.head_rate,
            "alpha_rate": training.alpha_rate,
            "epochs": training.epochs,
            "precision": training.precision,
            "steps": trained.steps,
            "train_seconds": trained.seconds,
            "states_seconds": (rows.seconds or 0.0) * trained.rows / len(rows.train) if arm.keeps_states else 0.0,
            "measure_seconds": time.perf_counter() - begun,
            "threads": torch.get_num_threads(),
            "versions": versions(),
            "hardware": hardware(model.device),
            "commit": commit(),
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        if self.keep and (run.arm, run.rows, run.seed, run.held_out) == ("unit", 0, self.keep[1], 0.0):
            model.save_pretrained(self.keep[0] / run.task)
            tell(self.keep[0] / run.task, line)
        return line


def without_states(rows: Sequence[Any]) -> list[Any]:
    """Rows that the encoder is to read anew."""
    return [replace(row, states=None) for row in rows]


def do_all(bench: Bench, runs: Sequence[Run], out: Path, arms: Mapping[str, Arm] = ARMS) -> Iterator[dict[str, Any]]:
    """Every run that `out` has no line of yet, in order; a line is written as soon as its run is done."""
    logging.set_verbosity_error()
    for run in runs:
        if out.is_file() and run.id in {result["id"] for result in read([out])}:
            continue
        result = bench.do(run, arms[run.arm])
        append(out, result)
        yield result
