"""`times`: what arms cost, as ratios to the baseline: a training step, a source read, a token written."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from hmu.cli.options import Commands, bar, names, whole
from hmu.training.recipe import PRECISIONS

if TYPE_CHECKING:
    from hmu.study.times import Times


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("times", help="time arms side by side in one process; no data are needed")
    parser.add_argument("--preset", default="paper", help="paper or zoo: whose sizes, lengths and batch")
    parser.add_argument("--task", default="mrpc", help="mrpc (a class: no decoder is trained), common_gen, …")
    parser.add_argument("--arms", type=names, default=("baseline", "hmu"), metavar="A,B", help="with the baseline")
    parser.add_argument("--steps", type=whole, default=4, metavar="N", help="turns of a round at each kind of step")
    parser.add_argument("--rounds", type=whole, default=12, metavar="R", help="pairs are N × R")
    parser.add_argument("--tokens", type=whole, default=32, metavar="N", help="written in a turn")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    parser.add_argument("--precision", choices=PRECISIONS, default="", help="in place of the preset's")
    parser.add_argument("--threads", type=whole, metavar="N", help="CPU threads")
    parser.add_argument("--note", default="", help="kept with the figures, such as who shared the machine")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="receives the figures as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Time, write, say."""
    from hmu.study.stopwatch import measured, steps_of  # noqa: PLC0415 - slow to import
    from hmu.study.times import write_times  # noqa: PLC0415
    from hmu.study.workload import Plan  # noqa: PLC0415

    asked = ("preset", "task", "arms", "steps", "rounds", "tokens", "device", "precision")
    plan = Plan(**{name: getattr(options, name) for name in asked})
    if options.threads:
        torch.set_num_threads(options.threads)
    with bar("times", steps_of(plan)) as moved:
        found = measured(plan, options.note, moved)
    write_times(options.out, found)
    print("\n".join((*_lines(found), str(options.out))))


def _lines(found: "Times") -> Iterator[str]:
    from hmu.study.times import KINDS  # noqa: PLC0415

    yield f"{found.preset}/{found.task}: {found.rounds * found.steps} pairs, {found.hardware}, {found.dtype}"
    for one in found.arms:
        yield f"{one.arm}: {one.parameters:,} parameters (× {one.parameter_ratio:.4f})"
        for kind in KINDS:
            told = getattr(one, kind)
            yield f"  {kind:9}{told.ms:10.3f} ms  × {told.ratio:.4f} [{told.low:.4f}, {told.high:.4f}]"
