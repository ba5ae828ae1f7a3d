"""Checkpoints → one between them: the mean of several of one training (checkpoint averaging: Vaswani et al. 2017, 6.1),
or one drawn back towards the trunk that it was trained from (WiSE-FT: Wortsman et al. 2022).
"""

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


def drawn_back(folder: Path, trunk: Path, by: float, out: Path) -> Path:
    """Write a checkpoint part of the way back to its trunk: what the two have in common, and nothing else, moves.

    Args:
        folder: the checkpoint; its memory, and heads that the trunk has not, stay as they are.
        trunk: what its encoder, decoder and embedding were trained from.
        by: how much of the way, from 0 to below 1.
        out: receives it, as the zoo keeps checkpoints.

    Returns:
        That folder.

    Raises:
        CheckpointError: for a folder that cannot be loaded.
        ValueError: for a share outside its range, or a trunk of another size or vocabulary.
    """
    if not 0 <= by < 1:
        raise ValueError(f"average: {by} of the way back; give a share from 0 to below 1")
    own, other = (load_checkpoint(each, device="cpu", dtype="fp32") for each in (folder, trunk))
    state, start = own.model.state_dict(), other.model.state_dict()
    heads = [name for name in state if name.startswith("heads.") and name in start]
    shared = [name for name in state if not name.startswith(("memory.", "heads."))] + heads
    wrong = [name for name in shared if name not in start or start[name].shape != state[name].shape]
    if wrong or own.tokenizer.get_vocab() != other.tokenizer.get_vocab():
        what = f'tensor "{wrong[0]}"' if wrong else "vocabulary"
        raise ValueError(f"{trunk}: its {what} is not that of {folder}; give the trunk that it was trained from")
    own.model.load_state_dict(state | {name: torch.lerp(state[name], start[name], by) for name in shared})
    return save_checkpoint(own.model, own.tokenizer, out)
