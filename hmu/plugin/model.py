"""A pretrained model with units plugged in: encoder → unit → the base's decoder or head, or a head of the unit's.

The base's code and weights stay as they are; a call names its unit, and None is the base itself.
Axes: b batch, n source tokens, m memory slots, c classes, d model width.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.utils import ModelOutput

from hmu.controls import Controls, usual
from hmu.losses import cross_entropy
from hmu.memory import Remembered
from hmu.plugin.files import load_base, push_unit, read_unit, unit_folder, write_unit
from hmu.plugin.identity import identify
from hmu.plugin.seats import Reader, Seat, as_output, replaced, seat_of
from hmu.plugin.settings import UnitSettings
from hmu.plugin.unit import PluggedUnit

DEFAULT = "default"
"""The unit that a call takes where it names none."""


class HMUModel(nn.Module):
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

    def __init__(self, base: PreTrainedModel, freeze: bool = True) -> None:
        super().__init__()
        self.seat: Seat = seat_of(base)
        self.base = base
        self.units = nn.ModuleDict()
        if freeze:
            base.requires_grad_(False)

    @classmethod
    def from_base(
        cls,
        base: PreTrainedModel,
        latent_dim: int | None = None,
        *,
        freeze: bool = True,
        base_name: str | None = None,
        base_commit: str | None = None,
        **settings: Any,
    ) -> "HMUModel":
        """A base with one fresh unit, by default one that changes nothing yet.

        Args:
            base: see the class.
            latent_dim: k; by default half the base's width, as in the paper.
            freeze: whether the base's weights get no gradient.
            base_name, base_commit: the base's repository, where it was loaded from a copy that does not know it.
            settings: see `UnitSettings`: memory, start, kl_weight, free_bits, task_labels.

        Raises:
            ValueError: for a base that cannot have a unit, or a setting out of range.
        """
        model = cls(base, freeze)
        identity = identify(base, base_name, base_commit)
        model._put(DEFAULT, PluggedUnit(UnitSettings(model.seat.width, identity, latent_dim=latent_dim, **settings)))
        return model

    @classmethod
    def from_pretrained(
        cls,
        name: Path | str,
        base: PreTrainedModel | None = None,
        *,
        revision: str | None = None,
        freeze: bool = True,
        is_trainable: bool = False,
        **base_options: Any,
    ) -> "HMUModel":
        """A saved unit on its base, in evaluation mode.

        Args:
            name: a folder, or a repository on the Hub.
            base: already loaded; by default it is loaded by the name and commit that the unit's file gives.
            revision: the repository's commit, tag or branch.
            freeze: whether the base's weights get no gradient.
            is_trainable: whether the unit's weights get one.
            base_options: for the base's `from_pretrained`, such as dtype or device_map.

        Raises:
            CheckpointError: for a folder without a unit, a damaged one, or one that belongs to another base.
        """
        folder = unit_folder(name, revision)
        if base is None:
            base = load_base(folder, **base_options)
        model = cls(base, freeze)
        model.load_unit(folder, DEFAULT, is_trainable=is_trainable)
        return model.eval()

    def add_unit(self, name: str, latent_dim: int | None = None, **settings: Any) -> None:
        """One fresh unit more; `settings` as in `from_base`.

        Raises:
            ValueError: if the name is taken, or a setting is out of range.
        """
        known: Any = next(iter(self.units.values()), None)
        identity = identify(self.base) if known is None else known.settings.base
        self._put(name, PluggedUnit(UnitSettings(self.seat.width, identity, latent_dim=latent_dim, **settings)))

    def load_unit(
        self, folder: Path | str, name: str, *, revision: str | None = None, is_trainable: bool = False
    ) -> None:
        """One saved unit more; see `from_pretrained`.

        Raises:
            ValueError: if the name is taken.
            CheckpointError: for a folder without a unit, a damaged one, or one that belongs to another base.
        """
        unit = read_unit(unit_folder(folder, revision), self.base, self.seat.width)
        self._put(name, unit.requires_grad_(is_trainable))

    def delete_unit(self, name: str) -> None:
        """Take a unit off.

        Raises:
            ValueError: if there is none of that name.
        """
        self.unit(name)
        del self.units[name]

    def unit(self, name: str = DEFAULT) -> PluggedUnit:
        """The unit of that name.

        Raises:
            ValueError: naming those there are.
        """
        if name not in self.units:
            raise ValueError(f'unit "{name}": this base has {", ".join(self.units) or "none"}; add or load it')
        found = self.units[name]
        assert isinstance(found, PluggedUnit)
        return found

    def save_pretrained(self, save_directory: Path | str, unit: str = DEFAULT, **unused: Any) -> None:
        """Write one unit, and only it: hmu_config.json, hmu.safetensors and its card.

        Raises:
            ValueError: if there is no unit of that name.
        """
        write_unit(self.unit(unit), self.base, Path(save_directory))

    def push_to_hub(
        self,
        repo_id: str,
        unit: str = DEFAULT,
        *,
        private: bool | None = None,
        token: bool | str | None = None,
        **commit: Any,
    ) -> str:
        """Upload one unit, as `save_pretrained` writes it; returns the commit's address.

        Args:
            repo_id: the repository, made if it is not there yet.
            unit: which.
            private, token: see `huggingface_hub.HfApi`.
            commit: for its `upload_folder`, such as commit_message, revision, create_pr.

        Raises:
            ValueError: if there is no unit of that name.
        """
        return push_unit(self.unit(unit), self.base, repo_id, private, token, **commit)

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
        unit: str = DEFAULT,
    ) -> Remembered:
        """What a unit makes of such states, with the trace of how; see `MemoryTransformer.remember`."""
        return self.unit(unit)(states, mask, usual(controls, self.training), rows)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        decoder_input_ids: Tensor | None = None,
        decoder_attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        encoder_outputs: Any = None,
        task: str | None = None,
        unit: str | None = DEFAULT,
        controls: Controls | Sequence[Controls] | None = None,
        rows: Sequence[int] | None = None,
        return_dict: bool | None = None,
        **others: Any,
    ) -> Any:
        """One pass of the base with a unit in it.

        Args:
            input_ids, attention_mask, token_type_ids, inputs_embeds, decoder_input_ids, decoder_attention_mask, labels,
                others: as the base takes them; the mask defaults to all real.
            encoder_outputs: what the base's encoder gave for the source, kept from an earlier call; the unit reads it.
            task: which head of the unit's classifies, from the mean of the memory; by default the only one, behind a
                bare encoder. A task that the unit has no head for is passed to the base.
            unit: which; None is the base itself, whatever it is given.
            controls: what is turned, one for all rows or one for each. None means as trained: the mean in evaluation;
                in training τ = 1 with a seed drawn from torch's global generator, as dropout is.
            rows: b addresses for the noise; by default 0 … b − 1.
            return_dict: False for a tuple.

        Returns:
            What the base returns, its loss with the unit's KL added; or `SequenceClassifierOutput` from a unit's head.

        Raises:
            ValueError: for an unknown unit or task.
        """
        listed = {
            "input_ids": input_ids,
            "attention_mask": attention_mask,
            "token_type_ids": token_type_ids,
            "inputs_embeds": inputs_embeds,
            "decoder_input_ids": decoder_input_ids,
            "decoder_attention_mask": decoder_attention_mask,
            "encoder_outputs": encoder_outputs,
        }
        inputs = {name: value for name, value in listed.items() if value is not None} | others
        plugged = None if unit is None else self.unit(unit)
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
        encoded = inputs.get("encoder_outputs")
        encoded = self.seat.encode(inputs) if encoded is None else as_output(encoded)
        logits = unit.classify(reader(encoded[0]), task)
        return SequenceClassifierOutput(None if labels is None else cross_entropy(logits, labels), logits)

    @torch.no_grad()
    def generate(
        self,
        inputs: Tensor | None = None,
        *,
        unit: str | None = DEFAULT,
        controls: Controls | Sequence[Controls] | None = None,
        rows: Sequence[int] | None = None,
        **options: Any,
    ) -> Any:
        """The base's `generate`, reading through a unit; every option and decoding mode is the base's.

        Args:
            inputs: token ids (b, n), or as `input_ids`.
            unit: which; None is the base itself.
            controls, rows: see `forward`.
            options: for the base's `generate`.
        """
        if unit is None:
            return self.base.generate(inputs, **options)
        ids = options.pop("input_ids", None) if inputs is None else inputs
        mask = options.pop("attention_mask", None)
        encoded = options.pop("encoder_outputs", None)
        if encoded is None:
            listed = {"input_ids": ids, "attention_mask": mask}
            encoded = self.seat.encode({name: value for name, value in listed.items() if value is not None} | options)
        encoded = as_output(encoded)
        remembered = self.remember(encoded[0], _or_all_real(mask, encoded[0]), controls, rows, unit)
        ready: ModelOutput = replaced(encoded, remembered.memory)
        return self.base.generate(ids, encoder_outputs=ready, attention_mask=remembered.mask, **options)

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        """The units' tensors, without the base's."""
        whole = super().state_dict(*args, **kwargs)
        own = f"{kwargs.get('prefix', args[1] if len(args) > 1 else '')}units."
        return {name: tensor for name, tensor in whole.items() if name.startswith(own)}

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """Load what `state_dict` gave; the base stays as it is."""
        own = {name.removeprefix("units."): tensor for name, tensor in state_dict.items()}
        return self.units.load_state_dict(own, strict, assign)

    def trainable_parameters(self) -> tuple[int, int]:
        """How many parameters get a gradient, and how many there are in all."""
        counts = [(each.numel(), each.requires_grad) for each in self.parameters()]
        return sum(size for size, trains in counts if trains), sum(size for size, _ in counts)

    @property
    def generation_config(self) -> Any:
        """The base's, which `Seq2SeqTrainer` replaces."""
        return self.base.generation_config

    @generation_config.setter
    def generation_config(self, value: Any) -> None:
        self.base.generation_config = value

    def __getattr__(self, name: str) -> Any:
        """What is asked of a model and is not ours is the base's: config, device, dtype, get_encoder …"""
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name == "base":  # not there yet
                raise
            return getattr(self.base, name)

    def _put(self, name: str, unit: PluggedUnit) -> None:
        if name in self.units:
            raise ValueError(f'unit "{name}": the name is taken; choose another, or delete that unit first')
        if not name.isidentifier() or hasattr(self.units, name):  # torch keeps some names to itself, such as "train"
            raise ValueError(f'unit "{name}": give it another plain name of letters, digits and "_"')
        self.units[name] = unit.to(_device_of(self.base)).train(self.training)


def _or_all_real(mask: Tensor | None, states: Tensor) -> Tensor:
    return states.new_ones(states.shape[:2], dtype=torch.long) if mask is None else mask


def _device_of(base: PreTrainedModel) -> torch.device:
    """Where the encoder's last hidden states come out."""
    encoder: Any = base.get_encoder() if base.config.is_encoder_decoder else base
    parameters = list(encoder.parameters()) if isinstance(encoder, nn.Module) else list(base.parameters())
    return parameters[-1].device
