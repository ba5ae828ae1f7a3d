"""Recipe → checkpoint, through `transformers.Trainer`: progress bar, resume files, both arms alike."""

import random
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader
from transformers import PreTrainedTokenizerBase, Trainer, TrainingArguments, set_seed
from transformers.trainer_utils import get_last_checkpoint

from hmu.checkpoint import load_checkpoint
from hmu.controls import Controls
from hmu.modeling import MemoryTransformer
from hmu.training.data import BatchPlan, TrainingRows, collate, split_examples, texts_of, training_rows
from hmu.training.recipe import Recipe
from hmu.training.vocabulary import train_tokenizer


class MemoryTrainer(Trainer):
    """A Trainer that follows a batch plan and gives each step its controls.

    Args:
        recipe: the training.
        plan: its batches.
        kwargs: for `Trainer`.
    """

    def __init__(self, recipe: Recipe, plan: BatchPlan, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recipe, self.plan = recipe, plan
        self.seen: dict[str, list[torch.Tensor]] = defaultdict(list)

    def get_train_dataloader(self) -> DataLoader[Any]:
        """The plan's batches, in the plan's order."""
        loader = DataLoader(self.train_dataset, batch_sampler=self.plan, collate_fn=self.data_collator)
        return self.accelerator.prepare(loader)

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, **unused: Any) -> Any:
        """The model's own loss, under this step's controls: τ = 1, and now and then a gate bias."""
        controls = training_controls(self.recipe, self.state.global_step)
        outputs = model(**inputs, controls=controls)
        self.seen[f"loss_{inputs['task'] or 'generate'}"].append(outputs.loss.detach())
        if outputs.trace is not None and outputs.trace.gate is not None:
            real = inputs["attention_mask"].bool()
            self.seen["kl_per_token"].append(outputs.trace.kl.detach().float().sum(-1)[real].mean())
            if not controls.gate_bias:
                gate = outputs.trace.gate.detach().float().mean(-1)[real]
                self.seen["gate_mean"].append(gate.mean())
                self.seen["gate_std"].append(gate.std())
        return (outputs.loss, outputs) if return_outputs else outputs.loss

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
    return Controls(gate_bias=bias, temperature=1.0, seed=draw.randrange(2**31))


def fresh_model(recipe: Recipe, arm: str) -> MemoryTransformer:
    """An untrained model; the tensors that the arms share start equal."""
    set_seed(recipe.seed)
    shared = MemoryTransformer(recipe.config("baseline")).state_dict()
    model = MemoryTransformer(recipe.config(arm))
    model.load_state_dict(shared, strict=False)
    return model


def given_model(recipe: Recipe, arm: str, init: Path) -> tuple[MemoryTransformer, PreTrainedTokenizerBase]:
    """The recipe's model with a checkpoint's weights, and that checkpoint's tokenizer.

    Raises:
        ValueError: if the checkpoint is damaged, or its tensors are not those that the recipe's arm has.
    """
    given = load_checkpoint(init, device="cpu", dtype="fp32")
    model, weights = MemoryTransformer(recipe.config(arm)), given.model.state_dict()
    wanted = model.state_dict()
    wrong = [
        n for n in {**wanted, **weights} if n not in wanted or n not in weights or wanted[n].shape != weights[n].shape
    ]
    if wrong:
        raise ValueError(f'{init}: tensor "{wrong[0]}" does not fit arm "{arm}" of recipe {recipe.name}; give its like')
    model.load_state_dict(weights)
    return model, given.tokenizer


def arguments(recipe: Recipe, steps: int, out: Path, save_steps: int) -> TrainingArguments:
    """A recipe's optimizer in `Trainer`'s words."""
    optimizer = recipe.optimizer
    return TrainingArguments(
        output_dir=str(out / "resume"),
        max_steps=steps,
        learning_rate=optimizer.learning_rate,
        warmup_steps=optimizer.warmup_steps,
        lr_scheduler_type="cosine",
        adam_beta2=optimizer.beta2,
        weight_decay=optimizer.weight_decay,
        max_grad_norm=optimizer.clip,
        optim="adamw_torch_fused",
        bf16=optimizer.precision == "bf16",
        use_cpu=not torch.accelerator.is_available(),
        seed=recipe.seed,
        save_steps=save_steps,
        save_total_limit=1,
        logging_steps=100,
        report_to=[],
        remove_unused_columns=False,
    )


def train(
    recipe: Recipe, arm: str, data_root: Path, out: Path, init: Path | None = None, save_steps: int = 500
) -> Path:
    """Train one arm, going on from its last resume file if there is one.

    Args:
        recipe: the training.
        arm: a name in `recipe.arms`.
        data_root: folder of the tasks' folders.
        out: receives the checkpoint (`final/`) and, while it lasts, the local resume files (`resume/`).
        init: a checkpoint folder whose weights and vocabulary the training starts from.
        save_steps: steps from one resume file to the next; without effect on the result.

    Raises:
        ValueError: for an arm or data that are not there, or given weights that do not fit the recipe.

    Returns:
        The checkpoint's folder: fp16 safetensors in shards under 9 MB, config, tokenizer.
    """
    parts = split_examples(recipe, data_root, held_out=False)
    config = recipe.config(arm)
    tokenizer: PreTrainedTokenizerBase
    if init:
        model, tokenizer = given_model(recipe, arm, init)
    else:
        model = fresh_model(recipe, arm)
        tokenizer = train_tokenizer(texts_of(parts), config.vocab_size, config.max_source_length)
    rows = TrainingRows(training_rows(recipe, parts), tokenizer, config.max_source_length, config.max_target_length)
    plan = BatchPlan(rows, recipe.tasks, recipe.seed)
    trainer = MemoryTrainer(
        recipe,
        plan,
        model=model,
        args=arguments(recipe, len(plan), out, save_steps),
        train_dataset=rows,
        data_collator=partial(collate, pad=config.pad_token_id),
    )
    resume = out / "resume"
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(resume)) if resume.is_dir() else None)
    return save_checkpoint(model, tokenizer, out / "final")


def save_checkpoint(model: MemoryTransformer, tokenizer: PreTrainedTokenizerBase, folder: Path) -> Path:
    """Write a checkpoint as the zoo keeps it: fp16, shards under 9 MB, tokenizer beside them."""
    model.generation_config.max_new_tokens = model.config.max_target_length
    tokenizer.backend_tokenizer.no_truncation()  # what the last call set would be stored, and so would where
    for key in ("is_local", "local_files_only"):  # it was loaded from
        tokenizer.init_kwargs.pop(key, None)
    model.half().save_pretrained(folder, max_shard_size="8MB")
    tokenizer.save_pretrained(folder)
    return folder
