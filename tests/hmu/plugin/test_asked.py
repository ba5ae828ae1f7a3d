"""A base with its unit as a checkpoint: what the page and the commands ask of it."""

import shutil
from pathlib import Path

import pytest
import torch
from transformers import BertTokenizerFast

import hmu
from hmu import Checkpoint, CheckpointError, Controls, load_checkpoint
from hmu.beams import beam_search
from hmu.plugin import HMUModel
from hmu.plugin.asked import load_foreign, plugged
from hmu.plugin.foreign import PluggedEncoder
from hmu.tokens import source_tokens
from tests.hmu.plugin.support_plugin import encoder_of, equal, near, stir

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "man", "sleeps", "somebody", "is", "asleep", ".")
LABELS = {"rte": ["entailment", "not entailment"], "sst2": ["negative", "positive"]}


@pytest.fixture(scope="module")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT and its tokenizer."""
    folder = tmp_path_factory.mktemp("encoder")
    encoder_of("BertModel", vocab_size=len(WORDS), type_vocab_size=2).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


def unit_of(base: Checkpoint, folder: Path, **settings: object) -> Path:
    """A unit that matters, saved for that base."""
    model = base.model.base if isinstance(base.model, PluggedEncoder) else base.model
    made = HMUModel.from_base(model, **settings).eval()  # type: ignore[arg-type]
    stir(made, "default", seed=5)
    made.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def encoder(encoder_folder: Path) -> Checkpoint:
    return load_foreign(encoder_folder, device="cpu")


@pytest.fixture(scope="module")
def classifier(encoder: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a unit with two heads."""
    return unit_of(encoder, tmp_path_factory.mktemp("unit"), task_labels=LABELS)


def test_a_pair_is_read_as_the_bases_tokenizer_reads_it(encoder: Checkpoint) -> None:
    first, second = "a man sleeps a man sleeps .", "somebody is asleep"
    for limit in (7, 9, 128):
        (found,) = source_tokens(encoder.tokenizer, [(first, second)], limit)
        theirs = encoder.tokenizer(first, second, truncation="longest_first", max_length=limit)["input_ids"]
        assert found.ids == theirs


def test_the_second_text_is_told_from_the_first(encoder: Checkpoint) -> None:
    read = encoder.tokenizer("a man sleeps", "somebody is asleep", return_tensors="pt")
    assert read["token_type_ids"].any()
    with torch.inference_mode():
        theirs = encoder.model.base(**read).last_hidden_state
        ours = encoder.model.encode(read["input_ids"], read["attention_mask"])
    equal(ours, theirs)


def test_a_unit_answers_as_the_plugged_model_does(encoder: Checkpoint, classifier: Path) -> None:
    asked = plugged(encoder, classifier)
    source = hmu.read(asked, "rte", "a man sleeps .", "somebody is asleep .")
    found = hmu.class_probabilities(asked, hmu.remember(asked, source, Controls()), "rte")
    model = HMUModel.from_pretrained(classifier, base=encoder.model.base)
    read = encoder.tokenizer("a man sleeps .", "somebody is asleep .", return_tensors="pt")
    with torch.inference_mode():
        shares = model(**read, task="rte").logits.softmax(-1)[0]
    near(torch.tensor(list(found.values())), shares)


def test_off_and_on_share_their_base_and_differ_in_what_they_say(encoder: Checkpoint, classifier: Path) -> None:
    on, off = plugged(encoder, classifier), plugged(encoder, classifier, on=False)
    assert on.has_gate
    assert not off.has_gate
    assert on.model.base is off.model.base is encoder.model.base
    answers = []
    for asked in (on, off):
        remembered = hmu.remember(asked, hmu.read(asked, "sst2", "a man sleeps"), Controls())
        answers.append(hmu.class_probabilities(asked, remembered, "sst2")["positive"])
    assert abs(answers[0] - answers[1]) > 1e-3


def test_turning_the_gate_moves_the_answer(encoder: Checkpoint, classifier: Path) -> None:
    asked = plugged(encoder, classifier)
    source = hmu.read(asked, "sst2", "a man sleeps")
    shares = [
        hmu.class_probabilities(asked, hmu.remember(asked, source, Controls(gate_bias=bias)), "sst2")["positive"]
        for bias in (-8.0, 8.0)
    ]
    assert abs(shares[0] - shares[1]) > 1e-4


def test_a_unit_on_one_of_ours_writes_what_the_plugged_model_writes(baseline_folder: Path, tmp_path: Path) -> None:
    base = load_checkpoint(baseline_folder, device="cpu", dtype="fp32")
    asked = plugged(base, unit_of(base, tmp_path / "unit", task="roc_stories"))
    source = hmu.read(asked, "common_gen", "dog, ball, throw")
    (written,) = beam_search(asked.model, hmu.remember(asked, source, Controls()), 1, 8)
    model = HMUModel.from_pretrained(tmp_path / "unit", base=base.model)
    ids = torch.tensor([source_tokens(base.tokenizer, [("dog ball throw", None)], 24)[0].ids])
    theirs = model.generate(ids, max_new_tokens=8, do_sample=False)[0, 1:].tolist()
    end = base.model.config.eos_token_id
    assert written == (theirs[: theirs.index(end) + 1] if end in theirs else theirs)
    off = plugged(base, tmp_path / "unit", on=False)
    equal(hmu.remember(off, source, Controls()).memory, hmu.remember(base, source, Controls()).memory)


def test_the_base_is_as_it_was_under_a_unit(baseline_folder: Path, tmp_path: Path) -> None:
    base = load_checkpoint(baseline_folder, device="cpu", dtype="fp32")
    before = {name: tensor.clone() for name, tensor in base.model.state_dict().items()}
    asked = plugged(base, unit_of(base, tmp_path / "unit"))
    assert base.model.config.memory == "none"
    assert asked.model.embedding is base.model.embedding
    equal(dict(base.model.state_dict()), before)


def test_a_unit_goes_on_no_model_with_a_memory(hmu_checkpoint: Checkpoint, classifier: Path) -> None:
    with pytest.raises(CheckpointError, match="a memory of its own; a unit goes on a baseline"):
        plugged(hmu_checkpoint, classifier)


def test_a_unit_of_another_base_is_refused(baseline_checkpoint: Checkpoint, classifier: Path) -> None:
    with pytest.raises(CheckpointError, match=r"made for (a BertModel|width)"):
        plugged(baseline_checkpoint, classifier)


def test_an_encoder_that_cannot_be_loaded_is_refused(encoder_folder: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(encoder_folder, tmp_path / "broken"))
    (broken / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(CheckpointError, match=r"broken: .*give the folder of an encoder"):
        load_foreign(broken)


def test_a_head_that_there_is_none_for_is_named(encoder: Checkpoint, classifier: Path) -> None:
    asked = plugged(encoder, classifier)
    remembered = hmu.remember(asked, hmu.read(asked, "sst2", "a man"), Controls())
    with pytest.raises(ValueError, match='task "ag_news": this unit has heads for rte, sst2'):
        asked.model.classify(remembered, "ag_news")
