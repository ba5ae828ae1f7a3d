"""`evaluate`: a checkpoint on a data file → metrics."""

import argparse
from pathlib import Path

from hmu.checkpoint import Checkpoint
from hmu.cli.options import Commands, add_checkpoint, add_controls, bar, controls_of, open_checkpoint, show, whole
from hmu.tasks import TASKS, Task, find_task
from hmu.tasks.files import read_examples


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("evaluate", help="score a checkpoint on a data file")
    add_checkpoint(parser)
    parser.add_argument("--task", required=True, choices=TASKS, metavar="TASK", help=", ".join(TASKS))
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="JSON lines, plain or .gz")
    parser.add_argument("--limit", type=whole, metavar="N", help="only the first N inputs")
    parser.add_argument("--batch-size", type=whole, default=64, metavar="N", help="inputs encoded together")
    add_controls(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Read the file, score, print."""
    from hmu.evaluation import score  # noqa: PLC0415 - needs an extra

    controls = controls_of(options)
    task = find_task(options.task)
    examples = task.merge(read_examples(options.data, task))[: options.limit]
    checkpoint = open_checkpoint(options)
    with bar(task.name, len(examples)) as moved:
        (result,) = score(checkpoint, task, examples, (controls,), options.batch_size, moved)
    settings = _settings(options, checkpoint, task)
    value = {"task": task.name, "examples": len(examples), "settings": settings, "metrics": result.metrics}
    head = f"{task.title}: {len(examples)} inputs"
    lines = (f"{name:<17} {_figure(figure)}" for name, figure in (settings | result.metrics).items())
    show(value, (head, *lines), options.json)


def _settings(options: argparse.Namespace, checkpoint: Checkpoint, task: Task) -> dict[str, object]:
    from hmu.evaluation.score import BEAMS  # noqa: PLC0415 - needs an extra

    model = checkpoint.model
    settings: dict[str, object] = {
        "gate_bias": options.gate_bias,
        "temperature": options.temperature,
        "seed": options.seed,
        "limit": options.limit,
        "device": str(model.device),
        "dtype": str(model.dtype).removeprefix("torch."),
    }
    if task.generates:
        penalty = model.config.beam_length_penalty
        settings |= {"beams": BEAMS, "length_penalty": penalty, "max_new_tokens": model.config.max_target_length}
    return settings


def _figure(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
