"""The zoo's cards, and checkpoints that are loaded and let go while the page is open."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from weakref import ref

import pytest
from huggingface_hub import ModelCard

from app.components.board import no_gate
from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.cards import Figure, Matched, told_by
from app.handlers.looking import look
from app.handlers.writing import write
from app.handlers.zoo import Card, add_folder, cards, load, unload
from app.tabs.zoo import _sorted, drawn
from hmu import Decoding
from hmu.plugin import HMUModel
from zoo.catalog import BASE, ZOO, ZooError, read_catalog
from zoo.load import load as load_model
from zoo.record import record
from zoo.shelf import Shelf, size_of

TOLD = """---
license: other
license_name: for-study
model-index:
- name: guest
  results:
  - task: {type: text-classification, name: Topics}
    dataset: {type: some/data, name: Data, split: test}
    metrics:
    - {type: accuracy, value: 0.75, name: accuracy (as trained)}
    - {type: accuracy, value: 0.5, name: accuracy (turned)}
    - {type: bleu, value: "20.0 ± 1.2"}
---

# Guest
"""
FIGURES = (
    Figure("Topics", "accuracy (as trained)", 0.75, "test"),
    Figure("Topics", "accuracy (turned)", 0.5, "test"),
    Figure("Topics", "bleu", "20.0 ± 1.2", "test"),
)


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)


@pytest.fixture
def two_shelves(page_zoo: Path) -> Desk:
    """A desk as on ZeroGPU: Run has a shelf of its own."""
    catalog = read_catalog(page_zoo)
    return Desk(catalog, Shelf(catalog, "cpu"), Shelf(catalog, "cpu"))


@pytest.fixture
def guest(hmu_folder: Path, tmp_path: Path) -> Path:
    """A checkpoint that no zoo has, with a card."""
    folder = Path(shutil.copytree(hmu_folder, tmp_path / "guest"))
    with (folder / "generation_config.json").open("a") as settings:
        settings.write("\n")
    (folder / "README.md").write_text(TOLD, encoding="utf-8")
    return folder


def card_of(desk: Desk, name: str) -> Card:
    return next(card for card in cards(desk) if card.id == name)


def ask(checkpoint: str) -> Ask:
    return Ask(checkpoint, "common_gen", "dog, ball, throw")


def gates(desk: Desk, checkpoint: str) -> tuple[float, ...]:
    gate = look(desk, ask(checkpoint)).gate
    assert gate is not None
    return tuple(gate.mean)


def said(desk: Desk, checkpoint: str) -> str:
    *_, last = write(desk, ask(checkpoint), Decoding(max_new_tokens=8))
    return last.text


def test_every_checkpoint_has_one_card_that_tells_what_its_entry_tells(desk: Desk) -> None:
    told = ("id", "title", "pair", "arm", "memory", "tasks", "parameters", "bytes", "sha256")
    wanted = [tuple(getattr(entry, name) for name in told) for entry in desk.catalog.entries]
    assert [tuple(getattr(card, name) for name in told) for card in cards(desk)] == wanted


def test_a_card_tells_what_is_in_memory_and_how_much(desk: Desk) -> None:
    assert {(card.loaded, card.bytes_held) for card in cards(desk)} == {(False, 0)}
    load(desk, "answers-hmu")
    held = {card.id: card.bytes_held for card in cards(desk) if card.loaded}
    assert held == {"answers-hmu": size_of(desk.shelf.get("answers-hmu"))}


def test_a_card_names_the_device_and_precision_that_a_load_gives(page_zoo: Path) -> None:
    catalog = read_catalog(page_zoo)
    shelf = Shelf(catalog, "auto", "bf16")
    desk = Desk(catalog, shelf, shelf)
    model, card = shelf.get("answers-hmu").model, card_of(desk, "answers-hmu")
    assert (card.device, card.dtype) == (model.device.type, "bf16")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            "matched_softmax: {latent_temperature: 1, softmax_temperature: 0.7, baseline: one, task: common_gen}",
            Matched(1.0, 0.7, "one", "common_gen"),
        ),
        ("matched_softmax: {latent_temperature: 1.0, softmax_temperature: null}", None),
        ("matched_softmax: {latent_temperature: .nan, softmax_temperature: hot}", None),
        ("matched_softmax: [1, 2]", None),
        ("licence: mine", None),
    ],
)
def test_a_card_tells_where_the_softmax_matches(desk: Desk, guest: Path, line: str, wanted: Matched | None) -> None:
    (guest / "README.md").write_text(f"---\n{line}\n---\n", encoding="utf-8")
    entry = add_folder(desk, str(guest))
    assert told_by(entry, desk.catalog).matched == wanted


def test_making_cards_loads_nothing_and_is_no_use_of_what_is_loaded(desk: Desk) -> None:
    for name in ("answers-hmu", "answers-baseline"):
        load(desk, name)
    cards(desk)
    assert desk.shelf.loaded() == ("answers-hmu", "answers-baseline")


def test_two_shelves_are_counted_together(two_shelves: Desk) -> None:
    sizes = [size_of(shelf.get("answers-hmu")) for shelf in (two_shelves.shelf, two_shelves.touch)]
    assert card_of(two_shelves, "answers-hmu").bytes_held == sum(sizes)


def test_the_embedded_figures_and_licence_are_those_that_the_hubs_own_reader_finds() -> None:
    catalog = read_catalog()
    shelf = Shelf(catalog, "cpu")
    for entry, card in zip(catalog.entries, cards(Desk(catalog, shelf, shelf)), strict=True):
        if entry.arm == BASE:
            assert card.source == f"{entry.repo}@{entry.revision}"
            continue
        read = ModelCard.load(ZOO / str(entry.path) / "README.md").data
        figures = [(one.task_name, one.metric_name, one.metric_value, one.dataset_split) for one in read.eval_results]
        wanted = [] if entry.base and entry.memory == "none" else figures  # a unit's card tells of the unit
        told = read.to_dict()
        licence = told.get("license_name", told["license"])
        assert (card.source, card.licence, list(card.figures)) == ("embedded", licence, wanted)


def test_the_headline_has_the_first_figure_of_each_kind(desk: Desk, guest: Path) -> None:
    card = card_of(desk, add_folder(desk, str(guest)).id)
    assert (card.figures, card.headline) == (FIGURES, (FIGURES[0], FIGURES[2]))


def test_of_many_splits_the_headline_shows_the_first_and_the_last() -> None:
    among = [Figure("Retention", "probability", 1 / t, f"t = {t}") for t in (1, 10, 100)]
    alone = Figure("News", "accuracy", 0.9, "test")
    aside = Figure("Retention", "cosine", 0.5, "t = 1")
    assert _sorted([*among, alone, aside]) == ([among[0], among[2], alone], [among[1], aside])


@pytest.mark.parametrize(
    ("front", "licence"),
    [
        ("license: mit", "mit"),
        ("license: other\nlicense_name: for-study", "for-study"),
        ("license: other", "other"),
        ("license: [mit, apache-2.0]", "mit, apache-2.0"),
        ("license: {mit: yes}", None),
        ("tags: []", None),
    ],
)
def test_a_licence_is_a_text_or_none(desk: Desk, guest: Path, front: str, licence: str | None) -> None:
    (guest / "README.md").write_text(f"---\n{front}\n---\n# Guest")
    assert card_of(desk, add_folder(desk, str(guest)).id).licence == licence


@pytest.mark.parametrize(
    "front",
    [
        "model-index: [",
        "[1, 2]",
        "model-index: 3",
        "model-index: [{results: [{metrics: [{value: {a: b}}, {value: null}, 3]}, 7]}]",
        "model-index: &all [{results: [{metrics: [{value: 1, name: n}]}]}]\nagain: *all",
        "model-index: " + "[" * 5000,
        f"model-index: [{{results: [{{metrics: [{{value: 1{'0' * 400}, name: n}}]}}]}}]",
        "a: !!python/object/apply:os.system ['exit 1']",
        f"text: {'a' * 2**18}\nmodel-index: [{{results: [{{metrics: [{{value: 1, name: n}}]}}]}}]",
    ],
    ids=["cut", "list", "number", "no-values", "references", "deep", "huge", "code", "long"],
)
def test_a_card_that_cannot_be_used_costs_no_more_than_its_figures(desk: Desk, guest: Path, front: str) -> None:
    (guest / "README.md").write_text(f"---\n{front}\n---\n# Guest")
    card = card_of(desk, add_folder(desk, str(guest)).id)
    assert (card.figures, card.licence, card.parameters > 0) == ((), None, True)


def test_a_card_without_front_matter_tells_nothing(desk: Desk, guest: Path) -> None:
    (guest / "README.md").write_text("# Guest\n\n---\nlicense: mit\n---\n")
    assert card_of(desk, add_folder(desk, str(guest)).id).licence is None


def test_what_a_card_holds_stays_plain_text_and_numbers(desk: Desk, guest: Path) -> None:
    metric = {"name": "<b>${alert(1)}</b>\nnext", "value": math.inf}
    front = {"license": "x" * 5000, "model-index": [{"results": [{"metrics": [metric, {"value": True}]}]}]}
    (guest / "README.md").write_text(f"---\n{json.dumps(front).replace('Infinity', '.inf')}\n---\n")
    card = card_of(desk, add_folder(desk, str(guest)).id)
    assert (card.figures, card.licence) == (
        (Figure("", "<b>${alert(1)}</b> next", "inf", ""), Figure("", "", "True", "")),
        "x" * 200,
    )


def test_a_card_that_changed_is_read_anew(desk: Desk, guest: Path) -> None:
    name = add_folder(desk, str(guest)).id
    before = card_of(desk, name).licence
    (guest / "README.md").write_text("---\nlicense: mit\n---\n")
    assert (before, card_of(desk, name).licence) == ("for-study", "mit")


def test_an_unloaded_checkpoint_gives_its_memory_back_and_answers_the_same_later(desk: Desk) -> None:
    before = gates(desk, "answers-hmu"), said(desk, "answers-hmu")
    model = ref(desk.shelf.get("answers-hmu").model)
    unload(desk, "answers-hmu")
    assert (model(), card_of(desk, "answers-hmu").loaded) == (None, False)
    assert (gates(desk, "answers-hmu"), said(desk, "answers-hmu")) == before


def test_who_writes_with_a_checkpoint_keeps_it_when_it_is_unloaded(desk: Desk) -> None:
    whole = said(desk, "answers-hmu")
    writing = write(desk, ask("answers-hmu"), Decoding(max_new_tokens=8))
    next(writing)
    unload(desk, "answers-hmu")
    *_, last = writing
    assert (last.text, desk.shelf.loaded()) == (whole, ())


def test_unload_clears_every_shelf(two_shelves: Desk) -> None:
    for shelf in (two_shelves.shelf, two_shelves.touch):
        shelf.get("answers-hmu")
    unload(two_shelves, "answers-hmu")
    assert (two_shelves.shelf.loaded(), two_shelves.touch.loaded()) == ((), ())


@pytest.mark.parametrize("action", [load, unload])
def test_an_unknown_id_names_the_known_ones(desk: Desk, action: Callable[[Desk, str], None]) -> None:
    with pytest.raises(ZooError, match=r'"nobody" is unknown; .* answers-baseline'):
        action(desk, "nobody")


def test_a_damaged_checkpoint_is_not_loaded(desk: Desk) -> None:
    with pytest.raises(ZooError, match="damaged or changed"):
        load(desk, "spoiled-hmu")
    assert not card_of(desk, "spoiled-hmu").loaded


def test_a_unit_tells_what_it_sits_on(baseline_folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "zoo"
    shutil.copytree(baseline_folder, root / "plain-baseline")
    record(root)
    base = load_model(read_catalog(root).find("plain-baseline"), read_catalog(root), "cpu", "fp32").model
    HMUModel.from_base(base, task="roc_stories").save_pretrained(root / "ends")
    catalog = record(root)
    desk = Desk(catalog, Shelf(catalog, "cpu"), Shelf(catalog, "cpu"))
    memory = {card["id"]: card["facts"][0][1] for card in drawn(desk)["cards"]}
    assert memory == {
        "plain-baseline": "none: encoder states as they are",
        "ends-baseline": "none: plain, its unit off",
        "ends-hmu": "hmu, a unit on plain",
    }
    assert no_gate(desk, "ends-baseline").startswith("plain as it is, its unit off.")
    assert no_gate(desk, "ends-hmu") == ""
    assert no_gate(desk, "plain-baseline").startswith("This model has no gate")
