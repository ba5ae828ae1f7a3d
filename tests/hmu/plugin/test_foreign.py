"""Somebody else's encoder–decoder as a checkpoint: it writes as the base's own `generate` does, gate and all."""

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
from hmu.beams import beam_search, log_probabilities
from hmu.cli import main
from hmu.evaluation.likelihood import likelihoods
from hmu.evaluation.score import score
from hmu.memory import Remembered
from hmu.modeling import new_cache
from hmu.plugin import HMUModel
from hmu.plugin.asked import joined, load_foreign, load_unit, plugged
from hmu.plugin.foreign import PluggedWriter
from hmu.plugin.identity import known_at
from hmu.tasks import Example
from hmu.tasks.common_gen import COMMON_GEN
from tests.hmu.plugin.support_plugin import EACH, LABELS, REAL, base_of, equal, mattering, near, stir, words

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])


def eager(kind: str, **settings: Any) -> Any:
    """A base that gives its attention's weights, and whose texts never end by themselves."""
    base = base_of(kind)
    base.set_attn_implementation("eager")
    base.generation_config.update(eos_token_id=None, **settings)
    return base


def asked(model: HMUModel, on: bool = True) -> Checkpoint:
    """The same base and unit as a checkpoint."""
    base = Checkpoint("base", PluggedWriter(model.base).eval(), words())  # type: ignore[arg-type]
    return joined("unit", base, model.unit(), on)


def remembered(checkpoint: Checkpoint, controls: Controls | None = None) -> Remembered:
    return checkpoint.model.remember(checkpoint.model.encode(REAL, MASK), MASK, controls)


def of_row(memory: Remembered, row: int) -> Remembered:
    return Remembered(memory.memory[row : row + 1], memory.mask[row : row + 1])


@EACH
@torch.inference_mode()
def test_it_writes_what_the_bases_generate_writes(kind: str) -> None:
    model = mattering(eager(kind))
    model.generation_config.update(min_length=0, no_repeat_ngram_size=0, encoder_no_repeat_ngram_size=0)
    for on, unit in ((True, "default"), (False, None)):
        checkpoint = asked(model, on)
        memory = remembered(checkpoint)
        for beams in (1, 3):
            options: dict[str, Any] = {
                "num_beams": beams,
                "do_sample": False,
                "max_new_tokens": 5,
                "attention_mask": MASK,
            }
            theirs = model.generate(REAL, unit=unit, **options)[:, 1:].tolist()
            assert beam_search(checkpoint.model, memory, beams, 5) == theirs
            if beams == 1:
                for row in (0, 1):
                    steps = hmu.stream(checkpoint, of_row(memory, row), Decoding(max_new_tokens=5))
                    assert [step.token for step in steps] == theirs[row]


@EACH
@torch.inference_mode()
def test_probabilities_are_those_of_the_plugged_models_own_pass(kind: str) -> None:
    model = mattering(eager(kind))
    checkpoint = asked(model)
    memory = remembered(checkpoint)
    start = checkpoint.model.config.decoder_start_token_id
    inputs = torch.tensor([[start, *row[:-1]] for row in LABELS.tolist()])
    logits = model(REAL, MASK, decoder_input_ids=inputs).logits.log_softmax(-1)
    theirs = logits.gather(-1, LABELS[:, :, None])[:, :, 0]
    for row in (0, 1):
        near(torch.tensor(log_probabilities(checkpoint.model, of_row(memory, row), LABELS[row].tolist())), theirs[row])
    equal(checkpoint.model.shift_right(LABELS), inputs)


@EACH
@torch.inference_mode()
def test_attention_sums_to_one_over_the_real_tokens_with_and_without_a_cache(kind: str) -> None:
    checkpoint = asked(mattering(eager(kind)))
    memory, cache = remembered(checkpoint), new_cache()
    inputs = torch.cat((torch.full((2, 1), checkpoint.model.config.decoder_start_token_id), LABELS), 1)
    whole = checkpoint.model.decode(inputs, memory, want_weights=True)
    for place in range(inputs.shape[1]):
        step = checkpoint.model.decode(inputs[:, place : place + 1], memory, cache, want_weights=True)
        near(step.logits[:, 0], whole.logits[:, place])
        for cached, uncached in zip(step.cross_attentions, whole.cross_attentions, strict=True):
            near(cached[:, :, 0], uncached[:, :, place])
            near(cached.sum(-1), torch.ones_like(cached.sum(-1)))
            assert not cached[1, :, :, 4:].any()


