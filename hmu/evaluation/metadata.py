"""The YAML at the head of a model card, as the Hugging Face Hub reads it; values are written as JSON, which is YAML."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hmu.evaluation.facts import CardFacts
from hmu.evaluation.figures import Figure, Figures
from hmu.evaluation.kept import finite
from hmu.evaluation.sources import SOURCES
from hmu.tasks import find_task

_HUB_METRICS = {"accuracy": "accuracy", "macro_f1": "f1", "bleu": "bleu", "matthews": "matthews_correlation"}
"""Our name → the Hub's, where it has one."""


def front_matter(facts: CardFacts[Figures]) -> str:
    """The metadata block, between its two rules, with every figure in `model-index`."""
    kinds = [_kind(name) for name in facts.training.recipe.task_names]
    values = {
        "license": "other",
        "license_name": "research-only",
        "language": ["en"],
        "library_name": "transformers",
        "datasets": [SOURCES[name].hub for name in facts.training.recipe.task_names],
        "tags": [*tags(facts), *dict.fromkeys(kinds)],
    }
    return block(values, facts.id, _results(facts.figures))


def block(values: Mapping[str, Any], name: str, results: Iterable[str]) -> str:
    """Values by key, then a model's `result`s, between two rules."""
    lines = [f"{key}: {_json(value)}" for key, value in values.items()]
    shown = ",\n".join(f"    {result}" for result in results)
    index = f"model-index:\n- name: {_json(name)}\n  results: [\n{shown}\n  ]"
    return "\n".join(("---", *lines, index, "---", ""))


def tags(facts: CardFacts[Any]) -> list[str]:
    """What any checkpoint is, whatever it was trained on."""
    return [facts.config.model_type, "encoder-decoder", f"memory-{facts.config.memory}"]


def result(task: Mapping[str, Any], dataset: Mapping[str, Any], metrics: Iterable[str]) -> str:
    """What one task's rows came to, with a line for each `metric`."""
    lines = ",\n".join(f"      {line}" for line in metrics)
    return f'{{"task": {_json(task)}, "dataset": {_json(dataset)}, "metrics": [\n{lines}\n    ]}}'


def metric(name: str, value: float, setting: Mapping[str, float], **more: float) -> str:
    """A metric in one line; its value with a fixed number of decimals, since YAML takes 9e-06 for a text.

    Args:
        name: ours.
        value: written whole if it is a whole number by type.
        setting: gate_bias, temperature and seed.
        more: stands beside the setting.
    """
    told = f"gate bias {setting['gate_bias']:g}, latent temperature {setting['temperature']:g}"
    head = _json({"type": _HUB_METRICS.get(name, name), "name": f"{name} ({told})"})
    number = f"{value:.6f}" if isinstance(value, float) else value
    return f'{head[:-1]}, "value": {number}, "args": {_json(finite({**setting, **more}))}}}'


def _kind(task: str) -> str:
    return "text-generation" if find_task(task).generates else "text-classification"


def _results(figures: Figures) -> Iterator[str]:
    """One result for each part that was scored."""
    for task, split in dict.fromkeys((figure.task, figure.split) for figure in figures.figures):
        source, mine = SOURCES[task], [f for f in figures.figures if (f.task, f.split) == (task, split)]
        asked = {"type": _kind(task), "name": find_task(task).title}
        data = {"type": source.hub, "name": source.name, "split": split, "args": {"inputs": mine[0].inputs}}
        yield result(asked, data, (line for figure in mine for line in _metrics(figure)))


def _metrics(figure: Figure) -> Iterator[str]:
    setting = {"gate_bias": figure.gate_bias, "temperature": figure.temperature, "seed": figure.seed}
    for name, value in {**figure.metrics, "changed": figure.changed}.items():
        if value is not None:
            yield metric(name, value, setting)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
