"""A recipe's rows → tokens → batches in a fixed order, the same for both arms."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset, Sampler
from transformers import PreTrainedTokenizerBase

from hmu.evaluation.corruptions import corrupted
from hmu.tasks import Example, find_task
from hmu.tasks.base import sentences
from hmu.tasks.files import read_examples, sliced
from hmu.tokens import cut, source_tokens, text_tokens
from hmu.training.recipe import DENOISING, Recipe, TaskPlan

_POOL = 40
"""Batches among which rows of like length are put together."""
_TELLING = 4
"""Words of the shortest sentence that can be told from what noise leaves of it."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One training row in tokens; `labels` is a class number or target tokens, `words` counts the source's words."""

    task: str
    input_ids: list[int]
    labels: int | list[int]
    words: int = 0


def split_examples(recipe: Recipe, data_root: Path, held_out: bool) -> dict[str, list[Example]]:
    """Each task's training rows: the part that is trained on, or the slice held out for choices.

    Raises:
        ValueError: for a file that is missing or does not fit, or fewer rows than the recipe draws.
    """
    parts = {}
    for plan in {plan.name: plan for plan in recipe.tasks}.values():
        task = find_task(plan.name)
        examples = read_examples(data_root / task.folder / plan.file, task)
        apart = recipe.slice_apart and not held_out  # the slice itself is the same either way
        kept, held = sliced(examples, task, recipe.sliced_by, recipe.held_out, apart)
        parts[plan.name] = held if held_out else kept
        if recipe.rows and not held_out:
            parts[plan.name] = _drawn(parts[plan.name], recipe, plan.name)
    return parts


def not_denoised(recipe: Recipe, data_root: Path) -> dict[str, list[Example]]:
    """The slice whose sentences are kept from the denoising; empty where nothing is denoised or nothing kept apart."""
    return split_examples(recipe, data_root, held_out=True) if recipe.denoising and recipe.slice_apart else {}


def _drawn(examples: list[Example], recipe: Recipe, task: str) -> list[Example]:
    if recipe.rows > len(examples):
        raise ValueError(f"recipe {recipe.name}: {recipe.rows} rows, but {task} has {len(examples)}; ask for fewer")
    return random.Random(recipe.seed).sample(examples, recipe.rows)


def training_rows(
    recipe: Recipe, parts: Mapping[str, Sequence[Example]], held: Mapping[str, Sequence[Example]] | None = None
) -> dict[str, list[Example]]:
    """The examples to train on: each task's own, the varied copies that the recipe asks for, and those to denoise.

    Args:
        recipe: asks for them.
        parts: task → its rows that are trained on.
        held: those whose sentences are not denoised, of `not_denoised`.
    """
    draw = random.Random(recipe.seed)
    rows = {name: list(examples) for name, examples in parts.items()}
    for name, copies in recipe.variants.items():
        vary = find_task(name).vary
        assert vary, name  # a Recipe has no other variants
        for _ in range(copies):
            rows[name] += vary(parts[name], draw)
    for name, others in recipe.adopted.items():
        adopt = find_task(name).adopt
        assert adopt, name  # nor others that adopt
        rows[name] += adopt(_sentences({other: parts[other] for other in others}), parts[name], draw)
    return rows | ({DENOISING: _to_denoise(recipe, parts, held or {})} if recipe.denoising else {})


def _to_denoise(
    recipe: Recipe, parts: Mapping[str, Sequence[Example]], held: Mapping[str, Sequence[Example]]
) -> list[Example]:
    """Every sentence under what noise leaves of it, the same for all arms."""
    assert recipe.denoising
    apart = set(_sentences(held))
    texts = [text for text in _sentences(parts) if len(text.split()) >= _TELLING and text not in apart]
    noisy = [Example(source=text) for text in texts]
    for number, noise in enumerate(recipe.denoising.kinds):
        noisy = corrupted(noisy, noise, recipe.seed + number)
    return [Example(source=rest.source, references=(text,)) for rest, text in zip(noisy, texts, strict=True)]


def _sentences(parts: Mapping[str, Sequence[Example]]) -> list[str]:
    """Every sentence of these examples, once; lists of concepts are none."""
    texts = texts_of(parts, lists=False)
    return list(dict.fromkeys(part for text in texts for part in sentences(text)))


