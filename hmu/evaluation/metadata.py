"""The YAML at the head of a model card, as the Hugging Face Hub reads it; values are written as JSON, which is YAML."""

import json
from collections.abc import Iterator
from typing import Any

from hmu.evaluation.facts import CardFacts
from hmu.evaluation.figures import Figure, Figures
from hmu.evaluation.sources import SOURCES
from hmu.tasks import find_task

_HUB_METRICS = {"accuracy": "accuracy", "macro_f1": "f1", "bleu": "bleu", "matthews": "matthews_correlation"}
"""Our name → the Hub's, where it has one."""


def front_matter(facts: CardFacts) -> str:
    """The metadata block, between its two rules, with every figure in `model-index`."""
    values: dict[str, Any] = {
        "license": "other",
        "license_name": "research-only",
        "language": ["en"],
        "library_name": "transformers",
        "datasets": [SOURCES[name].hub for name in facts.training.recipe.task_names],
        "tags": _tags(facts),
    }
    lines = [f"{key}: {_json(value)}" for key, value in values.items()]
    results = ",\n".join(f"    {result}" for result in _results(facts.figures))
    index = f"model-index:\n- name: {_json(facts.id)}\n  results: [\n{results}\n  ]"
    return "\n".join(("---", *lines, index, "---", ""))


def _tags(facts: CardFacts) -> list[str]:
    kinds = [
        "text-generation" if find_task(name).generates else "text-classification"
        for name in facts.training.recipe.task_names
    ]
    return [facts.config.model_type, "encoder-decoder", f"memory-{facts.config.memory}", *dict.fromkeys(kinds)]


def _results(figures: Figures) -> Iterator[str]:
    """One result for each part that was scored, with a line for each of its metrics."""
    for task, split in dict.fromkeys((figure.task, figure.split) for figure in figures.figures):
        source, mine = SOURCES[task], [f for f in figures.figures if (f.task, f.split) == (task, split)]
        kind = "text-generation" if find_task(task).generates else "text-classification"
        asked = {"type": kind, "name": find_task(task).title}
        data = {"type": source.hub, "name": source.name, "split": split, "args": {"inputs": mine[0].inputs}}
        metrics = ",\n".join(f"      {metric}" for figure in mine for metric in _metrics(figure))
        yield f'{{"task": {_json(asked)}, "dataset": {_json(data)}, "metrics": [\n{metrics}\n    ]}}'


def _metrics(figure: Figure) -> Iterator[str]:
    """Each metric as a line; its value with a fixed number of decimals, since YAML takes 9e-06 for a text."""
    setting = {"gate_bias": figure.gate_bias, "temperature": figure.temperature, "seed": figure.seed}
    told = f"gate bias {figure.gate_bias:g}, latent temperature {figure.temperature:g}"
    for name, value in {**figure.metrics, "changed": figure.changed}.items():
        if value is not None:
            kind, number = _HUB_METRICS.get(name, name), f"{value:.6f}" if isinstance(value, float) else value
            head = _json({"type": kind, "name": f"{name} ({told})"})
            yield f'{head[:-1]}, "value": {number}, "args": {_json(setting)}}}'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
