"""A checkpoint of the synthetic tasks → what it still knows t steps later, how it recalls pairs, how it copies.

The rows are those of addresses 0, 1, …: none that a training reads. Knows nothing of files or printing.
Axes: b batch, n source tokens, t target tokens, d model width.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.evaluation.score import AS_TRAINED
from hmu.evaluation.unit import UnitGauge, UnitMetrics
from hmu.memory import Remembered
from hmu.tasks import synthetic
from hmu.tasks.synthetic import QUERY, SPECIAL, VOCABULARY, Batch, Row, join


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over rows, their standard deviation, and half the width of the mean's 95 % interval (normal)."""

    mean: float
    sd: float
    half: float

    @classmethod
    def of(cls, values: Tensor) -> "Figure":
        """Of one number a row, (rows)."""
        sd = float(values.std(correction=1)) if len(values) > 1 else 0.0
        return cls(float(values.mean()), sd, 1.96 * sd / math.sqrt(len(values)))


@dataclass(frozen=True, slots=True)
class Retained:
    """retention@t.

    Args:
        steps: t.
        rows: how many were measured.
        probability: P(the right token), in [0, 1].
        recalled: share of rows whose likeliest token is the right one.
        cosine: between the token's memory when written (the text ends there) and when read (after t more tokens).
    """

    steps: int
    rows: int
    probability: Figure
    recalled: float
    cosine: Figure


@dataclass(frozen=True, slots=True)
class Recalled:
    """Associative recall: share of a row's questions whose likeliest answer is right, over source tokens and pairs."""

    length: int
    pairs: int
    rows: int
    accuracy: Figure


@dataclass(frozen=True, slots=True)
class Copied:
    """Copy.

    Args:
        length: tokens to copy.
        rows: how many were measured.
        accuracy: share of a row's tokens, its end among them, that are likeliest after the right ones before them.
        whole: share of rows with all of them right, which is the share that greedy writing copies without a fault.
    """

    length: int
    rows: int
    accuracy: Figure
    whole: float


