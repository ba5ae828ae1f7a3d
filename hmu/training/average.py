"""Several checkpoints of one training → the mean of their weights (checkpoint averaging: Vaswani et al. 2017, 6.1)."""

from collections.abc import Sequence
from pathlib import Path

import torch

from hmu.checkpoint import load_checkpoint
from hmu.training.trainer import save_checkpoint


def average(folders: Sequence[Path], out: Path) -> Path:
    """Write a checkpoint whose every tensor is the mean over the given ones.

    Args:
        folders: at least two checkpoints of one shape and vocabulary; config and tokenizer are the last one's.
        out: receives it, as the zoo keeps checkpoints.

    Returns:
        That folder.

    Raises:
        CheckpointError: for a folder that cannot be loaded.
        ValueError: for fewer than two, or checkpoints of different shape or vocabulary.
    """
    if len(folders) < 2:
        raise ValueError("average: name at least two checkpoints")
    given = [load_checkpoint(folder, device="cpu", dtype="fp32") for folder in folders]
    last = given[-1]
    states = [checkpoint.model.state_dict() for checkpoint in given]
    for folder, checkpoint, state in zip(folders, given, states, strict=True):
        if {n: t.shape for n, t in state.items()} != {n: t.shape for n, t in states[-1].items()}:
            raise ValueError(f"{folder}: its tensors are not those of {folders[-1]}; average those of one training")
        if checkpoint.tokenizer.get_vocab() != last.tokenizer.get_vocab():
            raise ValueError(f"{folder}: another vocabulary than {folders[-1]}; average those of one training")
    last.model.load_state_dict({name: torch.stack([s[name] for s in states]).mean(0) for name in states[-1]})
    return save_checkpoint(last.model, last.tokenizer, out)
