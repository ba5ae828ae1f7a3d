"""Units in the zoo: two arms of the same files on one base, in memory once."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from hmu import Controls, Decoding, class_probabilities, read, remember, stream
from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import base_of, stir, words
from tests.zoo.conftest import COMMIT
from zoo.catalog import BASE, Catalog, ZooError, read_catalog, write_catalog
from zoo.cli import main
from zoo.load import load
from zoo.record import record, record_base
from zoo.shelf import Shelf, size_of
from zoo.store import is_here, verify, within_reach

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "film", "dull", "funny")


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """Somebody else's encoder, in a folder outside the zoo."""
    folder = tmp_path / "tiny-bert"
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(WORDS), **sizes)).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


@pytest.fixture
def with_units(root: Path, encoder: Path) -> Path:
    """A zoo with a unit for its own baseline and one for the encoder, which lies in its bases/."""
    record_base(root, encoder, "someone/tiny-bert", COMMIT)
    ours = load(read_catalog(root).find("tiny-baseline"), read_catalog(root), "cpu", "fp32").model
    HMUModel.from_base(ours, task="roc_stories").save_pretrained(root / "checkpoints" / "stories")
    theirs = BertModel.from_pretrained(encoder)
    labels = {"sst2": ["negative", "positive"]}
    HMUModel.from_base(theirs, task_labels=labels).save_pretrained(root / "checkpoints" / "reviews")
    shutil.copytree(encoder, root / "bases" / "tiny-bert", ignore=shutil.ignore_patterns("vocab.txt", "special*"))
    record(root)
    return root


def test_a_unit_is_recorded_as_a_pair_of_the_same_files(with_units: Path) -> None:
    catalog = read_catalog(with_units)
    for name, base, tasks in (("stories", "tiny-baseline", ("roc_stories",)), ("reviews", "tiny-bert", ("sst2",))):
        off, on = catalog.find(f"{name}-baseline"), catalog.find(f"{name}-hmu")
        assert (off.base, on.base, off.tasks, on.tasks) == (base, base, tasks, tasks)
        assert off.files == on.files
        assert off.sha256 == on.sha256
        assert (off.memory, on.memory) == ("none", "hmu")
        assert [pair.name for pair in catalog.pairs() if off in pair.arms] == [name]


def test_parameters_are_the_bases_and_what_is_read_of_the_unit(with_units: Path) -> None:
    catalog = read_catalog(with_units)
    for name in ("stories-baseline", "stories-hmu", "reviews-baseline", "reviews-hmu"):
        model = load(catalog.find(name), catalog, "cpu", "fp32").model
        assert catalog.find(name).parameters == sum(each.numel() for each in model.parameters())


def test_recording_again_changes_nothing(with_units: Path) -> None:
    before = (with_units / "catalog.json").read_bytes()
    record(with_units)
    assert (with_units / "catalog.json").read_bytes() == before


def test_the_shelf_holds_a_base_once(with_units: Path) -> None:
    shelf = Shelf(read_catalog(with_units), "cpu", "fp32")
    off, on = shelf.get("reviews-baseline"), shelf.get("reviews-hmu")
    base = shelf.get("tiny-bert")
    assert on.model.base is off.model.base is base.model.base
    assert shelf.bytes_held() < size_of(base) + size_of(on)
    assert set(shelf.loaded()) == {"tiny-bert", "reviews-baseline", "reviews-hmu"}


def test_what_one_asks_is_answered_with_the_unit_and_without(with_units: Path) -> None:
    shelf = Shelf(read_catalog(with_units), "cpu", "fp32")
    shares = []
    for name in ("reviews-baseline", "reviews-hmu"):
        checkpoint = shelf.get(name)
        remembered = remember(checkpoint, read(checkpoint, "sst2", "a dull film"), Controls())
        shares.append(class_probabilities(checkpoint, remembered, "sst2"))
    assert shares[0] == pytest.approx(shares[1], abs=1e-6)  # a fresh unit changes nothing
    assert sum(shares[0].values()) == pytest.approx(1)


def test_a_catalog_without_a_units_base_is_refused(with_units: Path) -> None:
    entries = tuple(entry for entry in read_catalog(with_units).entries if entry.id != "tiny-bert")
    write_catalog(Catalog(with_units, entries))
    with pytest.raises(ZooError, match='its base "tiny-bert" is not in the catalog'):
        read_catalog(with_units)


def test_a_unit_whose_base_is_unknown_is_not_recorded(root: Path, encoder: Path) -> None:
    HMUModel.from_base(BertModel.from_pretrained(encoder)).save_pretrained(root / "checkpoints" / "stray")
    with pytest.raises(ZooError, match=r"stray: its base .*tiny-bert.* is not in the catalog"):
        record(root)


def test_what_is_nowhere_cannot_be_had(with_units: Path) -> None:
    catalog = read_catalog(with_units)
    assert within_reach(catalog) == catalog
    shutil.rmtree(with_units / "bases")
    assert not is_here(catalog.find("tiny-bert"), catalog)
    left = {entry.id for entry in within_reach(catalog).entries}  # the tests are offline
    assert left == {"tiny-baseline", "tiny-hmu", "stories-baseline", "stories-hmu"}


