import hashlib
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from huggingface_hub import constants

import hmu
from zoo import store
from zoo.catalog import ZOO, Catalog, Entry, ZooError
from zoo.load import load
from zoo.store import Offer, card_of, digest, folder_of, offers, verify

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading a model fails the test."""

    def refuse(*_: object) -> None:
        raise AssertionError("a model was read before its files were verified")

    monkeypatch.setattr(hmu, "load_checkpoint", refuse)


@pytest.fixture
def on_hub(catalog: Catalog) -> Entry:
    """tiny-hmu as if it were on the Hub alone."""
    return replace(catalog.find("tiny-hmu"), path=None, repo="someone/tiny", revision=COMMIT)


def test_a_loaded_checkpoint_goes_by_its_id(catalog: Catalog) -> None:
    entry = replace(catalog.find("tiny-hmu"), id="another-name")
    checkpoint = load(entry, catalog, device="cpu")
    assert (checkpoint.name, checkpoint.has_gate) == ("another-name", True)


def test_a_flipped_byte_is_refused_before_torch_reads_it(no_torch: None, catalog: Catalog, shard: Path) -> None:
    content = bytearray(shard.read_bytes())
    content[-5] ^= 1
    shard.write_bytes(content)
    with pytest.raises(ZooError, match=rf"{shard.name}: sha256 .* damaged or changed"):
        load(catalog.find("tiny-hmu"), catalog)


def test_a_byte_flipped_after_a_good_load_is_seen_by_the_next(catalog: Catalog, shard: Path) -> None:
    entry = catalog.find("tiny-hmu")
    load(entry, catalog, device="cpu")
    stat = shard.stat()
    content = bytearray(shard.read_bytes())
    content[-5] ^= 1
    shard.write_bytes(content)
    os.utime(shard, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(ZooError, match=shard.name):
        load(entry, catalog, device="cpu")


def test_a_cut_shard_is_refused(no_torch: None, catalog: Catalog, shard: Path) -> None:
    shard.write_bytes(shard.read_bytes()[:-100])
    with pytest.raises(ZooError, match=rf"{shard.name}: .* bytes, the catalog says .* cut or changed"):
        load(catalog.find("tiny-hmu"), catalog)


def test_a_missing_file_is_refused(no_torch: None, catalog: Catalog, shard: Path) -> None:
    shard.unlink()
    with pytest.raises(ZooError, match=f"{shard.name}: missing"):
        load(catalog.find("tiny-hmu"), catalog)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors", "training_args.bin", "added_tokens.json"])
def test_a_file_that_is_not_catalogued_is_refused(no_torch: None, catalog: Catalog, shard: Path, name: str) -> None:
    shard.with_name(name).write_bytes(b"")
    with pytest.raises(ZooError, match=f"{name}: not in the catalog"):
        load(catalog.find("tiny-hmu"), catalog)


@pytest.mark.parametrize("name", ["README.md", ".gitattributes", "LICENSE"])
def test_a_card_beside_the_checkpoint_is_no_fault(catalog: Catalog, shard: Path, name: str) -> None:
    shard.with_name(name).write_text("# Tiny")
    verify(catalog.find("tiny-hmu"), shard.parent)


def test_a_link_is_refused_even_to_the_right_bytes(no_torch: None, catalog: Catalog, shard: Path) -> None:
    target = shard.rename(catalog.root / "elsewhere")
    shard.symlink_to(target)
    with pytest.raises(ZooError, match=f"{shard.name}: a link"):
        load(catalog.find("tiny-hmu"), catalog)


def test_a_folder_that_links_out_of_the_zoo_is_refused(catalog: Catalog, shard: Path, tmp_path: Path) -> None:
    target = shard.parent.rename(tmp_path / "elsewhere")
    shard.parent.symlink_to(target)
    with pytest.raises(ZooError, match="leads out of the zoo"):
        folder_of(catalog.find("tiny-hmu"), catalog)


def test_a_missing_folder_is_named(catalog: Catalog, shard: Path) -> None:
    shutil.rmtree(shard.parent)
    with pytest.raises(ZooError, match=r"tiny-hmu: missing.*copy it again"):
        folder_of(catalog.find("tiny-hmu"), catalog)


def test_a_file_is_hashed_once_while_it_stays(catalog: Catalog, shard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = catalog.find("tiny-hmu")
    verify(entry, shard.parent)
    monkeypatch.setattr(hashlib, "file_digest", None)
    verify(entry, shard.parent)
    assert digest(shard) == next(file.sha256 for file in entry.files if file.name == shard.name)


def test_a_repository_is_asked_for_the_catalogued_files_at_the_pinned_commit(
    catalog: Catalog, on_hub: Entry, shard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, dict[str, object]]] = []

    def stand_in(repo: str, **settings: object) -> str:
        asked.append((repo, settings))
        return str(shard.parent)

    monkeypatch.setattr(store, "snapshot_download", stand_in)
    names = [file.name for file in on_hub.files]
    assert load(on_hub, catalog, device="cpu").name == "tiny-hmu"
    cached = {"revision": COMMIT, "allow_patterns": names, "local_files_only": True}
    assert asked == [("someone/tiny", cached)]


def test_a_folder_in_the_zoo_comes_before_the_hub(
    catalog: Catalog, shard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "snapshot_download", None)
    assert folder_of(replace(catalog.find("tiny-hmu"), repo="someone/tiny", revision=COMMIT), catalog) == shard.parent


FETCH = """
import sys
from zoo.catalog import ZooError, read_catalog
from zoo.store import folder_of, verify
catalog = read_catalog(sys.argv[1])
try:
    verify(catalog.find("tiny-hmu"), folder_of(catalog.find("tiny-hmu"), catalog))
except ZooError as error:
    sys.exit(str(error))
