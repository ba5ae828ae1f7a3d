"""Checkpoints added from a folder while the page is open."""

import json
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from safetensors.torch import load_file, save_file

from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.looking import look
from app.handlers.writing import write
from app.handlers.zoo import add_folder, cards
from hmu import Decoding
from zoo.catalog import ZooError, read_catalog
from zoo.shelf import Shelf, size_of


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)


@pytest.fixture
def guest(hmu_folder: Path, tmp_path: Path) -> Path:
    """A checkpoint that no zoo has."""
    return another(hmu_folder, tmp_path / "guest")


@pytest.fixture
def two_shelves(page_zoo: Path) -> Desk:
    """A desk as on ZeroGPU: Run has a shelf of its own."""
    catalog = read_catalog(page_zoo)
    return Desk(catalog, Shelf(catalog, "cpu"), Shelf(catalog, "cpu"))


def another(folder: Path, place: Path, times: float = 1) -> Path:
    """A copy of a checkpoint with other weights."""
    copied = Path(shutil.copytree(folder, place))
    for shard in copied.glob("*.safetensors"):
        save_file({name: tensor + times * 0.25 for name, tensor in load_file(shard).items()}, shard, {"format": "pt"})
    return copied


def ask(checkpoint: str) -> Ask:
    return Ask(checkpoint, "common_gen", "dog, ball, throw")


def gates(desk: Desk, checkpoint: str) -> tuple[float, ...]:
    gate = look(desk, ask(checkpoint)).gate
    assert gate is not None
    return tuple(gate.mean)


def said(desk: Desk, checkpoint: str) -> str:
    *_, last = write(desk, ask(checkpoint), Decoding(max_new_tokens=8))
    return last.text


def test_an_added_folder_answers_and_nothing_was_written(desk: Desk, hmu_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(hmu_folder, tmp_path / "My guest, é")
    settings = folder / "generation_config.json"
    settings.write_text(settings.read_text() + "\n")
    before = {file: file.stat().st_mtime_ns for place in (desk.catalog.root, folder) for file in place.rglob("*")}
    entry = add_folder(desk, str(folder))
    assert said(desk, entry.id) == said(desk, "answers-hmu")
    assert gates(desk, entry.id) == gates(desk, "answers-hmu")
    after = {file: file.stat().st_mtime_ns for place in (desk.catalog.root, folder) for file in place.rglob("*")}
    assert (entry.id, before) == ("My-guest", after)


def test_an_added_folder_is_the_last_card_and_in_no_pair(desk: Desk, guest: Path) -> None:
    pairs = desk.catalog.pairs()
    add_folder(desk, f" {guest} ")
    card = cards(desk)[-1]
    assert (card.id, card.pair, card.title, card.source, card.loaded) == ("guest", "guest", "guest", "guest", False)
    assert desk.catalog.pairs() == pairs


def test_a_folder_may_be_given_from_home_or_through_a_link(
    desk: Desk, guest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "link").symlink_to(guest)
    assert add_folder(desk, "~/link").id == "guest"


def test_both_shelves_serve_what_was_added(two_shelves: Desk, guest: Path) -> None:
    name = add_folder(two_shelves, str(guest)).id
    assert [shelf.get(name).name for shelf in (two_shelves.shelf, two_shelves.touch)] == [name, name]


def test_a_guest_of_a_known_name_is_read_anew_and_never_takes_the_names_states(
    desk: Desk, hmu_folder: Path, tmp_path: Path
) -> None:
    known = gates(desk, "answers-hmu")
    for place in ("x", "y"):
        add_folder(desk, str(another(hmu_folder, tmp_path / place / "answers-hmu", 1 if place == "x" else 2)))
    first, second = (entry.id for entry in desk.catalog.entries[-2:])
    assert len({known, gates(desk, first), gates(desk, second), gates(desk, "answers-hmu")}) == 3
    assert len({"answers-hmu", first, second}) == 3


def test_the_same_checkpoint_twice_is_refused(desk: Desk, guest: Path, hmu_folder: Path) -> None:
    add_folder(desk, str(guest))
    for folder, known in ((guest, "guest"), (hmu_folder, "answers-hmu")):
        with pytest.raises(ZooError, match=f'the same files are here as "{known}"'):
            add_folder(desk, str(folder))


def test_of_many_who_add_one_folder_at_once_one_succeeds(desk: Desk, guest: Path) -> None:
    start, count = Barrier(4), len(desk.catalog.entries)

    def add(_: int) -> bool:
        start.wait()
        try:
            add_folder(desk, str(guest))
        except ZooError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, range(4))) == [False, False, False, True]
    assert len(desk.catalog.entries) == count + 1


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("", "give the whole path"),
        ("zoo/checkpoints", "give the whole path"),
        ("../guest", "give the whole path"),
        ("~nobody-of-that-name/guest", "nobody's home"),
        ("~\0", "nobody's home"),
        ("/nowhere/at/all", "no such folder"),
        ("/\0", "no such folder"),
        ("/" + "a" * 5000, "File name too long"),
    ],
)
def test_a_path_to_no_folder_is_one_line(desk: Desk, path: str, told: str) -> None:
    with pytest.raises(ZooError, match=told) as caught:
        add_folder(desk, path)
    assert len(str(caught.value)) < 300


