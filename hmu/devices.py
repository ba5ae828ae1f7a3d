"""Where a model runs and in what precision."""

import torch

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def choose_device(name: str = "auto") -> torch.device:
    """A device by name; "auto" is CUDA, then Apple's MPS, then the CPU.

    Raises:
        ValueError: for a name torch does not know, or a device this machine does not have.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ValueError(f'device "{name}" is unknown; give auto, cpu, cuda, cuda:N or mps') from None
    absent = (device.type == "cuda" and not torch.cuda.is_available()) or (
        device.type == "mps" and not torch.backends.mps.is_available()
    )
    if absent or device.type not in {"cpu", "cuda", "mps"}:
        raise ValueError(f'device "{name}": this machine has none; give auto or cpu')
    return device


def choose_dtype(device: torch.device, name: str = "auto") -> torch.dtype:
    """A precision by name; "auto" is bf16 (or fp16 where the card lacks it) on CUDA, fp32 elsewhere.

    Raises:
        ValueError: for an unknown name.
    """
    if name == "auto":
        if device.type != "cuda":
            return torch.float32
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if name not in DTYPES:
        raise ValueError(f'dtype "{name}" is unknown; choose one of auto, {", ".join(DTYPES)}')
    return DTYPES[name]
