"""What is measured of a run's model: on given texts, with the answer in sight, or on the synthetic tasks.

Each `…_measures` gives the parts of a result, each by the task that was scored: how many inputs, the metrics at the
latent's mean, those of a drawn latent, what noise costs, and what is left of the latents alone.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sklearn.metrics import log_loss

from hmu.checkpoint import Checkpoint, load_checkpoint
from hmu.controls import AS_PUBLISHED, Controls
from hmu.evaluation.corruptions import NOISES
from hmu.evaluation.likelihood import fit
from hmu.evaluation.published import Published, published
from hmu.evaluation.retention import Bench
from hmu.evaluation.robustness import condensed, cut_to, latents_alone, noise_losses
from hmu.evaluation.score import AS_TRAINED, Score, score
from hmu.evaluation.synthetic import FIGURES, STEPS, Recollection, measure
from hmu.evaluation.thorough import evaluate, passes
from hmu.study.arms import find_arm
from hmu.study.claims import VISIBLE_ACCURACY, VISIBLE_LOSS
from hmu.study.presets import Run, recipe_of
from hmu.tasks import Example, Task
from hmu.tasks.synthetic import SYNTHETIC, retention
from hmu.training.starting import fresh_model
from hmu.training.trainer import save_checkpoint

NOISY_INPUTS, NOISY_TEXTS = 1000, 200
"""The first inputs that are answered again under each noise: of a task with classes, and of one that writes."""
SAMPLES = 4
"""Latent samples of an input, for their variety."""
SYNTHETIC_ROWS = 256
"""Rows behind each figure of the synthetic tasks."""
STEPS_OF_UNIT = 200
"""Fillers in the texts that the unit's health is measured on there."""

Scored = tuple[Task, list[Example]]
"""A task and the inputs that are scored."""
Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""(title, inputs) → what is told of each input that is done."""


def no_bar(title: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
    """Nothing is shown."""
    del title, total
    return nullcontext(lambda _inputs: None)


def text_measures(run: Run, checkpoint: Checkpoint, sets: Sequence[Scored], bar: Bar) -> dict[str, Any]:
    """Of the task that was trained, and of what is scored with it."""
    measured, latents = _unmeasured(), cut_to(checkpoint) is not None
    for task, examples in sets:
        name, some = task.name, _noisy(task, examples)
        draws = find_arm(run.arm).samples
        steps = len(examples) * (passes(checkpoint, task, SAMPLES) + (1 + task.generates) * (draws + latents))
        with bar(f"measuring {name}", steps + len(some) * (1 + len(NOISES))) as moved:
            found = evaluate(checkpoint, task, examples, samples=SAMPLES, progress=moved)
            measured["inputs"][name] = len(examples)
            whole = measured["metrics"][name] = _told(found.metrics | log_loss_of(found.score, examples))
            if draws:
                (sampled,) = score(checkpoint, task, examples, (AS_PUBLISHED,), progress=moved)
                measured["sampled"][name] = _told(
                    sampled.metrics | _surprise(checkpoint, task, examples, AS_PUBLISHED, moved)
                )
            if some:
                measured["noise"][name] = _robust(checkpoint, task, some, moved)
            if latents:
                cut = asdict(condensed(checkpoint, task, examples, found.score, progress=moved))
                closed = latents_alone(checkpoint, found.score.controls)
                now = _surprise(checkpoint, task, examples, closed, moved)
                cut["metrics"] |= now
                cut["lost"] |= {metric: value - whole[metric] for metric, value in now.items()}  # less is better
                measured["condensed"][name] = cut
    return measured


def seen_measures(run: Run, checkpoint: Checkpoint, sets: Sequence[Scored], bar: Bar) -> dict[str, Any]:
    """Of a model that sees its target: the published accuracy and loss, of the task that was trained."""
    measured = _unmeasured()
    ((task, examples),) = [one for one in sets if one[0].name == run.task]
    with bar(f"measuring {task.name}", len(examples)) as moved:
        seen = fit(checkpoint, examples, AS_PUBLISHED if find_arm(run.arm).samples else AS_TRAINED, progress=moved)
    measured["inputs"][task.name] = len(examples)
    measured["metrics"][task.name] = _told({VISIBLE_ACCURACY: seen.token_accuracy, VISIBLE_LOSS: seen.token_loss})
    return measured


def _surprise(
    checkpoint: Checkpoint, task: Task, examples: Sequence[Example], controls: Controls, moved: Callable[[int], None]
) -> dict[str, float]:
    """The perplexity under one setting, of a task that writes."""
    if not task.generates:
        return {}
    return {"perplexity": fit(checkpoint, examples, controls, progress=moved).perplexity}


def _noisy(task: Task, examples: Sequence[Example]) -> Sequence[Example]:
    """The inputs that are answered again under noise; none of a choice between texts or of stories."""
    if not (task.labels or task.asks_concepts):
        return []
    return examples[: NOISY_TEXTS if task.generates else NOISY_INPUTS]


def synthetic_measures(run: Run, checkpoint: Checkpoint, bar: Bar) -> dict[str, Any]:
    """Of the synthetic tasks; the unit's health on the texts of `STEPS_OF_UNIT` fillers."""
    settings = {"metrics": AS_TRAINED} | ({"sampled": AS_PUBLISHED} if find_arm(run.arm).samples else {})
    settings |= {"condensed": latents_alone(checkpoint, AS_TRAINED)} if cut_to(checkpoint) else {}
    measured = _unmeasured()
    measured["inputs"][SYNTHETIC] = SYNTHETIC_ROWS
    with bar("measuring", FIGURES * SYNTHETIC_ROWS * len(settings)) as moved:
        for part, controls in settings.items():
            bench = Bench(checkpoint, controls, rows=SYNTHETIC_ROWS, progress=moved)
            measured[part][SYNTHETIC] = _told(_named(measure(bench)))
    if "condensed" in settings:
        measured["condensed"][SYNTHETIC] = _cut(
            checkpoint, *(measured[part][SYNTHETIC] for part in ("metrics", "condensed"))
        )
    bench = Bench(checkpoint, AS_TRAINED, rows=SYNTHETIC_ROWS)
    unit = bench.unit(partial(retention, bench.seed, steps=STEPS_OF_UNIT))
    measured["metrics"][SYNTHETIC] |= _told(asdict(unit))
    return measured


