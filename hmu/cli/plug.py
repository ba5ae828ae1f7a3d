"""`train --base`: a unit for somebody else's model, trained on one task while the model stays as it is."""

import argparse
import importlib
import sys
from contextlib import redirect_stdout
from dataclasses import MISSING, fields
from typing import Any

import torch

from hmu.cli.data import data_root
from hmu.cli.options import whole
from hmu.tasks import TASKS, TRAIN, Task, find_task


def add_flags(parser: argparse.ArgumentParser) -> None:
    """The flags that go with --base; what is not given is as `UnitTraining` and `UnitSettings` have it."""
    group = parser.add_argument_group("with --base, in place of --recipe and --arm")
    group.add_argument("--base", metavar="NAME_OR_DIR", help="an encoder–decoder or encoder: a Hub name or a folder")
    group.add_argument("--base-revision", metavar="COMMIT", help="of the Hub's repository")
    group.add_argument("--task", choices=sorted(TASKS), metavar="TASK", help=f"one of {', '.join(sorted(TASKS))}")
    group.add_argument("--start", choices=("identity", "published"), help="of the unit; identity changes nothing yet")
    group.add_argument("--latent-dim", type=whole, metavar="K", help="by default half the base's width")
    group.add_argument("--kl-weight", type=float, metavar="BETA", help="of the latent's KL in the loss")
    group.add_argument("--free-bits", type=float, metavar="NATS", help="per latent dimension")
    group.add_argument("--epochs", type=float, metavar="N", help="passes over the rows")
    group.add_argument("--batch-size", type=whole, metavar="N", help="rows a step and process")
    group.add_argument("--learning-rate", type=float, metavar="RATE", help="after the warm-up")
    group.add_argument("--head-rate", type=float, metavar="RATE", help="of a classification's head, if another")
    group.add_argument("--alpha-rate", type=float, metavar="RATE", help="of the α of a start from identity, if another")
    group.add_argument("--rows", type=whole, metavar="N", help="training rows that are drawn; by default all")
    group.add_argument("--seed", type=whole, metavar="N", help="of the rows drawn, weights, order and noise")
    group.add_argument("--max-source", type=whole, metavar="N", help="tokens at which sources are cut")
    group.add_argument("--max-target", type=whole, metavar="N", help="tokens at which targets are cut")
    group.add_argument(
        "--no-keep-states",
        dest="keep_states",
        action="store_false",
        default=None,
        help="let the encoder read every row in every epoch, with its dropout, and keep nothing in memory",
    )


def run(options: argparse.Namespace) -> None:
    """Train the unit; progress on stderr, the unit's folder on stdout.

    Raises:
        ValueError: for a base that cannot be loaded or has no place for a unit, a task that nothing is trained on, or
            data that are not there.
    """
    for flag in ("arm", "init", "trunk"):
        if getattr(options, flag) is not None:
            raise ValueError(f"--{flag}: goes with --recipe; leave it out, or give --recipe in place of --base")
    from hmu.plugin.training import UnitTraining, rows_of, train_unit  # noqa: PLC0415 - slow to import

    accelerate = importlib.import_module("accelerate")  # Trainer's own complaint is longer
    task = _task(options)
    root = data_root(options, [(task, TRAIN)])
    if options.threads:
        torch.set_num_threads(options.threads)
    training = UnitTraining(**_given(options, UnitTraining))
    with redirect_stdout(sys.stderr):
        place = accelerate.PartialState(cpu=not torch.accelerator.is_available())
        model, tokenizer = _plugged(options, task, training.seed)
        model.to(place.device)
        if place.is_main_process:
            model.print_trainable_parameters()
        rows = rows_of(model, task, root / task.folder / TRAIN, tokenizer, training)
        train_unit(model, rows, training, options.out / "resume")
    if place.is_main_process:
        model.save_pretrained(options.out / "final")
        print(options.out / "final")


def _task(options: argparse.Namespace) -> Task:
    if options.task is None:
        raise ValueError("--task: not given; name the task that the unit is trained on")
    task = find_task(options.task)
    if task.chooses:
        raise ValueError(f"task {task.name}: scored only, nothing is trained on it; take roc_stories")
    return task


def _given(options: argparse.Namespace, kind: Any) -> dict[str, Any]:
    """The flags that were given and that this dataclass has."""
    known = [one.name for one in fields(kind) if one.default is not MISSING]
    return {name: value for name in known if (value := getattr(options, name, None)) is not None}


def _plugged(options: argparse.Namespace, task: Task, seed: int) -> tuple[Any, Any]:
    """The base with a fresh unit, and its tokenizer."""
    from transformers import (  # noqa: PLC0415
        AutoConfig,
        AutoModel,
        AutoModelForSeq2SeqLM,
        AutoTokenizer,
        set_seed,
    )

    from hmu.plugin import HMUModel, UnitSettings  # noqa: PLC0415

    version = {"revision": options.base_revision} if options.base_revision else {}
    try:
        config = AutoConfig.from_pretrained(options.base, **version)
        kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModel
        base = kind.from_pretrained(options.base, dtype=torch.float32, **version)
        tokenizer = AutoTokenizer.from_pretrained(options.base, **version)
    except (OSError, ValueError) as error:
        raise ValueError(f"{options.base}: {' '.join(str(error).split())[:300]}") from None
    if task.generates and not config.is_encoder_decoder:
        raise ValueError(f"{options.base}: an encoder alone writes nothing, and task {task.name} asks for a text")
    set_seed(seed)
    heads = {task.name: list(task.labels)} if task.labels else {}
    settings = {name: value for name, value in _given(options, UnitSettings).items() if name != "task"}
    model = HMUModel.from_base(base, task=task.name, task_labels=heads, **settings)
    return model, tokenizer
