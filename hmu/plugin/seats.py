"""Where in a base a unit sits: between encoder and decoder, before a head that the base has, or behind a bare encoder.

Runs the base's own code and changes none of it. Knows nothing of units: what reads the states is a function.
Axes: b batch, n source tokens, d model width.
"""

import inspect
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
)
from transformers.utils import ModelOutput

from hmu.memory import Remembered

Reader = Callable[[Tensor], Remembered]
"""The encoder's last hidden states (b, n, d) → what is read in their place."""


class Seat(Protocol):
    """A place in a base."""

    @property
    def width(self) -> int:
        """d, of the states that are read there."""

    @property
    def needs_head(self) -> bool:
        """Whether nothing of the base reads the memory, so that a classification needs a head of the unit's."""

    def encode(self, inputs: Mapping[str, Any]) -> ModelOutput:
        """What the base's encoder gives, its last hidden states first."""

    def run(self, inputs: Mapping[str, Any], reader: Reader) -> ModelOutput:
        """One pass of the base in which `reader` sits behind its encoder."""


@dataclass(frozen=True, slots=True)
class BetweenHalves:
    """In an encoder–decoder: the decoder attends to the memory."""

    base: PreTrainedModel
    needs_head = False

    @property
    def width(self) -> int:
        """See `Seat`."""
        encoder = self.base.get_encoder()
        return int(getattr(encoder, "config", self.base.config).hidden_size)

    def encode(self, inputs: Mapping[str, Any]) -> ModelOutput:
        """See `Seat`."""
        encoder = self.base.get_encoder()
        taken = inspect.signature(encoder.forward).parameters
        given = {name: value for name, value in inputs.items() if name in {*taken, *_ASIDES} - _DECODERS}
        encoded = encoder(**given)
        return encoded if isinstance(encoded, ModelOutput) else BaseModelOutput(*encoded)

    def run(self, inputs: Mapping[str, Any], reader: Reader) -> ModelOutput:
        """See `Seat`."""
        encoded = encoded_by(self, inputs)
        remembered = reader(encoded[0])
        ready = {"encoder_outputs": replaced(encoded, remembered.memory), "attention_mask": remembered.mask}
        return self.base(**{**inputs, **ready, "return_dict": True})


@dataclass(frozen=True, slots=True)
class BeforeHead:
    """In an encoder with a classification head of its own: its pooling and head read the memory."""

    base: PreTrainedModel
    needs_head = False

    @property
    def width(self) -> int:
        """See `Seat`."""
        return int(self.base.config.hidden_size)

    def encode(self, inputs: Mapping[str, Any]) -> ModelOutput:
        """What comes out of the last layer, as the pooling sees it; the base runs to its end for it."""
        seen: list[Tensor] = []

        def reader(states: Tensor) -> Remembered:
            seen.append(states)
            return Remembered(states, states.new_ones(states.shape[:2]))

        self.run({name: value for name, value in inputs.items() if name != "labels"}, reader)
        return BaseModelOutput(last_hidden_state=seen[0])

    def run(self, inputs: Mapping[str, Any], reader: Reader) -> ModelOutput:
        """See `Seat`."""
        given = (inputs.get(name) for name in ("input_ids", "inputs_embeds"))
        read = next((each for each in given if each is not None), None)  # the base says what it misses
        with _behind(self._layers, reader, None if read is None else read.shape[1]):
            return self.base(**{**inputs, "return_dict": True})

    @property
    def _layers(self) -> nn.Module:
        """What gives the last hidden states: within an encoder that pools, the part before its pooler."""
        inner = self.base.base_model
        pools = getattr(inner, "pooler", None) is not None and hasattr(inner, "encoder")
        return inner.encoder if pools else inner


@dataclass(frozen=True, slots=True)
class BehindEncoder:
    """Behind an encoder without a head: a head of the unit's reads the mean of the memory."""

    base: PreTrainedModel
    needs_head = True

    @property
    def width(self) -> int:
        """See `Seat`."""
        return int(self.base.config.hidden_size)

    def encode(self, inputs: Mapping[str, Any]) -> ModelOutput:
        """See `Seat`."""
        taken = inspect.signature(self.base.forward).parameters
        given = {name: value for name, value in inputs.items() if name in taken}
        return self.base(**{**given, "return_dict": True})

    def run(self, inputs: Mapping[str, Any], reader: Reader) -> ModelOutput:
        """See `Seat`."""
        encoded = encoded_by(self, inputs)
        return replaced(encoded, reader(encoded[0]).memory)