def _cut(checkpoint: Checkpoint, whole: dict[str, float], closed: dict[str, float]) -> dict[str, Any]:
    """What is left of the synthetic tasks' figures with every gate at 0, in the form of a `Loss`."""
    kept = {name: value for name, value in closed.items() if not name.startswith("published")}
    lost = {name: round(whole[name] - value, 6) for name, value in kept.items()}
    return {"under": cut_to(checkpoint), "metrics": kept, "lost": lost}


def untrained(run: Run, checkpoint: Checkpoint, folder: Path) -> dict[str, float]:
    """The published retention figure before the first step."""
    fresh = save_checkpoint(fresh_model(recipe_of(run), run.arm), checkpoint.tokenizer, folder / "untrained")
    return _told(_published(published(Bench(load_checkpoint(fresh, dtype="fp32"), rows=SYNTHETIC_ROWS), STEPS)))


def _named(found: Recollection) -> dict[str, float]:
    """Every figure by its name: P(right) and cosine after t tokens, recall of pairs in a length, copy of a length."""
    kept = {f"retention@{one.steps}": one.probability.mean for one in found.retention}
    cosines = {f"cosine@{one.steps}": one.cosine.mean for one in found.retention}
    recalled = {f"recall@{one.pairs}of{one.length}": one.accuracy.mean for one in found.recall}
    copied = {f"copy@{one.length}": one.accuracy.mean for one in found.copy}
    return kept | cosines | recalled | copied | _published(found.published)


def _published(found: Published) -> dict[str, float]:
    shuffled = {"published_shuffled": found.texts_shuffled}
    return {f"published@{steps}": figure for steps, figure in found.by_steps.items()} | shuffled


def _unmeasured() -> dict[str, Any]:
    return {"inputs": {}, "metrics": {}, "sampled": {}, "noise": {}, "condensed": {}}


def _robust(
    checkpoint: Checkpoint, task: Task, examples: Sequence[Example], moved: Callable[[int], None]
) -> dict[str, Any]:
    (whole,) = score(checkpoint, task, examples, (AS_TRAINED,), progress=moved)
    losses = noise_losses(checkpoint, task, examples, whole, NOISES, progress=moved)
    return {"inputs": len(examples), "losses": {one.under: _told(one.lost) for one in losses}}


def log_loss_of(found: Score, examples: Sequence[Example]) -> dict[str, float]:
    """Mean negative log-probability of the right class, in nats."""
    if not found.probabilities:
        return {}
    exact = [[share / sum(shares) for share in shares] for shares in found.probabilities]  # float32 rounds their sum
    return {"log_loss": float(log_loss([e.label for e in examples], exact, labels=list(range(len(exact[0])))))}


def _told(metrics: dict[str, Any]) -> dict[str, Any]:
    """Without what there is none of; six digits, more than any set of this size can bear."""
    return {
        name: round(value, 6) if isinstance(value, float) else value
        for name, value in metrics.items()
        if value is not None
    }
