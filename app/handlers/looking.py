"""How a checkpoint reads a text: `remember` alone, which is all that a slider or a click on a token makes again."""

from dataclasses import dataclass

from app.desk import Desk
from app.handlers.asks import Ask
from hmu import remember
from hmu.profile import GateProfile, gate_profile


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
