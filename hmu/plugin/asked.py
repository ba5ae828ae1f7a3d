"""A base with its unit as a checkpoint that can be asked, like one of this project's own; the base is there once.

Knows nothing of catalogs. Axes: b batch, n source tokens, m memory slots, c classes, d model width.
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from hmu.checkpoint import Checkpoint, load_checkpoint
from hmu.configuration import MemoryTransformerConfig
from hmu.controls import Controls, usual
from hmu.devices import choose_device, choose_dtype
from hmu.errors import CheckpointError
from hmu.memory import NoMemory, Remembered, mean_of
from hmu.modeling import MemoryTransformer
from hmu.plugin.files import read_settings, read_unit
from hmu.plugin.seats import BehindEncoder, seat_of
from hmu.plugin.unit import PluggedUnit

MAX_SOURCE = 128
"""Tokens at which a text for a foreign encoder is cut."""
_SHARED = ("embedding", "encoder_blocks", "decoder_blocks", "encoder_norm", "decoder_norm", "lm_head")


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """What is asked of a model's config, for a base that has no such names."""

    vocab_size: int
    pad_token_id: int
    task_labels: dict[str, list[str]] = field(default_factory=dict)
    memory: str = "none"
    max_source_length: int = MAX_SOURCE


class PluggedEncoder(nn.Module):
    """A foreign encoder, with or without a unit, asked as `MemoryTransformer` is; it classifies and cannot write.

    Args:
        base: a bare encoder.
        separator: the token between the texts of a pair.
        unit: None for the base alone, which has nothing to classify with.
        on: whether the unit's memory is read; without it the states themselves are, by the unit's heads.
    """

    def __init__(
        self, base: PreTrainedModel, separator: int | None, unit: PluggedUnit | None = None, on: bool = True
    ) -> None:
        super().__init__()
        self.base, self.separator = base, separator
        self.heads = nn.ModuleDict() if unit is None else unit.heads
        self.memory = unit.memory if unit is not None and on else NoMemory()
        labels = {} if unit is None else unit.settings.task_labels
        kind = unit.settings.memory if unit is not None and on else "none"
        self.config = EncoderConfig(base.config.vocab_size, base.config.pad_token_id or 0, labels, kind)

    @property
    def device(self) -> torch.device:
        """Where the base is."""
        return self.base.device

    @property
    def dtype(self) -> torch.dtype:
        """The base's precision."""
        return self.base.dtype

    def encode(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        """Source tokens (b, n) and their mask (b, n) → the base's last hidden states v (b, n, d)."""
        inputs = {"input_ids": input_ids, "attention_mask": mask}
        if self.separator is not None and getattr(self.base.config, "type_vocab_size", 1) > 1:
            marks = (input_ids == self.separator).long()
            inputs["token_type_ids"] = ((marks.cumsum(1) - marks) > 0).long() * mask
        states: Tensor = BehindEncoder(self.base).encode(inputs)[0]
        return states

    def remember(
        self,
        states: Tensor,
        mask: Tensor,
        controls: Controls | Sequence[Controls] | None = None,
        rows: Sequence[int] | None = None,
        state: Tensor | None = None,
    ) -> Remembered:
        """See `MemoryTransformer.remember`."""
        remembered: Remembered = self.memory(states, mask, usual(controls, self.training), rows, state)
        return remembered

    def classify(self, remembered: Remembered, task: str) -> Tensor:
        """See `MemoryTransformer.classify`.

        Raises:
            ValueError: if there is no head for the task.
        """
        if task not in self.heads:
            raise ValueError(f'task "{task}": this unit has heads for {", ".join(self.heads) or "none"}')
        logits: Tensor = self.heads[task](mean_of(remembered))
        return logits


def load_encoder(folder: Path, device: str = "auto", dtype: str = "auto") -> Checkpoint:
    """A foreign encoder as a checkpoint, without a unit.

    Raises:
        CheckpointError: if it cannot be loaded, or is no bare encoder.
        ValueError: for an unknown device or dtype.
    """
    where = choose_device(device)
    precision = choose_dtype(where, dtype)
    try:
        base = AutoModel.from_pretrained(folder, dtype=precision, local_files_only=True, use_safetensors=True)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        seat = seat_of(base)
    except Exception as error:  # the library raises whatever its parsers raise
        raise CheckpointError(f"{folder}: {' '.join(str(error).split())[:200]}; give an encoder's folder") from None
    if not isinstance(seat, BehindEncoder):
        raise CheckpointError(f"{folder}: a {type(base).__name__} is no bare encoder; give one, such as BERT")
    return _asked(folder.name, PluggedEncoder(base, tokenizer.sep_token_id).to(where), tokenizer)


def load_unit(folder: Path, base: Path | None = None, device: str = "auto", dtype: str = "auto") -> Checkpoint:
    """A unit with its base, from their folders.

    Args:
        folder: of the unit.
        base: of its base, one of this project's or a bare encoder; by default where the unit's file says.
        device, dtype: see `load_checkpoint`.

    Raises:
        CheckpointError: for a damaged folder, a base that is not there or of another kind, or one that is not the
            unit's.
        ValueError: for an unknown device or dtype.
    """
    place = Path(read_settings(folder).base.name) if base is None else base
    config = place / "config.json"
    if not config.is_file():
        raise CheckpointError(f"{folder}: its base is not at {place}; give the base's folder (--base)")
    try:
        own = json.loads(config.read_text(encoding="utf-8")).get("model_type") == MemoryTransformerConfig.model_type
    except (ValueError, AttributeError) as error:
        raise CheckpointError(f"{config}: {error}; correct it or copy it again") from None
    return plugged((load_checkpoint if own else load_encoder)(place, device, dtype), folder)


def plugged(base: Checkpoint, folder: Path, on: bool = True) -> Checkpoint:
    """A base with the unit of a folder; both have the same base, which is neither copied nor changed.

    Args:
        base: one of this project's without a memory, or what `load_encoder` gives.
        folder: of the unit.
        on: whether the unit is read; without, it is the base, with the unit's heads for a classification.

    Raises:
        CheckpointError: for a damaged folder, or a unit of another base.
    """
    model: Any = base.model
    if isinstance(model, PluggedEncoder):
        unit = read_unit(folder, model.base, model.base.config.hidden_size)
    elif model.config.memory != "none":
        raise CheckpointError(f"{base.name}: has a memory of its own; a unit goes on a baseline")
    else:
        unit = read_unit(folder, model, model.config.d_model)
    return joined(folder.name, base, unit, on)


def joined(name: str, base: Checkpoint, unit: PluggedUnit, on: bool = True) -> Checkpoint:
    """The same of a unit that is in memory already; it is frozen, and takes the base's device and precision.

    Args:
        name: of what comes out.
        base: see `plugged`.
        unit: made for it.
        on: see `plugged`.
    """
    model: Any = base.model
    unit.to(device=model.device, dtype=model.dtype).requires_grad_(False)
    if isinstance(model, PluggedEncoder):
        return _asked(name, PluggedEncoder(model.base, model.separator, unit, on), base.tokenizer)
    return _asked(name, _around(model, unit, on), base.tokenizer)


def _around(base: MemoryTransformer, unit: PluggedUnit, on: bool) -> MemoryTransformer:
    """One of ours around the modules of another, with the unit for its memory."""
    config = copy.deepcopy(base.config)
    config.task_labels = {**config.task_labels, **unit.settings.task_labels}
    if on:
        config.memory, config.memory_settings = unit.settings.memory, unit.settings.memory_settings
    with torch.device("meta"):
        model = MemoryTransformer(config)
    for name in _SHARED:
        setattr(model, name, getattr(base, name))
    model.heads = nn.ModuleDict({**base.heads, **unit.heads})
    model.memory = unit.memory if on else base.memory
    model.generation_config = copy.deepcopy(base.generation_config)
    return model


def _asked(name: str, model: nn.Module, tokenizer: PreTrainedTokenizerBase) -> Checkpoint:
    """`PluggedEncoder` answers what is asked of a classifying `MemoryTransformer`."""
    return Checkpoint(name, cast(MemoryTransformer, model.eval()), tokenizer)
