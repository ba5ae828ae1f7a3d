"""Units added while the page is open: each brings a pair, and its base where that is not here yet. No network."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from transformers import T5ForConditionalGeneration

from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.looking import look
from app.handlers.writing import write
from app.handlers.zoo import add_folder, add_hub, cards
from hmu import CheckpointError, Decoding, load_checkpoint
from hmu.plugin import HMUModel
from tests.app.support_hub import stand_in
from tests.hmu.plugin.support_plugin import base_of, stir, words
from zoo.admit import admit_folder
from zoo.catalog import BASE, ZooError

COMMIT, UNITS = "0123456789abcdef0123456789abcdef01234567", "d" * 40
BASE_FILES = {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)


@pytest.fixture
def sentences(tmp_path: Path) -> Path:
    """A unit on someone/tiny-t5, which it knows by the commit alone."""
    base = base_of("T5")
    base.config._name_or_path, base.config._commit_hash = "someone/tiny-t5", COMMIT
    return saved(HMUModel.from_base(base, task="common_gen"), tmp_path / "sentences")


@pytest.fixture
def hub(sentences: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """someone/tiny-t5 and someone/my-unit, each at a commit; what comes is repository → the files fetched."""
    for part in (base_of("T5"), words()):
        part.save_pretrained(tmp_path / "hub" / "t5")
    (tmp_path / "hub" / "t5" / "pytorch_model.bin").write_bytes(b"pickle")
    shutil.copytree(sentences, tmp_path / "hub" / "unit")
    (tmp_path / "hub" / "unit" / "trainer.json").write_text("{}", encoding="utf-8")
    there = {
        ("someone/tiny-t5", COMMIT): tmp_path / "hub" / "t5",
        ("someone/my-unit", UNITS): tmp_path / "hub" / "unit",
    }
    fetched: dict[str, list[str]] = {}

    stand_in(
        monkeypatch,
        tmp_path / "cache",
        lambda repo, commit: there[repo, commit],
        lambda repo, name: fetched.setdefault(repo, []).append(name),
    )
    return fetched


def saved(model: HMUModel, folder: Path) -> Path:
    stir(model, "default", seed=3)
    model.save_pretrained(folder)
    return folder


def unit_on(baseline: Path, folder: Path, **settings: Any) -> Path:
    """A unit on one of this project's own."""
    return saved(HMUModel.from_base(load_checkpoint(baseline, "cpu", "fp32").model, **settings), folder)


def said(desk: Desk, checkpoint: str, text: str) -> str:
    *_, last = write(desk, Ask(checkpoint, "common_gen", text), Decoding(max_new_tokens=6))
    return last.text


def test_a_unit_on_a_model_that_is_here_becomes_a_pair(desk: Desk, baseline_folder: Path, tmp_path: Path) -> None:
    before = desk.catalog.entries
    entry = add_folder(desk, str(unit_on(baseline_folder, tmp_path / "mine", task="common_gen")))
    off, on = desk.catalog.entries[len(before) :]
    assert (on, off.id, on.id, off.tasks) == (entry, "mine-baseline", "mine-hmu", ("common_gen",))
    assert [pair.arms for pair in desk.catalog.pairs() if pair.name == "mine"] == [(off, on)]
    assert said(desk, off.id, "dog, ball") == said(desk, off.base or "", "dog, ball")
    shown = [look(desk, Ask(name, "common_gen", "dog, ball")).gate for name in (off.id, on.id)]
    assert shown[0] is None
    assert shown[1] is not None
    assert {card.id: card.source for card in cards(desk)[-2:]} == {"mine-baseline": "mine", "mine-hmu": "mine"}


def test_a_unit_of_a_pairs_name_gets_one_of_its_own(desk: Desk, baseline_folder: Path, tmp_path: Path) -> None:
    entry = add_folder(desk, str(unit_on(baseline_folder, tmp_path / "answers", task="common_gen")))
    name = f"answers-{entry.sha256[:7]}"
    assert (entry.pair, entry.id) == (name, f"{name}-hmu")
    with pytest.raises(ZooError, match=f'the same files are here as "{name}-baseline"'):
        add_folder(desk, str(tmp_path / "answers"))


