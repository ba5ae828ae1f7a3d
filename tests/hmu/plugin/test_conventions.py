"""What users of `Trainer`, `peft` and torch expect of a model that is put on another."""

import inspect
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from transformers import BertModel, Trainer, TrainingArguments

from hmu import CheckpointError
from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import (
    EACH,
    LABELS,
    REAL,
    attached,
    base_of,
    built,
    encoder_of,
    equal,
    mattering,
    near,
    read,
    snapshot,
    stir,
)
from tests.hmu.plugin.test_unit_trainer import ROWS, trainer

COLUMNS = {"input_ids", "attention_mask", "token_type_ids", "position_ids", "global_attention_mask", "inputs_embeds"}
COLUMNS |= {"decoder_input_ids", "decoder_attention_mask", "decoder_inputs_embeds", "labels"}
"""What a data set of texts may hold for a base."""


def arguments(folder: Path, **settings: Any) -> TrainingArguments:
    given: dict[str, Any] = {"output_dir": str(folder), "use_cpu": True, "report_to": [], "disable_tqdm": True}
    return TrainingArguments(**{**given, **settings})


def test_alpha_and_vectors_are_spared_by_weight_decay_and_matrices_are_not(tmp_path: Path) -> None:
    model = mattering(base_of("T5"))
    optimizer = torch.optim.SGD(model.parameter_groups(weight_decay=0.5), lr=0.1)
    before = {name: each.detach().clone() for name, each in model.unit().named_parameters()}
    for each in model.unit().parameters():
        each.grad = torch.zeros_like(each)
    Trainer(model=model, args=arguments(tmp_path), optimizers=(optimizer, None)).create_optimizer()
    optimizer.step()
    for name, each in model.unit().named_parameters():
        near(each.detach(), before[name] * (0.95 if each.dim() > 1 else 1.0))
        assert torch.equal(each.detach(), before[name]) == (each.dim() < 2)
    assert {each.dim() for each in model.unit().parameters()} == {0, 1, 2}


def test_nothing_of_the_base_is_in_the_groups() -> None:
    model = attached(base_of("T5"))
    grouped = {id(each) for group in model.parameter_groups() for each in group["params"]}
    assert grouped == {id(each) for each in model.unit().parameters()}


@EACH
def test_trainer_leaves_every_column_that_the_base_takes(kind: str) -> None:
    base = base_of(kind)
    taken = COLUMNS & set(inspect.signature(base.forward).parameters)
    assert taken <= set(inspect.signature(HMUModel(base).forward).parameters)


def test_global_attention_reaches_the_base_through_trainer(tmp_path: Path) -> None:
    base = base_of("LED")
    rows = [row | {"global_attention_mask": [0, 1, 0]} for row in ROWS]
    losses = [
        trainer(model, tmp_path, rows=given).evaluate()["eval_loss"]
        for model, given in ((base, rows), (attached(base), rows), (attached(base), ROWS))
    ]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]


def test_within_another_model_the_base_is_neither_saved_nor_missed() -> None:
    class Whole(nn.Module):
        def __init__(self, model: HMUModel) -> None:
            super().__init__()
            self.model = model

    one, other = Whole(mattering(base_of("T5"), seed=3)), Whole(mattering(base_of("T5"), seed=4))
    saved = one.state_dict()
    assert {name.partition(".units.")[0] for name in saved} == {"model"}
    other.load_state_dict(saved)
    equal(other.state_dict(), saved)
    with pytest.raises(RuntimeError, match="Missing key"):
        other.load_state_dict({name: each for name, each in saved.items() if "alpha" not in name})


def test_a_base_that_is_trained_too_is_told_not_to_be_saved(tmp_path: Path) -> None:
    model = attached(base_of("T5"), freeze=False)
    with pytest.warns(UserWarning, match="the base is trained too and is not written"):
        model.save_pretrained(tmp_path)


def test_a_folder_of_trainers_is_told_from_a_units(tmp_path: Path) -> None:
    model = attached(base_of("T5"))
    trainer(model, tmp_path).save_model(str(tmp_path / "kept"))
    with pytest.raises(CheckpointError, match="this one is Trainer's, to go on from; call save_pretrained"):
        HMUModel.from_pretrained(tmp_path / "kept", base=model.base)


def test_saving_does_not_pass_over_a_wish_to_upload(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"call push_to_hub\(repo_id\)"):
        attached(base_of("T5")).save_pretrained(tmp_path, push_to_hub=True)


