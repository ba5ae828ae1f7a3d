"""The YAML at the head of the card of a checkpoint of the synthetic tasks: it names no data set and no language."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from hmu.evaluation.facts import CardFacts
from hmu.evaluation.metadata import block, metric, result, tags
from hmu.evaluation.retention import Figure
from hmu.evaluation.synthetic_figures import Setting, SyntheticFigures, asked

TITLES = {"retention": "Retention", "recall": "Associative recall", "copy": "Copy"}
"""Part → what people call it."""


def front_matter(facts: CardFacts[SyntheticFigures]) -> str:
    """The metadata block, between its two rules, with every figure in `model-index` but the one that measures nothing.

    The licence is the code's: nobody's data are in the weights.
    """
    parts = dict.fromkeys(plan.part for plan in facts.training.recipe.synthetic)
    values = {
        "license": "mit",
        "library_name": "transformers",
        "tags": [*tags(facts), "synthetic", *(_kind(part) for part in parts)],
    }
    return block(values, facts.id, _results(facts.figures))


def _kind(part: str) -> str:
    return TITLES[part].lower().replace(" ", "-")


def _results(figures: SyntheticFigures) -> Iterator[str]:
    """One result for each question, as trained first; the unit stands with the longest rows of each part."""
    questions = list(zip(*(asked(setting.found) for setting in figures.settings), strict=True))
    last = {each[0].part: each for each in questions}
    for each in questions:
        part, about = each[0].part, each[0].about
        drawn = {"rows": figures.rows, "seed": figures.rows_seed}
        data = {"type": "synthetic", "name": "Drawn from a seed", "split": about, "args": drawn}
        lines = list[str]()
        for setting, one in zip(figures.settings, each, strict=True):
            lines += _metrics(setting, one.figures)
            if each is last[part] and part in setting.units:
                lines += _metrics(setting, asdict(setting.units[part]))
        yield result({"type": _kind(part), "name": TITLES[part]}, data, lines)


def _metrics(setting: Setting, figures: Mapping[str, Figure | float | None]) -> Iterator[str]:
    for name, figure in figures.items():
        if isinstance(figure, Figure):
            yield metric(name, figure.mean, _controls(setting), half_width_95=round(figure.half, 4))
        elif figure is not None:
            yield metric(name, figure, _controls(setting))


def _controls(setting: Setting) -> dict[str, float]:
    return {"gate_bias": setting.gate_bias, "temperature": setting.temperature, "seed": setting.seed}
