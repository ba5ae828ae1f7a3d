"""Random draws with an address: the same seed, row and position give the same number everywhere.

Each (purpose, seed, row) owns one CPU generator stream, so a draw depends on neither batch, padding, length nor device.
Knows nothing of what the numbers are for. Axes: b batch, n positions, k width.
"""

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor

_BLOCK = 16
"""torch.randn fills whole blocks of 16: only multiples of it make a shorter draw the prefix of a longer one."""


def stream(purpose: str, seed: int, row: int = 0) -> torch.Generator:
    """The CPU generator that owns one (purpose, seed, row)."""
    digest = hashlib.blake2b(f"{purpose}/{seed}/{row}".encode(), digest_size=4).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big"))


def normal(seeds: Sequence[int], rows: Sequence[int], positions: Tensor, width: int, like: Tensor) -> Tensor:
    """Standard normal noise for each real token.

    Args:
        seeds: the first part of b addresses.
        rows: their second part.
        positions: (b, n), the index of each token among the real tokens of its row; padding may hold any index < n.
        width: k.
        like: gives device and dtype.

    Returns:
        (b, n, k); entry [i, j] is draw number `positions[i, j]` of stream (seeds[i], rows[i]).
    """
    length = positions.shape[1]
    padded = -(-length * width // _BLOCK) * _BLOCK
    addresses = zip(seeds, rows, strict=True)
    draws = [torch.randn(padded, generator=stream("latent", seed, row))[: length * width] for seed, row in addresses]
    noise = torch.stack(draws).view(len(rows), length, width)
    index = positions.cpu()[:, :, None].expand(-1, -1, width)
    return noise.gather(1, index).to(like.device, like.dtype)
