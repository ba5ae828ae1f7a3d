"""The command line: what the package can do, for scripts and checks.

JSON or text on stdout, everything else on stderr; bad input is one line on stderr and exit code 2.

    options    flags and output that commands share; data: where the tasks' files are
    count      parameters of a preset
    ask        generate, classify: one text
    evaluate   a data file → metrics; what noise in it costs, and what is left of the latents alone
    retain     what a checkpoint of the synthetic tasks remembers
    match      a latent temperature → the softmax temperature of the same coverage
    study      many trainings, each measured → lines of results
    times      what the unit costs beside the baseline, in time
    train      a recipe → a checkpoint; average: several → their mean
    card       a checkpoint → its model card
"""

import argparse
import sys
from collections.abc import Sequence

import hmu
from hmu.cli import ask, card, count, evaluate, match, retain, study, times, train
from hmu.cli.options import OneLineParser, join_signed

_EXTRAS = {
    **dict.fromkeys(("rouge_score", "sacrebleu", "sklearn", "snowballstemmer"), "evaluate"),
    "accelerate": "train",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: without the program's name; by default the process's own.

    Returns:
        The exit code: 0, or 2 where the input was at fault; argparse may exit by itself, with the same codes.
    """
    parser = _parser()
    options = parser.parse_args(join_signed(sys.argv[1:] if arguments is None else arguments))
    if options.run is None:
        parser.print_help()
        return 0
    try:
        options.run(options)
    except (ValueError, OSError) as error:
        return _refuse(str(error))
    except ModuleNotFoundError as error:
        module = (error.name or "").split(".")[0]
        if module not in _EXTRAS:
            raise
        return _refuse(f'{module} is not installed; pip install ".[{_EXTRAS[module]}]" in a clone of the project')
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="python -m hmu", description="The Hippocampus Memory Unit, at the command line.")
    parser.add_argument("--version", action="version", version=f"hmu {hmu.__version__}")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for module in (count, ask, evaluate, retain, match, study, times, train, card):
        module.add(commands)
    return parser


def _refuse(message: str) -> int:
    print(f"hmu: {' '.join(message.split())}", file=sys.stderr)
    return 2


__all__ = ["main"]