def test_what_the_hub_gives_can_be_had(with_units: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(with_units / "bases")
    asked = []

    def model_info(repo: str, revision: str, timeout: float) -> str:
        asked.append((repo, revision))
        return "known"

    monkeypatch.setattr("zoo.store.model_info", model_info)
    catalog = read_catalog(with_units)
    assert within_reach(catalog) == catalog
    assert asked == [("someone/tiny-bert", COMMIT)]


def test_of_an_encoder_in_the_hubs_cache_only_what_is_recorded_is_compared(
    with_units: Path, encoder: Path, tmp_path: Path
) -> None:
    entry = read_catalog(with_units).find("tiny-bert")
    cached = Path(shutil.copytree(encoder, tmp_path / "snapshots" / COMMIT))
    assert {"vocab.txt"} < {file.name for file in cached.iterdir()}
    verify(entry, cached)
    with pytest.raises(ZooError, match=r"vocab\.txt: not in the catalog's list"):
        verify(entry, encoder)
    (cached / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ZooError, match=r"tokenizer\.json: 2 bytes"):
        verify(entry, cached)


def test_verify_knows_units_and_passes_over_a_base_that_is_not_here(
    with_units: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(with_units / "bases")
    assert main(["verify", "--zoo", str(with_units)]) == 0
    (with_units / "checkpoints" / "reviews" / "hmu.safetensors").write_bytes(b"cut")
    capsys.readouterr()
    assert main(["verify", "--zoo", str(with_units)]) == 2
    assert capsys.readouterr().err.count("hmu.safetensors: 3 bytes, the catalog says") == 2


@pytest.fixture
def with_writer(root: Path, tmp_path: Path) -> Path:
    """A zoo with a unit for somebody else's T5, which it knows by the commit that it was fetched at alone."""
    folder = root / "bases" / "tiny-t5"
    base = base_of("T5")
    base.save_pretrained(folder)
    words().save_pretrained(folder)
    record_base(root, folder, "someone/tiny-t5", COMMIT)
    base.config._name_or_path, base.config._commit_hash = "someone/tiny-t5", COMMIT
    model = HMUModel.from_base(base, task="common_gen")
    assert model.unit().settings.base.sha256 is None
    stir(model, "default", seed=3)
    model.save_pretrained(root / "checkpoints" / "sentences")
    record(root)
    return root


def test_somebody_elses_encoder_decoder_writes_with_the_unit_and_without(with_writer: Path) -> None:
    catalog = read_catalog(with_writer)
    names = {file.name for file in catalog.find("tiny-t5").files}
    assert names == {
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    shelf = Shelf(catalog, "cpu", "fp32")
    off, on = shelf.get("sentences-baseline"), shelf.get("sentences-hmu")
    assert on.model.base is off.model.base is shelf.get("tiny-t5").model.base
    texts = []
    for checkpoint, entry in ((off, "sentences-baseline"), (on, "sentences-hmu")):
        assert catalog.find(entry).tasks == ("common_gen",)
        assert catalog.find(entry).parameters == sum(each.numel() for each in checkpoint.model.parameters())
        remembered = remember(checkpoint, read(checkpoint, "common_gen", "w7, dog"), Controls())
        texts.append([step.token for step in stream(checkpoint, remembered, Decoding(max_new_tokens=6))])
    assert texts[0] != texts[1]


def test_a_unit_of_another_commit_of_the_base_is_not_recorded(with_writer: Path) -> None:
    file = with_writer / "checkpoints" / "sentences" / "hmu_config.json"
    file.write_text(file.read_text(encoding="utf-8").replace(COMMIT, COMMIT[::-1]), encoding="utf-8")
    with pytest.raises(ZooError, match=rf"its base someone/tiny-t5 \(commit {COMMIT[::-1]}\) is not in the catalog"):
        record(with_writer)


def test_a_changed_base_is_refused(with_units: Path) -> None:
    file = with_units / "bases" / "tiny-bert" / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    catalog = read_catalog(with_units)
    with pytest.raises(ZooError, match="is damaged or changed"):
        load(catalog.find("reviews-hmu"), catalog, "cpu", "fp32")


def test_a_base_comes_from_a_whole_copy_at_a_commit(root: Path, encoder: Path) -> None:
    with pytest.raises(ZooError, match="is not pinned; set revision to a commit"):
        record_base(root, encoder, "someone/tiny-bert", "main")
    (encoder / "tokenizer.json").unlink()
    with pytest.raises(ZooError, match=r"no tokenizer.json; give a whole copy of someone/tiny-bert"):
        record_base(root, encoder, "someone/tiny-bert", COMMIT)


def test_a_base_answers_nothing_by_itself(with_units: Path) -> None:
    catalog = read_catalog(with_units)
    base = catalog.find("tiny-bert")
    assert (base.arm, base.tasks) == (BASE, ())
    assert base not in catalog.knowing(["sst2", "roc_stories", "common_gen"]).entries
    assert replace(base, arm="baseline").pair not in {pair.name for pair in catalog.pairs()}
