"""A base and the units on it: added, loaded, saved, taken off. What a call does with them is `hmu.plugin.model`'s.

Axes: b batch, n source tokens, d model width.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import torch
from torch import nn
from transformers import PreTrainedModel

from hmu.plugin.files import load_base, push_unit, read_unit, unit_folder, write_unit
from hmu.plugin.identity import BaseIdentity, identify
from hmu.plugin.seats import Seat, seat_of
from hmu.plugin.settings import UnitSettings
from hmu.plugin.unit import PluggedUnit

DEFAULT = "default"
"""The unit that a call takes where it names none."""


class UnitHolder(nn.Module):
    """A base with its units; `state_dict` holds the units alone, and what this class lacks is asked of the base.

    Args:
        base: see `HMUModel`.
        freeze: whether the base's weights get no gradient.

    Raises:
        ValueError: for a base without an encoder, or one that does not read text.
    """

    def __init__(self, base: PreTrainedModel, freeze: bool = True) -> None:
        super().__init__()
        self.seat: Seat = seat_of(base)
        self.base = base
        self.units = nn.ModuleDict()
        self._identity: BaseIdentity | None = None
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
    ) -> Self:
        """A base with one fresh unit, by default one that changes nothing yet.

        Args:
            base: see `HMUModel`.
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
    ) -> Self:
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
        identity = self._identity or identify(self.base)
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
        self._identity = unit.settings.base
        self.units[name] = unit.to(_device_of(self.base)).train(self.training)


def _device_of(base: PreTrainedModel) -> torch.device:
    """Where the encoder's last hidden states come out."""
    encoder: Any = base.get_encoder() if base.config.is_encoder_decoder else base
    parameters = list(encoder.parameters()) if isinstance(encoder, nn.Module) else list(base.parameters())
    return parameters[-1].device
