"""`train`: a recipe's arm → a checkpoint; `average`: several checkpoints of one training → their mean,
or one and its trunk → one between them.
"""

import argparse
import importlib
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import torch

from hmu.cli import plug
from hmu.cli.data import add_data_root, data_root
from hmu.cli.options import Commands, share, whole
from hmu.tasks import Task, find_task
from hmu.training.recipe import PRECISIONS, Recipe, read_recipe


def add(commands: Commands) -> None:
    """Add both commands."""
    parser = commands.add_parser(
        "train", help="train one arm of a recipe, or a unit for a pretrained base; goes on where it was stopped"
    )
    add_recipe(parser, required=False)
    plug.add_flags(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="receives final/ and resume/")
    parser.add_argument("--init", type=Path, metavar="DIR", help="a checkpoint whose weights training starts from")
    parser.add_argument(
        "--trunk",
        type=Path,
        metavar="DIR",
        help="one whose encoder and decoder it starts from, the rest fresh",
    )
    parser.add_argument("--threads", type=whole, metavar="N", help="CPU threads")
    parser.set_defaults(run=run)
    mean = commands.add_parser(
        "average", help="write the mean of several checkpoints' weights, or one between one and its trunk"
    )
    mean.add_argument("--checkpoint", type=Path, action="append", required=True, metavar="DIR", help="repeat it")
    mean.add_argument(
        "--trunk", type=Path, metavar="DIR", help="draw a single checkpoint back towards what it was trained from"
    )
    mean.add_argument("--by", type=share, metavar="S", help="how much of that way, from 0 to below 1")
    mean.add_argument("--out", type=Path, required=True, metavar="DIR", help="receives the checkpoint")
    mean.set_defaults(run=run_average)


def add_recipe(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """The flags that say what is, or was, trained on which data."""
    parser.add_argument("--recipe", type=Path, required=required, metavar="FILE", help="such as zoo/recipes/trio.toml")
    parser.add_argument("--arm", required=required, help="one of the recipe's, such as baseline or hmu")
    parser.add_argument("--precision", choices=PRECISIONS, help="of training, in place of the recipe's")
    add_data_root(parser)


def recipe_of(options: argparse.Namespace) -> Recipe:
    """The recipe that the flags name, with their precision.

    Raises:
        ValueError: for a recipe that cannot be read or lacks the arm.
    """
    recipe = read_recipe(options.recipe)
    recipe.config(options.arm)
    if options.precision:
        recipe = replace(recipe, optimizer=replace(recipe.optimizer, precision=options.precision))
    return recipe.seen_by(options.arm)


def files_of(recipe: Recipe) -> list[tuple[Task, str]]:
    """The files that a training reads: task and name in its folder."""
    return [(find_task(plan.name), plan.file) for plan in recipe.tasks]


def run_average(options: argparse.Namespace) -> None:
    """Average; the checkpoint's folder on stdout."""
    from hmu.training.average import average, drawn_back  # noqa: PLC0415 - slow to import

    if (options.trunk is None) != (options.by is None) or (options.trunk and len(options.checkpoint) > 1):
        raise ValueError("average: give --trunk and --by together, with a single --checkpoint; or several without them")
    if options.trunk:
        print(drawn_back(options.checkpoint[0], options.trunk, options.by, options.out))
    else:
        print(average(options.checkpoint, options.out))


def run(options: argparse.Namespace) -> None:
    """Train; progress on stderr, the checkpoint's folder on stdout, once where `accelerate launch` started several."""
    if bool(options.base) == bool(options.recipe):
        raise ValueError("train: give --recipe and --arm, or --base and --task")
    if options.base:
        plug.run(options)
        return
    if options.arm is None:
        raise ValueError("train: --arm not given; name one of the recipe's, such as baseline or hmu")
    from hmu.training.trainer import train  # noqa: PLC0415 - slow to import

    accelerate = importlib.import_module("accelerate")  # Trainer's own complaint is longer
    recipe = recipe_of(options)
    root = None if recipe.synthetic else data_root(options, files_of(recipe))
    if options.threads:
        torch.set_num_threads(options.threads)
    with redirect_stdout(sys.stderr):
        folder = train(recipe, options.arm, root, options.out, options.init, trunk=options.trunk).folder
    if accelerate.PartialState().is_main_process:
        print(folder)