def texts_of(parts: Mapping[str, Sequence[Example]], lists: bool = True) -> Iterator[str]:
    """Every source and target, as for the vocabulary; lists of concepts among them or not."""
    for name, examples in parts.items():
        left_out = not lists and find_task(name).asks_concepts
        for example in examples:
            if not left_out:
                yield example.source
            if example.second is not None:
                yield example.second
            yield from example.references


class TrainingRows(Dataset[Encoded]):
    """Every task's rows in tokens, one after another.

    Args:
        parts: task → examples.
        tokenizer: ends each text itself; its separator stands between the two of a pair.
        max_source, max_target: tokens at which texts are cut.

    Raises:
        ValueError: for a task of pairs, if the tokenizer has no separator.
    """

    def __init__(
        self, parts: dict[str, list[Example]], tokenizer: PreTrainedTokenizerBase, max_source: int, max_target: int
    ) -> None:
        self.rows: list[Encoded] = []
        self.spans: dict[str, range] = {}
        for name, examples in parts.items():
            sources = source_tokens(tokenizer, [(e.source, e.second) for e in examples], max_source)
            labels: Sequence[Any] = [e.label for e in examples]
            if name == DENOISING or find_task(name).generates:
                targets = text_tokens(tokenizer, [e.references[0] for e in examples])
                labels = [cut(target, max_target) for target in targets]
            start = len(self.rows)
            words = [len(e.source.split()) for e in examples]
            self.rows += [Encoded(name, s.ids, a, w) for s, a, w in zip(sources, labels, words, strict=True)]
            self.spans[name] = range(start, len(self.rows))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Encoded:
        return self.rows[index]

    def length(self, index: int) -> tuple[int, int]:
        """Target and source tokens of a row, for sorting."""
        row = self.rows[index]
        return (len(row.labels) if isinstance(row.labels, list) else 0, len(row.input_ids))


class BatchPlan(Sampler[list[int]]):
    """Every batch of a training, in order: rows of one task and like length together, tasks mixed evenly.

    Args:
        rows: what is trained on.
        plans: epochs and batch size of each task.
        seed: of the order.
    """

    def __init__(self, rows: TrainingRows, plans: Sequence[TaskPlan], seed: int) -> None:
        draw = random.Random(seed)
        self.batches = [batch for plan in plans for batch in _batches(rows, plan, draw)]
        draw.shuffle(self.batches)

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.batches)

    def __len__(self) -> int:
        return len(self.batches)


def _batches(rows: TrainingRows, plan: TaskPlan, draw: random.Random) -> Iterator[list[int]]:
    chosen = [index for index in rows.spans[plan.name] if rows.rows[index].words >= plan.min_words]
    left = round(plan.epochs * len(chosen))
    pool = plan.batch_size * _POOL
    while left > 0:
        order = list(chosen)
        draw.shuffle(order)
        order = order[:left]
        left -= len(order)
        for start in range(0, len(order), pool):
            alike = sorted(order[start : start + pool], key=rows.length)
            yield from (alike[i : i + plan.batch_size] for i in range(0, len(alike), plan.batch_size))


def planned_steps(plans: Sequence[TaskPlan], parts: Mapping[str, Sequence[Example]]) -> int:
    """How many batches these plans make of these rows: the length of their `BatchPlan`, without tokens."""
    steps = 0
    for plan in plans:
        chosen = sum(len(example.source.split()) >= plan.min_words for example in parts[plan.name])
        passes, rest = divmod(round(plan.epochs * chosen), max(chosen, 1))
        steps += passes * -(-chosen // plan.batch_size) + -(-rest // plan.batch_size)
    return steps


def collate(rows: Sequence[Encoded], pad: int) -> dict[str, Any]:
    """Rows of one task → the model's arguments: padded ids, mask, labels (−100 where padded), and the task's name."""
    ids = padded([row.input_ids for row in rows], pad)
    batch: dict[str, Any] = {"input_ids": ids, "attention_mask": padded([[1] * len(r.input_ids) for r in rows], 0)}
    if isinstance(rows[0].labels, int):
        return batch | {"labels": torch.tensor([row.labels for row in rows]), "task": rows[0].task}
    return batch | {"labels": padded([row.labels for row in rows if isinstance(row.labels, list)], -100), "task": None}


def padded(rows: Sequence[Sequence[int]], value: int) -> torch.Tensor:
    """Rows of unlike length → one table, filled up on the right."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows])