_DECODERS = frozenset({"past_key_values", "use_cache", "labels", "cache_position", "controls", "rows"})
"""Arguments that an encoder may list and that are not meant for it."""

_ASIDES = frozenset({"output_attentions", "output_hidden_states"})
"""Arguments that every encoder takes, though most list them no longer."""


def seat_of(base: PreTrainedModel) -> Seat:
    """Where a unit sits in this base.

    Raises:
        ValueError: for a decoder-only model, or one that reads something else than text.
    """
    config, name = base.config, type(base).__name__
    if base.main_input_name != "input_ids":
        raise ValueError(f"{name}: reads {base.main_input_name}, and the unit reads the states of a text's tokens")
    if config.is_encoder_decoder:
        return BetweenHalves(base)
    kind = config.model_type
    reads_both_ways = kind in MODEL_FOR_MASKED_LM_MAPPING_NAMES or kind in MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES
    if getattr(config, "is_decoder", False) or (kind in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and not reads_both_ways):
        raise ValueError(
            f"{name}: a decoder-only model has no encoder output that a unit could stand behind: what it has read and "
            "what it writes go through the same layers; give an encoder–decoder (T5, BART, Marian …) or an encoder "
            "(BERT …)"
        )
    if name.endswith("ForSequenceClassification"):
        inner = base.base_model
        if getattr(inner, "pooler", None) is not None and not hasattr(inner, "encoder"):
            raise ValueError(
                f"{name}: what its pooler reads cannot be reached; give the encoder alone, as AutoModel loads it, "
                "and task_labels for a head of the unit's own"
            )
        return BeforeHead(base)
    if base.base_model is not base:
        raise ValueError(f"{name}: its head reads no classification; give the encoder alone, as AutoModel loads it")
    return BehindEncoder(base)


def encoded_by(seat: Seat, inputs: Mapping[str, Any]) -> ModelOutput:
    """What the base's encoder gives, or gave in an earlier call: `encoder_outputs` among the inputs."""
    given = inputs.get("encoder_outputs")
    return seat.encode(inputs) if given is None else as_output(given)


def as_output(encoded: Any) -> ModelOutput:
    """An encoder's output as a `ModelOutput`, whatever a caller gave: that, a tuple, or the states alone."""
    if isinstance(encoded, ModelOutput):
        return encoded
    return BaseModelOutput(last_hidden_state=encoded if isinstance(encoded, Tensor) else encoded[0])


def replaced(encoded: Any, memory: Tensor) -> Any:
    """The same output with the memory in the place of the last hidden states; the given one stays as it is."""
    if isinstance(encoded, Tensor):
        return memory
    if isinstance(encoded, ModelOutput):
        first = next(iter(encoded))
        return type(encoded)(**{**encoded, first: memory})
    return (memory, *encoded[1:])


@contextmanager
def _behind(module: nn.Module, reader: Reader, tokens: int | None) -> Iterator[None]:
    """Let `reader` read what a module gives, for calls from this thread; others may use the base at the same time.

    Raises:
        ValueError: within it, if there are not as many states as tokens.
    """
    caller = threading.get_ident()

    def read(_module: nn.Module, _inputs: Any, outputs: Any) -> Any:
        if threading.get_ident() != caller:
            return None
        states = outputs if isinstance(outputs, Tensor) else outputs[0]
        if tokens is not None and states.shape[1] != tokens:
            raise ValueError(
                f"{type(module).__name__}: gives {states.shape[1]} states for {tokens} tokens, and a unit reads one a "
                "token; give texts of a length that it takes as it is, or the encoder alone"
            )
        return replaced(outputs, reader(states).memory)

    handle = module.register_forward_hook(read)
    try:
        yield
    finally:
        handle.remove()
