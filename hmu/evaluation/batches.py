"""Examples → batches of tokens of like length. Knows nothing of what is asked. Axes: b batch, n source tokens."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.memory import Remembered
from hmu.tasks import Example
from hmu.tokens import source_tokens


@dataclass(frozen=True, slots=True)
class Batch:
    """Some inputs as a checkpoint's encoder left them.

    Args:
        rows: b indices into the examples, which are also the addresses of their noise.
        states: (b, n, d).
        mask: (b, n), 1 for a real token.
    """

    rows: list[int]
    states: Tensor
    mask: Tensor

    @torch.inference_mode()
    def remembered(self, checkpoint: Checkpoint, controls: Controls) -> Remembered:
        """What the decoder will read under these controls."""
        return checkpoint.model.remember(self.states, self.mask, controls, self.rows)


@torch.inference_mode()
def batches(checkpoint: Checkpoint, examples: Sequence[Example], size: int) -> Iterator[Batch]:
    """Every input once, in batches of like length.

    Raises:
        ValueError: for a pair of texts, where the checkpoint's tokenizer has no separator.
    """
    config, device = checkpoint.model.config, checkpoint.model.device
    sources = [(example.source, example.second) for example in examples]
    try:
        tokens = [found.ids for found in source_tokens(checkpoint.tokenizer, sources, config.max_source_length)]
    except ValueError as error:
        raise ValueError(f"{checkpoint.name}: {error}") from None
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        longest = len(tokens[rows[-1]])
        ids = [tokens[row] + [config.pad_token_id] * (longest - len(tokens[row])) for row in rows]
        mask = torch.tensor(
            [[1] * len(tokens[row]) + [0] * (longest - len(tokens[row])) for row in rows], device=device
        )
        yield Batch(rows, checkpoint.model.encode(torch.tensor(ids, device=device), mask), mask)
