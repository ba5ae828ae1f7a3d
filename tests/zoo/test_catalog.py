import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import hmu
from hmu import TASKS, MemoryTransformer, MemoryTransformerConfig
from hmu.tasks.synthetic import SYNTHETIC, VOCABULARY
from hmu.training.synthetic import synthetic_tokenizer
from hmu.training.trainer import save_checkpoint
from zoo.catalog import Catalog, Entry, FileRecord, ZooError, read_catalog, write_catalog
from zoo.record import record, scan


def test_a_written_catalog_reads_back_the_same(catalog: Catalog) -> None:
    write_catalog(catalog)
    assert read_catalog(catalog.root) == catalog


def test_a_folder_without_a_catalog_lists_what_lies_there(catalog: Catalog) -> None:
    (catalog.root / "catalog.json").unlink()
    untitled = tuple(replace(entry, title="tiny") for entry in catalog.entries)
    assert read_catalog(catalog.root).entries == untitled


def test_checkpoints_need_no_folder_around_them(catalog: Catalog) -> None:
    found = read_catalog(catalog.root / "checkpoints")
    assert [(entry.id, entry.path) for entry in found.entries] == [(entry.id, entry.id) for entry in catalog.entries]


def test_a_checkpoint_folder_is_a_zoo_of_one(catalog: Catalog) -> None:
    (only,) = read_catalog(catalog.root / "checkpoints" / "tiny-hmu").entries
    assert (only.id, only.pair, only.arm, only.path) == ("tiny-hmu", "tiny", "hmu", ".")


def test_parameters_are_the_sum_over_the_modules_of_the_loaded_model(catalog: Catalog) -> None:
    for entry in catalog.entries:
        model = hmu.load_checkpoint(catalog.root / str(entry.path), device="cpu").model
        owned = {id(p): p.numel() for module in model.modules() for p in module.parameters(recurse=False)}
        assert entry.parameters == sum(owned.values())


def test_tasks_come_in_the_order_they_are_shown(catalog: Catalog) -> None:
    assert {entry.tasks for entry in catalog.entries} == {("common_gen", "ag_news", "sst2")}


def test_a_pair_puts_its_baseline_first_wherever_the_catalog_has_it(catalog: Catalog) -> None:
    (pair,) = Catalog(catalog.root, catalog.entries[::-1]).pairs()
    assert (pair.name, pair.title, pair.baseline, pair.memory_arm) == ("tiny", "Tiny", *catalog.entries)


def test_a_pair_may_have_a_third_arm(catalog: Catalog) -> None:
    third = replace(catalog.find("tiny-hmu"), id="tiny-ungated", arm="ungated", tasks=("sst2",))
    (pair,) = Catalog(catalog.root, (*catalog.entries, third)).pairs()
    assert (pair.arms, pair.tasks) == ((*catalog.entries, third), ("sst2",))


def test_another_arm_of_one_memory_is_told_by_its_name(catalog: Catalog) -> None:
    folder = catalog.root / "checkpoints" / "tiny-hmu"
    shutil.copytree(folder, folder.with_name("tiny-hmu_published"))
    third = record(catalog.root).find("tiny-hmu_published")
    assert (third.pair, third.arm, third.memory) == ("tiny", "hmu_published", "hmu")


def test_a_lone_checkpoint_is_no_pair_but_is_found(catalog: Catalog) -> None:
    alone = Catalog(catalog.root, catalog.entries[1:])
    assert (alone.pairs(), alone.find("tiny-hmu")) == ((), catalog.entries[1])


def test_an_unknown_id_names_the_known_ones(catalog: Catalog) -> None:
    with pytest.raises(ZooError, match=r'"nobody" is unknown.*tiny-baseline, tiny-hmu'):
        catalog.find("nobody")


def test_an_id_that_is_there_twice_is_refused(catalog: Catalog) -> None:
    with pytest.raises(ZooError, match="id tiny-hmu is there twice"):
        Catalog(catalog.root, (*catalog.entries, replace(catalog.entries[1], arm="other")))


def test_a_guest_comes_last_and_leaves_the_catalog_as_it_was(catalog: Catalog, tmp_path: Path) -> None:
    before = catalog.entries
    guest = replace(changed(catalog.entries[1]), id="guest", path="folder")
    grown = catalog.with_guests([guest], tmp_path)
    assert (catalog.entries, grown.entries[:-1], grown.pairs()) == (before, before, catalog.pairs())
    assert (grown.entries[-1].id, grown.place_of(grown.entries[-1])) == ("guest", str(tmp_path / "folder"))
    assert [grown.place_of(entry) for entry in before] == [catalog.place_of(entry) for entry in before]


@pytest.mark.parametrize("name", ["tiny-hmu", "tiny"])
def test_a_guest_with_the_name_of_a_checkpoint_or_pair_gets_one_of_its_own(catalog: Catalog, name: str) -> None:
    guest = replace(changed(catalog.entries[1]), id=name)
    found = catalog.with_guests([guest]).entries[-1]
    assert (found.id, found.pair, found.title) == (f"{name}-{guest.sha256[:7]}",) * 3


def test_a_guest_whose_names_are_all_taken_is_refused(catalog: Catalog) -> None:
    guest = changed(catalog.entries[1])
    squatter = replace(catalog.entries[1], id=f"{guest.id}-{guest.sha256[:7]}", pair="other")
    with pytest.raises(ZooError, match="the name is taken; copy the checkpoint"):
        Catalog(catalog.root, (*catalog.entries, squatter)).with_guests([guest])


