"""What a person typed → what a model may read, with a word on anything that was changed."""

import unicodedata
from dataclasses import dataclass

MAX_CHARACTERS = 2000
"""Longer texts are cut here, before they are tokenised; the model reads a few dozen tokens."""

_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates of text direction: left open, they reorder whatever is shown after them."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A text that can be read, and notes for the person who typed it."""

    text: str
    notes: tuple[str, ...] = ()


def admit(text: str, limit: int = MAX_CHARACTERS) -> Admitted:
    """Trim, cut what is too long, turn line breaks and tabs into spaces, leave out what has no place in a text.

    Left out are control characters, lone surrogates, noncharacters and directional embeddings, overrides and
    isolates. Everything else stays: marks, joiners and variation selectors make emoji and many scripts what they
    are, and characters newer than this Python are unassigned to it.

    Raises:
        ValueError: if nothing is left to read.
    """
    notes: list[str] = []
    text = text.strip()
    if len(text) > limit:
        notes.append(f"Cut to the first {limit:,} of {len(text):,} characters.")
        text = text[:limit]
    dropped = [c for c in text if _has_no_place(c)]
    if dropped:
        kinds = ", ".join(f"U+{ord(c):04X}" for c in sorted(set(dropped))[:5])
        notes.append(f"Left out {len(dropped):,} control or direction characters ({kinds}).")
    kept = "".join(" " if c.isspace() else c for c in text if not _has_no_place(c)).strip()
    if all(unicodedata.category(c) in {"Cf", "Zs"} for c in kept):
        raise ValueError("text: empty; write a few words or pick an example")
    return Admitted(kept, tuple(notes))


def _has_no_place(character: str) -> bool:
    if character.isspace():
        return False
    code = ord(character)
    noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return noncharacter or character in _DIRECTION or unicodedata.category(character) in {"Cc", "Cs"}
