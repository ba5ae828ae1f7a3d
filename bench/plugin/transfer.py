"""A small model that was trained on one task, frozen, and what is put on it so that it writes for another."""

import random
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from bench.plugin.arms import Arm
from bench.plugin.runs import Bench, Rows, Run
from hmu import Checkpoint, load_checkpoint
from hmu.evaluation.endings import DRAWN, repeats
from hmu.evaluation.likelihood import fit
from hmu.evaluation.score import AS_TRAINED, score
from hmu.plugin import HMUModel
from hmu.plugin.asked import joined
from hmu.plugin.training import UnitTraining
from hmu.tasks import Example, find_task
from hmu.tasks.files import read_examples

BASES: Mapping[str, str] = {"roc_stories": "concepts-baseline", "common_gen": "stories-baseline"}
"""Task that is to be written for → folder of the base, which knows the other one."""
EPOCHS = {"roc_stories": 1.0, "common_gen": 1.0}
BATCH, MAX_SOURCE, MAX_TARGET = 64, 96, 48
CHOICES = "story_cloze"


class TransferBench(Bench):
    """Each task with the base that was trained on the other.

    Args:
        bases: folder that holds the bases' folders.
        arguments: of `Bench`.
    """

    def __init__(self, bases: Path, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.bases = bases

    def identity(self, run: Run) -> Mapping[str, str]:
        """Its folder's name: where it lies is this machine's own affair."""
        return {"base_name": BASES[run.task]}

    def base(self, run: Run) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """The base of the other task; for a whole model, that of the task itself."""
        folder = self._folder(run)
        base = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32)
        return base, AutoTokenizer.from_pretrained(folder)

    def _folder(self, run: Run) -> Path:
        (other,) = (name for task, name in BASES.items() if task != run.task)
        return self.bases / (other if run.arm == "whole" else BASES[run.task])

    def training(self, run: Run, arm: Arm, rows: int) -> UnitTraining:
        """The task's passes in batches of 64."""
        taught = arm.taught_for(run.kind, find_task(run.task))
        return UnitTraining(
            epochs=EPOCHS[run.task],
            batch_size=BATCH,
            learning_rate=taught.learning_rate,
            alpha_rate=taught.alpha_rate,
            seed=run.seed,
            max_source=MAX_SOURCE,
            max_target=MAX_TARGET,
            precision="bf16",
        )

    def measured(self, model: HMUModel, run: Run, arm: Arm, rows: Rows) -> dict[str, Any]:
        """Perplexity per word; of given files also what is written, by beams, and which endings are taken for right."""
        task = find_task(run.task)
        base = load_checkpoint(self._folder(run), "cpu", "fp32")
        checkpoint = joined(run.arm, base, model.unit(), on=arm.trains)
        examples = task.merge(rows.answers)
        found: dict[str, Any] = {"perplexity": fit(checkpoint, examples, AS_TRAINED).perplexity}
        if run.held_out:
            return found
        if task.asks_concepts:
            quality = asdict(score(checkpoint, task, examples)[0].quality)
            return found | {name: quality[name] for name in ("coverage", "bleu")}
        return found | self._endings(checkpoint, examples)

    def _endings(self, checkpoint: Checkpoint, examples: list[Example]) -> dict[str, Any]:
        """Of 200 seeded endings the share that repeats three words; and, where the file is, the right one of two."""
        drawn = random.Random(0).sample(examples, min(DRAWN, len(examples)))
        written = score(checkpoint, find_task("roc_stories"), drawn)[0].answers
        found = {"repeating": sum(repeats(str(text)) for text in written) / len(written)}
        choices = find_task(CHOICES)
        file = self.data_root / choices.folder / choices.scored_on
        if not file.is_file():
            return found
        quality = asdict(score(checkpoint, choices, choices.merge(read_examples(file, choices)))[0].quality)
        return found | {"cloze": quality["accuracy"]}
