"""A unit in a folder: what is written, what is read, and what is refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from hmu.errors import CheckpointError
from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import EACH, LABELS, REAL, SHORT, base_of, encoder_of, equal, mattering, read

TOPICS: dict[str, list[str]] = {"topic": ["World", "Sports", "Business"]}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A unit on a tiny T5 made in memory."""
    mattering(base_of("T5"), task_labels=TOPICS, kl_weight=0.25).save_pretrained(tmp_path / "unit")
    return tmp_path / "unit"


@EACH
def test_a_saved_unit_answers_as_it_did(kind: str, tmp_path: Path) -> None:
    base = base_of(kind)
    model = mattering(base, task_labels=TOPICS, kl_weight=0.5, latent_dim=5)
    given: dict[str, Any] = {"input_ids": REAL, "decoder_input_ids": LABELS}
    before = read(model, **given).logits, model.generate(REAL, **SHORT)
    model.save_pretrained(tmp_path)
    again = HMUModel.from_pretrained(tmp_path, base=base)
    assert again.unit().settings == model.unit().settings
    equal((read(again, **given).logits, again.generate(REAL, **SHORT)), before)


@EACH
def test_a_folder_holds_the_unit_and_nothing_of_the_base(kind: str, tmp_path: Path) -> None:
    model = mattering(base_of(kind))
    model.save_pretrained(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["README.md", "hmu.safetensors", "hmu_config.json"]
    written = load_file(tmp_path / "hmu.safetensors")
    equal(written, model.unit().state_dict())
    assert not any(torch.equal(tensor, own) for tensor in written.values() for own in model.base.state_dict().values())


@pytest.mark.parametrize("kind", ["BertModel", "AlbertForSequenceClassification"])
def test_a_saved_unit_on_an_encoder_classifies_as_it_did(kind: str, tmp_path: Path) -> None:
    base = encoder_of(kind)
    model = mattering(base, task_labels=TOPICS if kind == "BertModel" else {})
    model.save_pretrained(tmp_path)
    equal(read(HMUModel.from_pretrained(tmp_path, base=base), REAL).logits, read(model, REAL).logits)


@pytest.mark.parametrize(("trainable", "unit"), [(False, set()), (True, {True})])
@pytest.mark.parametrize(("freeze", "base"), [(True, set()), (False, {True})])
def test_a_loaded_unit_is_read_only_unless_asked(
    saved: Path, trainable: bool, unit: set[bool], freeze: bool, base: set[bool]
) -> None:
    model = HMUModel.from_pretrained(saved, base_of("T5"), is_trainable=trainable, freeze=freeze)
    assert not any(module.training for module in model.modules())
    assert {each.requires_grad for each in model.units.parameters()} == (unit or {False})
    assert {each.requires_grad for each in model.base.parameters()} == (base or {False})


def test_what_is_saved_is_the_same_file_however_often(saved: Path, tmp_path: Path) -> None:
    again = HMUModel.from_pretrained(saved, base_of("T5"))
    again.save_pretrained(tmp_path / "b" / "unit")
    for file in saved.iterdir():
        assert (tmp_path / "b" / "unit" / file.name).read_bytes() == file.read_bytes()


def test_the_card_tells_the_base_the_classes_and_the_size(saved: Path) -> None:
    card, model = (saved / "README.md").read_text(encoding="utf-8"), HMUModel.from_pretrained(saved, base_of("T5"))
    own, whole = (sum(each.numel() for each in part.parameters()) for part in (model.units, model.base))
    assert f"**{own:,} parameters**, {own / whole:.2%} of the base's {whole:,}." in card
    assert "- topic: World, Sports, Business\n" in card
    assert f"`T5ForConditionalGeneration`, weights (tensors) with sha256 `{model.unit().settings.base.sha256}`" in card


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


def overwritten(text: str) -> Callable[[Path], object]:
    return lambda file: file.write_bytes(text.encode())


def changed(**values: Any) -> Callable[[Path], None]:
    """hmu_config.json with other values; a value of None takes the field away."""

    def change(file: Path) -> None:
        fields = json.loads(file.read_text(encoding="utf-8")) | values
        file.write_text(json.dumps({name: value for name, value in fields.items() if value is not None}))

    return change


def retold(change: Callable[[dict[str, torch.Tensor]], Any]) -> Callable[[Path], None]:
    """hmu.safetensors with other tensors."""

    def rewrite(file: Path) -> None:
        tensors = load_file(file)
        change(tensors)
        save_file(tensors, file)

    return rewrite


WEIGHTS, CONFIG = "hmu.safetensors", "hmu_config.json"


@pytest.mark.parametrize(
    ("file", "damage", "told"),
    [
        (WEIGHTS, Path.unlink, r"hmu.safetensors: .*the file is missing, cut or damaged: copy it again"),
        (WEIGHTS, cut, r"hmu.safetensors: .*the file is missing, cut or damaged: copy it again"),
        (WEIGHTS, overwritten("pickle"), r"hmu.safetensors: .*the file is missing, cut or damaged: copy it again"),
        (WEIGHTS, overwritten(""), r"hmu.safetensors: .*the file is missing, cut or damaged: copy it again"),
        (WEIGHTS, retold(lambda all_: all_.pop("memory.alpha")), r'"memory.alpha": no such tensor, .* asks for \[\]'),
        (WEIGHTS, retold(lambda all_: all_.update(more=torch.ones(2))), r'"more": \[2\], .* asks for no such tensor'),
        (CONFIG, changed(latent_dim=3), r'"memory.latent.decode.weight": \[16, 8\], .* asks for \[16, 3\]'),
        (CONFIG, Path.unlink, r"hmu_config.json: missing; give a folder that HMUModel.save_pretrained has written"),
        (CONFIG, cut, r"hmu_config.json: .*correct it or copy it again"),
        (CONFIG, overwritten("[]"), r"hmu_config.json: .*correct it or copy it again"),
        (CONFIG, overwritten("{}"), r"hmu_config.json: 'base'; a field is missing or unknown; correct it"),
        (CONFIG, overwritten("\xff"), r"hmu_config.json: .*correct it or copy it again"),
        (CONFIG, changed(colour="red"), "hmu_config.json: unknown field colour; correct it or copy it again"),
        (CONFIG, changed(base={"architecture": "T5", "colour": 1}), "hmu_config.json: .*'colour'; a field is missing"),
        (CONFIG, changed(base=5), "hmu_config.json: .*; a field is missing or unknown; correct it"),
        (CONFIG, changed(width="16"), "hmu_config.json: unit: width '16'; give a whole number ≥ 1; correct it"),
        (CONFIG, changed(width=True), "hmu_config.json: unit: width True; give a whole number ≥ 1; correct it"),
        (CONFIG, changed(width=24), "unit: made for width 24, this base has 16; give the base that it was made for"),
        (CONFIG, changed(memory="none"), 'hmu_config.json: unit: memory "none" is none that can be plugged in'),
        (CONFIG, changed(start="late"), 'hmu_config.json: unit: start "late" is unknown; choose one of identity, pub'),
        (CONFIG, changed(kl_weight=-1), "hmu_config.json: unit: kl_weight -1; give a number ≥ 0"),
        (CONFIG, changed(task_labels=["topic"]), "hmu_config.json: .*correct it or copy it again"),
        (
            CONFIG,
            changed(task_labels={"topic": ["a"]}),
            r'unit: task "topic" with classes \[\'a\'\]; give a plain name',
        ),
    ],
)
def test_a_damaged_folder_is_refused_by_the_name_of_what_is_wrong(
    saved: Path, file: str, damage: Callable[[Path], object], told: str
) -> None:
    damage(saved / file)
    with pytest.raises(CheckpointError, match=told):
        HMUModel.from_pretrained(saved, base_of("T5"))


def test_a_folder_of_something_else_is_refused(saved: Path, tmp_path: Path) -> None:
    shutil.rmtree(saved)
    saved.mkdir()
    with pytest.raises(CheckpointError, match=r"unit/hmu_config.json: missing"):
        HMUModel.from_pretrained(saved)
