"""Recipe → checkpoint, through `transformers.Trainer`: progress bar, resume files, both arms alike."""

import math
import random
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import PreTrainedTokenizerBase, TrainingArguments

from hmu.controls import Controls
from hmu.evaluation.kept import fingerprint
from hmu.losses import Total
from hmu.memory import MemoryTrace
from hmu.modeling import MemoryTransformer
from hmu.training.base import BaseTrainer, Clock, going_on, writing
from hmu.training.data import BatchPlan
from hmu.training.parallel import Place, Shares, mean_and_spread
from hmu.training.reading import Reading, read_synthetic, read_texts
from hmu.training.recipe import Recipe
from hmu.training.starting import fresh_model, given_model
from hmu.training.synthetic import SyntheticBatches
from hmu.training.vocabulary import vocabulary_of


class MemoryTrainer(BaseTrainer):
    """A Trainer that follows a batch plan and gives each step its controls, in one process or its share in several.

    Args:
        recipe: the training.
        plan: its batches; a step's are divided among the processes.
        kwargs: for `Trainer`.
    """

    def __init__(self, recipe: Recipe, plan: BatchPlan | SyntheticBatches, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recipe, self.plan = recipe, plan
        self.place = Place(self.args.process_index, self.args.world_size)
        self.seen: dict[str, list[torch.Tensor]] = defaultdict(list)
        if self.place.rank:
            torch.manual_seed(recipe.seed + self.place.rank)  # other rows, other units dropped

    def get_train_dataloader(self) -> DataLoader[Any]:
        """The share of each of the plan's batches, in the plan's order; accelerate would deal out whole batches."""
        shares = Shares(self.plan, self.place)
        return DataLoader(self.train_dataset, batch_sampler=shares, collate_fn=self.data_collator)

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, **unused: Any) -> Any:
        """The model's own loss, under this step's controls: τ = 1 once warm, and now and then a gate bias."""
        step = self.state.global_step
        controls, total = training_controls(self.recipe, step), self.place.total(len(self.plan.batches[step]))
        rows = self.place.addresses(len(inputs["input_ids"]))
        risen = _risen(step, self.recipe.kl_warmup)
        outputs = model(**inputs, controls=controls, rows=rows, total=total, kl_share=risen)
        self.seen[f"loss_{inputs.get('part') or inputs['task'] or 'generate'}"].append(outputs.loss.detach())
        if outputs.trace is not None and outputs.trace.gate is not None:
            self._see_unit(outputs.trace, inputs["attention_mask"].bool(), controls, total)
        return (outputs.loss, outputs) if return_outputs else outputs.loss

    def _see_unit(self, trace: MemoryTrace, real: torch.Tensor, controls: Controls, total: Total) -> None:
        """Keep the means over the step's real tokens, those of other processes included."""
        assert trace.kl is not None  # every memory with a gate
        assert trace.gate is not None
        self.seen["kl_per_token"].append(mean_and_spread(trace.kl.float().sum(-1)[real], total)[0])
        if not controls.gate_bias:
            mean, spread = mean_and_spread(trace.gate.float().mean(-1)[real], total)
            self.seen["gate_mean"].append(mean)
            self.seen["gate_std"].append(spread)

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Add each task's loss and the state of the unit to what is logged."""
        more = {name: round(torch.stack(values).mean().item(), 4) for name, values in self.seen.items()}
        self.seen.clear()
        super().log(logs | more, *args, **kwargs)


def training_controls(recipe: Recipe, step: int) -> Controls:
    """The controls of one training step, the same whenever it is run."""
    draw = random.Random(f"{recipe.seed}/{step}")
    bias = 0.0
    if draw.random() < recipe.gate_bias_share:
        bias = draw.uniform(-recipe.gate_bias_range, recipe.gate_bias_range)
    if recipe.latent_only_share and draw.random() < recipe.latent_only_share:
        bias = -math.inf
    temperature = _risen(step, recipe.latent_warmup)
    return Controls(gate_bias=bias, temperature=temperature, seed=draw.randrange(2**31))


def _risen(step: int, warmup: int) -> float:
    """What rises from 0 to 1 over so many steps."""
    return min(1.0, step / warmup) if warmup else 1.0


