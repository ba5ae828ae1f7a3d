"""A unit on the Hub, through stand-ins: no network."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub import HfApi

from hmu.errors import CheckpointError
from hmu.plugin import HMUModel, files
from tests.hmu.plugin.support_plugin import REAL, SHORT, base_of, equal, mattering

NAMES = ["README.md", "hmu.safetensors", "hmu_config.json"]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would be uploaded: each commit's repository and files."""
    commits: list[dict[str, Any]] = []

    def upload_folder(_: HfApi, *, repo_id: str, folder_path: str, commit_message: str = "") -> str:
        contents = {file.name: file.read_bytes() for file in Path(folder_path).rglob("*") if file.is_file()}
        commits.append({"repo": repo_id, "files": contents, "message": commit_message})
        return "https://hub/commit"

    monkeypatch.setattr(HfApi, "upload_folder", upload_folder)
    monkeypatch.setattr(HfApi, "create_repo", lambda *_, **__: SimpleNamespace(repo_id="someone/unit"))
    return commits


def test_a_push_uploads_the_units_folder_and_nothing_else(sent: list[dict[str, Any]], tmp_path: Path) -> None:
    """Its card, too: the library's own mixin puts an empty one in its place."""
    model = mattering(base_of("T5"))
    model.save_pretrained(tmp_path)
    assert model.push_to_hub("unit", commit_message="A unit") == "https://hub/commit"
    (commit,) = sent
    assert (commit["repo"], commit["message"]) == ("someone/unit", "A unit")
    assert commit["files"] == {name: (tmp_path / name).read_bytes() for name in NAMES}


def test_a_push_uploads_the_unit_that_is_named(sent: list[dict[str, Any]], tmp_path: Path) -> None:
    model = mattering(base_of("T5"))
    model.add_unit("other", latent_dim=3)
    model.push_to_hub("unit", unit="other")
    model.save_pretrained(tmp_path, unit="other")
    assert sent[0]["files"] == {name: (tmp_path / name).read_bytes() for name in NAMES}


def test_a_push_tells_nobody_where_the_base_lies(sent: list[dict[str, Any]], tmp_path: Path) -> None:
    base_of("T5").save_pretrained(tmp_path / "my-base")
    model = mattering(type(base_of("T5")).from_pretrained(tmp_path / "my-base"))
    model.save_pretrained(tmp_path / "unit")
    assert str(tmp_path / "my-base") in (tmp_path / "unit/hmu_config.json").read_text()  # here it is found by it
    model.push_to_hub("unit")
    assert all(str(tmp_path).encode() not in told for told in sent[0]["files"].values())
    assert b'"name": "my-base"' in sent[0]["files"]["hmu_config.json"]


def test_a_unit_is_fetched_by_its_repositorys_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, asked = mattering(base_of("T5")), list[Any]()
    model.save_pretrained(tmp_path / "there")

    def snapshot_download(repo: str, revision: str | None, allow_patterns: list[str]) -> str:
        asked.append((repo, revision, sorted(allow_patterns)))
        return str(shutil.copytree(tmp_path / "there", tmp_path / "cache", dirs_exist_ok=True))

    monkeypatch.setattr(files, "snapshot_download", snapshot_download)
    again = HMUModel.from_pretrained("someone/unit", base_of("T5"), revision="v2")
    again.load_unit("someone/other", "other")
    assert asked == [("someone/unit", "v2", NAMES), ("someone/other", None, NAMES)]
    for unit in ("default", "other"):
        equal(again.generate(REAL, **SHORT, unit=unit), model.generate(REAL, **SHORT))


@pytest.mark.parametrize("name", ["someone/unit", "no/such/place", "./missing"])
def test_a_unit_that_is_in_neither_place_is_refused(name: str) -> None:
    """The library's own download, which is offline here."""
    told = (
        f"^{name}: no such folder, and not to be had from the Hub .*; give a folder with hmu_config.json, or the name"
    )
    with pytest.raises(CheckpointError, match=told):
        HMUModel.from_pretrained(name, base_of("T5"))


def test_the_base_is_loaded_at_its_recorded_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    base, asked = base_of("T5"), list[Any]()
    base.config._commit_hash, base.config._name_or_path = "a" * 40, "someone/base"
    model = mattering(base)
    model.save_pretrained(tmp_path)

    def from_pretrained(name: str, **options: Any) -> Any:
        asked.append((name, options))
        return base

    monkeypatch.setattr(transformers.T5ForConditionalGeneration, "from_pretrained", from_pretrained)
    again = HMUModel.from_pretrained(tmp_path, dtype="auto")
    assert asked == [("someone/base", {"revision": "a" * 40, "dtype": "auto"})]
    equal(again.generate(REAL, **SHORT), model.generate(REAL, **SHORT))
