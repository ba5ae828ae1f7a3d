"""A unit on disk: hmu_config.json and hmu.safetensors, without the base. Reads safetensors only.

Knows nothing of how a unit is used.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
import transformers
from huggingface_hub import HfApi, snapshot_download
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from transformers import PreTrainedModel

from hmu.errors import CheckpointError
from hmu.modeling import MemoryTransformer
from hmu.plugin.cards import card
from hmu.plugin.settings import UnitSettings
from hmu.plugin.unit import PluggedUnit

CONFIG, WEIGHTS, CARD = "hmu_config.json", "hmu.safetensors", "README.md"


def write_unit(unit: PluggedUnit, base: PreTrainedModel, folder: Path, public: bool = False) -> None:
    """Write settings, weights (as they are: float32 unless the model was cast) and card.

    Args:
        unit: what is written.
        base: what it is on.
        folder: receives the three files.
        public: whether the settings leave out where on this machine the base lies.
    """
    folder.mkdir(parents=True, exist_ok=True)
    values = unit.settings.to_json()
    if public:
        values["base"]["name"] = unit.settings.base.public_name
    settings = json.dumps(values, indent=2, ensure_ascii=False)
    (folder / CONFIG).write_text(settings + "\n", encoding="utf-8")
    save_file(
        {name: tensor.detach().cpu().contiguous() for name, tensor in unit.state_dict().items()},
        folder / WEIGHTS,
        metadata={"format": "pt"},
    )
    own, whole = (sum(each.numel() for each in module.parameters()) for module in (unit, base))
    (folder / CARD).write_text(card(unit.settings, own, whole), encoding="utf-8")


def push_unit(
    unit: PluggedUnit, base: PreTrainedModel, name: str, private: bool | None, token: bool | str | None, **commit: Any
) -> str:
    """Upload what `write_unit` writes to a repository on the Hub, made if it is not there yet; the commit's address.

    Not by `PushToHubMixin`: it puts an empty card of its own in the place of ours.
    """
    api = HfApi(token=token)
    name = api.create_repo(name, private=private, exist_ok=True).repo_id
    with TemporaryDirectory() as folder:
        write_unit(unit, base, Path(folder), public=True)
        return str(api.upload_folder(repo_id=name, folder_path=folder, **commit))


def unit_folder(name: Path | str, revision: str | None = None) -> Path:
    """The folder of a unit, fetched from the Hub where there is no such folder here.

    Raises:
        CheckpointError: if it is in neither place.
    """
    if Path(name).is_dir():
        return Path(name)
    try:
        return Path(snapshot_download(str(name), revision=revision, allow_patterns=[CONFIG, WEIGHTS, CARD]))
    except (OSError, ValueError) as error:  # the Hub's errors are of these two
        raise CheckpointError(
            f"{name}: no such folder, and not to be had from the Hub ({type(error).__name__}); "
            f"give a folder with {CONFIG}, or the name of a repository"
        ) from None


def read_settings(folder: Path) -> UnitSettings:
    """What a folder's unit is made of.

    Raises:
        CheckpointError: if the file is missing or damaged.
    """
    file = folder / CONFIG
    if not file.is_file():
        trained = (folder / "training_args.bin").is_file()
        hint = ": this one is Trainer's, to go on from; call save_pretrained on its model" if trained else ""
        raise CheckpointError(f"{file}: missing; give a folder that HMUModel.save_pretrained has written{hint}")
    try:
        return UnitSettings.from_json(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(f"{file}: {error}; correct it or copy it again") from None


def read_unit(folder: Path, base: PreTrainedModel, width: int) -> PluggedUnit:
    """A unit, checked against the base that it shall be put on.

    Args:
        folder: of the unit.
        base: what it shall be put on.
        width: d, of the states that it will read.

    Raises:
        CheckpointError: for a damaged folder, or a unit of another width or base.
    """
    settings = read_settings(folder)
    if settings.width != width:
        raise CheckpointError(
            f"{folder.name}: made for width {settings.width}, this base has {width}; give the base that it was made for"
        )
    settings.base.check(base, folder.name)
    return check_unit(folder)


def check_unit(folder: Path) -> PluggedUnit:
    """A unit whose weights are what its settings ask for; whatever base it belongs to.

    Raises:
        CheckpointError: for a damaged folder.
    """
    settings, file = read_settings(folder), folder / WEIGHTS
    try:
        with torch.device("meta"):  # what settings ask for is not built before the weights are of that size
            wanted = PluggedUnit(settings).state_dict()
    except RuntimeError as error:
        raise CheckpointError(f"{folder / CONFIG}: {error}; correct it or copy it again") from None
    try:
        tensors = load_file(file)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{file}: {error}; the file is missing, cut or damaged: copy it again") from None
    for name in sorted({*wanted, *tensors}):
        has, asked = (list(part[name].shape) if name in part else "no such tensor" for part in (tensors, wanted))
        if has != asked:
            raise CheckpointError(f'{file}: tensor "{name}": {has}, {CONFIG} asks for {asked}; they are of two units')
    unit = PluggedUnit(settings)
    unit.load_state_dict(tensors)
    return unit


def load_base(folder: Path, **options: Any) -> PreTrainedModel:
    """The base that a unit's file names.

    Raises:
        CheckpointError: if it names none that can be loaded.
    """
    base = read_settings(folder).base
    if not base.name:
        raise CheckpointError(f"{folder.name}: made for a base without a name; load it yourself and give it as base=")
    own = base.architecture == MemoryTransformer.__name__
    kind: Any = MemoryTransformer if own else getattr(transformers, base.architecture, None)
    if kind is None:
        raise CheckpointError(
            f"{folder.name}: made for a {base.architecture}, which transformers does not have; give it as base="
        )
    try:
        return kind.from_pretrained(base.name, **{"revision": base.commit, **options})
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{folder.name}: its base {base.name} cannot be loaded ({error}); load it yourself and give it as base="
        ) from None
