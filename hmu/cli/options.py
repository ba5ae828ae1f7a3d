"""Flags and output that commands share. Knows no command."""

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import torch
from tqdm import tqdm  # type: ignore[import-untyped]
from transformers.utils import logging

from hmu.checkpoint import Checkpoint, load_checkpoint
from hmu.controls import Controls
from hmu.plugin.asked import load_unit
from hmu.plugin.files import CONFIG

Commands = Any
"""What `add_subparsers` returns; argparse gives it no public name."""

_SIGNED = ("--gate-bias", "--text", "--second")


class OneLineParser(argparse.ArgumentParser):
    """An argparse parser whose complaint is one line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where to look, and exit with code 2."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}; see {self.prog} --help\n")


def join_signed(arguments: Sequence[str]) -> list[str]:
    """Let a flag's value begin with a minus: "--gate-bias -inf" → "--gate-bias=-inf"."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] in _SIGNED:
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def whole(text: str) -> int:
    """A flag's value as a whole number from 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def names(text: str) -> tuple[str, ...]:
    """A flag's value as names: a,b → each; at least one."""
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} names nothing")
    return found


def share(text: str) -> float:
    """A flag's value as a share, from 0 to below 1."""
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to below 1")
    return found


def add_checkpoint(parser: argparse.ArgumentParser) -> None:
    """The flags that say which model answers, and where it runs."""
    parser.add_argument(
        "--checkpoint", type=Path, required=True, metavar="DIR", help="folder of a checkpoint or a unit"
    )
    parser.add_argument("--base", type=Path, metavar="DIR", help="the folder of the unit's base, if not where it says")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    parser.add_argument("--dtype", default="auto", help="auto, fp32, bf16 or fp16")
    parser.add_argument("--threads", type=whole, metavar="N", help="CPU threads")


def add_controls(parser: argparse.ArgumentParser) -> None:
    """The flags that say how the memory is read, and --json."""
    default = Controls()
    parser.add_argument(
        "--gate-bias", type=float, default=default.gate_bias, metavar="B", help="δ in logits; inf, -inf"
    )
    parser.add_argument(
        "--temperature", type=float, default=default.temperature, metavar="T", help="of the latent; 0 is its mean"
    )
    parser.add_argument("--seed", type=int, default=default.seed, metavar="S", help="of every draw")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def controls_of(options: argparse.Namespace) -> Controls:
    """The controls that the flags name."""
    return Controls(gate_bias=options.gate_bias, temperature=options.temperature, seed=options.seed)


def open_checkpoint(options: argparse.Namespace) -> Checkpoint:
    """The checkpoint that the flags name, with the library's own progress bars off."""
    logging.disable_progress_bar()
    if options.threads:
        torch.set_num_threads(options.threads)
    if (options.checkpoint / CONFIG).is_file():
        return load_unit(options.checkpoint, options.base, options.device, options.dtype)
    if options.base:
        raise ValueError(f"--base: {options.checkpoint} is no unit, and needs none; leave it out")
    return load_checkpoint(options.checkpoint, options.device, options.dtype)


def show(value: dict[str, Any], lines: Iterable[str], as_json: bool) -> None:
    """Print a result: the value as JSON (an infinite number as a string), or its lines for people."""
    if as_json:
        print(json.dumps({key: _finite(part) for key, part in value.items()}, ensure_ascii=False, allow_nan=False))
    else:
        print("\n".join(lines))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def tell(notes: Iterable[str]) -> None:
    """Say something beside the result, on stderr."""
    for note in notes:
        print(note, file=sys.stderr)


@contextmanager
def bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr, for what takes longer than a second; gives the function that moves it."""
    with tqdm(total=total, desc=title, unit="input", file=sys.stderr, delay=1) as drawn:
        yield lambda inputs: drawn.update(inputs) and None
