"""Every figure that a model card reports: measured once, kept in a file, read from there afterwards.

Knows nothing of Markdown.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.evaluation.endings import Endings, draw
from hmu.evaluation.kept import fingerprint, kept
from hmu.evaluation.score import Score, score
from hmu.tasks import Example, Task, find_task
from hmu.tasks.files import read_examples
from hmu.tasks.stories import ROC_STORIES, STORY_CLOZE
from hmu.training.data import not_denoised, planned_steps, split_examples, training_rows
from hmu.training.recipe import Recipe

GRID = tuple(Controls(gate_bias=bias, temperature=heat) for heat in (0.0, 1.0) for bias in (0.0, -8.0, 8.0))
"""The settings of a model with a gate; the first is the mean, as trained."""

HELD_OUT, TRAINED_ON = "held out", "trained on"
"""Parts of the training rows; a given file is called by its own name, such as "validation"."""

EVERY_CONCEPT: Mapping[str, str] = {
    "coverage": "coverage_when_asked_for_every_concept",
    "bleu": "bleu_when_asked_for_every_concept",
}
"""What a metric is called where the sentences were asked for every concept."""

Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""(title, number of inputs) → for as long as it is entered, the function told of finished inputs."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that were used.

    Args:
        task: its name.
        split: trained on, held out, or the given file's own name.
        file: below the data root.
        rows: lines.
        inputs: after rows of one input are merged.
        sha256: of the file.
    """

    task: str
    split: str
    file: str
    rows: int
    inputs: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One setting's metrics on one part.

    Args:
        task, split: name the part.
        inputs: how many were scored.
        gate_bias, temperature, seed: the controls.
        metrics: by name; see `ClassMetrics`, `TextMetrics`, `UnitMetrics`; at the first setting on a given
            file also what `EVERY_CONCEPT` names.
        changed: share of the answers that differ from those at the mean, as trained, in [0, 1]; None there.
    """

    task: str
    split: str
    inputs: int
    gate_bias: float
    temperature: float
    seed: int
    metrics: dict[str, float | None]
    changed: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one checkpoint.

    Args:
        weights: sha256 over its safetensors files.
        recipe: name of the recipe whose rows were used.
        steps: batches that the recipe makes of them.
        device, dtype: where and in what precision they were computed.
        parts: the rows that were used.
        figures: the metrics.
        endings: of stories, at the mean as trained, where the recipe has any.
    """

    weights: str
    recipe: str
    steps: int
    device: str
    dtype: str
    parts: tuple[Part, ...]
    figures: tuple[Figure, ...]
    endings: Endings | None = None


def measured(path: Path, folder: Path, recipe: Recipe, measure_now: Callable[[], Figures]) -> Figures:
    """`kept` figures, of this recipe.

    Raises:
        ValueError: if the file is damaged, or holds figures of other weights or of another recipe.
    """
    return kept(path, folder, recipe.name, measure_now, _read)


def _read(raw: dict[str, Any]) -> Figures:
    parts, figures = tuple(Part(**part) for part in raw["parts"]), tuple(Figure(**one) for one in raw["figures"])
    told = raw.get("endings")
    endings = Endings(**told | {"shown": tuple((place, text) for place, text in told["shown"])}) if told else None
    return Figures(**raw | {"parts": parts, "figures": figures, "endings": endings})


def _steps(recipe: Recipe, data_root: Path) -> int:
    parts = split_examples(recipe, data_root, held_out=False)
    return planned_steps(recipe.plans, training_rows(recipe, parts, not_denoised(recipe, data_root)))


def measure(
    checkpoint: Checkpoint, folder: Path, recipe: Recipe, data_root: Path, batch_size: int, bar: Bar
) -> Figures:
    """Score a checkpoint on its recipe's held-out slice, at the mean, and on each given file, over the grid.

    Args:
        checkpoint: answers.
        folder: where it was loaded from.
        recipe: what it was trained by.
        data_root: folder of the tasks' folders.
        batch_size: inputs encoded together.
        bar: shows progress.

    Raises:
        ValueError: for a data file that is missing or does not fit, before anything is scored.
    """
    model, works = checkpoint.model, list(_works(recipe, data_root, GRID if checkpoint.has_gate else GRID[:1]))
    figures, endings = list[Figure](), None
    for work in works:
        if not work.settings:
            continue
        task = find_task(work.part.task)
        with bar(f"{task.name}, {work.part.split}", len(work.inputs)) as moved:
            scores = score(checkpoint, task, work.inputs, work.settings, batch_size, moved)
        more = dict[str, float | None]()
        if task.asks_concepts and work.part.split != HELD_OUT:
            with bar(f"{task.name}, every concept asked for", len(work.inputs)) as moved:
                (asked,) = score(checkpoint, task, work.inputs, work.settings[:1], batch_size, moved, wanted=True)
            more = {EVERY_CONCEPT[name]: value for name, value in asdict(asked.quality).items()}
        figures += _figures(work.part, scores, more)
        if task is ROC_STORIES and work.part.split != HELD_OUT:
            endings = draw([str(answer) for answer in scores[0].answers], recipe.seed)
    return Figures(
        weights=fingerprint(folder),
        recipe=recipe.name,
        steps=_steps(recipe, data_root),
        device=str(model.device),
        dtype=str(model.dtype).removeprefix("torch."),
        parts=tuple(work.part for work in works),
        figures=tuple(figures),
        endings=endings,
    )


@dataclass(frozen=True, slots=True)
class _Work:
    part: Part
    inputs: list[Example]
    settings: tuple[Controls, ...]


def _works(recipe: Recipe, data_root: Path, grid: tuple[Controls, ...]) -> Iterator[_Work]:
    trained_on = split_examples(recipe, data_root, held_out=False)
    held_out = split_examples(recipe, data_root, held_out=True)
    for plan in {plan.name: plan for plan in recipe.tasks}.values():
        task = find_task(plan.name)
        given = read_examples(data_root / task.folder / task.scored_on, task)
        for split, file, examples, settings in (
            (TRAINED_ON, plan.file, trained_on[plan.name], ()),
            (HELD_OUT, plan.file, held_out[plan.name], grid[:1]),
            (task.scored_on.split(".")[0], task.scored_on, given, grid),
        ):
            yield _work(task, split, data_root, file, examples, settings)
    cloze = data_root / STORY_CLOZE.folder / STORY_CLOZE.scored_on
    if ROC_STORIES.name in recipe.task_names and cloze.is_file():  # its authors hand it out to those who ask
        split, examples = STORY_CLOZE.scored_on.split(".")[0], read_examples(cloze, STORY_CLOZE)
        yield _work(STORY_CLOZE, split, data_root, STORY_CLOZE.scored_on, examples, grid)


def _work(
    task: Task, split: str, data_root: Path, file: str, examples: list[Example], settings: tuple[Controls, ...]
) -> _Work:
    inputs, path = task.merge(examples), data_root / task.folder / file
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return _Work(Part(task.name, split, f"{task.folder}/{file}", len(examples), len(inputs), digest), inputs, settings)


def _figures(part: Part, scores: list[Score], more: dict[str, float | None]) -> Iterator[Figure]:
    """One for each setting; `more` stands with the first."""
    for one in scores:
        yield Figure(
            task=part.task,
            split=part.split,
            inputs=part.inputs,
            gate_bias=one.controls.gate_bias,
            temperature=one.controls.temperature,
            seed=one.controls.seed,
            metrics=one.metrics | (more if one is scores[0] else {}),
            changed=None if one is scores[0] else one.changed(scores[0]),
        )
