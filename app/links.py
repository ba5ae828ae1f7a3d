"""A session of the page as a link's query string, and back: whoever opens the link gets the same result.

Knows nothing of components or of addresses. Query strings come from strangers: every value is checked, and nothing is
loaded. For example:
task=common_gen&text=dog,+ball&a=trio-baseline~cdc9ea34700fabc1&b=trio-hmu~0123456789abcdef&b.bias=-2&b.forced=l.z
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app.handlers.asks import DECODING, SEED_REACH, check_second, controls_of, decoding_of, number
from app.spelling import gate_letters, gates, real, shortest, whole
from hmu import TASKS, Controls, Decoding, find_task
from hmu.text import MAX_CHARACTERS, Admitted, admit
from zoo.catalog import Catalog, Entry

LETTERS = "abcd"
"""The columns' parameters; `a.bias` and so on are what is turned in column a."""

_SHORT = 16
_HASH, _COLUMN = re.compile(r"[0-9a-f]{16,64}"), re.compile(r"([^~]+)(?:~([0-9a-f]{16,64}))?")
_TEXTS = ("text", "second")
_PARTS: dict[str, str] = {"bias": "gate_bias", "tau": "temperature", "forced": "forced"}
_SHARED = ("task", *_TEXTS, "seed", *DECODING)
_KNOWN = (*_SHARED, *LETTERS, *(f"{letter}.{part}" for letter in LETTERS for part in _PARTS))
_GRADIO = frozenset({"view", "logs", "lang", "page", "ui", "deep_link", "session_hash", "write_token"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: which checkpoint, and how its memory is read.

    Args:
        checkpoint: its id in the zoo.
        sha256: of the checkpoint as a whole, 64 hexadecimal digits or at least the first 16.
        controls: as turned.

    Raises:
        ValueError: for an id or hash that is none, or controls beyond the page's ranges.
    """

    checkpoint: str
    sha256: str
    controls: Controls

    def __post_init__(self) -> None:
        if not self.checkpoint or "~" in self.checkpoint or not _HASH.fullmatch(self.sha256):
            raise ValueError(f"column {self.checkpoint!r:.60}: give a catalog's id, and 16 to 64 digits of its sha256")
        turned = self.controls
        controls_of(turned.gate_bias, turned.temperature, turned.seed, turned.forced)


@dataclass(frozen=True, slots=True)
class Session:
    """All that decides what the page shows.

    Args:
        tab: "generate" or "classify", as the task does.
        task: a name in `hmu.TASKS`.
        text: as it was typed.
        columns: one to four.
        decoding: how tokens are chosen; its seed is that of every column's controls.
        second: the second text as it was typed; None for a task of one text.

    Raises:
        ValueError: if a field does not hold what is said here, or is beyond the page's ranges.
    """

    tab: str
    task: str
    text: str
    columns: tuple[Column, ...]
    decoding: Decoding
    second: str | None = None

    def __post_init__(self) -> None:
        if self.tab != _tab_of(self.task):
            raise ValueError(f'tab "{self.tab}": task "{self.task}" belongs to the tab "{_tab_of(self.task)}"')
        check_second(self.task, self.second is not None)
        if not 1 <= len(self.columns) <= len(LETTERS):
            raise ValueError(f"columns: {len(self.columns)}; give one to {len(LETTERS)}")
        seeds = {self.decoding.seed, *(column.controls.seed for column in self.columns)}
        if len(seeds) > 1:
            raise ValueError(f"seed: {', '.join(map(str, sorted(seeds)))}; give columns and decoding the same")
        decoding_of(self.decoding.seed, **{name: getattr(self.decoding, name) for name in DECODING})


@dataclass(frozen=True, slots=True)
class Linked:
    """What a link asks for, as far as this zoo has it.

    Args:
        session: with the catalog's own sha256 of each checkpoint.
        notes: a sentence for whatever is not as it was when the link was made.
    """

    session: Session
    notes: tuple[str, ...] = ()


def query_of(session: Session) -> str:
    """The query string, without its "?"; what stands as at first is left out, and the text is as a model reads it.

    `session_of` gives back a session equal to this one if its text is one that `hmu.text.admit` leaves as it is, its
    hashes are whole, and controls that force nothing have `forced` empty; in any case it gives the same result.
    """
    query = {"task": session.task, "text": _admitted(session.text).text}
    if session.second is not None:
        query["second"] = _admitted(session.second).text
    for letter, column in zip(LETTERS, session.columns, strict=False):
        turned = column.controls
        query[letter] = f"{column.checkpoint}~{column.sha256[:_SHORT]}"
        if turned.gate_bias:
            query[f"{letter}.bias"] = shortest(turned.gate_bias)
        if turned.temperature:
            query[f"{letter}.tau"] = shortest(turned.temperature)
        if any(gate is not None for gate in turned.forced):
            query[f"{letter}.forced"] = gate_letters(turned.forced)
    if session.decoding.seed:
        query["seed"] = str(session.decoding.seed)
    settings = {name: getattr(session.decoding, name) for name in DECODING}
    query |= {name: shortest(value) for name, value in settings.items() if value != DECODING[name][2]}
    return urlencode(query, safe=",")


def session_of(params: Mapping[str, str] | Iterable[tuple[str, str]], catalog: Catalog) -> Linked | None:
    """What a query string asks for; None where it asks nothing of ours.

    Args:
        params: names and values with their escapes undone, as pairs, or as a mapping, whose `multi_items` are taken
            if it has them. Gradio's own names are passed over.
        catalog: what is in this zoo.

    A column whose checkpoint is not in the zoo any more, or has not learned the task, is left out; if no column is
    left, the first checkpoint that has the task stands in. Both are told in the notes.

    Raises:
        ValueError: naming the parameter, for one that is unknown, given twice, missing or beyond the page's ranges.
    """
    given = _given(params)
    if not given:
        return None
    _refuse_missing(given, "task", LETTERS[0])
    with _named("task"):
        tab = _tab_of(given["task"])
    with _named("seed"):
        seed = int(number("seed", whole(given.get("seed", "0")), 0, SEED_REACH))
    second = given.get("second", "" if find_task(given["task"]).pair else None)  # older links have none
    with _named("second"):
        check_second(given["task"], second is not None)
    first, other = (_admitted(text or "") for text in (given.get("text"), second))
    columns, notes = _columns(given, seed, catalog)
    read = None if second is None else other.text
    session = Session(tab, given["task"], first.text, columns, _decoding(given, seed), read)
    return Linked(session, (*notes, *first.notes, *other.notes))


def _given(params: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    """Our parameters, each once."""
    items: Any = getattr(params, "multi_items", None) or getattr(params, "items", None) or params.__iter__
    pairs = [(name, value) for name, value in items() if not (name.startswith("__") or name in _GRADIO)]
    if not any(name in _KNOWN for name, _ in pairs):
        return {}
    names = [name for name, _ in pairs]
    for name, value in pairs:
        with _named(name):
            if name not in _KNOWN:
                raise ValueError(f"unknown; a link has {', '.join(_SHARED)}, a to d, and a.bias, a.tau, a.forced")
            if names.count(name) > 1:
                raise ValueError("given more than once; give it once")
            if not isinstance(value, str) or (name not in _TEXTS and len(value) > MAX_CHARACTERS):
                raise ValueError(f"{value!r:.40}; give a text of at most {MAX_CHARACTERS:,} characters")
        if name[:1] in LETTERS and name not in DECODING:
            _refuse_missing(names, *LETTERS[: LETTERS.index(name[0]) + 1])
    return dict(pairs)


def _columns(given: Mapping[str, str], seed: int, catalog: Catalog) -> tuple[tuple[Column, ...], list[str]]:
    columns, notes = [], []
    for letter in LETTERS:
        if letter not in given:
            continue
        with _named(letter):
            entry, note = _entry(letter, given, catalog)
        controls = _controls(given, letter, seed)
        notes += note
        if entry is not None:
            columns.append(Column(entry.id, entry.sha256, controls))
    if not columns:
        with _named("task"):
            entry = _stand_in(given["task"], catalog)
        columns.append(Column(entry.id, entry.sha256, Controls(seed=seed)))
        notes.append(f'None of the link\'s checkpoints can be asked here; "{entry.id}" stands in, as trained.')
    return tuple(columns), notes


def _entry(letter: str, given: Mapping[str, str], catalog: Catalog) -> tuple[Entry | None, list[str]]:
    """A column's checkpoint, and what is to be said of it."""
    found = _COLUMN.fullmatch(given[letter])
    if found is None:
        raise ValueError(
            f'{given[letter]!r:.60}; give a checkpoint\'s id, or id, "~" and 16 to 64 digits of its sha256'
        )
    name, sha256 = found[1], found[2]
    entry = next((entry for entry in catalog.entries if entry.id == name), None)
    if entry is None:
        return None, [f"Column {letter.upper()}: checkpoint {name!r:.60} is not in this zoo; the column is left out."]
    if given["task"] not in entry.tasks:
        not_learned = f'checkpoint "{name}" has not learned task "{given["task"]}"'
        return None, [f"Column {letter.upper()}: {not_learned}; the column is left out."]
    if sha256 is None or entry.sha256.startswith(sha256):
        return entry, []
    was, now = sha256[:_SHORT], entry.sha256[:_SHORT]
    told = f'Column {letter.upper()}: checkpoint "{name}" is another than the link\'s (sha256 {now}, not {was})'
    return entry, [f"{told}; results may differ."]


def _stand_in(task: str, catalog: Catalog) -> Entry:
    for entry in catalog.entries:
        if task in entry.tasks:
            return entry
    raise ValueError(f'no checkpoint of this zoo has the task "{task}"; choose another')


def _controls(given: Mapping[str, str], letter: str, seed: int) -> Controls:
    values: dict[str, Any] = {"gate_bias": 0.0, "temperature": 0.0, "seed": seed}
    for part, field in _PARTS.items():
        name = f"{letter}.{part}"
        if name in given:
            with _named(name):
                values[field] = (gates if part == "forced" else real)(given[name])
                controls_of(**values)
    return controls_of(**values)


def _decoding(given: Mapping[str, str], seed: int) -> Decoding:
    values: dict[str, float] = {}
    for name, (_, _, first, _) in DECODING.items():
        if name in given:
            with _named(name):
                values[name] = whole(given[name]) if isinstance(first, int) else real(given[name])
                decoding_of(seed, **values)
    return decoding_of(seed, **values)


def _tab_of(task: str) -> str:
    """The tab of a task: one that writes, or one that classifies."""
    if task not in TASKS:
        raise ValueError(f"{task!r:.60} is unknown; choose one of {', '.join(TASKS)}")
    return "generate" if find_task(task).generates else "classify"


def _admitted(text: str) -> Admitted:
    """The text as a model reads it, "" where there is nothing to read."""
    try:
        return admit(text)
    except ValueError:
        return Admitted("")


def _refuse_missing(given: Container[str], *names: str) -> None:
    for name in names:
        if name not in given:
            raise ValueError(f"link, parameter '{name}': missing; copy the whole link, or add it")


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Errors raised here say which parameter they are about."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"link, parameter {name!r:.60}: {error}") from None
