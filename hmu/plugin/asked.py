"""A base with its unit as a checkpoint that can be asked, like one of this project's own; the base is there once.

Knows nothing of catalogs.
"""

import copy
import json
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedTokenizerBase

from hmu.checkpoint import LOADING, Checkpoint, load_checkpoint
from hmu.configuration import MemoryTransformerConfig
from hmu.devices import choose_device, choose_dtype
from hmu.errors import CheckpointError
from hmu.modeling import MemoryTransformer
from hmu.plugin.files import read_settings, read_unit
from hmu.plugin.foreign import PluggedEncoder, PluggedWriter
from hmu.plugin.seats import BehindEncoder, BetweenHalves
from hmu.plugin.unit import PluggedUnit

_REMEDY = "give the folder of an encoder–decoder, such as T5, or of a bare encoder, such as BERT"
_UNREAD = "pooler"
"""Of an encoder: what a unit does not read, and many files lack."""
_SHARED = ("embedding", "encoder_blocks", "decoder_blocks", "encoder_norm", "decoder_norm", "lm_head")


def load_foreign(name: Path | str, device: str = "auto", dtype: str = "auto", commit: str = "") -> Checkpoint:
    """Somebody else's encoder–decoder or bare encoder as a checkpoint, without a unit.

    Args:
        name: its folder, or with a commit its repository on the Hub.
        device, dtype: see `load_checkpoint`.
        commit: of that repository, 40 hexadecimal digits.

    Raises:
        CheckpointError: if it cannot be loaded, or is neither.
        ValueError: for an unknown device or dtype.
    """
    where = choose_device(device)
    precision = choose_dtype(where, dtype)
    given: dict[str, Any] = {"trust_remote_code": False}
    given |= {"revision": commit} if commit else {"local_files_only": True}
    try:
        writes = AutoConfig.from_pretrained(name, **given).is_encoder_decoder
        kind, way = (AutoModelForSeq2SeqLM, {"attn_implementation": "eager"}) if writes else (AutoModel, {})
        asked = {"dtype": precision, "use_safetensors": True, "output_loading_info": True}
        with LOADING:
            base, found = kind.from_pretrained(name, **asked, **given, **way)
        tokenizer = AutoTokenizer.from_pretrained(name, **given)
        model = PluggedWriter(base) if writes else PluggedEncoder(base, tokenizer.sep_token_id)
    except Exception as error:  # the library raises whatever its parsers raise
        raise CheckpointError(f"{name}: {' '.join(str(error).split())[:200]}; {_REMEDY}") from None
    missing = [tensor for tensor in found["missing_keys"] if _UNREAD not in tensor]
    if missing:
        raise CheckpointError(f'{name}: no tensor "{min(missing)}", nor {len(missing) - 1} others; {_REMEDY}, whole')
    if not isinstance(model.seat, BetweenHalves | BehindEncoder):
        raise CheckpointError(f"{name}: a {type(base).__name__} is no bare encoder; {_REMEDY}")
    return _asked(Path(name).name, model.to(where), tokenizer)


def load_unit(folder: Path, base: Path | None = None, device: str = "auto", dtype: str = "auto") -> Checkpoint:
    """A unit with its base, from their folders, or the base from the Hub.

    Args:
        folder: of the unit.
        base: of its base, one of this project's or somebody else's; by default where the unit's file says, which is
            the Hub where that has a commit.
        device, dtype: see `load_checkpoint`.

    Raises:
        CheckpointError: for a damaged folder, a base that is not there or of another kind, or one that is not the
            unit's.
        ValueError: for an unknown device or dtype.
    """
    told = read_settings(folder).base
    if base is None and told.commit and not Path(told.name).is_dir():
        return plugged(load_foreign(told.name, device, dtype, told.commit), folder)
    place = Path(told.name) if base is None else base
    config = place / "config.json"
    if not config.is_file():
        raise CheckpointError(f"{folder}: its base is not at {place}; give the base's folder (--base)")
    try:
        own = json.loads(config.read_text(encoding="utf-8")).get("model_type") == MemoryTransformerConfig.model_type
    except (ValueError, AttributeError) as error:
        raise CheckpointError(f"{config}: {error}; correct it or copy it again") from None
    return plugged((load_checkpoint if own else load_foreign)(place, device, dtype), folder)


def plugged(base: Checkpoint, folder: Path, on: bool = True) -> Checkpoint:
    """A base with the unit of a folder; both have the same base, which is neither copied nor changed.

    Args:
        base: one of this project's without a memory, or what `load_foreign` gives.
        folder: of the unit.
        on: whether the unit is read; without, it is the base, with the unit's heads for a classification.

    Raises:
        CheckpointError: for a damaged folder, or a unit of another base.
    """
    model: Any = base.model
    if isinstance(model, PluggedEncoder | PluggedWriter):
        unit = read_unit(folder, model.base, model.seat.width)
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
    if isinstance(model, PluggedWriter):
        return _asked(name, PluggedWriter(model.base, unit, on), base.tokenizer)
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
    """`PluggedEncoder` and `PluggedWriter` answer what is asked of a `MemoryTransformer`."""
    return Checkpoint(name, cast(MemoryTransformer, model.eval()), tokenizer)
