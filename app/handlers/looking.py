"""How a checkpoint reads a text: `remember` alone, which is all that a slider or a click on a token makes again."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.desk import Desk
from app.handlers.asks import Ask
from hmu import Checkpoint, Remembered, Source, remember
from hmu.profile import GateProfile, gate_profile
from zoo.catalog import Entry


@dataclass(frozen=True, slots=True)
class Look:
    """How a text is read; no token is written for it.

    Args:
        tokens: source pieces.
        gate: what the memory does with them; None where it has no gate.
        notes: what was changed in the text before it was read.
        second: place of the second text's first token, behind the separator; None where one text was read.
    """

    tokens: tuple[str, ...]
    gate: GateProfile | None
    notes: tuple[str, ...]
    second: int | None = None


def look(desk: Desk, ask: Ask) -> Look:
    """Read a text under the ask's controls.

    Raises:
        ValueError: for an unknown checkpoint or task, an empty text, or more forced gates than source tokens.
    """
    checkpoint, source = desk.source(desk.entry(ask.checkpoint), ask.task, ask.text, ask.second)
    return look_of(checkpoint, source, ask, remember(checkpoint, source, ask.controls))


def look_of(checkpoint: Checkpoint, source: Source, ask: Ask, remembered: Remembered) -> Look:
    """The same of a source that was read and remembered already, as the ask wants it."""
    separator = None if ask.second is None else checkpoint.tokenizer.sep_token
    places = (place for place, token in enumerate(source.tokens, 1) if token == separator)
    return Look(source.tokens, gate_profile(source, remembered), source.notes, next(places, None))


def bring(desk: Desk, checkpoint: str) -> Iterator[Entry | None]:
    """Have a checkpoint in memory.

    Yields:
        The entry while it is being loaded, if it has to be; then None.

    Raises:
        ValueError: for an unknown checkpoint, or one that cannot be loaded.
    """
    entry = desk.entry(checkpoint)
    if entry.id not in desk.touch.loaded():
        yield entry
        desk.touch.get(entry.id)
    yield None