"""


ASK = """
import sys
from zoo.catalog import ZooError
from zoo.store import fetch, offers
try:
    files = offers(*sys.argv[1:3])
    folder = fetch(*sys.argv[1:3], files)
    sys.exit(" ".join(sorted(file.name for file in folder.iterdir())))
except ZooError as error:
    sys.exit(str(error))
"""


def fetch(root: Path, cache: Path, **settings: str) -> tuple[int, str]:
    """Exit code and stderr of a process that fetches tiny-hmu."""
    return apart(FETCH, str(root), cache=cache, **settings)


def apart(script: str, *arguments: str, cache: Path, **settings: str) -> tuple[int, str]:
    """Exit code and stderr of a process of its own: the Hub's client reads its settings when it is imported."""
    quiet = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_XET": "1", "NO_PROXY": "127.0.0.1"}
    place = {"HF_HOME": str(cache), "HF_HUB_CACHE": str(cache / "hub"), "PYTHONPATH": str(ZOO.parent)}
    environment = os.environ | quiet | place | {"HF_HUB_OFFLINE": "0"} | settings
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_a_checkpoint_comes_from_the_hub_once_and_from_the_cache_when_offline(
    hub: str, hub_root: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    code, told = fetch(hub_root, cache, HF_HUB_OFFLINE="1")
    assert (code, "not in the cache and cannot be fetched" in told, "Traceback" in told) == (1, True, False)
    assert fetch(hub_root, cache, HF_ENDPOINT=hub) == (0, "")
    assert fetch(hub_root, cache, HF_HUB_OFFLINE="1")[0] == 0


def test_a_changed_file_in_the_cache_is_refused(hub: str, hub_root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert fetch(hub_root, cache, HF_ENDPOINT=hub) == (0, "")
    blob = max((file for file in cache.rglob("blobs/*") if file.is_file()), key=lambda file: file.stat().st_size)
    blob.write_bytes(bytes(len(blob.read_bytes())))
    code, told = fetch(hub_root, cache, HF_HUB_OFFLINE="1")
    assert (code, "damaged or changed" in told) == (1, True)


def test_of_a_repository_the_checkpoint_and_its_card_are_fetched_and_nothing_else(
    hub: str, shard: Path, tmp_path: Path
) -> None:
    shard.with_name("README.md").write_text("# Tiny")
    shard.with_name("model.py").write_text("raise SystemExit")
    here = {file.name for file in shard.parent.iterdir()} - {"pytorch_model.bin", "model.py"}
    _, told = apart(ASK, "someone/tiny", COMMIT, cache=tmp_path / "cache", HF_ENDPOINT=hub)
    assert set(told.split()) == here


@pytest.mark.parametrize(
    ("repo", "revision", "told"),
    [
        ("someone/else", COMMIT, "no such repository, or a private one"),
        ("someone/tiny", "a" * 40, "the repository has no such commit"),
        ("someone/tiny", "b" * 40, f"the name of a branch or tag, which moves; give its commit {COMMIT}"),
    ],
)
def test_what_the_hub_does_not_have_is_one_line(hub: str, tmp_path: Path, repo: str, revision: str, told: str) -> None:
    code, said = apart(ASK, repo, revision, cache=tmp_path / "cache", HF_ENDPOINT=hub)
    assert (code, len(said.splitlines()), told in said) == (1, 1, True)


def test_a_hub_that_does_not_answer_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
    code, said = apart(ASK, "someone/tiny", COMMIT, cache=tmp_path / "cache", HF_ENDPOINT=nobody)
    assert (code, len(said.splitlines()), "the Hub cannot be reached" in said) == (1, 1, True)


@pytest.mark.parametrize("repo", ["", "tiny", "https://huggingface.co/someone/tiny", "../tiny", "a/b/c", "a/b?x=1"])
def test_a_name_that_is_no_repository_is_refused_unasked(repo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "model_info", None)
    with pytest.raises(ZooError, match="give owner/name"):
        offers(repo, COMMIT)


@pytest.mark.parametrize("revision", ["", "main", "v1.0", COMMIT[:7], COMMIT.upper(), COMMIT + "0"])
def test_a_revision_that_may_move_is_refused_unasked(revision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "model_info", None)
    with pytest.raises(ZooError, match="a branch or tag moves; give a commit"):
        offers("someone/tiny", revision)


def test_a_file_that_is_not_what_the_hub_lists_is_refused(shard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "snapshot_download", lambda repo, **_: str(shard.parent))
    size = shard.stat().st_size
    assert store.fetch("someone/tiny", COMMIT, [Offer(shard.name, size, digest(shard))]) == shard.parent
    with pytest.raises(ZooError, match=rf"{shard.name}: not the sha256 that the Hub tells"):
        store.fetch("someone/tiny", COMMIT, [Offer(shard.name, size, "0" * 64)])


def test_a_card_is_found_beside_the_checkpoint_and_never_through_a_link(catalog: Catalog, shard: Path) -> None:
    card, entry = shard.with_name("README.md"), catalog.find("tiny-hmu")
    assert card_of(entry, catalog) is None
    card.write_text("# Tiny")
    assert card_of(entry, catalog) == card
    card.rename(catalog.root / "elsewhere")
    card.symlink_to(catalog.root / "elsewhere")
    assert card_of(entry, catalog) is None


def test_the_card_of_a_checkpoint_on_the_hub_is_looked_for_in_the_cache_alone(
    catalog: Catalog, on_hub: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    assert card_of(on_hub, catalog) is None
    card = tmp_path / "models--someone--tiny" / "snapshots" / COMMIT / "README.md"
    card.parent.mkdir(parents=True)
    card.write_text("# Tiny")
    assert card_of(on_hub, catalog) == card
