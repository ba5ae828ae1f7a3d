"""Which base a unit belongs to: three kinds of sha256, and the Hub's commit."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BartForConditionalGeneration

from hmu import MemoryTransformer
from hmu.errors import CheckpointError
from hmu.plugin import BaseIdentity, HMUModel
from hmu.plugin.identity import identify
from tests.hmu.plugin.support_plugin import LABELS, REAL, attached, base_of, equal, mattering, read

COMMIT = "c" * 40


def stored(folder: Path, shards: bool = False) -> Path:
    """A tiny BART in a folder, in one file or in several."""
    base_of("Bart").save_pretrained(folder, **({"max_shard_size": "20KB"} if shards else {}))
    return folder


def loaded(folder: Path, **options: Any) -> Any:
    return BartForConditionalGeneration.from_pretrained(folder, **options)


def test_a_base_in_one_file_is_known_by_that_files_sha256(tmp_path: Path) -> None:
    folder = stored(tmp_path)
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    expected = BaseIdentity("BartForConditionalGeneration", str(folder), None, digest, "file")
    assert identify(loaded(folder)) == expected


def test_a_base_in_shards_is_known_by_the_sha256_of_their_sums(tmp_path: Path) -> None:
    folder = stored(tmp_path, shards=True)
    shards = sorted(folder.glob("*.safetensors"))
    assert len(shards) > 2
    lines = [f"{hashlib.sha256(shard.read_bytes()).hexdigest()}  {shard.name}\n" for shard in shards]
    digest = hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
    found = identify(loaded(folder))
    assert (found.sha256, found.hashed) == (digest, "shards")


def test_a_base_in_memory_is_known_by_its_tensors() -> None:
    found, again = (identify(base_of("Bart")) for _ in range(2))
    assert (found.name, found.commit, found.hashed) == ("", None, "tensors")
    assert found == again


@pytest.mark.parametrize("change", ["value", "kind", "shape"])
def test_any_change_of_a_tensor_is_another_base(change: str) -> None:
    base = base_of("Bart")
    bias = base.final_logits_bias
    if change == "value":
        bias[0, 5] = 1e-7
    elif change == "kind":
        base.final_logits_bias = bias.to(torch.float64)
    else:
        base.final_logits_bias = bias.flatten()
    assert identify(base).sha256 != identify(base_of("Bart")).sha256


@pytest.mark.parametrize("shards", [False, True])
def test_a_copy_of_the_files_is_the_same_base_in_any_precision(tmp_path: Path, shards: bool) -> None:
    folder = stored(tmp_path / "base", shards)
    attached(loaded(folder)).save_pretrained(tmp_path / "unit")
    copied = Path(shutil.copytree(folder, tmp_path / "copy"))
    HMUModel.from_pretrained(tmp_path / "unit", loaded(copied, dtype=torch.bfloat16))


@pytest.mark.parametrize("shards", [False, True])
def test_other_files_are_another_base(tmp_path: Path, shards: bool) -> None:
    folder = stored(tmp_path / "base", shards)
    attached(loaded(folder)).save_pretrained(tmp_path / "unit")
    other = base_of("Bart")
    with torch.no_grad():
        other.model.shared.weight[9, 3] += 1
    other.save_pretrained(tmp_path / "other", **({"max_shard_size": "20KB"} if shards else {}))
    one, two = (identify(loaded(each)).sha256 for each in (folder, tmp_path / "other"))
    with pytest.raises(CheckpointError, match=f"have sha256 {one}, those here have {two}; give the base"):
        HMUModel.from_pretrained(tmp_path / "unit", loaded(tmp_path / "other"))
    with pytest.raises(CheckpointError, match=f"have sha256 {one}, those here have no such file; give the base"):
        HMUModel.from_pretrained(tmp_path / "unit", base_of("Bart"))


def test_a_commit_says_which_base_without_a_sha256() -> None:
    base = base_of("Bart")
    base.config._commit_hash, base.config._name_or_path = COMMIT, "someone/base"
    assert identify(base) == BaseIdentity("BartForConditionalGeneration", "someone/base", COMMIT)


def test_a_named_commit_is_kept_with_the_sha256_of_the_copy(tmp_path: Path) -> None:
    """Any copy of these files will do, whether it knows its commit or not."""
    folder = stored(tmp_path / "base")
    model = attached(loaded(folder), base_name="someone/base", base_commit=COMMIT)
    kept = model.unit().settings.base
    assert (kept.name, kept.commit, kept.hashed) == ("someone/base", COMMIT, "file")
    model.save_pretrained(tmp_path / "unit")
    HMUModel.from_pretrained(tmp_path / "unit", loaded(folder))
    knowing = loaded(folder)
    knowing.config._commit_hash = "d" * 40
    with pytest.raises(CheckpointError, match=f"at commit {COMMIT}, not at {'d' * 40}"):
        HMUModel.from_pretrained(tmp_path / "unit", knowing)


def test_a_second_unit_belongs_to_the_base_of_the_first(tmp_path: Path) -> None:
    """Also where the base is trained in between: its files, not its tensors of now, say which it is."""
    model = mattering(base_of("Bart"))
    with torch.no_grad():
        model.base.model.shared.weight[9, 3] += 1
    model.add_unit("other")
    assert model.unit("other").settings.base == model.unit().settings.base


def test_without_a_base_the_one_that_is_recorded_is_loaded(tmp_path: Path) -> None:
    folder = stored(tmp_path / "base")
    model = mattering(loaded(folder))
    model.save_pretrained(tmp_path / "unit")
    again = HMUModel.from_pretrained(tmp_path / "unit")
    given: dict[str, Any] = {"input_ids": REAL, "decoder_input_ids": LABELS}
    assert type(again.base) is BartForConditionalGeneration
    equal(read(again, **given).logits, read(model, **given).logits)


def test_a_base_without_a_name_must_be_given(tmp_path: Path) -> None:
    attached(base_of("Bart")).save_pretrained(tmp_path / "unit")
    with pytest.raises(CheckpointError, match=r"^unit: made for a base without a name; load it yourself and give it"):
        HMUModel.from_pretrained(tmp_path / "unit")


def test_a_recorded_base_that_is_gone_must_be_given(tmp_path: Path) -> None:
    folder = stored(tmp_path / "base")
    attached(loaded(folder)).save_pretrained(tmp_path / "unit")
    shutil.rmtree(folder)
    with pytest.raises(CheckpointError, match=r"^unit: its base .*/base cannot be loaded .*give it as base=$"):
        HMUModel.from_pretrained(tmp_path / "unit")


def test_one_of_our_own_is_loaded_by_its_name(tmp_path: Path) -> None:
    """`transformers` lacks its class."""
    base_of("MemoryTransformer").save_pretrained(tmp_path / "base")
    model = mattering(MemoryTransformer.from_pretrained(tmp_path / "base"))
    model.save_pretrained(tmp_path / "unit")
    given: dict[str, Any] = {"input_ids": REAL, "decoder_input_ids": LABELS}
    equal(read(HMUModel.from_pretrained(tmp_path / "unit"), **given).logits, read(model, **given).logits)


def test_a_base_of_a_class_that_transformers_lacks_must_be_given(tmp_path: Path) -> None:
    class Stranger(BartForConditionalGeneration):
        """Somebody's own."""

    base = Stranger(base_of("Bart").config)
    base.config._name_or_path = "someone/base"
    attached(base).save_pretrained(tmp_path / "unit")
    with pytest.raises(
        CheckpointError, match="made for a Stranger, which transformers does not have; give it as base="
    ):
        HMUModel.from_pretrained(tmp_path / "unit")
