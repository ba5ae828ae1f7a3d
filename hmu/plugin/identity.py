"""Which base a unit belongs to, so that it is never put on another.

Knows nothing of units or of the Hub: it asks a loaded base where it came from.
"""

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path

import torch
from transformers import PreTrainedModel

from hmu.errors import CheckpointError

_WHOLE, _SHARDS = "model.safetensors", "model-*.safetensors"


@dataclass(frozen=True, slots=True)
class BaseIdentity:
    """A base.

    Args:
        architecture: the class, such as "T5ForConditionalGeneration".
        name: of its repository on the Hub, or where it was loaded from; empty for one made in memory.
        commit: of that repository, 40 hexadecimal digits; None where there is none.
        sha256: of its weights: of the one file that it was loaded from, of the sorted lines "sha256  name" of its
            shards, or of its tensors where it has no file; None where a commit says it.
        hashed: what `sha256` is of: "file", "shards" or "tensors".
    """

    architecture: str
    name: str = ""
    commit: str | None = None
    sha256: str | None = None
    hashed: str | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            value, may_lack = getattr(self, one.name), one.default is None
            if not isinstance(value, str) and not (may_lack and value is None):
                raise ValueError(f"base: {one.name} {value!r}; give a text")

    @property
    def public_name(self) -> str:
        """Its name, of a folder its last part alone: where it lies is nobody's affair."""
        path = Path(self.name).expanduser()
        return path.name if path.is_absolute() or path.is_dir() else self.name

    def check(self, base: PreTrainedModel, unit: str) -> None:
        """Refuse another base than this one.

        The commits are compared where both have one, else the sha256 of the weights.

        Args:
            base: what the unit shall be put on.
            unit: the unit's name, for the message.

        Raises:
            CheckpointError: with the two values that differ.
        """
        has = type(base).__name__
        if has != self.architecture:
            raise CheckpointError(f"{unit}: made for a {self.architecture}, not for a {has}; give its base")
        commit = _commit_of(base)
        if self.commit and commit:
            if commit != self.commit:
                raise CheckpointError(
                    f"{unit}: made for {self.name} at commit {self.commit}, not at {commit}; "
                    f'load the base with revision="{self.commit}"'
                )
            return
        if self.sha256 is None:
            raise CheckpointError(
                f"{unit}: made for {self.name} at commit {self.commit}, and this base tells no commit; "
                f'load it from the Hub with revision="{self.commit}"'
            )
        found = _hash(base, self.hashed)
        if found != self.sha256:
            raise CheckpointError(
                f"{unit}: made for a base whose weights ({self.hashed}) have sha256 {self.sha256}, "
                f"those here have {found or 'no such file'}; give the base that it was made for"
            )


def identify(base: PreTrainedModel, name: str | None = None, commit: str | None = None) -> BaseIdentity:
    """What a base says of itself.

    Args:
        base: as it was loaded; one that was changed since is no longer what its files say.
        name, commit: of its repository, where it was loaded from a copy that does not know them; its sha256 is kept
            beside them, so that any copy can be told.
    """
    known = commit or _commit_of(base)
    hashed, found = None, None
    if known is None or commit is not None:
        kinds = ((kind, _hash(base, kind)) for kind in ("file", "shards", "tensors"))
        hashed, found = next((kind, each) for kind, each in kinds if each)
    return BaseIdentity(type(base).__name__, name or _place_of(base), known, found, hashed)


def known_at(base: PreTrainedModel, commit: str | None) -> None:
    """Let a base tell the commit that it is of, where its files do not know it and were compared with that one's."""
    base.config._commit_hash = commit


def _commit_of(base: PreTrainedModel) -> str | None:
    return getattr(base.config, "_commit_hash", None)


def _place_of(base: PreTrainedModel) -> str:
    return str(getattr(base.config, "_name_or_path", "") or getattr(base, "name_or_path", ""))


def _hash(base: PreTrainedModel, kind: str | None) -> str | None:
    """The sha256 of that kind, or None if the base has no such files."""
    folder = Path(_place_of(base) or "/nowhere")
    if kind == "tensors":
        return _hash_tensors(base)
    if kind == "file":
        return _hash_file(folder / _WHOLE) if (folder / _WHOLE).is_file() else None
    shards = sorted(folder.glob(_SHARDS))
    lines = "".join(sorted(f"{_hash_file(shard)}  {shard.name}\n" for shard in shards))
    return hashlib.sha256(lines.encode()).hexdigest() if shards else None


def _hash_file(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _hash_tensors(base: PreTrainedModel) -> str:
    """Of every tensor in the order of their names: name, kind, shape and bytes."""
    digest = hashlib.sha256()
    for name, tensor in sorted(base.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
