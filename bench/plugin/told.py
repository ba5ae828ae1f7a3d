"""What a kept unit's card tells of its run: figures as the Hub and the page read them, and the terms of its data."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hmu.evaluation.metadata import metric, result
from hmu.evaluation.sources import SOURCES
from hmu.plugin.files import CARD
from hmu.tasks import find_task

_AS_TRAINED = {"gate_bias": 0.0, "temperature": 0.0, "seed": 0}
_TERMS = 'license: other\nlicense_name: "research-only"\n'


def tell(folder: Path, line: Mapping[str, Any]) -> None:
    """Put a run's figures, and that its data are for research, at the head of the card of its unit."""
    file, task = folder / CARD, find_task(line["task"])
    _, front, body = file.read_text(encoding="utf-8").split("---\n", 2)
    source = SOURCES[task.name]
    asked = {"type": "text-generation" if task.generates else "text-classification", "name": task.title}
    split = task.scored_on.partition(".")[0].rpartition("/")[2]
    data = {"type": source.hub, "name": source.name, "split": split, "args": {"inputs": line["inputs"]}}
    told = result(asked, data, (metric(name, value, _AS_TRAINED) for name, value in line["metrics"].items()))
    index = f'model-index:\n- name: "{folder.name}"\n  results: [\n    {told}\n  ]\n'
    file.write_text(f"---\n{front}{_TERMS}{index}---\n{body}", encoding="utf-8")
