"""A task's rows in a base's own tokens, and what a frozen encoder makes of them, computed once.

Axes: b batch, n source tokens, t target tokens, d model width.
"""

import copy
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset
from transformers import PreTrainedTokenizerBase

from hmu.plugin.model import HMUModel
from hmu.tasks import Example, Task
from hmu.tasks.files import read_examples, sliced
from hmu.training.data import padded

_BATCH = 64


def examples_of(
    task: Task, file: Path, seed: int, held_out: float = 0.0, rows: int = 0, apart: bool = False
) -> list[Example]:
    """Training rows of a file, or those held out from it.

    Args:
        task: of the rows.
        file: of its folder.
        seed: of the slice and of the rows drawn.
        held_out: share of the rows that is kept back for choices; nor is what holds one of these, or is part of one,
            trained on, where a task's rows are parts of one another (`Task.phrases`).
        rows: how many are drawn from the rest; 0 for all.
        apart: the rows kept back in place of the rest.

    Raises:
        ValueError: for a file that is missing or does not fit, or fewer rows than are asked for.
    """
    found, held = sliced(read_examples(file, task), task, seed, held_out, apart=not apart)  # the slice needs no rest
    if apart:
        return held
    if not rows:
        return found
    if rows > len(found):
        raise ValueError(f"{file}: {rows} rows asked for, there are {len(found)}; ask for fewer")
    return random.Random(seed).sample(found, rows)


@dataclass(frozen=True, slots=True)
class Row:
    """One row in tokens.

    Args:
        inputs: what the base's tokenizer gives for the source, without a mask.
        labels: a class number, or the target's tokens.
        states: (n, d), what the encoder made of it, where that is kept.
    """

    inputs: dict[str, list[int]]
    labels: int | list[int]
    states: Tensor | None = None


class UnitRows(Dataset[dict[str, Any]]):
    """A task's rows for a base.

    Args:
        task: of the rows.
        examples: the rows.
        tokenizer: the base's; the texts of a pair are put together as it does.
        max_source, max_target: tokens at which texts are cut.
    """

    def __init__(
        self,
        task: Task,
        examples: Sequence[Example],
        tokenizer: PreTrainedTokenizerBase,
        max_source: int,
        max_target: int,
    ) -> None:
        self.task, self.tokenizer = task, tokenizer
        self.rows: list[Row] = []
        if not examples:
            return
        sources = [each.source for each in examples]
        seconds = [each.second or "" for each in examples] if task.pair else None
        read = tokenizer(sources, seconds, truncation=True, max_length=max_source, return_attention_mask=False)
        labels: list[Any] = [each.label for each in examples]
        if task.generates:
            targets = [each.references[0] for each in examples]
            labels = tokenizer(text_target=targets, truncation=True, max_length=max_target)["input_ids"]
        self.rows = [
            Row({name: values[place] for name, values in read.items()}, label) for place, label in enumerate(labels)
        ]

    def with_rows(self, rows: Sequence[Row]) -> "UnitRows":
        """The same task and tokenizer, other rows."""
        other = copy.copy(self)
        other.rows = list(rows)
        return other

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = self.rows[index]
        return {"input_ids": row.inputs["input_ids"], "row": row}

    @torch.no_grad()
    def keep_states(self, model: HMUModel) -> None:
        """Compute what the encoder makes of each row, in evaluation mode, and keep it in half precision."""
        training = model.training
        model.eval()
        order = sorted(range(len(self)), key=lambda place: len(self.rows[place].inputs["input_ids"]))
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            batch = self.collate([self[place] for place in places])
            inputs = {name: value.to(model.device) for name, value in batch.items() if name in self._sources}
            states = model.seat.encode(inputs)[0].half().cpu()
            for place, found, mask in zip(places, states, batch["attention_mask"], strict=True):
                row = self.rows[place]
                self.rows[place] = Row(row.inputs, row.labels, found[: int(mask.sum())].clone())
        model.train(training)

    @property
    def _sources(self) -> set[str]:
        return {"attention_mask", *(self.rows[0].inputs if self.rows else ())}

    def collate(self, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Rows → the arguments of `HMUModel.forward`: padded on the right, with a mask, labels, and the task's name."""
        rows: list[Row] = [item["row"] for item in items]
        lengths = [len(row.inputs["input_ids"]) for row in rows]
        batch: dict[str, Any] = {"attention_mask": padded([[1] * length for length in lengths], 0)}
        if rows[0].states is None:
            fills = {"input_ids": self.tokenizer.pad_token_id, "token_type_ids": self.tokenizer.pad_token_type_id}
            for name in rows[0].inputs:
                batch[name] = padded([row.inputs[name] for row in rows], fills.get(name) or 0)
        else:
            kept = [row.states for row in rows if row.states is not None]
            batch["encoder_outputs"] = torch.nn.utils.rnn.pad_sequence(kept, batch_first=True).float()
        if self.task.generates:
            batch["labels"] = padded([row.labels for row in rows if isinstance(row.labels, list)], -100)
            return batch
        return batch | {"labels": torch.tensor([row.labels for row in rows]), "task": self.task.name}