def test_the_same_files_are_no_second_guest(catalog: Catalog) -> None:
    with pytest.raises(ZooError, match='the same files are here as "tiny-hmu"'):
        catalog.with_guests([replace(catalog.entries[1], id="another")])


def changed(entry: Entry) -> Entry:
    """The same checkpoint with one file of the same size and other content."""
    first, *others = entry.files
    return replace(entry, files=(replace(first, sha256="0" * 64), *others))


@pytest.mark.parametrize("name", ["../config.json", "/etc/config.json", "a/b.json", "model.bin", ".json", "a*.json"])
def test_a_file_name_that_leads_elsewhere_or_is_no_kept_kind_is_refused(name: str) -> None:
    with pytest.raises(ZooError, match="plain names"):
        FileRecord(name, "0" * 64, 1)


@pytest.mark.parametrize("path", ["../tiny-hmu", "/tmp", "checkpoints/../../x", "a//b"])
def test_a_path_out_of_the_zoo_is_refused(catalog: Catalog, path: str) -> None:
    with pytest.raises(ZooError, match="leads out of the zoo"):
        replace(catalog.entries[0], path=path)


@pytest.mark.parametrize("revision", [None, "main", "v1.0", "a1b2c3d", "A" * 40])
def test_a_repository_without_a_pinned_commit_is_refused(catalog: Catalog, revision: str | None) -> None:
    with pytest.raises(ZooError, match="not pinned"):
        replace(catalog.entries[0], repo="someone/tiny", revision=revision)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": None}, "expected string"),
        ({"colour": "red"}, "colour"),
        ({"files": [{"name": "config.json"}]}, "sha256"),
        ({"sha256": "0" * 64}, "sha256 is not that of the files"),
        ({"bytes": 1}, "not the sum"),
        ({"parameters": "many"}, "not a count"),
        ({"path": 7}, "'int'.* correct the field"),
    ],
)
def test_a_wrong_field_is_an_error_that_names_file_and_field(root: Path, change: dict[str, object], told: str) -> None:
    file = root / "catalog.json"
    values = json.loads(file.read_text())
    file.write_text(json.dumps([values[0] | change, *values[1:]]))
    with pytest.raises(ZooError, match=rf"catalog\.json: .*{told}"):
        read_catalog(root)


@pytest.mark.parametrize("text", ["", "{", "{}", "3", "[3]", "[{}]"])
def test_a_catalog_that_is_none_is_one_error(root: Path, text: str) -> None:
    (root / "catalog.json").write_text(text)
    with pytest.raises(ZooError, match=r"catalog\.json: "):
        read_catalog(root)


def test_an_empty_catalog_lists_nothing(tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_text("[]\n")
    assert (read_catalog(tmp_path).entries, read_catalog(tmp_path).pairs()) == ((), ())


def test_a_folder_without_checkpoints_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZooError, match=r"neither catalog\.json nor a checkpoint"):
        read_catalog(tmp_path)


def test_recording_again_keeps_what_a_person_wrote(catalog: Catalog) -> None:
    told = tuple(replace(entry, title="Ours", tasks=("ag_news",), pair="p") for entry in catalog.entries)
    write_catalog(Catalog(catalog.root, told))
    assert record(catalog.root).entries == told


def test_a_place_on_the_hub_is_kept_only_while_the_bytes_are_the_same(catalog: Catalog) -> None:
    baseline, unit = (replace(entry, repo="someone/tiny", revision="0" * 40) for entry in catalog.entries)
    write_catalog(Catalog(catalog.root, (baseline, unit)))
    settings = catalog.root / str(unit.path) / "generation_config.json"
    settings.write_text(settings.read_text() + "\n")
    assert [entry.repo for entry in record(catalog.root).entries] == ["someone/tiny", None]


def test_new_checkpoints_take_what_the_command_says(root: Path) -> None:
    (root / "catalog.json").unlink()
    (first, _) = record(root, tasks=["sst2", "common_gen"], pair="p").entries
    assert (first.tasks, first.pair, first.title) == (("common_gen", "sst2"), "p", "p")


def test_a_checkpoint_of_the_synthetic_tasks_is_known_by_its_vocabulary(tmp_path: Path) -> None:
    config = MemoryTransformerConfig(vocab_size=VOCABULARY, d_model=16, num_heads=2, d_ff=32, memory="none")
    save_checkpoint(MemoryTransformer(config), synthetic_tokenizer(64), tmp_path / "random-baseline")
    catalog = record(tmp_path)
    assert [entry.tasks for entry in catalog.entries] == [(SYNTHETIC,)]
    assert (catalog.knowing([SYNTHETIC]), catalog.knowing(TASKS).entries) == (catalog, ())


def test_a_task_without_a_head_is_not_recorded(root: Path) -> None:
    (root / "catalog.json").unlink()
    config = root / "checkpoints" / "tiny-hmu" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"task_labels": {}}))
    with pytest.raises(ValueError, match="unexpected tensor"):
        record(root, tasks=["sst2"])
    assert not (root / "catalog.json").exists()


def test_a_config_that_describes_no_model_is_named(root: Path) -> None:
    (root / "checkpoints" / "tiny-hmu" / "config.json").write_text('{"model_type": "memory_transformer", "d_model": 0}')
    with pytest.raises(ZooError, match=r"tiny-hmu/config\.json: describes no model"):
        scan(root)