def test_the_base_of_a_folders_unit_is_fetched_at_the_units_commit(
    desk: Desk, sentences: Path, hub: dict[str, list[str]]
) -> None:
    before = desk.catalog.entries
    entry = add_folder(desk, str(sentences))
    base, off, on = desk.catalog.entries[len(before) :]
    assert (base.id, base.repo, base.revision, base.path, base.tasks) == (
        "tiny-t5",
        "someone/tiny-t5",
        COMMIT,
        None,
        (),
    )
    assert (off.base, on.base, entry) == (base.id, base.id, on)
    assert set(hub["someone/tiny-t5"]) == BASE_FILES
    texts = [said(desk, name, "w7, dog") for name in (off.id, on.id)]
    assert texts[0] != texts[1]


def test_a_unit_of_the_hub_brings_its_base_once(
    desk: Desk, sentences: Path, hub: dict[str, list[str]], tmp_path: Path
) -> None:
    entry = add_hub(desk, "someone/my-unit", UNITS)
    assert (entry.id, entry.repo, entry.revision, entry.path) == ("my-unit-hmu", "someone/my-unit", UNITS, None)
    assert set(hub["someone/my-unit"]) == {"hmu_config.json", "hmu.safetensors"}
    assert cards(desk)[-1].source == f"someone/my-unit@{UNITS}"
    assert said(desk, entry.id, "w7, dog")
    count = len(desk.catalog.entries)
    base = T5ForConditionalGeneration.from_pretrained(tmp_path / "hub" / "t5")
    base.config._name_or_path, base.config._commit_hash = "someone/tiny-t5", COMMIT
    other = HMUModel.from_base(base, latent_dim=4, task="common_gen")
    other.save_pretrained(tmp_path / "other")
    add_folder(desk, str(tmp_path / "other"))
    assert len(desk.catalog.entries) == count + 2


def test_a_repository_with_half_a_unit_is_none(desk: Desk, hub: dict[str, list[str]], tmp_path: Path) -> None:
    (tmp_path / "hub" / "unit" / "hmu.safetensors").unlink()
    with pytest.raises(ZooError, match=r"someone/my-unit at d{40}: no checkpoint, .* and no unit"):
        add_hub(desk, "someone/my-unit", UNITS)
    assert hub == {}


def test_a_base_that_is_nowhere_is_named(desk: Desk, tmp_path: Path) -> None:
    folder = saved(HMUModel.from_base(base_of("T5"), task="common_gen"), tmp_path / "stray")
    with pytest.raises(
        ZooError, match=r"its base T5ForConditionalGeneration \(sha256 \w{64}\) is not in the catalog; add"
    ):
        add_folder(desk, str(folder))


def test_a_base_of_this_projects_own_is_to_be_added_first(desk: Desk, baseline_folder: Path, tmp_path: Path) -> None:
    folder = unit_on(baseline_folder, tmp_path / "mine", task="common_gen")
    settings = json.loads((folder / "hmu_config.json").read_text())
    settings["base"] |= {"name": "someone/ours", "commit": COMMIT, "sha256": None, "hashed": None}
    (folder / "hmu_config.json").write_text(json.dumps(settings))
    with pytest.raises(
        ZooError, match=f"someone/ours at {COMMIT} is one of this project's and not here; add that first"
    ):
        add_folder(desk, str(folder))


def test_a_base_that_lacks_a_file_or_is_too_large_is_refused(
    desk: Desk, sentences: Path, hub: dict[str, list[str]], tmp_path: Path
) -> None:
    desk.touch.limit_bytes = 40_000
    with pytest.raises(ZooError, match=rf"someone/tiny-t5 at {COMMIT}: [\d,]+ bytes, at most 40,000 are taken"):
        add_folder(desk, str(sentences))
    (tmp_path / "hub" / "t5" / "tokenizer.json").unlink()
    with pytest.raises(ZooError, match=r"no tokenizer.json, and a base for units needs config.json, model"):
        add_folder(desk, str(sentences))
    assert hub == {}


