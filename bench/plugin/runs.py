"""(task, arm, rows, seed) → one line of results; a run that is already there is skipped."""

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModel, AutoTokenizer, set_seed
from transformers.utils import logging

from bench.plugin.arms import ARMS, Arm, build
from hmu.evaluation.metrics import acceptability_metrics
from hmu.plugin import HMUModel
from hmu.plugin.rows import UnitRows, examples_of
from hmu.plugin.training import UnitTraining, train_unit
from hmu.study.provenance import commit, hardware, versions
from hmu.study.results import append, read
from hmu.tasks import Task, find_task

MAX_SOURCE = 128
EPOCHS = {"ag_news": 3.0, "sst2": 5.0, "mrpc": 10.0, "rte": 10.0, "cola": 10.0}
"""Passes over all rows."""
FEW_STEPS = 400
"""At least so many steps, also where there are few rows."""
SLICE_SEED = 42
HEAD_RATE = 1e-3
"""Of the head, in every arm; chosen on held-out rows, as the arms' own rates are."""


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


class Bench:
    """A base, and the rows of one task after another with what the frozen encoder makes of them.

    Args:
        base: folder or name of the encoder.
        data_root: the tasks' folders.
    """

    def __init__(self, base: str, data_root: Path) -> None:
        self.base, self.data_root = base, data_root
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        self._kept: dict[tuple[str, float], tuple[UnitRows, UnitRows, float]] = {}

    def rows(self, task: Task, held_out: float) -> tuple[UnitRows, UnitRows, float]:
        """Every row to train on and every row to score, with their states, and the seconds that these took."""
        key = (task.name, held_out)
        if key not in self._kept:
            self._kept.clear()  # one task's states at a time
            model = HMUModel(AutoModel.from_pretrained(self.base)).eval()
            file = self.data_root / task.folder / "train.jsonl.gz"
            given = self.data_root / task.folder / task.scored_on
            train = self._table(task, examples_of(task, file, SLICE_SEED, held_out))
            apart = (
                examples_of(task, file, SLICE_SEED, held_out, apart=True) if held_out else examples_of(task, given, 0)
            )
            scored = self._table(task, apart)
            begun = time.perf_counter()
            train.keep_states(model)
            seconds = time.perf_counter() - begun
            scored.keep_states(model)
            self._kept[key] = (train, scored, seconds)
        return self._kept[key]

    def _table(self, task: Task, examples: Sequence[Any]) -> UnitRows:
        return UnitRows(task, examples, self.tokenizer, MAX_SOURCE, MAX_SOURCE)

    def do(self, run: Run, arm: Arm) -> dict[str, Any]:
        """Train and score one run."""
        task = find_task(run.task)
        train, scored, states_seconds = self.rows(task, run.held_out)
        drawn = random.Random(run.seed).sample(train.rows, run.rows) if run.rows else train.rows
        chosen = train.with_rows(drawn if arm.keeps_states else [replace(row, states=None) for row in drawn])
        set_seed(run.seed)
        model = build(AutoModel.from_pretrained(self.base), arm, task.name, task.labels)
        training = _training(run, arm, len(drawn))
        with tempfile.TemporaryDirectory() as folder:
            trained = train_unit(model, chosen, training, Path(folder) / "resume")
        own, whole = model.trainable_parameters()
        begun = time.perf_counter()
        answers = _answers(
            model, scored if arm.keeps_states else scored.with_rows([replace(r, states=None) for r in scored.rows])
        )
        truth = [int(row.labels) for row in scored.rows if isinstance(row.labels, int)]
        metrics = acceptability_metrics(answers, truth)
        return {
            "id": run.id,
            "task": run.task,
            "arm": run.arm,
            "rows": run.rows,
            "rows_trained": len(drawn),
            "seed": run.seed,
            "held_out": run.held_out,
            "variant": run.variant,
            "metrics": {name: getattr(metrics, name) for name in ("accuracy", "majority", "macro_f1", "matthews")},
            "inputs": len(truth),
            "trainable": own,
            "parameters": whole,
            "learning_rate": training.learning_rate,
            "head_rate": training.head_rate,
            "epochs": training.epochs,
            "steps": trained.steps,
            "train_seconds": trained.seconds,
            "states_seconds": states_seconds * len(drawn) / len(train) if arm.keeps_states else 0.0,
            "measure_seconds": time.perf_counter() - begun,
            "threads": torch.get_num_threads(),
            "versions": versions(),
            "hardware": hardware(model.device),
            "commit": commit(),
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def _training(run: Run, arm: Arm, rows: int) -> UnitTraining:
    steps_an_epoch = -(-rows // 32)
    epochs = max(EPOCHS[run.task] if not run.rows else 0.0, FEW_STEPS / steps_an_epoch)
    return UnitTraining(
        epochs=epochs,
        learning_rate=arm.learning_rate,
        head_rate=HEAD_RATE,
        seed=run.seed,
        max_source=MAX_SOURCE,
        keep_states=arm.keeps_states,
    )


@torch.inference_mode()
def _answers(model: HMUModel, rows: UnitRows, batch: int = 64) -> list[int]:
    model.eval()
    order = sorted(range(len(rows)), key=lambda place: len(rows.rows[place].inputs["input_ids"]))
    answers = [0] * len(rows)
    for start in range(0, len(order), batch):
        places = order[start : start + batch]
        logits = model(**rows.collate([rows[place] for place in places])).logits
        for place, answer in zip(places, logits.argmax(-1).tolist(), strict=True):
            answers[place] = answer
    return answers


def do_all(bench: Bench, runs: Sequence[Run], out: Path, arms: Any = ARMS) -> Iterator[dict[str, Any]]:
    """Every run that `out` has no line of yet, in order; a line is written as soon as its run is done."""
    logging.set_verbosity_error()
    for run in runs:
        if out.is_file() and run.id in {result["id"] for result in read([out])}:
            continue
        result = bench.do(run, arms[run.arm])
        append(out, result)
        yield result
