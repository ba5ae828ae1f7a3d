"""A pretrained model with units plugged in: encoder → unit → the base's decoder or head, or a head of the unit's.

The base's code and weights stay as they are; a call names its unit, and None is the base itself.
Axes: b batch, n source tokens, m memory slots, c classes, d model width.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.utils import ModelOutput

from hmu.controls import Controls, usual
from hmu.losses import cross_entropy
from hmu.memory import Remembered
from hmu.plugin.holder import ACTIVE, UnitHolder
from hmu.plugin.seats import Reader, as_output, encoded_by, replaced
from hmu.plugin.unit import PluggedUnit


class HMUModel(UnitHolder):
    """A base with its units, for `Trainer`, `generate` and whatever else the base is used with.

    What this class lacks is asked of the base. `state_dict` holds the units alone, so that `Trainer`'s own files do;
    `save_pretrained` writes one unit as a folder that can be loaded again.

    Args:
        base: any encoder–decoder for text of `transformers`, an encoder with a classification head, or a bare encoder.
        freeze: whether the base's weights get no gradient.

    Raises:
        ValueError: for a base without an encoder, or one that does not read text.
    """

    accepts_loss_kwargs = False  # the loss is a mean: Trainer divides it by its accumulation steps

    def encode(self, input_ids: Tensor, attention_mask: Tensor | None = None, **inputs: Any) -> Tensor:
        """The base's last hidden states, (b, n, d), as a unit reads them."""
        states: Tensor = self.seat.encode({"input_ids": input_ids, "attention_mask": attention_mask, **inputs})[0]
        return states

    def remember(
        self,
        states: Tensor,
        mask: Tensor,
        controls: Controls | Sequence[Controls] | None = None,
        rows: Sequence[int] | None = None,
        unit: str = ACTIVE,
    ) -> Remembered:
        """What a unit makes of such states, with the trace of how; see `MemoryTransformer.remember`."""
        return self.unit(unit)(states, mask, usual(controls, self.training), rows)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        *,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        global_attention_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        decoder_input_ids: Tensor | None = None,
        decoder_attention_mask: Tensor | None = None,
        decoder_inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        encoder_outputs: Any = None,
        task: str | None = None,
        unit: str | None = ACTIVE,
        controls: Controls | Sequence[Controls] | None = None,
        rows: Sequence[int] | None = None,
        return_dict: bool | None = None,
        **others: Any,
    ) -> Any:
        """One pass of the base with a unit in it.

        Args:
            input_ids, attention_mask, token_type_ids, position_ids, global_attention_mask, inputs_embeds,
                decoder_input_ids, decoder_attention_mask, decoder_inputs_embeds, labels, others: as the base takes
                them; the mask defaults to all real. `Trainer` drops columns that are not listed here.
            encoder_outputs: what the base's encoder gave for the source, kept from an earlier call; the unit reads it.
            task: which head of the unit's classifies, from the mean of the memory; by default the only one, behind a
                bare encoder. A task that the unit has no head for is passed to the base.
            unit: which; by default the active one. None is the base itself, whatever it is given.
            controls: what is turned, one for all rows or one for each. None means as trained: the mean in evaluation;
                in training τ = 1 with a seed drawn from torch's global generator, as dropout is.
            rows: b addresses for the noise; by default 0 … b − 1.
            return_dict: False for a tuple.

        Returns:
            What the base returns, its loss with the unit's KL added, `encoder_last_hidden_state` the memory; or
            `SequenceClassifierOutput` from a unit's head. A `Trainer` with label smoothing takes the labels away and
            computes a loss of its own, without the KL.

        Raises:
            ValueError: for an unknown unit or task.
        """
        listed = {
            "input_ids": input_ids,
            "attention_mask": attention_mask,
            "token_type_ids": token_type_ids,
            "position_ids": position_ids,
            "global_attention_mask": global_attention_mask,
            "inputs_embeds": inputs_embeds,
            "decoder_input_ids": decoder_input_ids,
            "decoder_attention_mask": decoder_attention_mask,
            "decoder_inputs_embeds": decoder_inputs_embeds,
            "encoder_outputs": encoder_outputs,
        }
        inputs = {name: value for name, value in listed.items() if value is not None} | others
        plugged = self.asked(unit)
        heads = {} if plugged is None else plugged.settings.task_labels
        asked = bool(heads) or task is not None or labels is not None
        pooled = plugged is not None and (task in heads or (self.seat.needs_head and asked))
        if not self.seat.needs_head and not pooled:
            inputs |= {k: v for k, v in (("labels", labels), ("task", task)) if v is not None}
        if plugged is None:
            return self.base(**inputs, **({} if return_dict is None else {"return_dict": return_dict}))
        kept: list[Remembered] = []

        def reader(states: Tensor) -> Remembered:
            mask = _or_all_real(attention_mask, states)
            kept.append(plugged(states, mask, usual(controls, self.training), rows))
            return kept[-1]

        outputs = self._classified(inputs, reader, plugged, task, labels) if pooled else self.seat.run(inputs, reader)
        if labels is not None:
            outputs["loss"] = outputs["loss"] + plugged.penalty(kept[-1])
        return outputs.to_tuple() if return_dict is False else outputs

    def _classified(
        self, inputs: Mapping[str, Any], reader: Reader, unit: PluggedUnit, task: str | None, labels: Tensor | None
    ) -> ModelOutput:
        logits = unit.classify(reader(encoded_by(self.seat, inputs)[0]), task)
        return SequenceClassifierOutput(None if labels is None else cross_entropy(logits, labels), logits)

    @torch.no_grad()
    def generate(
        self,
        inputs: Tensor | None = None,
        *,
        unit: str | None = ACTIVE,
        controls: Controls | Sequence[Controls] | None = None,
        rows: Sequence[int] | None = None,
        **options: Any,
    ) -> Any:
        """The base's `generate`, reading through a unit; every option and decoding mode is the base's.

        Args:
            inputs: token ids (b, n), or as `input_ids`.
            unit: which; by default the active one. None is the base itself.
            controls, rows: see `forward`.
            options: for the base's `generate`.
        """
        if self.asked(unit) is None:
            return self.base.generate(inputs, **options)
        ids = options.pop("input_ids", None) if inputs is None else inputs
        mask = options.pop("attention_mask", None)
        encoded = options.pop("encoder_outputs", None)
        if encoded is None:
            listed = {"input_ids": ids, "attention_mask": mask}
            encoded = self.seat.encode({name: value for name, value in listed.items() if value is not None} | options)
        encoded = as_output(encoded)
        remembered = self.remember(encoded[0], _or_all_real(mask, encoded[0]), controls, rows, unit or ACTIVE)
        ready: ModelOutput = replaced(encoded, remembered.memory)
        return self.base.generate(ids, encoder_outputs=ready, attention_mask=remembered.mask, **options)


def _or_all_real(mask: Tensor | None, states: Tensor) -> Tensor:
    return states.new_ones(states.shape[:2], dtype=torch.long) if mask is None else mask