def test_a_unit_named_like_its_base_stands_beside_it(desk: Desk, sentences: Path, hub: dict[str, list[str]]) -> None:
    entry = add_folder(desk, str(sentences.rename(sentences.parent / "tiny-t5")))
    name = f"tiny-t5-{entry.sha256[:7]}"
    assert (entry.pair, entry.base) == (name, "tiny-t5")
    (pair,) = (one for one in desk.catalog.pairs() if "tiny-t5" in one.name)
    assert [arm.id for arm in pair.arms] == [f"{name}-baseline", f"{name}-hmu"]


def test_a_base_that_another_visitor_brought_meanwhile_is_that_one(
    desk: Desk, sentences: Path, hub: dict[str, list[str]], tmp_path: Path
) -> None:
    found = admit_folder(sentences, 2**30, desk.catalog.entries)
    base, *arms = admit_folder(Path(shutil.copytree(sentences, tmp_path / "later")), 2**30, desk.catalog.entries)
    others = [replace(one, files=tuple(replace(file, sha256="0" * 64) for file in one.files)) for one in arms]
    grown = desk.catalog.with_guests(found, tmp_path).with_guests([base, *others], tmp_path)
    assert [one.id for one in grown.entries if one.arm == BASE] == ["tiny-t5"]
    assert {one.base for one in grown.entries[-4:]} == {"tiny-t5"}
    elsewhere = grown.with_guests([replace(base, revision="e" * 40)])
    assert elsewhere.entries[-1].id == f"tiny-t5-{base.sha256[:7]}"


@pytest.mark.parametrize(
    ("field", "value"),
    [("width", 10**9), ("task", ["x"]), ("base", {"name": None}), ("base", {"commit": 5}), ("memory", ["hmu"])],
)
def test_settings_that_are_none_are_told_in_one_line(
    desk: Desk, baseline_folder: Path, tmp_path: Path, field: str, value: Any
) -> None:
    folder = unit_on(baseline_folder, tmp_path / "mine", task="common_gen")
    settings = json.loads((folder / "hmu_config.json").read_text())
    wrong = settings[field] | value if isinstance(value, dict) else value
    (folder / "hmu_config.json").write_text(json.dumps(settings | {field: wrong}))
    with pytest.raises(CheckpointError, match=r"hmu_config\.json"):
        add_folder(desk, str(folder))


@pytest.mark.parametrize("task", ["", "summarize"])
def test_a_unit_for_nothing_that_can_be_asked_is_refused(
    desk: Desk, baseline_folder: Path, tmp_path: Path, task: str
) -> None:
    with pytest.raises(ZooError, match="mine: a unit for no task that can be asked here; give one for any of "):
        add_folder(desk, str(unit_on(baseline_folder, tmp_path / "mine", task=task)))


def test_damaged_settings_or_weights_offer_nothing(desk: Desk, baseline_folder: Path, tmp_path: Path) -> None:
    before = desk.catalog
    folder = unit_on(baseline_folder, tmp_path / "mine", task="common_gen")
    weights = (folder / "hmu.safetensors").read_bytes()
    (folder / "hmu.safetensors").write_bytes(weights[:-8])
    with pytest.raises(CheckpointError, match=r"hmu.safetensors: .*the file is missing, cut or damaged"):
        add_folder(desk, str(folder))
    (folder / "hmu.safetensors").write_bytes(weights)
    settings = json.loads((folder / "hmu_config.json").read_text())
    (folder / "hmu_config.json").write_text(json.dumps(settings | {"width": 99}))
    with pytest.raises(CheckpointError, match=r"hmu_config.json asks for"):
        add_folder(desk, str(folder))
    (folder / "hmu_config.json").write_text("{")
    with pytest.raises(CheckpointError, match=r"hmu_config.json: .*correct it or copy it again"):
        add_folder(desk, str(folder))
    assert desk.catalog is before
