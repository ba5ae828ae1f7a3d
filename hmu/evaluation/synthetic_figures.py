"""Every figure that the model card of a checkpoint of the synthetic tasks reports: measured once, kept in a file.

Knows nothing of Markdown.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.evaluation.figures import Bar
from hmu.evaluation.kept import fingerprint, kept
from hmu.evaluation.published import Published
from hmu.evaluation.retention import Bench, Copied, Figure, Recalled, Retained
from hmu.evaluation.synthetic import FIGURES, Recollection
from hmu.evaluation.synthetic import measure as recollect
from hmu.evaluation.unit import UnitMetrics
from hmu.tasks import synthetic
from hmu.tasks.synthetic import TOKENS
from hmu.training.recipe import PARTS, Recipe
from hmu.training.synthetic import SyntheticBatches

SETTINGS = (
    Controls(),
    Controls(temperature=1.0),
    Controls(gate_bias=-8.0),
    Controls(gate_bias=-math.inf),
    Controls(gate_bias=-math.inf, temperature=1.0),
    Controls(gate_bias=math.inf),
)
"""Of a model with a gate; the first is the mean, as trained. A bias of −8 still lets something of the literal path by,
and a little may be enough: only −∞ shows what the latents keep. At ∞ no latent is read, so there is no temperature."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a checkpoint remembers under these controls.

    Args:
        gate_bias, temperature, seed: the controls.
        found: the figures.
        units: part → the unit over the sources of its longest rows; empty without a gate.
    """

    gate_bias: float
    temperature: float
    seed: int
    found: Recollection
    units: dict[str, UnitMetrics]


@dataclass(frozen=True, slots=True)
class SyntheticFigures:
    """All figures of one checkpoint.

    Args:
        weights: sha256 over its safetensors files.
        recipe: name of the recipe that it was trained by.
        steps: of that training.
        trained: part → rows that the recipe draws for it.
        device, dtype: where and in what precision the figures were computed.
        rows: how many each of them is a mean of.
        rows_seed: of those rows; their addresses are 0 to `rows` − 1.
        settings: the figures; as trained, at the mean, comes first.
    """

    weights: str
    recipe: str
    steps: int
    trained: dict[str, int]
    device: str
    dtype: str
    rows: int
    rows_seed: int
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a `Recollection`.

    Args:
        part: retention, recall or copy.
        about: how much was asked, in words.
        figures: name → mean over rows, in [0, 1]; of a cosine, in [−1, 1].
        chance: what a guess would get right: any token (retention), any of the row's values (recall); for copy, any of
            the text's tokens, and the end.
    """

    part: str
    about: str
    figures: dict[str, Figure | float]
    chance: float


def asked(found: Recollection) -> Iterator[Asked]:
    """Each question, in order."""
    for late in found.retention:
        yield Asked("retention", f"t = {late.steps}", _named(late, "probability", "recalled", "cosine"), 1 / TOKENS)
    for row in found.recall:
        yield Asked("recall", f"{row.pairs} pairs in {row.length}", _named(row, "accuracy"), 1 / row.pairs)
    for text in found.copy:
        yield Asked("copy", f"{text.length} tokens", _named(text, "accuracy", "whole"), 2 / (text.length + 1))


def _named(of: object, *names: str) -> dict[str, Figure | float]:
    return {name: getattr(of, name) for name in names}


def measured(
    path: Path, folder: Path, recipe: Recipe, rows: int, measure_now: Callable[[], SyntheticFigures]
) -> SyntheticFigures:
    """`kept` figures, of this recipe and so many rows.

    Raises:
        ValueError: if the file is damaged, or holds figures of other weights, of another recipe or number of rows.
    """
    figures = kept(path, folder, recipe.name, measure_now, _read)
    if figures.rows != rows:
        raise ValueError(f"{path}: figures of {figures.rows} rows each, not {rows}; name another file or as many rows")
    return figures


def measure(
    checkpoint: Checkpoint, folder: Path, recipe: Recipe, rows: int, batch_size: int, bar: Bar
) -> SyntheticFigures:
    """Ask a checkpoint everything, under every setting that it has the parts for.

    Args:
        checkpoint: answers.
        folder: where it was loaded from.
        recipe: what it was trained by.
        rows: for each figure.
        batch_size: rows read together; no figure depends on it.
        bar: shows progress.

    Raises:
        ValueError: for a checkpoint that was not trained on these tasks, or that reads fewer tokens than they need.
    """
    settings = SETTINGS if checkpoint.has_gate else SETTINGS[:1]
    batches = list(SyntheticBatches(recipe.synthetic, recipe.seed))
    drawn = Counter(address.part for batch in batches for address in batch)
    looks = FIGURES + (len(PARTS) if checkpoint.has_gate else 0)
    with bar("rows", len(settings) * looks * rows) as moved:
        benches = [Bench(checkpoint, one, rows=rows, batch_size=batch_size, progress=moved) for one in settings]
        found = tuple(map(_setting, benches))
    return SyntheticFigures(
        weights=fingerprint(folder),
        recipe=recipe.name,
        steps=len(batches),
        trained={plan.part: drawn[plan.part] for plan in recipe.synthetic},
        device=str(checkpoint.model.device),
        dtype=str(checkpoint.model.dtype).removeprefix("torch."),
        rows=rows,
        rows_seed=benches[0].seed,
        settings=found,
    )


def _setting(bench: Bench) -> Setting:
    controls, found = bench.controls, recollect(bench)
    units = _units(bench, found) if bench.checkpoint.has_gate else {}
    return Setting(controls.gate_bias, controls.temperature, controls.seed, found, units)


def _units(bench: Bench, found: Recollection) -> dict[str, UnitMetrics]:
    most, pairs, copied = found.retention[-1], found.recall[-1], found.copy[-1]
    return {
        "retention": bench.unit(partial(synthetic.retention, bench.seed, steps=most.steps)),
        "recall": bench.unit(partial(synthetic.recall, bench.seed, length=pairs.length, pairs=pairs.pairs)),
        "copy": bench.unit(partial(synthetic.copy, bench.seed, length=copied.length)),
    }


def _read(raw: dict[str, Any]) -> SyntheticFigures:
    return SyntheticFigures(**raw | {"settings": tuple(map(_read_setting, raw["settings"]))})


def _read_setting(raw: dict[str, Any]) -> Setting:
    units = {part: UnitMetrics(**unit) for part, unit in raw["units"].items()}
    bias, found = float(raw["gate_bias"]), _recollection(raw["found"])
    return Setting(**raw | {"gate_bias": bias, "found": found, "units": units})


def _recollection(raw: dict[str, Any]) -> Recollection:
    by_steps = {int(steps): figure for steps, figure in raw["published"]["by_steps"].items()}
    return Recollection(
        retention=tuple(Retained(**_with_figures(one, "probability", "cosine")) for one in raw["retention"]),
        recall=tuple(Recalled(**_with_figures(one, "accuracy")) for one in raw["recall"]),
        copy=tuple(Copied(**_with_figures(one, "accuracy")) for one in raw["copy"]),
        published=Published(**raw["published"] | {"by_steps": by_steps}),
    )


def _with_figures(raw: dict[str, Any], *names: str) -> dict[str, Any]:
    return raw | {name: Figure(**raw[name]) for name in names}
