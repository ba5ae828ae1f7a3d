"""What a line of results must tell to be reported, down to its single figures."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from hmu.evaluation.synthetic import STEPS
from hmu.study.arms import ARMS
from hmu.study.results import Result
from hmu.tasks.synthetic import SYNTHETIC

_EVERY = "*"
"""Stands for all keys of a table."""
_NUMBER = (int, float)
_FIGURES = {_EVERY: {_EVERY: _NUMBER}}
_NEEDED: Mapping[str, Any] = {
    **dict.fromkeys(("preset", "task", "arm", "date", "hardware", "commit"), str),
    **dict.fromkeys(("seed", "rows"), int),
    "held_out": _NUMBER,
    "metrics": {_EVERY: {_EVERY: (*_NUMBER, type(None))}},
    "sampled": _FIGURES,
    "noise": {_EVERY: {"inputs": int, "losses": _FIGURES}},
    "condensed": {_EVERY: {"lost": {_EVERY: _NUMBER}}},
    "versions": {_EVERY: str},
}
"""Field → a type, some types, or a table of fields that are such; other fields may stand beside them."""
_TOLD_OF_LATE: Mapping[str, Any] = {
    **dict.fromkeys(("vocabulary", "precision", "recipe", "shared_recipe", "note", "trunk", "file"), str),
    **dict.fromkeys(("parameters", "threads", "train_rows"), int),
    "trunk_sha256": (str, type(None)),
    "inputs": {_EVERY: int},
    "data": {_EVERY: str},
    "untrained": {_EVERY: _NUMBER},
}
"""The same of fields that a line may lack."""
_RETAINED = tuple(f"retention@{steps}" for steps in STEPS)


def fault_of(line: Result) -> str | None:
    """What a line says wrongly or not at all, as `"field.field" is value`; None where all is there."""
    late = {name: kind for name, kind in _TOLD_OF_LATE.items() if name in line}
    return next((f'"{".".join(path)}" is {value!r:.40}' for path, value in _wrong(line, {**_NEEDED, **late})), None)


def _wrong(line: Result, fields: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Where something is wrong, and what stands there."""
    yield from _misshapen(line, fields, ())
    if line["arm"] not in ARMS:
        yield ("arm",), line["arm"]
    if line["task"] not in line["metrics"]:
        yield ("metrics", line["task"]), None
    if line["task"] == SYNTHETIC:
        table = {SYNTHETIC: dict.fromkeys(_RETAINED, _NUMBER)}
        yield from _misshapen(line["metrics"], table, ("metrics",))
    told = line.get("losses", [])
    if not (isinstance(told, list) and all(map(_is_step_and_loss, told))):
        yield ("losses",), told


def _misshapen(value: Any, kind: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(kind, Mapping):
        if not isinstance(value, kind) or isinstance(value, bool):
            yield path, value
    elif not isinstance(value, dict):
        yield path, value
    else:
        for name, inner in kind.items():
            for key in value if name == _EVERY else (name,):
                yield from _misshapen(value.get(key), inner, (*path, key))


def _is_step_and_loss(entry: object) -> bool:
    pair = cast("list[object]", entry) if isinstance(entry, list) else []
    return len(pair) == 2 and isinstance(pair[0], int) and isinstance(pair[1], (int, float))
