"""What a visitor asks of one checkpoint: values that came from the page, the API or a link, checked.

Two columns of the page are two asks; nothing here knows of columns.
"""

from dataclasses import dataclass
from typing import Any

from hmu import Controls, Decoding, find_task

AS_TRAINED = Controls()
GATE_BIAS_REACH, TEMPERATURE_REACH = 8.0, 2.0
SEED_REACH = 2**31 - 1
DECODING = {
    "temperature": (0.0, 2.0, 0.0, 0.05),
    "top_k": (0, 100, 0, 1),
    "top_p": (0.05, 1.0, 1.0, 0.05),
    "repetition_penalty": (1.0, 2.0, 1.0, 0.05),
    "max_new_tokens": (1, 128, 48, 1),
}
"""Decoding setting → lowest, highest, at first, step."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One checkpoint, one text, one setting of the controls.

    Args:
        checkpoint: its id in the zoo.
        task: a name in `hmu.TASKS`.
        text: as it was typed, the first one where the task reads two.
        controls: how the memory is read.
        second: the second text as it was typed; None for a task of one text.

    Raises:
        ValueError: if a field that holds a text does not.
    """

    checkpoint: str
    task: str
    text: str
    controls: Controls = AS_TRAINED
    second: str | None = None

    def __post_init__(self) -> None:
        for name in ("checkpoint", "task", "text", *(["second"] if self.second is not None else [])):
            value = getattr(self, name)
            if not isinstance(value, str):
                raise ValueError(f"{name}: {value!r:.60}; give a text")


def check_second(task: str, given: bool) -> None:
    """Whether a second text is given is as the task wants it, in the words of `hmu.read`.

    Raises:
        ValueError: if it is not, or for an unknown task.
    """
    pair = bool(find_task(task).pair)
    if pair != given:
        remedy = "give a second one, too" if pair else "leave the second one out"
        raise ValueError(f"task {task}: reads {'a pair of texts' if pair else 'one text'}; {remedy}")


def number(name: str, value: object, low: float, high: float) -> float:
    """A number that came from the page or the API, as it came.

    Raises:
        ValueError: if it is none, or outside low … high.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name}: {value!r:.60}; give a number from {low:.10g} to {high:.10g}")
    return value


def whole(name: str, value: object, low: int, high: int) -> int:
    """The same, without a fraction.

    Raises:
        ValueError: if it has one, is no number, or outside low … high.
    """
    given = number(name, value, low, high)
    if given != int(given):
        raise ValueError(f"{name}: {value}; give a whole number from {low} to {high}")
    return int(given)


def controls_of(gate_bias: object, temperature: object, seed: object, forced: Any = None) -> Controls:
    """The page's numbers as one value.

    Args:
        gate_bias, temperature, seed: as in `Controls`, within the page's ranges.
        forced: a list of 1 (literal), 0 (latent), a gate between, or None (as learned), one for each source token;
            None forces none.

    Raises:
        ValueError: for a value outside those, naming it.
    """
    if not isinstance(forced, list | tuple | None):
        raise ValueError(f"forced gates: {forced!r:.60}; give a list of 1, 0 or null, one for each source token")
    gates = tuple(None if gate is None else float(number("forced gate", gate, 0, 1)) for gate in forced or ())
    return Controls(
        gate_bias=float(number("gate bias", gate_bias, -GATE_BIAS_REACH, GATE_BIAS_REACH)),
        temperature=float(number("latent temperature", temperature, 0.0, TEMPERATURE_REACH)),
        seed=int(number("seed", seed, 0, SEED_REACH)),
        forced=gates if any(gate is not None for gate in gates) else (),
    )


def begun_of(tokens: object) -> list[int]:
    """The tokens that a text is to begin with.

    Raises:
        ValueError: if they are no list of whole numbers.
    """
    if not isinstance(tokens, list) or not all(type(token) is int for token in tokens):
        raise ValueError(f"begun: {tokens!r:.60}; give a list of tokens, or click an alternative of a written one")
    return tokens


def decoding_of(seed: int, **values: object) -> Decoding:
    """The page's decoding settings, by their names in `DECODING`; what is left out stands as at first.

    Raises:
        ValueError: for a value outside its range, naming it.
    """
    numbers = {
        name: float(number(name.replace("_", " "), values.get(name, first), low, high))
        for name, (low, high, first, _) in DECODING.items()
    }
    whole = {name: int(numbers[name]) for name in ("top_k", "max_new_tokens")}
    return Decoding(**{**numbers, **whole, "seed": seed})  # type: ignore[arg-type]