Change = bytes | dict[str, object] | None
SPOILT: Mapping[str, tuple[str, Change, str]] = {
    "no-config": ("config.json", None, "no checkpoint"),
    "no-tokenizer": ("tokenizer.json", None, r"tokenizer\.json: missing"),
    "no-weights": ("model.safetensors", None, r"neither model\.safetensors nor"),
    "pickle": ("training_args.bin", b"", r"training_args\.bin: not in"),
    "code": ("model.py", b"raise SystemExit", r"model\.py: not in"),
    "other-memory": ("config.json", {"memory": "none", "memory_settings": {}}, r'unexpected tensor "memory\.'),
    "other-size": ("config.json", {"d_ff": 64}, "they are of two checkpoints"),
    "no-model": ("config.json", {"num_heads": 5}, "describes no model"),
}


def spoil(file: Path, change: Change) -> None:
    """Remove a file, give it other content, or change some values in it."""
    if change is None:
        file.unlink()
    else:
        file.write_bytes(
            change if isinstance(change, bytes) else json.dumps(json.loads(file.read_text()) | change).encode()
        )


@pytest.mark.parametrize("fault", SPOILT)
def test_a_folder_that_is_not_as_it_should_be_is_one_line_and_nothing_is_added(
    desk: Desk, guest: Path, fault: str
) -> None:
    name, change, told = SPOILT[fault]
    before = desk.catalog
    spoil(guest / name, change)
    with pytest.raises(ValueError, match=told) as caught:
        add_folder(desk, str(guest))
    assert (len(str(caught.value).splitlines()), desk.catalog) == (1, before)


def test_a_folder_with_a_link_in_it_is_refused(desk: Desk, guest: Path) -> None:
    config = guest / "config.json"
    config.symlink_to(config.rename(guest.parent / "elsewhere.json"))
    with pytest.raises(ZooError, match=r"config\.json: a link"):
        add_folder(desk, str(guest))


@pytest.mark.parametrize("content", ['{"auths": "s3cret"}', '["s3cret"]', 's3cret"', '{"model_type": "s3cret"}'])
def test_nothing_of_a_file_that_is_no_checkpoints_is_repeated(desk: Desk, tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(ZooError, match="no checkpoint") as caught:
        add_folder(desk, str(tmp_path))
    assert ("s3cret" in str(caught.value), "auths" in str(caught.value)) == (False, False)


def test_a_checkpoint_above_the_limit_on_disk_or_in_memory_is_refused(desk: Desk, guest: Path) -> None:
    on_disk = read_catalog(guest).entries[0].bytes
    in_memory = size_of(Shelf(read_catalog(guest), "cpu").get("guest"))
    told = {
        on_disk - 1: f"guest: {on_disk:,} bytes, at most {on_disk - 1:,} are taken",
        in_memory - 1: f'"guest": {in_memory:,} bytes in memory, the shelf holds',
    }
    for limit, reason in told.items():
        desk.touch.limit_bytes = limit
        with pytest.raises(ZooError, match=reason):
            add_folder(desk, str(guest))
    desk.touch.limit_bytes = max(on_disk, in_memory)
    assert add_folder(desk, str(guest)).id == "guest"
