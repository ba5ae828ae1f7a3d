"""Synthetic rows for training: drawn when asked for, in batches of one length, the same for both arms.

The rows are those of addresses from `TRAINED` on; whatever is measured lies below it, so no row is ever both.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer, models, pre_tokenizers
from torch.utils.data import Dataset, Sampler
from transformers import PreTrainedTokenizerFast

from hmu.tasks import synthetic
from hmu.tasks.synthetic import Row
from hmu.training.recipe import SyntheticPlan

TRAINED = 2**32
"""The first index of a row that may be trained on."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a row comes from: task, index, its length as its `SyntheticPlan` counts it, and a recall row's pairs."""

    part: str
    index: int
    length: int
    pairs: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row and the task that it is of."""

    part: str
    row: Row


class SyntheticRows(Dataset[Drawn]):
    """Every row there is, by address.

    Args:
        seed: of the rows.
        count: how many a training reads; `Trainer` wants to know.
    """

    def __init__(self, seed: int, count: int) -> None:
        self.seed, self.count = seed, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, address: Address) -> Drawn:
        return Drawn(address.part, self._row(address))

    def _row(self, address: Address) -> Row:
        if address.part == "retention":
            return synthetic.retention(self.seed, address.index, address.length)
        if address.part == "copy":
            return synthetic.copy(self.seed, address.index, address.length)
        return synthetic.recall(self.seed, address.index, address.length, address.pairs)


class SyntheticBatches(Sampler[list[Address]]):
    """Every batch of a training, in order: one task and one length each, tasks mixed evenly, lengths growing.

    Args:
        plans: each task's share.
        seed: of order and lengths.
    """

    def __init__(self, plans: Sequence[SyntheticPlan], seed: int) -> None:
        draw = random.Random(seed)
        order = [plan for plan in plans for _ in range(plan.steps)]
        draw.shuffle(order)
        self.batches: list[list[Address]] = []
        first = TRAINED
        for step, plan in enumerate(order):
            batch = _batch(plan, step / len(order), first, draw)
            self.batches.append(batch)
            first += len(batch)

    def __iter__(self) -> Iterator[list[Address]]:
        return iter(self.batches)

    def __len__(self) -> int:
        return len(self.batches)


def _batch(plan: SyntheticPlan, done: float, first: int, draw: random.Random) -> list[Address]:
    """One step's addresses, after this share of the training."""
    grown = min(1.0, done / plan.growth) if plan.growth else 1.0
    length = _between(plan.shortest, plan.shortest + grown * (plan.longest - plan.shortest), draw)
    pairs, answers = 0, 2
    if plan.part == "recall":
        pairs = answers = _between(1, min(1 + grown * (plan.pairs - 1), length // 4), draw)
    elif plan.part == "copy":
        answers = length + 1
    rows = max(1, min(plan.batch_size, plan.batch_tokens // (length + answers)))
    return [Address(plan.part, first + i, length, pairs) for i in range(rows)]


def _between(low: int, high: float, draw: random.Random) -> int:
    """A whole number from `low` to `high`, even on a logarithmic scale."""
    most = math.floor(high)
    return min(most, int(math.exp(draw.uniform(math.log(low), math.log(most + 1)))))


def join(drawn: Sequence[Drawn]) -> dict[str, Any]:
    """Rows of one task → the model's arguments, and the task's name for the log."""
    batch = synthetic.join([one.row for one in drawn])
    return {
        "input_ids": batch.source,
        "attention_mask": batch.mask,
        "decoder_input_ids": batch.asked,
        "labels": batch.answers,
        "task": None,
        "part": drawn[0].part,
    }


def synthetic_tokenizer(max_length: int) -> PreTrainedTokenizerFast:
    """A name for every id, for a checkpoint's folder and for people: special tokens, then t0, t1, …"""
    names = [*synthetic.SPECIAL, *(f"t{number}" for number in range(synthetic.TOKENS))]
    ids = {name: number for number, name in enumerate(names)}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token=names[synthetic.GAP]))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(list(synthetic.SPECIAL))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=names[synthetic.PAD],
        bos_token=names[synthetic.START],
        eos_token=names[synthetic.END],
        unk_token=names[synthetic.GAP],
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
    )
