"""Which vocabulary the runs of a preset read: one that is given, one that is kept, the project's own, or a new one."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from hmu.study import vocabulary as module
from hmu.study.presets import PRESETS
from hmu.study.vocabulary import fingerprint, notes, vocabulary
from hmu.training.vocabulary import train_tokenizer
from tests.hmu.support_study import data

__all__ = ["data"]  # a fixture
OWN = Path(__file__).parents[2] / "docs/study"


def kept(folder: Path, word: str, size: int = 300) -> Path:
    """A tiny preset's vocabulary as it lies in a folder."""
    at = folder / "vocabulary-tiny"
    train_tokenizer([f"{word}{number:x}" for number in range(999)], size, 24).save_pretrained(at)
    return at


def of(folder: Path) -> str:
    """The fingerprint of the vocabulary in a folder."""
    return fingerprint(AutoTokenizer.from_pretrained(folder))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The vocabulary of the project's own runs; none may be trained beside it."""
    at = kept(tmp_path / "clone", "own")
    monkeypatch.setattr(module, "_KEPT", at.parent)
    monkeypatch.setattr(module, "train_tokenizer", lambda *_args, **_more: pytest.fail("trained"))
    return at


def test_a_clone_takes_that_of_its_own_runs_says_so_and_keeps_it(data: Path, own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert notes("tiny", out) == [f"vocabulary of the project's own runs: {own}, copied to {out / own.name}"]
    assert fingerprint(vocabulary("tiny", data, out)) == of(own) == of(out / own.name)
    assert [path.name for path in out.iterdir() if path.is_dir()] == [own.name]
    assert notes("tiny", out) == []


def test_one_that_is_given_or_lies_in_the_folder_comes_first(data: Path, own: Path, tmp_path: Path) -> None:
    out, given = tmp_path / "out", kept(tmp_path / "given", "given")
    assert notes("tiny", out, given) == []
    assert fingerprint(vocabulary("tiny", data, out, given)) == of(given)
    assert not out.exists()
    before = kept(out, "before")
    assert notes("tiny", out) == []
    assert fingerprint(vocabulary("tiny", data, out)) == of(before)
    assert len({of(folder) for folder in (own, given, before)}) == 3


def test_where_there_is_none_one_is_trained(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT", tmp_path / "site-packages/docs/study")
    out = tmp_path / "out"
    assert notes("tiny", out) == []
    assert fingerprint(vocabulary("tiny", data, out)) == of(out / "vocabulary-tiny")


def test_one_of_the_project_that_is_too_large_for_the_preset_is_refused(data: Path, own: Path, tmp_path: Path) -> None:
    kept(own.parent, "own", PRESETS["tiny"].model["vocab_size"] + 1)
    with pytest.raises(ValueError, match="321 pieces, the preset has 320 at most"):
        vocabulary("tiny", data, tmp_path / "out")


@pytest.mark.parametrize("preset", ["paper", "zoo"])
def test_the_projects_own_runs_have_one_that_a_preset_takes(preset: str, tmp_path: Path) -> None:
    (told,) = notes(preset, tmp_path)
    assert str(OWN / f"vocabulary-{preset}") in told
    made = vocabulary(preset, tmp_path / "no data", tmp_path)
    assert fingerprint(made) == of(OWN / f"vocabulary-{preset}")
    assert len(made) == PRESETS[preset].model["vocab_size"]
