"""How a checkpoint reads a text: `remember` alone, which is all that a slider or a click on a token makes again."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.desk import Desk
from app.handlers.asks import Ask
from hmu import remember
from hmu.profile import GateProfile, gate_profile
from zoo.catalog import Entry


@dataclass(frozen=True, slots=True)
class Look:
    """How a text is read; no token is written for it.

    Args:
        tokens: source pieces.
        gate: what the memory does with them; None where it has no gate.
        notes: what was changed in the text before it was read.
    """

    tokens: tuple[str, ...]
    gate: GateProfile | None
    notes: tuple[str, ...]


def look(desk: Desk, ask: Ask) -> Look:
    """Read a text under the ask's controls.

    Raises:
        ValueError: for an unknown checkpoint or task, an empty text, or more forced gates than source tokens.
    """
    checkpoint, source = desk.source(desk.entry(ask.checkpoint), ask.task, ask.text)
    return Look(source.tokens, gate_profile(source, remember(checkpoint, source, ask.controls)), source.notes)


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
