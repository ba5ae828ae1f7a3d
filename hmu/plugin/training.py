"""Training a unit on a frozen base, through `transformers.Trainer`: the base's weights get no gradient.

A frozen encoder gives the same states in every epoch, so that they can be computed once and kept.
"""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments, set_seed

from hmu.plugin.foreign import MAX_SOURCE, MAX_TARGET
from hmu.plugin.model import HMUModel
from hmu.plugin.rows import UnitRows, examples_of
from hmu.tasks import Task
from hmu.training.base import BaseTrainer, Clock, going_on, writing
from hmu.training.recipe import PRECISIONS


@dataclass(frozen=True, slots=True)
class UnitTraining:
    """How a unit is trained; AdamW, a warm-up of 6 % of the steps, then a cosine to 0.

    Args:
        epochs: passes over the rows.
        batch_size: rows a step and process.
        learning_rate: after the warm-up.
        head_rate: the same of the unit's heads, which start from nothing; None: as the rest.
        alpha_rate: the same of the α of a start from identity, which Adam moves by about its rate in a step; None: as
            the rest. With few rows an α that stays small may be what is wanted.
        weight_decay: on matrices alone.
        seed: of the rows drawn, their order and the noise.
        rows: how many training rows are drawn; 0 for all.
        held_out: share of the training rows that is kept back for choices.
        max_source, max_target: tokens at which texts are cut.
        keep_states: whether the frozen encoder reads each row once, in evaluation mode, and what it gives is kept in
            memory (2 bytes a number). Without, it reads them in every epoch, with its dropout, as `peft` does.
        precision: one of `PRECISIONS`.
    """

    epochs: float = 5
    batch_size: int = 32
    learning_rate: float = 1e-3
    head_rate: float | None = None
    alpha_rate: float | None = None
    weight_decay: float = 0.01
    seed: int = 0
    rows: int = 0
    held_out: float = 0.0
    max_source: int = MAX_SOURCE
    max_target: int = MAX_TARGET
    keep_states: bool = True
    precision: str = "fp32"

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "learning_rate", "max_source", "max_target"):
            if not getattr(self, name) > 0:
                raise ValueError(f"training: {name} {getattr(self, name)!r}; give a number above 0")
        if not 0 <= self.held_out < 1:
            raise ValueError(f"training: held_out {self.held_out!r}; give a share from 0 to below 1")
        for name in ("head_rate", "alpha_rate"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"training: {name} {value!r}; give a number above 0, or leave it out")
        if self.precision not in PRECISIONS:
            raise ValueError(f"training: precision {self.precision!r}; choose {' or '.join(PRECISIONS)}")


@dataclass(frozen=True, slots=True)
class UnitTrained:
    """What a training took.

    Args:
        steps: of the optimizer.
        rows: that were trained on.
        seconds: of the steps alone; of a training that went on, also those up to the resume file.
    """

    steps: int
    rows: int
    seconds: float


def rows_of(model: HMUModel, task: Task, file: Path, tokenizer: Any, training: UnitTraining) -> UnitRows:
    """The rows to train on, with their states where these are kept.

    Raises:
        ValueError: for a file that does not fit, or fewer rows than are asked for.
    """
    examples = examples_of(task, file, training.seed, training.held_out, training.rows)
    rows = UnitRows(task, examples, tokenizer, training.max_source, training.max_target)
    if training.keep_states:
        rows.keep_states(model)
    return rows


class UnitTrainer(BaseTrainer):
    """A `BaseTrainer` whose heads and whose α may learn at rates of their own.

    Args:
        head_rate, alpha_rate: theirs; None for that of the rest.
        kwargs: for `Trainer`.
    """

    def __init__(self, head_rate: float | None, alpha_rate: float | None = None, **kwargs: Any) -> None:
        self.head_rate, self.alpha_rate = head_rate, alpha_rate
        super().__init__(**kwargs)

    def create_optimizer(self, *args: Any, **kwargs: Any) -> torch.optim.Optimizer:
        """The optimizer of `Trainer`, with parameters that have a rate of their own in groups of their own."""
        fresh = self.optimizer is None
        optimizer: torch.optim.Optimizer = super().create_optimizer(*args, **kwargs)
        if fresh:
            named = list(self.model.named_parameters())
            _apart(optimizer, [each for name, each in named if ".heads." in name], self.head_rate)
            _apart(optimizer, [each for name, each in named if name.endswith(".alpha")], self.alpha_rate)
        return optimizer


def _apart(optimizer: torch.optim.Optimizer, parameters: list[torch.nn.Parameter], rate: float | None) -> None:
    """Give parameters a rate of their own; nothing to do where that is None."""
    own = {id(each) for each in parameters}
    for group in list(optimizer.param_groups) if rate is not None else []:
        mine = [each for each in group["params"] if id(each) in own]
        if mine:
            group["params"] = [each for each in group["params"] if id(each) not in own]
            optimizer.add_param_group({**group, "params": mine, "lr": rate})
    optimizer.param_groups[:] = [group for group in optimizer.param_groups if group["params"]]


def train_unit(model: HMUModel, rows: UnitRows, training: UnitTraining, out: Path) -> UnitTrained:
    """Train whatever in the model has a gradient, going on from the last resume file in `out` if there is one.

    Args:
        model: a base with its unit.
        rows: what is trained on.
        training: how.
        out: receives the local resume files; the unit itself is saved by the caller.

    Raises:
        ValueError: for resume files of another training, or a full disk.
    """
    set_seed(training.seed)
    trainer = UnitTrainer(
        training.head_rate,
        training.alpha_rate,
        model=model,
        args=_arguments(training, len(rows), out),
        train_dataset=rows,
        data_collator=rows.collate,
        callbacks=[clock := Clock()],
    )
    if trainer.args.process_index:
        torch.manual_seed(training.seed + trainer.args.process_index)  # other rows, other noise
    last = going_on(out, _identity(model, rows, training))
    with writing(out):
        result = trainer.train(resume_from_checkpoint=last)
    model.eval()
    return UnitTrained(result.global_step, len(rows), clock.seconds)


def _identity(model: HMUModel, rows: UnitRows, training: UnitTraining) -> list[Any]:
    """What tells a training from any other: how, on which rows, and what learns on which base."""
    learns = {name: list(each.shape) for name, each in model.named_parameters() if each.requires_grad}
    units = {name: asdict(model.unit(name).settings) for name in model.units}
    return [asdict(training), [(row.inputs, row.labels) for row in rows.rows], learns, units]


def _arguments(training: UnitTraining, rows: int, out: Path) -> TrainingArguments:
    world = int(os.environ.get("WORLD_SIZE", "1"))
    steps = max(1, round(training.epochs * -(-rows // (training.batch_size * world))))
    made = TrainingArguments(
        output_dir=str(out),
        num_train_epochs=training.epochs,
        per_device_train_batch_size=training.batch_size,
        learning_rate=training.learning_rate,
        warmup_steps=round(0.06 * steps),
        lr_scheduler_type="cosine",
        weight_decay=training.weight_decay,
        optim="adamw_torch_fused",
        bf16=training.precision == "bf16",
        train_sampling_strategy="group_by_length",
        use_cpu=not torch.accelerator.is_available(),
        seed=training.seed,
        save_strategy="steps",
        save_steps=2000,
        save_total_limit=1,
        logging_steps=max(1, steps // 40),
        report_to=[],
        remove_unused_columns=False,
    )
    made._n_gpu = min(made.n_gpu, 1)  # a process has one card
    return made
