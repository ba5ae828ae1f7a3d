"""Endpoints for the link that replays a session of the page: to make one, and to read one that was given."""

from dataclasses import asdict, replace
from typing import Any, TypedDict
from urllib.parse import parse_qsl, urlsplit

from app.desk import Desk
from app.handlers.asks import DECODING, Ask, controls_of, decoding_of
from app.links import Column, Linked, Session, query_of, session_of
from hmu import find_task

_MOST_PARAMETERS = 100


class _Checkpoint(TypedDict):
    checkpoint: str


class Turned(_Checkpoint, total=False):
    """One column."""

    gate_bias: float
    latent_temperature: float
    forced: list[float | None]


def link(
    desk: Desk,
    task: str,
    text: str,
    columns: list[Turned],
    seed: int = 0,
    temperature: float = 0.0,
    top_k: int = 0,
    top_p: float = 1.0,
    repetition_penalty: float = 1.0,
    max_new_tokens: int = 48,
    second: str | None = None,
) -> str:
    """Make a link that opens the page with these columns and runs them; put the answer behind the page's address.

    Checkpoints are named with their hashes, so that whoever opens the link is told if one has changed.
    """
    settings = decoding_of(
        controls_of(0.0, 0.0, seed).seed,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        repetition_penalty=repetition_penalty,
        max_new_tokens=max_new_tokens,
    )
    if not isinstance(columns, list):
        raise ValueError(f"columns: {columns!r:.60}; give a list of objects, one for each column")
    base = Ask("", task, text, second=second)
    asked = tuple(_column(desk, place, one, base, settings.seed) for place, one in enumerate(columns, 1))
    tab = "generate" if find_task(task).generates else "classify"
    query = query_of(Session(tab, task, text, asked, settings, second))
    _linked(desk, query)  # refuses what the page would refuse to open
    return f"?{query}"


def open_link(desk: Desk, query: str) -> dict[str, Any]:
    """Tell what a link to the page asks for: tab, task, texts, seed, columns, decoding; what has changed since."""
    if not isinstance(query, str):
        raise ValueError(f"query: {query!r:.60}; give a text")
    linked = _linked(desk, urlsplit(query).query or query)
    session = linked.session
    return {
        "tab": session.tab,
        "task": session.task,
        "text": session.text,
        "second": session.second,
        "seed": session.decoding.seed,
        "columns": [_turned(column) for column in session.columns],
        "decoding": {name: value for name, value in asdict(session.decoding).items() if name in DECODING},
        "notes": list(linked.notes),
    }


def _column(desk: Desk, place: int, given: object, base: Ask, seed: int) -> Column:
    where = f"column {place}"
    known = Turned.__annotations__.keys()
    if not isinstance(given, dict) or not {"checkpoint"} <= given.keys() <= known:
        raise ValueError(f"{where}: {given!r:.60}; give an object with checkpoint and, if wanted, {', '.join(known)}")
    try:
        bias, temperature = given.get("gate_bias", 0.0), given.get("latent_temperature", 0.0)
        turned = controls_of(bias, temperature, seed, given.get("forced"))
        ask = replace(base, checkpoint=given["checkpoint"], controls=turned)
        return Column(ask.checkpoint, desk.entry(ask.checkpoint).sha256, ask.controls)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _linked(desk: Desk, query: str) -> Linked:
    if query.count("&") >= _MOST_PARAMETERS:
        raise ValueError(f"query: {query!r:.60}; give a link with fewer than {_MOST_PARAMETERS} parameters")
    linked = session_of(parse_qsl(query, keep_blank_values=True), desk.catalog)
    if linked is None:
        raise ValueError(f"query: {query!r:.60}; asks nothing of the page, give one that the page or `link` made")
    return linked


def _turned(column: Column) -> Turned:
    controls = column.controls
    return {
        "checkpoint": column.checkpoint,
        "gate_bias": controls.gate_bias,
        "latent_temperature": controls.temperature,
        "forced": list(controls.forced),
    }
