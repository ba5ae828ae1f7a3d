"""Checkpoints added from a Hub repository while the page is open, and where nothing may be added. No network."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from safetensors.torch import load_file, save_file

from app import gpu
from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.looking import look
from app.handlers.zoo import add_folder, add_hub, cards, may_add
from tests.app.support_hub import stand_in
from zoo.catalog import ZooError, read_catalog
from zoo.shelf import Shelf

COMMIT, LATER = "0123456789abcdef0123456789abcdef01234567", "c" * 40
TOLD = "---\nlicense: mit\n---\n# Guest\n"


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.setattr(gpu, "_desk", [])


@pytest.fixture
def guest(hmu_folder: Path, tmp_path: Path) -> Path:
    """A checkpoint that no zoo has."""
    return another(hmu_folder, tmp_path / "guest")


@pytest.fixture
def hub(hmu_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """someone/tiny at two commits, in `folders`; `asked` lists what was fetched."""
    there = {COMMIT: another(hmu_folder, tmp_path / "hub" / "a"), LATER: another(hmu_folder, tmp_path / "hub" / "b", 2)}
    state = SimpleNamespace(folders=there, asked=[])
    for folder in there.values():
        (folder / "README.md").write_text(TOLD, encoding="utf-8")
        (folder / "pytorch_model.bin").write_bytes(b"pickle")

    stand_in(monkeypatch, tmp_path / "cache", lambda _, commit: there[commit], lambda _, name: state.asked.append(name))
    return state


def another(folder: Path, place: Path, times: float = 1) -> Path:
    """A copy of a checkpoint with other weights."""
    copied = Path(shutil.copytree(folder, place))
    for shard in copied.glob("*.safetensors"):
        save_file({name: tensor + times * 0.25 for name, tensor in load_file(shard).items()}, shard, {"format": "pt"})
    return copied


def gates(desk: Desk, checkpoint: str) -> tuple[float, ...]:
    gate = look(desk, Ask(checkpoint, "common_gen", "dog, ball, throw")).gate
    assert gate is not None
    return tuple(gate.mean)


def retell(folder: Path, **values: object) -> None:
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | values))


def test_a_public_page_adds_nothing(desk: Desk, guest: Path, hub: SimpleNamespace) -> None:
    desk.public = True
    for add in (lambda: add_folder(desk, str(guest)), lambda: add_hub(desk, "someone/tiny", COMMIT)):
        with pytest.raises(ZooError, match="switched off on a public page; run the page on your own machine"):
            add()
    assert hub.asked == []


def test_a_space_is_public_and_so_is_a_shared_link(
    desk: Desk, guest: Path, page_zoo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (may_add(False), may_add(True)) == (True, False)
    assert [gpu.open_desk(page_zoo, "cpu", public=public).public for public in (False, True)] == [False, True]
    monkeypatch.setenv("SPACE_ID", "someone/page")
    assert not may_add(False)
    with pytest.raises(ZooError, match="public page"):
        add_folder(desk, str(guest))


def test_a_repository_at_a_commit_becomes_a_checkpoint_with_its_card(desk: Desk, hub: SimpleNamespace) -> None:
    entry, card = add_hub(desk, " someone/tiny ", COMMIT), cards(desk)[-1]
    assert (card.id, card.source, card.licence) == ("tiny", f"someone/tiny@{COMMIT}", "mit")
    alone = read_catalog(hub.folders[COMMIT])
    shelf = Shelf(alone, "cpu")
    (hub.folders[COMMIT] / "pytorch_model.bin").unlink()
    with_the_same_files = Desk(alone, shelf, shelf)
    assert gates(desk, entry.id) == gates(with_the_same_files, alone.entries[0].id)


def test_a_pickle_in_a_repository_is_never_fetched(desk: Desk, hub: SimpleNamespace) -> None:
    add_hub(desk, "someone/tiny", COMMIT)
    there = {file.name for file in hub.folders[COMMIT].iterdir()}
    assert there - set(hub.asked) == {"pytorch_model.bin"}


def test_two_commits_of_a_repository_are_two_checkpoints(desk: Desk, hub: SimpleNamespace) -> None:
    first, second = (add_hub(desk, "someone/tiny", commit) for commit in (COMMIT, LATER))
    assert (first.id, second.id) == ("tiny", f"tiny-{second.sha256[:7]}")
    assert gates(desk, first.id) != gates(desk, second.id)


@pytest.mark.parametrize(
    ("repo", "revision", "told"),
    [
        ("someone/tiny", "main", 'revision "main": a branch or tag moves'),
        ("someone/tiny", "", "a branch or tag moves"),
        ("tiny", COMMIT, "give owner/name"),
    ],
)
def test_what_is_no_repository_or_no_commit_is_refused(
    desk: Desk, hub: SimpleNamespace, repo: str, revision: str, told: str
) -> None:
    with pytest.raises(ZooError, match=told):
        add_hub(desk, repo, revision)
    assert hub.asked == []


def test_a_repository_of_another_kind_costs_its_config_alone(desk: Desk, hub: SimpleNamespace) -> None:
    retell(hub.folders[COMMIT], model_type="bert")
    with pytest.raises(ZooError, match=rf"^someone/tiny at {COMMIT}: no checkpoint"):
        add_hub(desk, "someone/tiny", COMMIT)
    assert hub.asked == ["config.json"]


def test_a_repository_without_a_checkpoint_costs_nothing(desk: Desk, hub: SimpleNamespace) -> None:
    (hub.folders[COMMIT] / "config.json").unlink()
    with pytest.raises(ZooError, match="no checkpoint"):
        add_hub(desk, "someone/tiny", COMMIT)
    assert hub.asked == []


def test_a_repository_above_the_limit_costs_nothing(desk: Desk, hub: SimpleNamespace) -> None:
    desk.touch.limit_bytes = 1000
    with pytest.raises(ZooError, match=f"someone/tiny at {COMMIT}: .* bytes, at most 1,000 are taken"):
        add_hub(desk, "someone/tiny", COMMIT)
    assert hub.asked == []


def test_without_network_a_repository_is_one_line(desk: Desk) -> None:
    with pytest.raises(ZooError, match="the Hub cannot be reached") as caught:
        add_hub(desk, "someone/tiny", COMMIT)
    assert len(str(caught.value).splitlines()) == 1
