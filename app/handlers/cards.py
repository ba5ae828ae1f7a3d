"""What a checkpoint's own card, README.md, tells: its licence and its figures.

Anyone may have written a card: it is read as plain texts and numbers, with limits, and nothing of it is run.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]

from hmu.evaluation.matched import KEY
from zoo.catalog import BASELINE, Catalog, Entry
from zoo.store import card_of

_CARD_BYTES, _ITEMS, _FIGURES, _LETTERS, _DEPTH = 2**18, 500, 2_000, 200, 20
_YAML = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Figure(NamedTuple):
    """One measured value, as the checkpoint's own card tells it."""

    task: str
    metric: str
    value: int | float | str
    split: str


class Matched(NamedTuple):
    """Where samples of the softmax are as good as the latent's, as found by `python -m hmu match`.

    Args:
        latent_temperature: τ of the latent's samples.
        softmax_temperature: of the other ones.
        baseline: whose softmax it is.
        task: of the samples.
    """

    latent_temperature: float
    softmax_temperature: float
    baseline: str
    task: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a checkpoint's README.md says in its front matter; empty where it says nothing."""

    licence: str | None = None
    figures: tuple[Figure, ...] = ()
    matched: Matched | None = None


def told_by(entry: Entry, catalog: Catalog) -> Told:
    """What the card of a checkpoint tells, as far as it lies on this machine; nothing is fetched.

    A unit's card is its own: of the base without it, which is an entry of the same files, it tells no figures.
    """
    try:
        file = card_of(entry, catalog)
        stat = None if file is None else file.stat()
    except OSError:
        return Told()
    if file is None or stat is None or stat.st_size > _CARD_BYTES:
        return Told()
    told = _read_card(file, stat.st_size, stat.st_mtime_ns)
    return replace(told, figures=()) if entry.base is not None and entry.arm == BASELINE else told


@lru_cache(maxsize=256)
def _read_card(file: Path, _size: int, _changed: int) -> Told:
    """A card's front matter, parsed again only after it changed."""
    try:
        start, mark, rest = file.read_text(encoding="utf-8-sig").partition("---\n")
        values = {} if start.strip() or not mark else _parse(rest.partition("\n---")[0])
        return Told(_licence(values), tuple(islice(_figures(values), _FIGURES)), _matched(values))
    except Exception:  # a card can be wrong in as many ways as YAML; the checkpoint is none the worse for it
        return Told()


def _parse(text: str) -> dict[str, Any]:
    """YAML without references and deep nesting, by which a short text can exhaust time, memory or the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_YAML):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH or isinstance(event, yaml.AliasEvent):
            return {}
    values = yaml.load(text, Loader=_YAML)
    return values if isinstance(values, dict) else {}


def _licence(values: dict[str, Any]) -> str | None:
    licence, name = values.get("license"), values.get("license_name")
    if isinstance(licence, list):
        licence = ", ".join(map(_text, licence[:_ITEMS]))
    return _text(name if licence == "other" and name else licence) or None


def _figures(values: dict[str, Any]) -> Iterable[Figure]:
    for result in (result for index in _tables(values, "model-index") for result in _tables(index, "results")):
        task, data = (part if isinstance(part, dict) else {} for part in (result.get("task"), result.get("dataset")))
        for metric in _tables(result, "metrics"):
            value = _value(metric.get("value"))
            if value is not None:
                names = [_text(of.get("name")) or _text(of.get("type")) for of in (task, metric)]
                yield Figure(names[0], names[1], value, _text(data.get("split")))


def _matched(values: dict[str, Any]) -> Matched | None:
    table = values.get(KEY)
    told = table if isinstance(table, dict) else {}
    latent, softmax = (_value(told.get(name)) for name in ("latent_temperature", "softmax_temperature"))
    if not isinstance(latent, int | float) or not isinstance(softmax, int | float):
        return None
    return Matched(float(latent), float(softmax), _text(told.get("baseline")), _text(told.get("task")))


def _tables(values: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = values.get(key)
    return [table for table in found[:_ITEMS] if isinstance(table, dict)] if isinstance(found, list) else []


def _value(value: object) -> int | float | str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value if math.isfinite(value) else str(value)
    return _text(value) or None


def _text(value: object) -> str:
    return " ".join(str(value).split())[:_LETTERS] if isinstance(value, str | int | float) else ""
