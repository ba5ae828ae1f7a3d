"""A base and the units on it: added, loaded, saved, taken off. What a call does with them is `hmu.plugin.model`'s.

Axes: b batch, n source tokens, d model width.
"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, cast

from torch import nn
from transformers import PreTrainedModel

from hmu.plugin.files import load_base, push_unit, read_unit, unit_folder, write_unit
from hmu.plugin.hooks import base_is_not_missing, device_of, without_base
from hmu.plugin.identity import BaseIdentity, identify
from hmu.plugin.seats import Seat, seat_of
from hmu.plugin.settings import UnitSettings
from hmu.plugin.unit import PluggedUnit

DEFAULT = "default"
"""The name of a unit that was given none."""
ACTIVE = ""
"""In place of a unit's name: the one that is active, the first unless another was set."""
_ADAPTERS = ("set_adapter", "disable_adapter", "disable_adapters", "enable_adapters", "add_adapter", "delete_adapter")
"""Methods of `peft` and of a base that are about adapters; asked of us they would do nothing to a unit."""


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
        self.active: str | None = DEFAULT
        self._identity: BaseIdentity | None = None
        self._frozen = [each for each in base.parameters() if each.requires_grad] if freeze else []
        if freeze:
            base.requires_grad_(False)
        self.register_state_dict_post_hook(without_base)
        self.register_load_state_dict_post_hook(base_is_not_missing)

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
        """Take a unit off; if it was the active one, the first of those that are left is.

        Raises:
            ValueError: if there is none of that name.
        """
        self.unit(name)
        del self.units[name]
        if self.active == name:
            self.active = next(iter(self.units), DEFAULT)

    def set_unit(self, name: str | None) -> None:
        """Which unit is active: what a call takes that names none, and so what `Trainer` trains. None is the base.

        Raises:
            ValueError: if there is none of that name.
        """
        if name is not None:
            self.unit(name)
        self.active = name

    @contextmanager
    def disable_unit(self) -> Iterator[None]:
        """Calls within it that name no unit are the base's, in every thread; `unit=None` does so for one call."""
        before, self.active = self.active, None
        try:
            yield
        finally:
            self.active = before

    def unload(self) -> PreTrainedModel:
        """The base alone, with the gradients that it had; the units are left with this model."""
        for each in self._frozen:
            each.requires_grad_(True)
        return self.base

    def get_base_model(self) -> PreTrainedModel:
        """The base, frozen as it is."""
        return self.base

    def unit(self, name: str = ACTIVE) -> PluggedUnit:
        """The unit of that name, by default the active one.

        Raises:
            ValueError: naming those there are.
        """
        wanted = self.active if name == ACTIVE else name
        if wanted is None or wanted not in self.units:
            asked = "none is active" if wanted is None else f'"{wanted}"'
            raise ValueError(f"unit {asked}: this base has {', '.join(self.units) or 'none'}; add or load it")
        return cast(PluggedUnit, self.units[wanted])

    def asked(self, unit: str | None) -> PluggedUnit | None:
        """The unit that a call means; None for the base itself.

        Raises:
            ValueError: if there is none of that name, or none at all where none is named.
        """
        if unit is None or (unit == ACTIVE and self.active is None and len(self.units)):
            return None
        return self.unit(unit)

    def save_pretrained(
        self, save_directory: Path | str, unit: str = ACTIVE, push_to_hub: bool = False, **unused: Any
    ) -> None:
        """Write one unit, and only it: hmu_config.json, hmu.safetensors and its card.

        Warns where a weight of the base gets gradients: it is not written, and the unit alone will not bring it back.

        Raises:
            ValueError: if there is no unit of that name, or for `push_to_hub`.
        """
        if push_to_hub:
            raise ValueError("save_pretrained: it writes a folder alone; call push_to_hub(repo_id)")
        if any(each.requires_grad for each in self.base.parameters()):
            warnings.warn(
                "save_pretrained: the base is trained too and is not written; save it with base.save_pretrained, "
                "and put the unit on what that wrote",
                stacklevel=2,
            )
        write_unit(self.unit(unit), self.base, Path(save_directory))

    def push_to_hub(
        self,
        repo_id: str,
        unit: str = ACTIVE,
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

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False) -> Any:
        """Load what `state_dict` gave; the base stays as it is."""
        own = {name.removeprefix("units."): tensor for name, tensor in state_dict.items()}
        return self.units.load_state_dict(own, strict, assign)

    def trainable_parameters(self) -> tuple[int, int]:
        """How many parameters get a gradient, and how many there are in all."""
        counts = [(each.numel(), each.requires_grad) for each in self.parameters()]
        return sum(size for size, trains in counts if trains), sum(size for size, _ in counts)

    get_nb_trainable_parameters = trainable_parameters

    def print_trainable_parameters(self) -> None:
        """Say how many parameters get a gradient, of how many."""
        own, whole = self.trainable_parameters()
        print(f"{own:,} of {whole:,} parameters get a gradient ({own / whole:.2%})")

    def num_parameters(self, only_trainable: bool = False, exclude_embeddings: bool = False) -> int:
        """Of base and units together; `only_trainable` counts what gets a gradient."""
        units = sum(each.numel() for each in self.units.parameters() if each.requires_grad or not only_trainable)
        return int(self.base.num_parameters(only_trainable, exclude_embeddings)) + units

    def parameter_groups(self, weight_decay: float = 0.01) -> list[dict[str, Any]]:
        """What gets a gradient, for an optimizer: matrices with weight decay, vectors and lone numbers (α) without.

        `Trainer` takes one as `optimizers=(torch.optim.AdamW(model.parameter_groups(), lr=…), None)`; left to itself it
        spares biases and norms, but not α.
        """
        trained = [each for each in self.parameters() if each.requires_grad]
        decayed, spared = ([each for each in trained if (each.dim() > 1) == matrix] for matrix in (True, False))
        return [{"params": decayed, "weight_decay": weight_decay}, {"params": spared, "weight_decay": 0.0}]

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
            if name in _ADAPTERS:
                told = "units have set_unit, disable_unit, add_unit and delete_unit; of the base's own ask its base"
                raise AttributeError(f"{type(self).__name__}.{name}: {told}") from None
            return getattr(self.base, name)

    def _put(self, name: str, unit: PluggedUnit) -> None:
        if name in self.units:
            raise ValueError(f'unit "{name}": the name is taken; choose another, or delete that unit first')
        if not name.isidentifier() or hasattr(self.units, name):  # torch keeps some names to itself, such as "train"
            raise ValueError(f'unit "{name}": give it another plain name of letters, digits and "_"')
        self._identity = unit.settings.base
        self.units[name] = unit.to(device_of(self.base)).train(self.training)
        if len(self.units) == 1:
            self.active = name
