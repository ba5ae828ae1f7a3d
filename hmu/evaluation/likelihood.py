"""How likely given texts are under a checkpoint: perplexity per word, and the likelier of two endings.

Axes: b batch, m memory slots, d model width, t target tokens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.evaluation.batches import batches
from hmu.memory import Remembered
from hmu.tasks import Example
from hmu.tokens import target_tokens

_TOGETHER = 64
"""Targets that are decoded at once."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """A text's log-probability, each token after those before it.

    Args:
        nats: ≤ 0, summed over its tokens and the end of the text.
        tokens: how many these are.
        right: how many of them are the likeliest.
    """

    nats: float
    tokens: int
    right: int

    @property
    def per_token(self) -> float:
        """The mean over its tokens, in nats ≤ 0."""
        return self.nats / self.tokens


@torch.inference_mode()
def likelihoods(
    checkpoint: Checkpoint, remembered: Remembered, targets: Sequence[Sequence[str]]
) -> list[list[Likelihood]]:
    """How likely each memory makes each of its texts; texts are taken whole, however long.

    Args:
        checkpoint: writes.
        remembered: b memories, (b, m, d).
        targets: for each memory its texts.
    """
    model = checkpoint.model
    memories = [row for row, texts in enumerate(targets) for _ in texts]
    tokens = target_tokens(checkpoint.tokenizer, [text for texts in targets for text in texts]) if memories else []
    found: list[list[Likelihood]] = [[] for _ in targets]
    for start in range(0, len(tokens), _TOGETHER):
        rows, ids = memories[start : start + _TOGETHER], tokens[start : start + _TOGETHER]
        labels = pad_sequence([torch.tensor(one) for one in ids], batch_first=True, padding_value=-100).to(model.device)
        memory = Remembered(remembered.memory[rows], remembered.mask[rows])
        logits = model.decode(model.shift_right(labels), memory).logits.float()
        losses = nn.functional.cross_entropy(logits.transpose(1, 2), labels, ignore_index=-100, reduction="none")
        right = (logits.argmax(-1) == labels).sum(1).tolist()
        for row, one, loss, hits in zip(rows, ids, losses.double().sum(1).tolist(), right, strict=True):
            found[row].append(Likelihood(-loss, len(one), hits))
    return found


def likeliest(checkpoint: Checkpoint, remembered: Remembered, endings: Sequence[Sequence[str]]) -> list[int]:
    """For each memory the number of the ending with the highest log-probability per token, the first of equals."""
    found = likelihoods(checkpoint, remembered, endings)
    return [max(range(len(one)), key=lambda number: one[number].per_token) for one in found]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a model foretells the references, each token after those before it.

    Args:
        perplexity: per word, ≥ 1, so that vocabularies can be compared.
        token_accuracy: share of the tokens that are the likeliest, in [0, 1].
        token_loss: mean over tokens, in nats ≥ 0.
    """

    perplexity: float
    token_accuracy: float
    token_loss: float


@torch.inference_mode()
def fit(
    checkpoint: Checkpoint,
    examples: Sequence[Example],
    controls: Controls,
    batch_size: int = 64,
    progress: Callable[[int], None] | None = None,
) -> Fit:
    """Of every reference; the perplexity is exp(−Σ log p(token) / number of words).

    The tokens are those of every reference, with the end of each; words are what stands between spaces.

    Args:
        checkpoint: writes.
        examples: with references.
        controls: how the memory is read; the address of an example's noise is its index.
        batch_size: inputs encoded together.
        progress: called with the number of inputs that a batch has finished.
    """
    told: list[Likelihood] = []
    for batch in batches(checkpoint, examples, batch_size):
        texts = [examples[row].references for row in batch.rows]
        told += [one for each in likelihoods(checkpoint, batch.remembered(checkpoint, controls), texts) for one in each]
        if progress is not None:
            progress(len(batch.rows))
    words = sum(len(reference.split()) for example in examples for reference in example.references)
    nats, tokens = -sum(one.nats for one in told), sum(one.tokens for one in told)
    return Fit(
        perplexity=float(torch.tensor(nats / words, dtype=torch.float64).exp()),
        token_accuracy=sum(one.right for one in told) / tokens,
        token_loss=nats / tokens,
    )
