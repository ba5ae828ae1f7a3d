import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Event
from typing import Any
from weakref import ref

import pytest
import torch
from transformers import PreTrainedModel

import hmu
from zoo import shelf as shelf_module
from zoo.catalog import Catalog, Entry, ZooError
from zoo.load import load
from zoo.shelf import Shelf, size_of

Loader = Callable[..., hmu.Checkpoint]


@pytest.fixture
def many(catalog: Catalog) -> Catalog:
    """Three ids of one size."""
    first = catalog.find("tiny-baseline")
    return Catalog(catalog.root, tuple(replace(first, id=name, pair=name) for name in "abc"))


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that were loaded, in order."""
    seen: list[str] = []

    def counted(entry: Entry, catalog: Catalog, *options: Any) -> hmu.Checkpoint:
        seen.append(entry.id)
        time.sleep(0.05)
        return load(entry, catalog, *options)

    monkeypatch.setattr(shelf_module, "load", counted)
    return seen


@pytest.fixture
def size(catalog: Catalog) -> int:
    return size_of(load(catalog.find("tiny-baseline"), catalog, "cpu", "fp32"))


def test_threads_that_ask_for_one_model_load_it_once(catalog: Catalog, loads: list[str]) -> None:
    shelf, start = Shelf(catalog, "cpu"), Barrier(4)

    def ask(_: int) -> hmu.Checkpoint:
        start.wait()
        return shelf.get("tiny-hmu")

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(ask, range(4)))
    assert (loads, {id(checkpoint.model) for checkpoint in got}) == (["tiny-hmu"], {id(got[0].model)})


def test_two_models_may_be_on_their_way_at_once(many: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    both = Barrier(2, timeout=30)

    def meeting(entry: Entry, *others: object) -> hmu.Checkpoint:
        both.wait()
        return load(entry, many, "cpu")

    monkeypatch.setattr(shelf_module, "load", meeting)
    shelf = Shelf(many, "cpu")
    with ThreadPoolExecutor(2) as pool:
        assert {checkpoint.name for checkpoint in pool.map(shelf.get, "ab")} == {"a", "b"}


def test_models_loaded_side_by_side_leave_torch_and_transformers_as_they_were(many: Catalog) -> None:
    before = torch.get_default_dtype(), PreTrainedModel.tie_weights, torch.nn.init.zeros_
    with ThreadPoolExecutor(3) as pool:
        got = list(pool.map(Shelf(many, "cpu", "bf16").get, "abc"))
    assert (torch.get_default_dtype(), PreTrainedModel.tie_weights, torch.nn.init.zeros_) == before
    assert all(one.model.lm_head.weight is one.model.embedding.weight for one in got)


def test_the_least_recently_used_leaves_when_the_bytes_run_out(many: Catalog, size: int) -> None:
    shelf = Shelf(many, "cpu", limit_bytes=2 * size)
    for name in ("a", "b", "a", "c"):
        shelf.get(name)
    assert (shelf.loaded(), shelf.bytes_held()) == (("a", "c"), 2 * size)


def test_one_byte_less_room_holds_one_model_less(many: Catalog, size: int) -> None:
    shelf = Shelf(many, "cpu", limit_bytes=2 * size - 1)
    for name in "ab":
        shelf.get(name)
    assert shelf.loaded() == ("b",)


def test_half_precision_takes_half_the_bytes(many: Catalog, size: int) -> None:
    shelf = Shelf(many, "cpu", "fp16")
    shelf.get("a")
    assert shelf.bytes_held() * 2 == size


def test_a_model_in_use_outlives_its_place_on_the_shelf(many: Catalog, size: int) -> None:
    shelf = Shelf(many, "cpu", limit_bytes=size)
    first = shelf.get("a")
    shelf.get("b")
    assert (shelf.loaded(), first.model.lm_head.weight.shape[0]) == (("b",), 300)


def test_a_model_above_the_limit_is_refused_and_the_others_stay(catalog: Catalog, size: int) -> None:
    shelf = Shelf(catalog, "cpu", limit_bytes=size)
    shelf.get("tiny-baseline")
    with pytest.raises(ZooError, match=r'"tiny-hmu": .* bytes in memory, the shelf holds'):
        shelf.get("tiny-hmu")
    assert shelf.loaded() == ("tiny-baseline",)


def test_a_failed_load_leaves_nothing_and_can_be_tried_again(catalog: Catalog, shard: Path) -> None:
    shelf, content = Shelf(catalog, "cpu"), shard.read_bytes()
    shard.write_bytes(content[:-1])
    with pytest.raises(ZooError, match=shard.name):
        shelf.get("tiny-hmu")
    assert (shelf.loaded(), shelf.bytes_held()) == ((), 0)
    shard.write_bytes(content)
    assert shelf.get("tiny-hmu").name == "tiny-hmu"


def test_a_thread_that_waits_for_a_failing_load_gets_its_error(many: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = Event(), Event()

    def failing(*_: object) -> hmu.Checkpoint:
        begun.set()
        go_on.wait(30)
        raise ZooError("spoilt")

    monkeypatch.setattr(shelf_module, "load", failing)
    shelf = Shelf(many, "cpu")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(shelf.get, "a")
        begun.wait(30)
        second = pool.submit(shelf.get, "a")
        time.sleep(0.1)
        go_on.set()
        assert {str(first.exception()), str(second.exception())} == {"spoilt"}


def test_what_each_checkpoint_holds_sums_to_what_the_shelf_holds(catalog: Catalog) -> None:
    shelf = Shelf(catalog, "cpu")
    assert shelf.held() == {}
    got = {name: shelf.get(name) for name in ("tiny-baseline", "tiny-hmu")}
    assert shelf.held() == {name: size_of(checkpoint) for name, checkpoint in got.items()}
    assert sum(shelf.held().values()) == shelf.bytes_held()


def test_asking_what_is_held_is_no_use_of_it(many: Catalog, size: int) -> None:
    shelf = Shelf(many, "cpu", limit_bytes=2 * size)
    for name in "ab":
        shelf.get(name)
    shelf.held()
    shelf.get("c")
    assert shelf.loaded() == ("b", "c")


def test_an_unloaded_model_is_gone_unless_someone_uses_it(many: Catalog) -> None:
    shelf = Shelf(many, "cpu")
    used, idle = shelf.get("a"), ref(shelf.get("b").model)
    for name in "abc":
        shelf.unload(name)
    assert (shelf.loaded(), idle(), used.model.lm_head.weight.shape[0]) == ((), None, 300)


def test_an_unloaded_model_is_loaded_anew(catalog: Catalog, loads: list[str]) -> None:
    shelf = Shelf(catalog, "cpu")
    shelf.get("tiny-hmu")
    shelf.unload("tiny-hmu")
    shelf.get("tiny-hmu")
    assert loads == ["tiny-hmu", "tiny-hmu"]


def test_one_that_is_unloaded_while_it_is_loaded_still_comes(many: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = Event(), Event()

    def slow(*arguments: object) -> hmu.Checkpoint:
        begun.set()
        go_on.wait(30)
        return load(many.find("a"), many, "cpu")

    monkeypatch.setattr(shelf_module, "load", slow)
    shelf = Shelf(many, "cpu")
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(shelf.get, "a")
        begun.wait(30)
        shelf.unload("a")
        go_on.set()
        assert (coming.result().name, shelf.loaded()) == ("a", ("a",))


def test_a_shelf_serves_what_its_catalog_gained_and_keeps_what_it_had(catalog: Catalog, loads: list[str]) -> None:
    shelf = Shelf(Catalog(catalog.root, catalog.entries[:1]), "cpu")
    shelf.get("tiny-baseline")
    shelf.restock(catalog)
    assert (shelf.get("tiny-hmu").name, shelf.get("tiny-baseline").name) == ("tiny-hmu", "tiny-baseline")
    assert loads == ["tiny-baseline", "tiny-hmu"]


def test_an_id_never_changes_its_meaning(catalog: Catalog) -> None:
    """What is kept by id, models and texts already encoded, would otherwise be another checkpoint's."""
    shelf = Shelf(catalog, "cpu")
    first, second = catalog.entries
    for entries in ((first,), (second, first), (replace(second, id=first.id), replace(first, id=second.id))):
        with pytest.raises(AssertionError):
            shelf.restock(Catalog(catalog.root, entries))


def test_preloaded_models_are_not_loaded_again(catalog: Catalog, loads: list[str]) -> None:
    shelf = Shelf(catalog, "cpu")
    shelf.preload(("tiny-baseline", "tiny-hmu"))
    shelf.get("tiny-baseline")
    assert loads == ["tiny-baseline", "tiny-hmu"]


def test_models_that_do_not_fit_together_are_not_preloaded_silently(many: Catalog, size: int) -> None:
    with pytest.raises(ZooError, match="no room for a"):
        Shelf(many, "cpu", limit_bytes=2 * size).preload("abc")


def test_an_unknown_id_names_the_known_ones(catalog: Catalog) -> None:
    shelf = Shelf(catalog, "cpu")
    for _ in range(2):
        with pytest.raises(ZooError, match="tiny-baseline, tiny-hmu"):
            shelf.get("nobody")


@pytest.mark.parametrize(("device", "dtype"), [("quantum", "auto"), ("cpu", "fp7")])
def test_an_unknown_device_or_precision_is_refused_at_once(catalog: Catalog, device: str, dtype: str) -> None:
    with pytest.raises(ValueError, match="is unknown"):
        Shelf(catalog, device, dtype)
