"""Where a figure comes from: code, versions, machine. Knows nothing of figures."""

import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

_LIBRARIES = ("torch", "transformers", "tokenizers", "hmu", "scikit-learn", "sacrebleu", "rouge-score")


def versions() -> dict[str, str]:
    """Python's version and those of the libraries that a figure depends on, as far as they are installed."""
    return {"python": platform.python_version(), **{name: told for name in _LIBRARIES if (told := _version(name))}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def hardware(device: torch.device) -> str:
    """The card's name, or the device with the machine's architecture and, where the system tells it, its processor."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type} ({', '.join(filter(None, (platform.machine(), _processor())))})"


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in told.splitlines() if line.startswith("model name")), "")


@cache
def commit() -> str:
    """The git commit of the code that runs, with a + where files differ from it; "unknown" outside a clone."""
    here = Path(__file__).parents[1]  # the whole package

    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=here, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "--", ".") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