class Bench:
    """A checkpoint under one setting, and the rows that it is measured on; every figure is a method.

    An address is also that of the row's noise, and rows are padded to their batch's longest: no figure depends on the
    batches.

    Args:
        checkpoint: answers.
        controls: of the memory.
        seed: of the rows.
        rows: how many for each figure.
        batch_size: rows read together.
        progress: called with the number of rows that a batch has finished.

    Raises:
        ValueError: for a checkpoint that was not trained on these tasks, or rows too few or too many.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        controls: Controls = AS_TRAINED,
        seed: int = 0,
        rows: int = 256,
        batch_size: int = 32,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        if not 1 <= rows <= 2**32:
            raise ValueError(f"rows: {rows}; give from 1 to 2³², those above are trained on")
        check_checkpoint(checkpoint)
        self.checkpoint, self.controls = checkpoint, controls
        self.seed, self.rows, self.batch_size, self.progress = seed, rows, batch_size, progress

    def retention(self, steps: int) -> Retained:
        """Ask for a token t steps after it was read.

        Raises:
            ValueError: for t below 0, or more tokens than the checkpoint reads.
        """
        self.check_length(f"retention@{steps}", steps + 2)
        probabilities, hits, cosines = [], [], []
        for rows, batch in self._batches(partial(synthetic.retention, self.seed, steps=steps)):
            first = self._answers(batch, rows)[:, 0].softmax(-1)
            probabilities.append(first.gather(1, batch.answers[:, :1])[:, 0])
            hits.append(first.argmax(-1) == batch.answers[:, 0])
            written, read = (self.memory(batch.source[:, :length], rows)[:, 0] for length in (1, 1 + steps))
            cosines.append(nn.functional.cosine_similarity(written, read, dim=-1))
        probability, cosine = Figure.of(torch.cat(probabilities)), Figure.of(torch.cat(cosines))
        return Retained(steps, self.rows, probability, float(torch.cat(hits).float().mean()), cosine)

    def recall(self, length: int, pairs: int) -> Recalled:
        """Ask for every key's value.

        Raises:
            ValueError: for pairs that do not fit the length, or more tokens than the checkpoint reads.
        """
        synthetic.check_recall(length, pairs)
        self.check_length(f"recall of {pairs} pairs", length)
        right, _ = self._right(partial(synthetic.recall, self.seed, length=length, pairs=pairs))
        return Recalled(length, pairs, self.rows, Figure.of(right))

    def copy(self, length: int) -> Copied:
        """Ask for everything again.

        Raises:
            ValueError: for no tokens, or more than the checkpoint reads.
        """
        self.check_length(f"copy of {length} tokens", length + 1)
        right, whole = self._right(partial(synthetic.copy, self.seed, length=length))
        return Copied(length, self.rows, Figure.of(right), float(whole.float().mean()))

    def unit(self, make: Callable[[int], Row]) -> UnitMetrics:
        """How the memory of these rows' sources is made.

        Args:
            make: address → row.
        """
        gauge = UnitGauge()
        for rows, batch in self._batches(make):
            gauge.take(memory_of(self.checkpoint, batch.source, batch.mask, rows, self.controls).trace, batch.mask)
        return gauge.metrics()

    def memory(self, ids: Tensor, rows: Sequence[int]) -> Tensor:
        """What the decoder reads of texts without padding, (b, n) → (b, n, d), in fp32 on the CPU."""
        return memory_of(self.checkpoint, ids, torch.ones_like(ids), rows, self.controls).memory.float().cpu()

    def check_length(self, what: str, tokens: int) -> None:
        """Refuse texts longer than the checkpoint was made for.

        Raises:
            ValueError: naming what is asked and the limit.
        """
        limit = self.checkpoint.model.config.max_source_length
        if tokens > limit:
            raise ValueError(f"{what}: {tokens} tokens; {self.checkpoint.name} reads at most {limit}")

    def _right(self, make: Callable[[int], Row]) -> tuple[Tensor, Tensor]:
        """Each row's share of likeliest answers that are right, and whether all are."""
        shares = []
        for rows, batch in self._batches(make):
            asked = batch.answers != -100
            hits = (self._answers(batch, rows).argmax(-1) == batch.answers) & asked
            shares.append(hits.sum(1) / asked.sum(1))
        all_shares = torch.cat(shares)
        return all_shares, all_shares == 1

    def _batches(self, make: Callable[[int], Row]) -> Iterator[tuple[Sequence[int], Batch]]:
        for start in range(0, self.rows, self.batch_size):
            rows = range(start, min(start + self.batch_size, self.rows))
            yield rows, join([make(index) for index in rows])
            if self.progress is not None:
                self.progress(len(rows))

    def _answers(self, batch: Batch, rows: Sequence[int]) -> Tensor:
        return answers(self.checkpoint, batch, rows, self.controls)


def check_checkpoint(checkpoint: Checkpoint) -> None:
    """Refuse a checkpoint that knows another vocabulary.

    Raises:
        ValueError: naming it and the remedy.
    """
    size = checkpoint.model.config.vocab_size
    if size != VOCABULARY or checkpoint.tokenizer.convert_tokens_to_ids(SPECIAL[QUERY]) != QUERY:
        raise ValueError(
            f"{checkpoint.name}: not a checkpoint of the synthetic tasks; train one by zoo/recipes/recall.toml"
        )


@torch.inference_mode()
def answers(checkpoint: Checkpoint, batch: Batch, rows: Sequence[int], controls: Controls) -> Tensor:
    """Logits after everything that the decoder is asked, (b, t, vocabulary), in fp32 on the CPU.

    Args:
        checkpoint: answers.
        batch: b rows.
        rows: b addresses for the noise.
        controls: of the memory.
    """
    remembered = memory_of(checkpoint, batch.source, batch.mask, rows, controls)
    asked = batch.asked.to(checkpoint.model.device)
    return checkpoint.model.decode(asked, remembered).logits.float().cpu()


@torch.inference_mode()
def memory_of(
    checkpoint: Checkpoint, source: Tensor, mask: Tensor, rows: Sequence[int], controls: Controls
) -> Remembered:
    """Token ids (b, n) and their mask (b, n) → the memory, under these controls."""
    model = checkpoint.model
    source, mask = source.to(model.device), mask.to(model.device)
    return model.remember(model.encode(source, mask), mask, controls, rows)
