"""Somebody else's model, with or without a unit, asked as `MemoryTransformer` is: by the page, the commands, the bench.

Runs the base's own code and changes none of it. Knows nothing of files.
Axes: b batch, n source tokens, m memory slots, t target tokens, c classes, d model width.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from transformers import GenerationConfig, PreTrainedModel
from transformers.cache_utils import EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput

from hmu.controls import Controls, usual
from hmu.losses import shift_right
from hmu.memory import NoMemory, Remembered, mean_of
from hmu.outputs import Decoded, MemoryOutput
from hmu.plugin.seats import seat_of
from hmu.plugin.unit import PluggedUnit

MAX_SOURCE, MAX_TARGET = 128, 64
"""Tokens at which a text for a foreign base is cut, and what it writes."""
_KEPT = ("pad_token_id", "bos_token_id", "eos_token_id", "forced_bos_token_id", "bad_words_ids", "suppress_tokens")
"""What holds of a base's own generation config, streamed or not; the rest is some use of its maker's."""


@dataclass(frozen=True, slots=True)
class ForeignConfig:
    """What is asked of a model's config, for a base that has no such names; an encoder writes nothing."""

    vocab_size: int
    pad_token_id: int
    task_labels: dict[str, list[str]] = field(default_factory=dict)
    memory: str = "none"
    max_source_length: int = MAX_SOURCE
    max_target_length: int = MAX_TARGET
    bos_token_id: int | None = None
    eos_token_id: int | list[int] | None = None
    decoder_start_token_id: int | None = None
    beam_length_penalty: float = 1.0


class _Foreign(nn.Module):
    """What both kinds have: the base, and behind its encoder a unit's memory and heads.

    Args:
        base: stays as it is.
        unit: None for the base alone, which has no heads.
        on: whether the unit's memory is read; without it the states themselves are, by the unit's heads.
        ids: see `ForeignConfig`.
    """

    def __init__(self, base: PreTrainedModel, unit: PluggedUnit | None, on: bool, **ids: Any) -> None:
        super().__init__()
        self.base, self.seat = base, seat_of(base)
        self.heads = nn.ModuleDict() if unit is None else unit.heads
        self.memory = unit.memory if unit is not None and on else NoMemory()
        labels = {} if unit is None else unit.settings.task_labels
        kind = unit.settings.memory if unit is not None and on else "none"
        self.config = ForeignConfig(task_labels=labels, memory=kind, **ids)

    @property
    def device(self) -> torch.device:
        """Where the base is."""
        return self.base.device

    @property
    def dtype(self) -> torch.dtype:
        """The base's precision."""
        return self.base.dtype

    def encode(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        """Source tokens (b, n) and their mask (b, n) → the base's last hidden states v (b, n, d)."""
        states: Tensor = self.seat.encode(self._inputs(input_ids, mask))[0]
        return states

    def _inputs(self, input_ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
        return {"input_ids": input_ids, "attention_mask": mask}

    def remember(
        self,
        states: Tensor,
        mask: Tensor,
        controls: Controls | Sequence[Controls] | None = None,
        rows: Sequence[int] | None = None,
        state: Tensor | None = None,
    ) -> Remembered:
        """See `MemoryTransformer.remember`."""
        remembered: Remembered = self.memory(states, mask, usual(controls, self.training), rows, state)
        return remembered

    def classify(self, remembered: Remembered, task: str) -> Tensor:
        """See `MemoryTransformer.classify`.

        Raises:
            ValueError: if there is no head for the task.
        """
        if task not in self.heads:
            raise ValueError(f'task "{task}": this unit has heads for {", ".join(self.heads) or "none"}')
        logits: Tensor = self.heads[task](mean_of(remembered))
        return logits


class PluggedEncoder(_Foreign):
    """A bare encoder; it classifies by the unit's heads and cannot write.

    Args:
        base: such as BERT.
        separator: the token between the texts of a pair.
        unit, on: whether there is a unit, and whether its memory is read; without a unit nothing classifies.
    """

    def __init__(
        self, base: PreTrainedModel, separator: int | None, unit: PluggedUnit | None = None, on: bool = True
    ) -> None:
        super().__init__(base, unit, on, vocab_size=base.config.vocab_size, pad_token_id=base.config.pad_token_id or 0)
        self.separator = separator

    def _inputs(self, input_ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
        """The second text of a pair is told from the first."""
        inputs = super()._inputs(input_ids, mask)
        if self.separator is not None and getattr(self.base.config, "type_vocab_size", 1) > 1:
            marks = (input_ids == self.separator).long()
            inputs["token_type_ids"] = ((marks.cumsum(1) - marks) > 0).long() * mask
        return inputs


class PluggedWriter(_Foreign):
    """An encoder–decoder; it writes by its own decoder, and classifies by the unit's heads.

    Args:
        base: such as T5, with a language model's head; its attention must be computed in the way that gives weights
            (`attn_implementation="eager"`).
        unit, on: whether there is a unit, and whether its memory is read; without, the base is as it was.

    Raises:
        ValueError: for a base that does not say which token its texts begin with.
    """

    def __init__(self, base: PreTrainedModel, unit: PluggedUnit | None = None, on: bool = True) -> None:
        told: Any = base.generation_config
        begins = getattr(base.config, "decoder_start_token_id", None)
        begins = told.decoder_start_token_id if begins is None else begins
        if begins is None:
            raise ValueError(f"{type(base).__name__}: no decoder_start_token_id; set it in the base's config")
        super().__init__(
            base,
            unit,
            on,
            vocab_size=base.get_output_embeddings().out_features,
            pad_token_id=told.pad_token_id or 0,
            bos_token_id=told.bos_token_id,
            eos_token_id=told.eos_token_id,
            decoder_start_token_id=begins,
            beam_length_penalty=1.0 if told.length_penalty is None else told.length_penalty,
        )
        kept = {name: getattr(told, name) for name in _KEPT}
        self.generation_config = GenerationConfig(decoder_start_token_id=begins, **kept)

    def decode(
        self,
        target_ids: Tensor,
        remembered: Remembered,
        cache: EncoderDecoderCache | None = None,
        want_weights: bool = False,
    ) -> Decoded:
        """See `MemoryTransformer.decode`."""
        given: Any = self.base(
            decoder_input_ids=target_ids,
            encoder_outputs=BaseModelOutput(last_hidden_state=remembered.memory),
            attention_mask=remembered.mask,
            past_key_values=cache,
            use_cache=cache is not None,
            output_attentions=want_weights,
            return_dict=True,
        )
        return Decoded(given.logits, tuple(given.cross_attentions) if want_weights else ())

    def shift_right(self, labels: Tensor) -> Tensor:
        """See `MemoryTransformer.shift_right`."""
        return shift_right(labels, int(self.config.decoder_start_token_id or 0), self.config.pad_token_id)

    def generate(
        self, encoder_outputs: MemoryOutput, attention_mask: Tensor, generation_config: GenerationConfig, **options: Any
    ) -> Any:
        """The base's `generate` from a ready memory (b, m, d) and its mask (b, m).

        What the base's own generation config would add for some use of its maker's (a shortest length, no phrase twice)
        is left out, as in a stream: the settings given, and what `generation_config` asks of every text, are all there
        is.
        """
        plain = copy.copy(self.base)  # the same modules; the base itself keeps its config
        plain.generation_config = self.generation_config
        ready = BaseModelOutput(last_hidden_state=encoder_outputs.last_hidden_state)
        given = {"encoder_outputs": ready, "attention_mask": attention_mask, "generation_config": generation_config}
        return plain.generate(**given, **options)
