"""What torch asks of a base with units on it: whose tensors are saved, which may be missing, and where a unit lies."""

from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel


def without_base(module: nn.Module, state_dict: dict[str, Any], prefix: str, _local: Any) -> None:
    """Leave the units alone in what `state_dict` gives, also where this model is a part of another."""
    del module
    for name in [each for each in state_dict if each.startswith(f"{prefix}base.")]:
        del state_dict[name]


def base_is_not_missing(module: nn.Module, incompatible: Any) -> None:
    """A part of another model is loaded without its base, which stays as it is."""
    own = {f"base.{name}" for name in module.base.state_dict()} if isinstance(module.base, nn.Module) else set()
    incompatible.missing_keys[:] = [
        each for each in incompatible.missing_keys if not any(each.endswith(name) for name in own)
    ]


def device_of(base: PreTrainedModel) -> torch.device:
    """Where the encoder's last hidden states come out; of what `accelerate` has put aside, where it is computed."""
    encoder: Any = base.get_encoder() if base.config.is_encoder_decoder else base
    module = encoder if isinstance(encoder, nn.Module) else base
    here = [each.device for each in module.parameters() if each.device.type != "meta"]
    if here:
        return here[-1]
    hooks = (getattr(each, "_hf_hook", None) for each in module.modules())
    return next((torch.device(hook.execution_device) for hook in hooks if hook is not None), torch.device("cpu"))
