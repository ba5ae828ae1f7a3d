"""One arm at work: a training step, a source read, a text written, each readied first, so that it alone is timed.

No data file is read: rows are synthetic ids of the preset's full lengths, without padding, the same for all arms.
Knows nothing of clocks and of other arms.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from tokenizers import Tokenizer, models
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from hmu import noise
from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.decoding import stream
from hmu.memory import Remembered
from hmu.sampling import Decoding
from hmu.study.arms import BASELINE
from hmu.study.presets import Run, recipe_of
from hmu.study.times import FEWEST
from hmu.tasks import find_task
from hmu.tasks.synthetic import SYNTHETIC
from hmu.training.base import attention_kernel
from hmu.training.recipe import Recipe
from hmu.training.starting import fresh_model
from hmu.training.trainer import training_controls
from hmu.training.vocabulary import SPECIAL

Act = Callable[[], object]
"""What is timed, ready to begin."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be timed.

    Args:
        preset, task: whose recipe; a task of texts.
        arms: names in `ARMS`, the baseline among them.
        steps, rounds: a round is so many turns at training, then at reading, then at writing.
        tokens: written in a turn, each time the same ones, whatever the model would say.
        seed: of weights, rows, dropout and noise.
        device: auto, cpu, cuda, cuda:N or mps.
        precision: fp32 or bf16 (autocast); by default the recipe's.

    Raises:
        ValueError: for a name that there is none of, arms without the baseline or without another, too few pairs, or
            too many tokens.
    """

    preset: str
    task: str
    arms: tuple[str, ...]
    steps: int
    rounds: int
    tokens: int = 32
    seed: int = 1
    device: str = "auto"
    precision: str = ""

    def __post_init__(self) -> None:
        if self.task == SYNTHETIC:
            raise ValueError(f"task {SYNTHETIC}: its rows have no one length; time mrpc or common_gen")
        Decoding(max_new_tokens=self.tokens)
        for arm in self.arms:
            Run(self.preset, self.task, arm, self.seed)
        if BASELINE not in self.arms or len(self.arms) < 2 or len(set(self.arms)) < len(self.arms):
            given = ", ".join(self.arms)
            raise ValueError(f"arms: {given}; give {BASELINE} and others to be compared with it, each once")
        if self.steps * self.rounds < FEWEST:
            raise ValueError(
                f"times: {self.rounds} rounds of {self.steps} steps; give at least {FEWEST} in all, "
                "fewer have no 95 % interval"
            )

    @property
    def recipe(self) -> Recipe:
        """What the arms train by."""
        recipe = recipe_of(Run(self.preset, self.task, BASELINE, self.seed))
        precision = self.precision or recipe.optimizer.precision
        return replace(recipe, optimizer=replace(recipe.optimizer, precision=precision))


class Workload:
    """One arm at work; each method readies a turn and gives back what is to be timed.

    Args:
        plan: what is to be timed.
        arm: a name in `ARMS`.
        device: where.
    """

    def __init__(self, plan: Plan, arm: str, device: torch.device) -> None:
        self.plan, self.recipe, self.device = plan, plan.recipe, device
        self.model = fresh_model(self.recipe, arm).to(device)
        self.checkpoint = Checkpoint(arm, self.model, _names(self.model.config.vocab_size))
        told = self.recipe.optimizer
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), told.learning_rate, (0.9, told.beta2), weight_decay=told.weight_decay, fused=True
        )

    @property
    def acts(self) -> Mapping[str, Callable[[int], Act]]:
        """Kind of step → what readies it."""
        return {"training": self.training, "reading": self.reading, "writing": self.writing}

    def training(self, turn: int) -> Act:
        """A step: forward under the recipe's controls, backward, clip, AdamW."""
        self.model.train()
        return partial(self._train, self._batch(turn), training_controls(self.recipe, turn))

    def reading(self, turn: int) -> Act:
        """A source encoded and remembered, at the latent's mean."""
        self.model.eval()
        return partial(self._read, self._ids(turn, 1, self.model.config.max_source_length))

    def writing(self, turn: int) -> Act:
        """A text of `plan.tokens` decoded greedily by `stream`, from a memory that is ready."""
        self.model.eval()
        remembered = self._read(self._ids(turn, 1, self.model.config.max_source_length))
        return partial(self._write, remembered, self._ids(turn, 1, self.plan.tokens)[0].tolist())

    def _train(self, batch: Mapping[str, Any], controls: Controls) -> None:
        with self._autocast(), attention_kernel(self._bf16, self.device):
            loss = self.model(**batch, controls=controls).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.optimizer.clip)
        self.optimizer.step()
        self.optimizer.zero_grad()

    def _read(self, ids: Tensor) -> Remembered:
        mask = torch.ones_like(ids)
        with torch.inference_mode(), self._autocast():
            return self.model.remember(self.model.encode(ids, mask), mask, Controls())

    def _write(self, remembered: Remembered, text: list[int]) -> int:
        """Each token is chosen and told, then the given one is written: all arms write as much, and the same."""
        decoding = Decoding(max_new_tokens=len(text))
        with self._autocast():
            return sum(1 for _ in stream(self.checkpoint, remembered, decoding, begun=text))

    def _autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self._bf16)

    @property
    def _bf16(self) -> bool:
        return self.recipe.optimizer.precision == "bf16"

    def _batch(self, turn: int) -> dict[str, Any]:
        task, config, rows = find_task(self.plan.task), self.model.config, self.recipe.tasks[0].batch_size
        ids = self._ids(turn, rows, config.max_source_length)
        if task.generates:
            labels, name = self._ids(turn, rows, config.max_target_length), None
        else:
            labels, name = torch.arange(rows, device=self.device) % len(task.labels), task.name
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels, "task": name}

    def _ids(self, turn: int, rows: int, length: int) -> Tensor:
        draw = noise.stream("times", self.plan.seed, turn)
        return torch.randint(len(SPECIAL), self.model.config.vocab_size, (rows, length), generator=draw).to(self.device)


def _names(size: int) -> PreTrainedTokenizerFast:
    """A name for every id, which the decoder turns into text."""
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({f"t{n}": n for n in range(size)})))
