"""A checkpoint on disk → a model and its tokenizer, or one error that names file, tensor and remedy.

Knows nothing of catalogs, hashes or the Hub. Reads safetensors only; nothing here unpickles.
"""

import json
import threading
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from hmu.configuration import MemoryTransformerConfig
from hmu.devices import choose_device, choose_dtype
from hmu.errors import CheckpointError
from hmu.modeling import MemoryTransformer

LOADING = threading.Lock()
"""transformers patches global state while it loads: two loads at once leave weights untied."""
_WHOLE, _INDEX = "model.safetensors", "model.safetensors.index.json"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model that can be asked, its tokenizer, and the name it goes by."""

    name: str
    model: MemoryTransformer
    tokenizer: PreTrainedTokenizerBase

    @property
    def has_gate(self) -> bool:
        """Whether there is a gate to read (an HMU) or none (the baseline)."""
        return hasattr(self.model.memory, "gate")


def load_checkpoint(folder: Path | str, device: str = "auto", dtype: str = "auto") -> Checkpoint:
    """A checked checkpoint, in evaluation mode.

    Args:
        folder: holds config.json, safetensors shards and the tokenizer's files.
        device: auto, cpu, cuda, cuda:N or mps.
        dtype: auto, fp32, bf16 or fp16.

    Raises:
        CheckpointError: if anything in the folder is missing, damaged or does not fit.
        ValueError: for an unknown device or dtype.
    """
    folder = Path(folder)
    where = choose_device(device)
    precision = choose_dtype(where, dtype)
    tokenizer = _tokenizer(folder, check_checkpoint(folder))
    with LOADING:
        model = MemoryTransformer.from_pretrained(folder, dtype=precision, local_files_only=True)
    return Checkpoint(folder.name, model.to(where).eval(), tokenizer)


def check_checkpoint(folder: Path) -> MemoryTransformerConfig:
    """Compare a folder's tensors with what its config asks for, from the files' headers alone.

    Raises:
        CheckpointError: see `load_checkpoint`.
    """
    config = _config(folder)
    found = {name: (file, shape) for file in _shards(folder) for name, shape in _header(file).items()}
    config_file = folder / "config.json"
    try:
        with torch.device("meta"):
            model = MemoryTransformer(config)
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError, AssertionError) as error:
        raise CheckpointError(f"{config_file}: {error}; correct it or copy it again") from None
    wanted = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    optional = {"lm_head.weight"} if config.tie_word_embeddings else set()
    for name, shape in wanted.items():
        if name not in found:
            if name in optional:
                continue
            raise CheckpointError(
                f'{folder.name}: no tensor "{name}"; {config_file} says memory = "{config.memory}": '
                "correct the config or copy the shards again"
            )
        file, has = found[name]
        if has != shape:
            raise CheckpointError(
                f'{file}: tensor "{name}" has shape {has}, {config_file} asks for {shape}; they are of two checkpoints'
            )
    for name in sorted(set(found) - set(wanted)):
        raise CheckpointError(
            f'{found[name][0]}: unexpected tensor "{name}"; {config_file} says memory = "{config.memory}", '
            "which has no such tensor: correct the config or copy the shards again"
        )
    return config


def _config(folder: Path) -> MemoryTransformerConfig:
    file = folder / "config.json"
    if not file.is_file():
        raise CheckpointError(f"{file}: missing; give a checkpoint's folder, such as zoo/checkpoints/trio-hmu")
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        if values.get("model_type") != MemoryTransformerConfig.model_type:
            raise ValueError(f'model_type is "{values.get("model_type")}", not "{MemoryTransformerConfig.model_type}"')
        return MemoryTransformerConfig.from_dict(values)
    except (ValueError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{file}: {error}; correct it or copy it again") from None


def _tokenizer(folder: Path, config: MemoryTransformerConfig) -> PreTrainedTokenizerBase:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        if not (folder / name).is_file():
            raise CheckpointError(f"{folder / name}: missing; copy the checkpoint again, whole")
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # the library raises whatever its parsers raise
        raise CheckpointError(f"{folder / 'tokenizer.json'}: {error!r}; the file is damaged, copy it again") from None
    if len(tokenizer) > config.vocab_size:
        raise CheckpointError(
            f"{folder / 'tokenizer.json'}: {len(tokenizer)} pieces, config.json says vocab_size = {config.vocab_size}; "
            "they are of two checkpoints"
        )
    for name in ("pad_token_id", "eos_token_id"):
        if getattr(tokenizer, name) != getattr(config, name):
            raise CheckpointError(
                f"{folder / 'tokenizer_config.json'}: {name} is {getattr(tokenizer, name)}, "
                f"config.json says {getattr(config, name)}; they are of two checkpoints"
            )
    return tokenizer


def _shards(folder: Path) -> list[Path]:
    index = folder / _INDEX
    if (folder / _WHOLE).is_file():  # transformers, too, prefers it to an index beside it
        return [folder / _WHOLE]
    if not index.is_file():
        raise CheckpointError(f"{folder}: neither {_WHOLE} nor {_INDEX}; only safetensors are read")
    try:
        names = sorted(set(map(str, json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{index}: {error}; copy it again") from None
    for name in names:
        if "/" in name or not (folder / name).is_file():
            raise CheckpointError(f"{folder / name}: missing, but named in {_INDEX}; copy the shard again")
    return [folder / name for name in names]


def _header(file: Path) -> dict[str, list[int]]:
    try:
        with safe_open(file, framework="pt") as tensors:
            return {name: tensors.get_slice(name).get_shape() for name in tensors.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{file}: {error}; the file is cut or damaged, copy it again") from None
