"""`match`: the softmax temperature at which a baseline's samples are as good as an HMU's latent samples."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hmu.checkpoint import Checkpoint, load_checkpoint
from hmu.cli.options import Commands, add_checkpoint, bar, open_checkpoint, whole
from hmu.controls import Controls
from hmu.imagine import Sample, latent_samples, softmax_samples
from hmu.reading import Source, read
from hmu.sampling import Decoding
from hmu.tasks import TASKS, Example, find_task
from hmu.tasks.files import read_examples

LOWEST, HIGHEST = 0.05, 2.0
"""Softmax temperatures that are searched."""
WITHIN = 0.01
"""Mean coverages that differ by no more are equal."""
_NARROWEST = 0.005
"""Two temperatures this close have nothing between them worth another pass over the data."""


@dataclass(frozen=True, slots=True)
class Match:
    """A softmax temperature beside a latent temperature; mean coverages are over one sample an input, in [0, 1].

    Args:
        latent_temperature: τ.
        softmax_temperature: where the coverages are equal; None if nowhere.
        coverage_latent: of the HMU's samples.
        coverage_softmax: of the baseline's at that temperature, or at the closest.
        inputs: how many.
        seed: of the first input; input i takes seed + i.
        closest: where the coverages differ least, if they are equal nowhere.
        reason: why they are equal nowhere, for people.
    """

    latent_temperature: float
    softmax_temperature: float | None
    coverage_latent: float
    coverage_softmax: float
    inputs: int
    seed: int
    closest: float | None = None
    reason: str | None = None


def add(commands: Commands) -> None:
    """Add the command."""
    writes = [name for name, task in TASKS.items() if task.asks_concepts]
    parser = commands.add_parser("match", help="the softmax temperature that matches a latent temperature in coverage")
    add_checkpoint(parser)
    parser.add_argument("--baseline", type=Path, required=True, metavar="DIR", help="whose softmax is sampled")
    parser.add_argument("--task", required=True, choices=writes, metavar="TASK", help=", ".join(writes))
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="JSON lines, plain or .gz")
    parser.add_argument("--limit", type=whole, metavar="N", help="only the first N inputs")
    parser.add_argument("--temperature", type=float, default=1.0, metavar="T", help="of the latent; by default 1")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of every draw")
    parser.add_argument("--card", type=Path, metavar="FILE", help="a model card that is to tell it, such as README.md")
    parser.add_argument("--json", action="store_true", help="as without: the output is JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Sample the HMU once and the baseline at one temperature after another; print, and tell the card."""
    controls = Controls(temperature=options.temperature, seed=options.seed)
    task = find_task(options.task)
    examples = task.merge(read_examples(options.data, task))[: options.limit]
    if not examples:
        raise ValueError(f"{options.data}: no inputs to match on; the file is empty")
    card = None if options.card is None else _read(options.card)
    hmu = open_checkpoint(options)
    baseline = load_checkpoint(options.baseline, options.device, options.dtype)
    if baseline.has_gate:
        raise ValueError(f"--baseline: {baseline.name} has a gate; give the checkpoint without one")
    found = match(hmu, baseline, task.name, examples, controls)
    value = asdict(found)
    if found.reason is None:
        del value["closest"], value["reason"]
    print(json.dumps(value))
    if card is not None:
        from hmu.evaluation.matched import with_match  # noqa: PLC0415 - needs an extra

        told = with_match(card, value | {"task": task.name, "baseline": baseline.name})
        options.card.write_text(told, encoding="utf-8")


def _read(card: Path) -> str:
    """A card that can be added to; asked before the search, which is long."""
    from hmu.evaluation.matched import split  # noqa: PLC0415 - needs an extra

    try:
        text = card.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"--card: {card}: {error.strerror}; give a model card, such as README.md") from None
    split(text)
    return text


def match(hmu: Checkpoint, baseline: Checkpoint, task: str, examples: Sequence[Example], controls: Controls) -> Match:
    """Search the softmax temperature whose mean coverage equals that of the latent samples under these controls.

    Raises:
        ValueError: for a checkpoint without a latent in the HMU's place, or an input with nothing to read.
    """

    def latent(source: Source, number: int) -> Sample:
        turned = replace(controls, seed=controls.seed + number)
        return next(latent_samples(hmu, source, turned, 1, _decoding(hmu)))

    def softmax_at(temperature: float) -> float:
        def softmax(source: Source, number: int) -> Sample:
            decoding = replace(_decoding(baseline), temperature=temperature, seed=controls.seed + number)
            return next(softmax_samples(baseline, source, Controls(), 1, decoding))

        return _mean_coverage(f"softmax at {temperature:.3f}", examples, plain, softmax)

    plain = [read(baseline, task, example.source) for example in examples]
    sources = [read(hmu, task, example.source) for example in examples]
    target = _mean_coverage(f"latent at {controls.temperature:g}", examples, sources, latent)
    closest, reached = search(softmax_at, target)
    found = Match(controls.temperature, closest, target, reached, len(examples), controls.seed)
    if _equal(reached, target):
        return found
    return replace(found, softmax_temperature=None, closest=closest, reason=_reason(closest, reached, target))


def _decoding(checkpoint: Checkpoint) -> Decoding:
    return Decoding(max_new_tokens=checkpoint.model.config.max_target_length)


def _mean_coverage(
    title: str, examples: Sequence[Example], sources: Sequence[Source], sample: Callable[[Source, int], Sample]
) -> float:
    """Mean over inputs of the coverage of one sample each; `sample` makes it from a source and the input's number."""
    from hmu.evaluation.metrics import coverage  # noqa: PLC0415 - needs an extra

    covered = 0.0
    with bar(title, len(examples)) as moved:
        for number, (example, source) in enumerate(zip(examples, sources, strict=True)):
            covered += coverage(sample(source, number).text, example.source.split())
            moved(1)
    return covered / len(examples)


def search(coverage_at: Callable[[float], float], target: float) -> tuple[float, float]:
    """Bisect for a target that coverage, falling with temperature, comes down to.

    Args:
        coverage_at: softmax temperature → mean coverage; every call is a pass over the data.
        target: mean coverage that is looked for.

    Returns:
        The temperature in `LOWEST` … `HIGHEST` and its coverage: equal to the target, or the closest that was tried.
    """
    tried = {temperature: coverage_at(temperature) for temperature in (LOWEST, HIGHEST)}
    low, high = LOWEST, HIGHEST
    for end, missed in ((low, tried[low] < target), (high, tried[high] > target)):
        if missed and not _equal(tried[end], target):
            return end, tried[end]
    while high - low > _NARROWEST:
        middle = (low + high) / 2
        tried[middle] = coverage_at(middle)
        if _equal(tried[middle], target):
            return middle, tried[middle]
        low, high = (middle, high) if tried[middle] > target else (low, middle)
    closest = min(tried, key=lambda temperature: abs(tried[temperature] - target))
    return closest, tried[closest]


def _equal(one: float, other: float) -> bool:
    return abs(one - other) <= WITHIN + 1e-9


def _reason(closest: float, reached: float, target: float) -> str:
    if closest == LOWEST and reached < target:
        return f"even at {LOWEST:g} the baseline covers {reached:.4f}, less than the latent's {target:.4f}"
    if closest == HIGHEST and reached > target:
        return f"even at {HIGHEST:g} the baseline covers {reached:.4f}, more than the latent's {target:.4f}"
    return f"coverage jumps past the latent's {target:.4f} between two temperatures; give more inputs"
