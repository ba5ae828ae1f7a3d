"""Numbers and forced gates as a link spells them, and back. Knows nothing of their ranges."""

import re
from collections.abc import Iterable

_WHOLE, _REAL = re.compile(r"-?[0-9]{1,19}"), re.compile(r"-?[0-9]{1,25}(\.[0-9]{1,25})?(e[+-]?[0-9]{1,3})?")
_GATES = re.compile(rf"(?:[lz.]|~{_REAL.pattern}~)*")
_GATE = re.compile(r"[lz.]|~([^~]+)~")
_GATE_OF = {"l": 1.0, "z": 0.0, ".": None}


def shortest(value: float) -> str:
    """The shortest digits that give the same number."""
    return repr(value).removesuffix(".0")


def gate_letters(forced: Iterable[float | None]) -> str:
    """A letter for each token, or its gate between two "~"."""
    return "".join(map(_gate_letter, forced))


def whole(digits: str) -> int:
    """The whole number.

    Raises:
        ValueError: if it is none, or has more than 19 digits.
    """
    if not _WHOLE.fullmatch(digits):
        raise ValueError(f"{digits!r:.40}; give a whole number")
    return int(digits)


def real(digits: str) -> float:
    """The number.

    Raises:
        ValueError: if it is none.
    """
    if not _REAL.fullmatch(digits):
        raise ValueError(f"{digits!r:.40}; give a number, for example -2.5")
    return float(digits)


def gates(letters: str) -> list[float | None]:
    """The reverse of `gate_letters`.

    Raises:
        ValueError: for another letter, or a gate that is no number.
    """
    if not _GATES.fullmatch(letters):
        raise ValueError(f"{letters!r:.40}; give l (literal), z (latent), . (as learned) or ~gate~ for each token")
    return [real(found[1]) if found[1] else _GATE_OF[found[0]] for found in _GATE.finditer(letters)]


def _gate_letter(gate: float | None) -> str:
    return next((letter for letter, known in _GATE_OF.items() if known == gate), f"~{shortest(gate or 0.0)}~")
