"""Recipe → the rows that a training reads, in batches, with their vocabulary."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from hmu.configuration import MemoryTransformerConfig
from hmu.training.data import BatchPlan, TrainingRows, collate, not_denoised, split_examples, texts_of, training_rows
from hmu.training.recipe import Recipe
from hmu.training.synthetic import SyntheticBatches, SyntheticRows, join, synthetic_tokenizer
from hmu.training.vocabulary import train_tokenizer


@dataclass(frozen=True, slots=True)
class Reading:
    """What a training reads.

    Args:
        rows: all of them.
        plan: their batches, in order.
        collate: how rows are put together.
        tokenizer: their vocabulary.
        tokens: source and target tokens in all batches, without padding.
    """

    rows: TrainingRows | SyntheticRows
    plan: BatchPlan | SyntheticBatches
    collate: Callable[..., dict[str, Any]]
    tokenizer: PreTrainedTokenizerBase
    tokens: int


def read_synthetic(recipe: Recipe, config: MemoryTransformerConfig) -> Reading:
    """Rows that are drawn from the recipe's seed."""
    plan = SyntheticBatches(recipe.synthetic, recipe.seed)
    rows = SyntheticRows(recipe.seed, sum(map(len, plan)))
    firsts = ((len(batch), rows[batch[0]].row) for batch in plan)  # a batch has rows of one length
    tokens = sum(count * (len(row.source) + len(row.answers)) for count, row in firsts)
    return Reading(rows, plan, join, synthetic_tokenizer(config.max_source_length), tokens)


def read_texts(
    recipe: Recipe, config: MemoryTransformerConfig, data_root: Path | None, tokenizer: PreTrainedTokenizerBase | None
) -> Reading:
    """Rows of the tasks' files, with the given vocabulary or one trained on them.

    Raises:
        ValueError: for data that are not there.
    """
    if data_root is None:
        raise ValueError(f"data root: not given; recipe {recipe.name} reads {', '.join(recipe.task_names)}")
    parts, held = split_examples(recipe, data_root, held_out=False), not_denoised(recipe, data_root)
    tokenizer = tokenizer or train_tokenizer(texts_of(parts), config.vocab_size, config.max_source_length)
    rows = TrainingRows(
        training_rows(recipe, parts, held), tokenizer, config.max_source_length, config.max_target_length
    )
    plan = BatchPlan(rows, recipe.plans, recipe.seed)
    lengths = [len(row.input_ids) + (len(row.labels) if isinstance(row.labels, list) else 0) for row in rows.rows]
    tokens = sum(lengths[index] for batch in plan for index in batch)
    return Reading(rows, plan, partial(collate, pad=config.pad_token_id), tokenizer, tokens)
