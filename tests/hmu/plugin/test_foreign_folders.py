"""Somebody else's model from its folder or the Hub, and a unit on it: loaded, asked, or refused by name."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel, T5ForConditionalGeneration

import hmu
from hmu import Checkpoint, CheckpointError, Controls, Decoding, load_checkpoint
from hmu.cli import main
from hmu.evaluation.likelihood import likelihoods
from hmu.evaluation.score import score
from hmu.plugin import HMUModel
from hmu.plugin.asked import load_foreign, load_unit, plugged
from hmu.plugin.identity import known_at
from hmu.tasks import Example
from hmu.tasks.common_gen import COMMON_GEN
from tests.hmu.plugin.support_plugin import EACH, base_of, equal, stir, words

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny T5 and its tokenizer."""
    folder = tmp_path_factory.mktemp("bases") / "tiny-t5"
    base_of("T5").save_pretrained(folder)
    words().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def unit_folder(base_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A unit on it that matters, for sentences and for reviews."""
    folder = tmp_path_factory.mktemp("units") / "words"
    base = T5ForConditionalGeneration.from_pretrained(base_folder)
    labels = {"sst2": ["negative", "positive"]}
    model = HMUModel.from_base(base, task="common_gen", task_labels=labels)
    stir(model, "default", seed=3)
    model.save_pretrained(folder)
    return folder


def test_a_unit_from_disk_is_read_gate_by_gate(base_folder: Path, unit_folder: Path) -> None:
    checkpoint = load_unit(unit_folder, device="cpu", dtype="fp32")
    assert checkpoint.has_gate
    source = hmu.read(checkpoint, "common_gen", "w7, w40, dog")
    assert source.tokens == ("w7", "w40", "dog", "</s>")
    steps = list(hmu.stream(checkpoint, hmu.remember(checkpoint, source, Controls()), Decoding(max_new_tokens=4)))
    gates = hmu.remember(checkpoint, source, Controls()).trace.gate
    assert gates is not None
    for step in steps:
        assert step.gate == pytest.approx(float(torch.tensor(step.attention) @ gates[0].mean(-1)), abs=1e-6)
        assert sum(step.attention) == pytest.approx(1, abs=1e-5)
    latent = hmu.remember(checkpoint, source, Controls(gate_bias=-8.0))
    turned = list(hmu.stream(checkpoint, latent, Decoding(max_new_tokens=4)))
    assert [step.logprob for step in turned] != [step.logprob for step in steps]
    shares = hmu.class_probabilities(checkpoint, hmu.remember(checkpoint, source, Controls()), "sst2")
    assert sum(shares.values()) == pytest.approx(1)


def test_off_and_on_share_their_base(base_folder: Path, unit_folder: Path) -> None:
    base = load_foreign(base_folder, "cpu", "fp32")
    on, off = plugged(base, unit_folder), plugged(base, unit_folder, on=False)
    assert on.model.base is off.model.base is base.model.base
    assert not off.has_gate
    source = hmu.read(on, "common_gen", "w7, dog")
    equal(hmu.remember(off, source, Controls()).memory, hmu.remember(base, source, Controls()).memory)


def test_a_text_is_as_likely_as_the_bases_own_loss_says(base_folder: Path) -> None:
    checkpoint = load_foreign(base_folder, "cpu", "fp32")
    source = hmu.read(checkpoint, "common_gen", "w7, w40")
    ((found,),) = likelihoods(checkpoint, hmu.remember(checkpoint, source, Controls()), [["w1 dog w3"]])
    read = checkpoint.tokenizer(["w7 w40"], text_target=["w1 dog w3"], return_tensors="pt")
    with torch.inference_mode():
        loss = checkpoint.model.base(**read).loss
    assert found.tokens == 4
    assert -found.per_token == pytest.approx(float(loss), abs=1e-5)


def test_it_is_scored_and_asked_for_words(base_folder: Path, unit_folder: Path) -> None:
    checkpoint = load_unit(unit_folder, device="cpu", dtype="fp32")
    examples = [Example("w7 dog", references=("a dog",)), Example("w9 w40", references=("w9 w40 w3",))]
    plain, wanted = (score(checkpoint, COMMON_GEN, examples, wanted=each)[0] for each in (False, True))
    assert plain.unit.gate_mean is not None
    assert wanted.metrics["coverage"] > plain.metrics["coverage"]  # type: ignore[operator]


def test_the_commands_ask_it(base_folder: Path, unit_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asks = ["--checkpoint", str(unit_folder), "--device", "cpu", "--json", "--text", "w7, w40"]
    assert main(["generate", *asks, "--task", "common_gen", "--max-new-tokens", "4"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert len(written["tokens"]) <= 4
    assert len(written["gates"]) == 3
    assert main(["classify", *asks, "--task", "sst2"]) == 0
    assert set(json.loads(capsys.readouterr().out)["probabilities"]) == {"negative", "positive"}


def test_a_base_of_the_hub_is_fetched_at_the_units_commit(
    base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = T5ForConditionalGeneration.from_pretrained(base_folder)
    HMUModel.from_base(base, base_name="someone/tiny-t5", base_commit=COMMIT).save_pretrained(tmp_path / "unit")
    asked_for = []

    def fetched(name: str, *arguments: Any) -> Checkpoint:
        asked_for.append((name, arguments))
        return load_foreign(base_folder, *arguments)

    monkeypatch.setattr("hmu.plugin.asked.load_foreign", fetched)
    assert load_unit(tmp_path / "unit", None, "cpu", "fp32").has_gate
    assert asked_for == [("someone/tiny-t5", ("cpu", "fp32", COMMIT))]
    monkeypatch.undo()
    other = load_foreign(base_folder, "cpu", "fp32")
    known_at(other.model.base, COMMIT[::-1])
    with pytest.raises(CheckpointError, match=f"at commit {COMMIT}, not at {COMMIT[::-1]}"):
        plugged(other, tmp_path / "unit")


def test_a_folder_of_the_bases_name_is_not_taken_at_its_word(
    base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = T5ForConditionalGeneration.from_pretrained(base_folder)
    HMUModel.from_base(base, base_name="someone/tiny-t5", base_commit=COMMIT).save_pretrained(tmp_path / "unit")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(base_folder, "someone/tiny-t5")
    assert load_unit(Path("unit"), None, "cpu", "fp32").has_gate
    with torch.no_grad():
        base.shared.weight.add_(1)
    base.save_pretrained("someone/tiny-t5")
    with pytest.raises(CheckpointError, match=r"made for a base whose weights \(file\) have sha256"):
        load_unit(Path("unit"), None, "cpu", "fp32")


def test_loads_at_once_leave_the_library_as_it_was(base_folder: Path, baseline_folder: Path) -> None:
    def load(number: int) -> Checkpoint:
        return load_checkpoint(baseline_folder, "cpu") if number % 2 else load_foreign(base_folder, "cpu", "fp32")

    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(load, range(12)))
    whole = dict(load_foreign(base_folder, "cpu", "fp32").model.base.state_dict())
    for checkpoint in loaded[::2]:
        equal(dict(checkpoint.model.base.state_dict()), whole)
    assert load_checkpoint(baseline_folder, "cpu").model.lm_head.weight is not None


@EACH
def test_a_base_comes_back_from_its_folder_whole(kind: str, tmp_path: Path) -> None:
    base = base_of(kind)
    for part in (base, words()):
        part.save_pretrained(tmp_path / "base")
    checkpoint = load_foreign(tmp_path / "base", "cpu", "fp32")
    assert type(checkpoint.model.base) is type(base)
    equal(dict(checkpoint.model.base.state_dict()), dict(base.state_dict()))


def test_a_base_that_lacks_tensors_is_refused_and_not_filled_in(base_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(base_folder, tmp_path / "cut"))
    tensors = load_file(folder / "model.safetensors")
    names = sorted(name for name in tensors if name.startswith("decoder.block.1."))
    save_file(
        {name: tensors[name] for name in tensors if name not in names}, folder / "model.safetensors", {"format": "pt"}
    )
    told = rf'cut: no tensor "{names[0]}", nor {len(names) - 1} others; give the folder'
    with pytest.raises(CheckpointError, match=told):
        load_foreign(folder, "cpu")


def test_what_neither_writes_nor_is_a_bare_encoder_is_refused(tmp_path: Path) -> None:
    GPT2LMHeadModel(
        GPT2Config(vocab_size=64, n_embd=16, n_layer=1, n_head=2, bos_token_id=1, eos_token_id=1)
    ).save_pretrained(tmp_path / "gpt")
    words().save_pretrained(tmp_path / "gpt")
    with pytest.raises(CheckpointError, match=r"gpt: .*decoder-only.*give the folder of an encoder–decoder"):
        load_foreign(tmp_path / "gpt", "cpu")
