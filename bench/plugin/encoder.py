"""Classifications with what is put on somebody else's frozen encoder."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from bench.plugin.arms import Arm
from bench.plugin.runs import Bench, Rows, Run, without_states
from hmu.evaluation.metrics import acceptability_metrics
from hmu.plugin import HMUModel
from hmu.plugin.rows import UnitRows
from hmu.plugin.training import UnitTraining
from hmu.tasks import find_task

MAX_SOURCE = 128
EPOCHS = {"ag_news": 2.0, "sst2": 5.0, "mrpc": 10.0, "rte": 10.0, "cola": 10.0}
"""Passes over all rows."""
FEW_STEPS = 400
"""At least so many steps, also where there are few rows."""
METRICS = ("accuracy", "majority", "macro_f1", "matthews")


class EncoderBench(Bench):
    """One encoder for all tasks.

    Args:
        name: its folder, or its name on the Hub.
        known_as: its repository on the Hub and the commit there, for the units that are kept; by default none.
        arguments: of `Bench`.
    """

    def __init__(self, name: str, *arguments: Any, known_as: tuple[str, str] | None = None) -> None:
        super().__init__(*arguments)
        self.name, self.known_as = name, known_as
        self.tokenizer = AutoTokenizer.from_pretrained(name)

    def base(self, run: Run) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """The encoder, for any run."""
        return AutoModel.from_pretrained(self.name), self.tokenizer

    def identity(self, run: Run) -> Mapping[str, str]:
        """Where the encoder is on the Hub, if that was told."""
        return {} if self.known_as is None else dict(zip(("base_name", "base_commit"), self.known_as, strict=True))

    def training(self, run: Run, arm: Arm, rows: int) -> UnitTraining:
        """As many passes as the task has, or as make `FEW_STEPS`."""
        epochs = max(EPOCHS[run.task] if not run.rows else 0.0, FEW_STEPS / -(-rows // 32))
        taught = arm.taught_for(run.kind, find_task(run.task))
        return UnitTraining(
            epochs=epochs,
            learning_rate=taught.learning_rate,
            head_rate=taught.head_rate,
            alpha_rate=taught.alpha_rate,
            seed=run.seed,
            max_source=MAX_SOURCE,
            keep_states=arm.keeps_states,
            precision=arm.precision,
        )

    def measured(self, model: HMUModel, run: Run, arm: Arm, rows: Rows) -> dict[str, Any]:
        """Accuracy and its like."""
        scored = rows.scored if arm.keeps_states else rows.scored.with_rows(without_states(rows.scored.rows))
        truth = [int(example.label or 0) for example in rows.answers]
        found = asdict(acceptability_metrics(_answers(model, scored), truth))
        return {name: found[name] for name in METRICS}


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