@torch.inference_mode()
def test_what_the_base_asks_of_every_text_holds_when_streamed() -> None:
    plain = eager("Bart")
    usual = plain.generate(REAL[:1], max_new_tokens=5, do_sample=False, num_beams=1)[0, 1:].tolist()
    asks = {"forced_bos_token_id": 40, "bad_words_ids": [[usual[1]]], "suppress_tokens": [usual[2]]}
    base = eager("Bart", **asks)
    theirs = base.generate(REAL[:1], max_new_tokens=5, do_sample=False, num_beams=1)[0, 1:].tolist()
    assert theirs[0] == 40 != usual[0]
    checkpoint = Checkpoint("base", PluggedWriter(base).eval(), words())  # type: ignore[arg-type]
    memory = Remembered(checkpoint.model.encode(REAL[:1], MASK[:1]), MASK[:1])
    assert [step.token for step in hmu.stream(checkpoint, memory, Decoding(max_new_tokens=5))] == theirs
    drawn = [step.token for step in hmu.stream(checkpoint, memory, Decoding(temperature=2.0, max_new_tokens=40))]
    assert drawn[0] == 40
    assert not {usual[1], usual[2]} & set(drawn)
    assert beam_search(checkpoint.model, memory, 1, 5) == [theirs]


@pytest.mark.parametrize(
    "more",
    [
        {"no_repeat_ngram_size": 1},
        {"repetition_penalty": 3.0},
        {"forced_eos_token_id": 9},
        {"begin_suppress_tokens": None},
    ],
)
@torch.inference_mode()
def test_what_the_maker_of_the_base_adds_for_a_use_of_its_own_is_left_out(more: dict[str, Any]) -> None:
    plain = eager("Bart")
    usual = plain.generate(REAL, max_new_tokens=9, do_sample=False, num_beams=1)
    fond = eager("Bart", **{name: usual[:, 1].tolist() if value is None else value for name, value in more.items()})
    texts = [base.generate(REAL, max_new_tokens=9, do_sample=False, num_beams=1).tolist() for base in (plain, fond)]
    assert texts[0] != texts[1]
    checkpoint = Checkpoint("base", PluggedWriter(fond).eval(), words())  # type: ignore[arg-type]
    mask = torch.ones_like(REAL)
    written = beam_search(checkpoint.model, Remembered(checkpoint.model.encode(REAL, mask), mask), 1, 9)
    assert written == [text[1:] for text in texts[0]]


def test_a_base_that_begins_no_text_is_refused() -> None:
    base = base_of("T5")
    base.config.decoder_start_token_id = base.generation_config.decoder_start_token_id = None
    with pytest.raises(ValueError, match="T5ForConditionalGeneration: no decoder_start_token_id; set it"):
        PluggedWriter(base)


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


@torch.inference_mode()
def test_any_of_several_ends_ends_a_text() -> None:
    base = eager("T5")
    usual = base.generate(REAL[:1], max_new_tokens=8, do_sample=False, num_beams=1)[0, 1:].tolist()
    last = next(place for place in range(1, 8) if usual[place] not in usual[:place])
    unused = min(set(range(3, 60)) - set(usual))
    base.generation_config.update(eos_token_id=[unused, usual[last]])
    checkpoint = Checkpoint("base", PluggedWriter(base).eval(), words())  # type: ignore[arg-type]
    memory = Remembered(checkpoint.model.encode(REAL[:1], MASK[:1]), MASK[:1])
    streamed = [step.token for step in hmu.stream(checkpoint, memory, Decoding(max_new_tokens=8))]
    assert streamed == usual[: last + 1]
    assert beam_search(checkpoint.model, memory, 1, 8) == [streamed]


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
