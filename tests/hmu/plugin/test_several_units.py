"""Several units on one base, chosen with the call."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import LABELS, REAL, SHORT, attached, base_of, equal, mattering, read, stir

KINDS = pytest.mark.parametrize("kind", ["T5", "Bart", "BERT2BERT-wide", "MemoryTransformer"])
GIVEN: dict[str, Any] = {"input_ids": REAL, "decoder_input_ids": LABELS}
UNITS = ("default", "other", None)


def two(kind: str) -> HMUModel:
    model = mattering(base_of(kind))
    model.add_unit("other", latent_dim=3)
    stir(model, "other", 9)
    return model


@KINDS
def test_each_of_two_units_answers_as_it_does_alone(kind: str, tmp_path: Path) -> None:
    model, base = two(kind), base_of(kind)
    answers = []
    for unit in ("default", "other"):
        model.save_pretrained(tmp_path / unit, unit=unit)
        alone = HMUModel.from_pretrained(tmp_path / unit, base)
        answers.append(read(model, **GIVEN, unit=unit).logits)
        equal(answers[-1], read(alone, **GIVEN).logits)
        equal(model.generate(REAL, **SHORT, unit=unit), alone.generate(REAL, **SHORT))
    assert (answers[0] != answers[1]).any()


@KINDS
def test_units_in_two_threads_keep_to_their_own(kind: str) -> None:
    model = two(kind)
    alone = [model.generate(REAL, **SHORT, unit=unit).tolist() for unit in UNITS]
    with ThreadPoolExecutor(3) as pool:
        made = pool.map(lambda unit: [model.generate(REAL, **SHORT, unit=unit).tolist() for _ in range(4)], UNITS)
    assert list(made) == [[one] * 4 for one in alone]


def test_a_unit_added_is_fresh_and_one_taken_off_is_gone() -> None:
    model = mattering(base_of("T5"))
    before = read(model, **GIVEN).logits
    model.add_unit("other")
    equal(read(model, **GIVEN, unit="other").logits, read(model, **GIVEN, unit=None).logits)
    assert list(model.units) == ["default", "other"]
    model.delete_unit("other")
    assert list(model.units) == ["default"]
    equal(read(model, **GIVEN).logits, before)


def test_a_unit_added_when_all_were_taken_off_knows_the_base_as_they_did() -> None:
    model = HMUModel.from_base(base_of("T5"), base_name="someone/tiny-t5", base_commit="a" * 40)
    known = model.unit().settings.base
    model.delete_unit("default")
    model.add_unit("other")
    assert model.unit("other").settings.base == known


def test_a_saved_unit_is_put_beside_another(tmp_path: Path) -> None:
    saved = two("T5")
    saved.save_pretrained(tmp_path / "other", unit="other")
    model = mattering(base_of("T5"))
    model.load_unit(tmp_path / "other", "more")
    equal(read(model, **GIVEN, unit="more").logits, read(saved, **GIVEN, unit="other").logits)
    assert not any(each.requires_grad for each in model.unit("more").parameters())


def test_a_unit_comes_in_the_models_mode(tmp_path: Path) -> None:
    model = attached(base_of("T5"))
    model.save_pretrained(tmp_path)
    for mode, names in ((False, ("one", "two")), (True, ("three", "four"))):
        model.train(mode)
        model.add_unit(names[0])
        model.load_unit(tmp_path, names[1])
        assert {model.unit(name).training for name in names} == {mode}


def test_the_first_unit_may_come_after_the_base() -> None:
    model = HMUModel(base_of("T5"))
    with pytest.raises(ValueError, match=r'^unit "default": this base has none; add or load it$'):
        model(**GIVEN)
    model.add_unit("default")
    equal(read(model, **GIVEN).logits, read(model, **GIVEN, unit=None).logits)


@pytest.mark.parametrize("name", ["default", "other"])
def test_a_taken_name_is_refused_and_its_unit_kept(name: str, tmp_path: Path) -> None:
    model = two("T5")
    model.save_pretrained(tmp_path)
    before = read(model, **GIVEN, unit=name).logits
    for put in (lambda: model.add_unit(name), lambda: model.load_unit(tmp_path, name)):
        with pytest.raises(ValueError, match=f'^unit "{name}": the name is taken; choose another, or delete that unit'):
            put()
    equal(read(model, **GIVEN, unit=name).logits, before)


@pytest.mark.parametrize("name", ["", "a.b", "two words", "1st", "train", "training", "keys"])
def test_a_name_that_is_no_plain_word_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="give it another plain name of letters"):
        attached(base_of("T5")).add_unit(name)


def test_only_the_unit_that_was_called_is_trained() -> None:
    model = two("T5").train()
    model(input_ids=REAL, labels=LABELS, unit="other").loss.backward()
    assert {each.grad is None for each in model.unit("default").parameters()} == {True}
    assert torch.stack([parameter.grad.abs().sum() for parameter in model.unit("other").parameters()]).all()  # type: ignore[union-attr]
