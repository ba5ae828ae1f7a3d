"""`evaluate`: a checkpoint on a task's file → metrics; on request what noise costs and what is left of the latents."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hmu.checkpoint import Checkpoint
from hmu.cli.data import add_data_root, data_root
from hmu.cli.options import Commands, add_checkpoint, add_controls, bar, controls_of, open_checkpoint, show, whole
from hmu.tasks import TASKS, Example, Task, find_task
from hmu.tasks.files import read_examples

if TYPE_CHECKING:
    from hmu.evaluation.corruptions import Noise
    from hmu.evaluation.robustness import Loss
    from hmu.evaluation.score import Score

_EVERY = "all"


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("evaluate", help="score a checkpoint on a data file")
    add_checkpoint(parser)
    parser.add_argument("--task", required=True, choices=TASKS, metavar="TASK", help=", ".join(TASKS))
    parser.add_argument("--data", type=Path, metavar="FILE", help="JSON lines, plain or .gz; else the task's own file")
    parser.add_argument("--file", metavar="NAME", help="another of the task's files, such as train.jsonl.gz")
    add_data_root(parser)
    parser.add_argument("--limit", type=whole, metavar="N", help="only the first N inputs")
    parser.add_argument("--batch-size", type=whole, default=64, metavar="N", help="inputs encoded together")
    parser.add_argument(
        "--samples", type=whole, default=1, metavar="N", help="latent samples of each input, for their variety"
    )
    parser.add_argument(
        "--noise",
        action="append",
        default=[],
        metavar="KIND:SHARE",
        help=f"drop, replace or typos with a share of the words, such as drop:0.2; unrelated; or {_EVERY}; repeat it",
    )
    parser.add_argument(
        "--every-concept", action="store_true", help="ask the beams for every concept of the source, see hmu.wanted"
    )
    parser.add_argument("--condense", action="store_true", help="also with every gate at 0: from the latents alone")
    add_controls(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Read the file, score, print."""
    from hmu.evaluation.thorough import evaluate, passes  # noqa: PLC0415 - needs an extra

    controls, noises = controls_of(options), _noises(options)
    if options.every_concept and (noises or options.condense):
        raise ValueError("--every-concept: what noise costs is measured by plain beams; leave one of them out")
    task = find_task(options.task)
    examples = task.merge(read_examples(_file(options, task), task))[: options.limit]
    checkpoint = open_checkpoint(options)
    with bar(task.name, len(examples) * passes(checkpoint, task, options.samples)) as moved:
        result = evaluate(
            checkpoint,
            task,
            examples,
            controls,
            options.samples,
            options.batch_size,
            moved,
            wanted=options.every_concept,
        )
    settings = _settings(options, checkpoint, task)
    value = {"task": task.name, "examples": len(examples), "settings": settings, "metrics": result.metrics}
    losses = {
        name: [asdict(one) for one in found]
        for name, found in _losses(options, checkpoint, task, examples, result.score, noises).items()
    }
    head = f"{task.title}: {len(examples)} inputs"
    lines = (f"{name:<17} {_figure(figure)}" for name, figure in (settings | result.metrics).items())
    show(value | losses, (head, *lines, *_loss_lines(losses)), options.json)


def _file(options: argparse.Namespace, task: Task) -> Path:
    """The file that is named, or the task's own below the data root."""
    if options.data is not None:
        if options.data_root or options.file:
            raise ValueError("--data: is the file itself; leave out --data-root and --file, or give them alone")
        return Path(options.data)
    name = options.file or task.scored_on
    return data_root(options, [(task, name)]) / task.folder / name


def _noises(options: argparse.Namespace) -> "list[Noise]":
    from hmu.evaluation.corruptions import NOISES, parse_noise  # noqa: PLC0415 - needs an extra

    found = [noise for text in options.noise for noise in (NOISES if text == _EVERY else (parse_noise(text),))]
    return list(dict.fromkeys(found))


def _losses(
    options: argparse.Namespace,
    checkpoint: Checkpoint,
    task: Task,
    examples: list[Example],
    whole_score: "Score",
    noises: "list[Noise]",
) -> "dict[str, list[Loss]]":
    """What was asked for beside the score."""
    from hmu.evaluation.robustness import condensed, noise_losses  # noqa: PLC0415 - needs an extra

    asked = (checkpoint, task, examples, whole_score)
    losses: dict[str, list[Loss]] = {}
    if noises:
        with bar(f"{task.name}, noise", len(examples) * len(noises)) as moved:
            losses["noise"] = noise_losses(*asked, noises, options.batch_size, moved)
    if options.condense:
        with bar(f"{task.name}, condensed", len(examples)) as moved:
            losses["condensed"] = [condensed(*asked, options.batch_size, moved)]
    return losses


def _loss_lines(losses: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    for kind, found in losses.items():
        for loss in found:
            told = ", ".join(_loss_line(name, value, loss["lost"].get(name)) for name, value in loss["metrics"].items())
            yield f"{kind}, {loss['under']}: {told}"


def _loss_line(name: str, value: float, lost: float | None) -> str:
    return f"{name} {value:.4f}" if lost is None else f"{name} {value:.4f} (lost {lost:+.4f})"


def _settings(options: argparse.Namespace, checkpoint: Checkpoint, task: Task) -> dict[str, object]:
    from hmu import wanted  # noqa: PLC0415 - needs an extra
    from hmu.evaluation.score import BEAMS  # noqa: PLC0415

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
        beams, penalty = BEAMS, model.config.beam_length_penalty
        if options.every_concept:
            beams, penalty = wanted.BEAMS, wanted.LENGTH_PENALTY
            settings |= {"cost_of_a_missing_concept": wanted.COST}
        settings |= {"beams": beams, "length_penalty": penalty, "max_new_tokens": model.config.max_target_length}
        settings |= {"samples": options.samples}
    return settings


def _figure(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