def arguments(recipe: Recipe, steps: int, out: Path, save_steps: int) -> TrainingArguments:
    """A recipe's optimizer in `Trainer`'s words."""
    optimizer = recipe.optimizer
    made = TrainingArguments(
        output_dir=str(out / "resume"),
        max_steps=steps,
        learning_rate=optimizer.learning_rate,
        warmup_steps=optimizer.warmup_steps,
        lr_scheduler_type="cosine" if optimizer.schedule == "cosine" else "constant_with_warmup",
        adam_beta2=optimizer.beta2,
        weight_decay=optimizer.weight_decay,
        max_grad_norm=optimizer.clip,
        optim="adamw_torch_fused",
        bf16=optimizer.precision == "bf16",
        use_cpu=not torch.accelerator.is_available(),
        seed=recipe.seed,
        save_steps=save_steps,
        save_total_limit=1,
        logging_steps=min(100, max(1, steps // 40)),
        report_to=[],
        remove_unused_columns=False,
    )
    made._n_gpu = min(made.n_gpu, 1)  # a process has one card: nn.DataParallel divides neither noise nor means
    return made


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training left.

    Args:
        folder: of the checkpoint: fp16 safetensors in shards under 9 MB, config, tokenizer.
        steps: of the optimizer.
        rows: that were read, or drawn.
        tokens: source and target tokens in the steps, without padding.
        seconds: that the steps took; of a training that went on, also those up to the resume file.
        losses: (step, mean loss of the steps since the one before), about forty of them or one each 100 steps.
    """

    folder: Path
    steps: int
    rows: int
    tokens: int
    seconds: float
    losses: tuple[tuple[int, float], ...]


def train(
    recipe: Recipe,
    arm: str,
    data_root: Path | None,
    out: Path,
    init: Path | None = None,
    save_steps: int = 500,
    tokenizer: PreTrainedTokenizerBase | None = None,
    trunk: Path | None = None,
) -> Trained:
    """Train one arm, going on from its last resume file if there is one.

    Args:
        recipe: the training.
        arm: a name in `recipe.arms`.
        data_root: folder of the tasks' folders; None for synthetic tasks, which have none.
        out: receives the checkpoint (`final/`) and, while it lasts, the local resume files (`resume/`).
        init: a checkpoint folder whose weights and vocabulary the training starts from.
        save_steps: steps from one resume file to the next; without effect on the result.
        tokenizer: a vocabulary; by default that of `init`, or one trained on the rows.
        trunk: see `fresh_model`; the vocabulary is then that checkpoint's, too, unless given.

    Raises:
        ValueError: for an arm or data that are not there, given weights that do not fit the recipe, both `init` and
            `trunk`, several processes (`accelerate launch`) that do not read the same, resume files of another
            training, or a full disk.
    """
    recipe, config = recipe.seen_by(arm), recipe.config(arm)
    if init and trunk:
        raise ValueError("train: init and trunk; give one of them")
    if init:
        model, tokenizer = given_model(recipe, arm, init)
    else:
        tokenizer = vocabulary_of(trunk) if trunk and tokenizer is None else tokenizer
        model = fresh_model(recipe, arm, trunk)
    reading = read_synthetic(recipe, config) if recipe.synthetic else read_texts(recipe, config, data_root, tokenizer)
    trainer = MemoryTrainer(
        recipe,
        reading.plan,
        model=model,
        args=arguments(recipe, len(reading.plan), out, save_steps),
        train_dataset=reading.rows,
        data_collator=reading.collate,
        callbacks=[clock := Clock()],
    )
    if trainer.place.world > 1 and not trainer.place.alike(_read(reading), trainer.args.device):
        raise ValueError(
            f"recipe {recipe.name}: the processes read other rows or vocabularies; give all the same files"
        )
    last = going_on(out / "resume", _identity(recipe, arm, reading, init or trunk))
    with writing(out):
        trainer.train(resume_from_checkpoint=last)
        seconds = clock.seconds
        if trainer.is_world_process_zero():
            save_checkpoint(model, reading.tokenizer, out / "final")
    trainer.accelerator.wait_for_everyone()
    losses = tuple((entry["step"], float(entry["loss"])) for entry in trainer.state.log_history if "loss" in entry)
    return Trained(out / "final", len(reading.plan), len(reading.rows), reading.tokens, seconds, losses)


def _identity(recipe: Recipe, arm: str, reading: Reading, given: Path | None) -> list[Any]:
    """What tells a training from any other: all of its recipe, what it reads, and the weights it was given."""
    return [arm, asdict(recipe), _read(reading), reading.tokens, given and fingerprint(given)]


def _read(reading: Reading) -> str:
    pieces = sorted(reading.tokenizer.get_vocab().items(), key=lambda piece: piece[1])
    return f"{pieces} {reading.plan.batches}"


def save_checkpoint(model: MemoryTransformer, tokenizer: PreTrainedTokenizerBase, folder: Path) -> Path:
    """Write a checkpoint as the zoo keeps it: fp16, shards under 9 MB, tokenizer beside them."""
    model.generation_config.max_new_tokens = model.config.max_target_length
    tokenizer.backend_tokenizer.no_truncation()  # what the last call set would be stored, and so would where
    for key in ("is_local", "local_files_only"):  # it was loaded from
        tokenizer.init_kwargs.pop(key, None)
    model.half().save_pretrained(folder, max_shard_size="8MB")
    tokenizer.save_pretrained(folder)
    return folder