def test_the_active_unit_is_what_a_call_takes_and_trainer_trains(tmp_path: Path) -> None:
    model = mattering(base_of("T5"))
    model.add_unit("mine")
    stir(model, "mine", seed=9)
    given: dict[str, Any] = {"input_ids": REAL, "decoder_input_ids": LABELS}
    answers = {name: read(model, **given, unit=name).logits for name in ("default", "mine", None)}
    equal(read(model, **given).logits, answers["default"])
    model.set_unit("mine")
    equal(read(model, **given).logits, answers["mine"])
    with model.disable_unit():
        equal(read(model, **given).logits, answers[None])
        equal(read(model, **given, unit="mine").logits, answers["mine"])
    equal(read(model, **given).logits, answers["mine"])
    before = {name: snapshot(model.unit(name)) for name in ("default", "mine")}
    trainer(model, tmp_path, max_steps=2).train()
    equal(snapshot(model.unit("default")), before["default"])
    assert any(not torch.equal(one, before["mine"][name]) for name, one in snapshot(model.unit("mine")).items())
    model.delete_unit("mine")
    equal(read(model.eval(), **given).logits, answers["default"])


def test_the_first_unit_is_active_whatever_it_is_called() -> None:
    model = HMUModel(base_of("T5"))
    model.add_unit("mine")
    stir(model.eval(), "mine", seed=9)
    given: dict[str, Any] = {"input_ids": REAL, "decoder_input_ids": LABELS}
    equal(read(model, **given).logits, read(model, **given, unit="mine").logits)


def test_unloading_gives_the_base_back_with_its_gradients() -> None:
    base = base_of("T5")
    base.lm_head.requires_grad_(False)
    before = {name: each.requires_grad for name, each in base.named_parameters()}
    model = attached(base)
    assert not any(each.requires_grad for each in base.parameters())
    assert model.get_base_model() is model.unload() is base
    assert {name: each.requires_grad for name, each in base.named_parameters()} == before


def test_counts_are_of_base_and_units_together(capsys: pytest.CaptureFixture[str]) -> None:
    model = attached(base_of("T5"))
    own = sum(each.numel() for each in model.unit().parameters())
    whole = own + model.base.num_parameters()
    assert model.get_nb_trainable_parameters() == model.trainable_parameters() == (own, whole)
    assert (model.num_parameters(), model.num_parameters(only_trainable=True)) == (whole, own)
    model.print_trainable_parameters()
    assert capsys.readouterr().out == f"{own:,} of {whole:,} parameters get a gradient ({own / whole:.2%})\n"


@pytest.mark.parametrize("name", ["set_adapter", "disable_adapters", "add_adapter"])
def test_what_is_about_adapters_says_what_units_have(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"HMUModel.{name}: units have set_unit, disable_unit"):
        getattr(attached(base_of("T5")), name)


def test_a_third_argument_without_a_name_is_refused() -> None:
    """A BART takes it for the decoder's ids, a BERT for the segments."""
    with pytest.raises(TypeError, match="positional"):
        attached(base_of("Bart"))(REAL, torch.ones_like(REAL), LABELS)


def test_a_head_whose_pooler_cannot_be_reached_is_refused() -> None:
    base = built("NomicBertForSequenceClassification", hidden_size=16, num_hidden_layers=1, num_attention_heads=2)
    with pytest.raises(ValueError, match="what its pooler reads cannot be reached; give the encoder alone"):
        HMUModel.from_base(base)


def test_states_that_are_more_than_the_tokens_are_refused() -> None:
    """This encoder pads its texts to a multiple of its blocks."""
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    base = built("BigBirdForSequenceClassification", **sizes, block_size=4, num_random_blocks=1)
    ids = torch.randint(5, 60, (1, 62))
    with pytest.raises(ValueError, match="gives 64 states for 62 tokens"):
        attached(base)(input_ids=ids)
    assert attached(base)(input_ids=ids[:, :60]).logits.shape == (1, 2)


def test_a_base_that_lies_partly_on_the_disk_answers_as_it_did(tmp_path: Path) -> None:
    base = encoder_of("BertModel")
    base.save_pretrained(tmp_path / "base")
    whole = mattering(BertModel.from_pretrained(tmp_path / "base"), task_labels={"kind": ["a", "b"]})
    whole.save_pretrained(tmp_path / "unit")
    places = {"embeddings": "cpu", "encoder": "cpu", "pooler": "disk"}
    split = HMUModel.from_pretrained(tmp_path / "unit", device_map=places, offload_folder=str(tmp_path / "aside"))
    assert {each.device.type for each in split.base.parameters()} == {"cpu", "meta"}
    assert {each.device.type for each in split.unit().parameters()} == {"cpu"}
    equal(read(split, input_ids=REAL).logits, read(whole, input_ids=REAL).logits)


def test_a_card_does_not_tell_where_a_base_lies(tmp_path: Path) -> None:
    base_of("T5").save_pretrained(tmp_path / "my-base")
    attached(type(base_of("T5")).from_pretrained(tmp_path / "my-base")).save_pretrained(tmp_path / "unit")
    card = (tmp_path / "unit/README.md").read_text()
    assert str(tmp_path) not in card
    assert "# A memory unit for my-base" in card
