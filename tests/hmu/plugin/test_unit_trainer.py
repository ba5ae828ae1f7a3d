"""A unit in the library's own `Trainer`."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.utils.data import default_collate
from transformers import Trainer, TrainingArguments

from hmu import Controls
from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import LOSS_OF_TWO_BERTS, attached, base_of, encoder_of, equal, mattering, snapshot

pytestmark = LOSS_OF_TWO_BERTS
KINDS = pytest.mark.parametrize("kind", ["T5", "Bart", "BERT2BERT-wide", "MemoryTransformer"])
ROWS = [
    {"input_ids": [5, 40 + i, 2 + i], "attention_mask": [1, 1, 1], "labels": [60 - i, 31 + i, 22 + i, 2]}
    for i in range(8)
]
CLASSED = [{**row, "labels": i % 2} for i, row in enumerate(ROWS)]


def tensors(items: Any) -> dict[str, Tensor]:
    return default_collate([{name: torch.tensor(value) for name, value in item.items()} for item in items])


def without_noise(items: Any) -> dict[str, Any]:
    """Controls travel with the batch: the latent's mean, as in evaluation."""
    return {**tensors(items), "controls": Controls()}


def trainer(model: HMUModel, folder: Path, rows: Any = ROWS, collate: Any = tensors, **settings: Any) -> Trainer:
    given = {"output_dir": str(folder), "use_cpu": True, "report_to": [], "save_strategy": "no", "disable_tqdm": True}
    given |= {"per_device_train_batch_size": 2, "learning_rate": 1e-2, "logging_strategy": "no"}
    arguments = TrainingArguments(**{**given, **settings})
    return Trainer(model=model, args=arguments, train_dataset=rows, eval_dataset=rows, data_collator=collate)


@KINDS
def test_trainer_changes_the_unit_and_lowers_its_loss(kind: str, tmp_path: Path) -> None:
    model = attached(base_of(kind), kl_weight=0.01)
    base, begun = snapshot(model.base), trainer(model, tmp_path)
    before = begun.evaluate()["eval_loss"]
    begun.args.max_steps = 20
    begun.train()
    assert begun.evaluate()["eval_loss"] < before
    equal(snapshot(model.base), base)


@KINDS
def test_trainers_loss_is_the_models(kind: str, tmp_path: Path) -> None:
    model = mattering(base_of(kind), kl_weight=0.5)
    told = trainer(model, tmp_path, per_device_eval_batch_size=8).evaluate()["eval_loss"]
    assert told == pytest.approx(model.eval()(**tensors(ROWS)).loss.item(), abs=1e-5)


@KINDS
def test_a_checkpoint_of_trainers_holds_the_unit_alone(kind: str, tmp_path: Path) -> None:
    model = attached(base_of(kind))
    trainer(model, tmp_path, max_steps=2, save_strategy="steps", save_steps=2).train()
    written = load_file(tmp_path / "checkpoint-2" / "model.safetensors")
    equal(written, {f"units.default.{name}": tensor for name, tensor in model.unit().state_dict().items()})


@KINDS
def test_a_training_that_was_stopped_goes_on_to_the_same_unit(kind: str, tmp_path: Path) -> None:
    """With its noise: its seeds are drawn from the generator that Trainer keeps."""
    whole, cut, again = (attached(base_of(kind), kl_weight=0.1) for _ in range(3))
    every = {"max_steps": 4, "save_strategy": "steps", "save_steps": 2, "lr_scheduler_type": "constant"}
    trainer(whole, tmp_path / "whole", **every).train()
    trainer(cut, tmp_path / "cut", **{**every, "max_steps": 2}).train()
    trainer(again, tmp_path / "cut", **every).train(resume_from_checkpoint=str(tmp_path / "cut" / "checkpoint-2"))
    equal(again.state_dict(), whole.state_dict())
    assert any((whole.state_dict()[name] != tensor).any() for name, tensor in cut.state_dict().items())


def test_the_best_unit_is_put_back(tmp_path: Path) -> None:
    every: dict[str, Any] = dict.fromkeys(("save_strategy", "eval_strategy"), "steps")
    every |= {"save_steps": 1, "eval_steps": 1, "max_steps": 3, "learning_rate": 5.0, "load_best_model_at_end": True}
    model = attached(base_of("T5"))
    ran = trainer(model, tmp_path, **every)
    ran.train()
    best = load_file(Path(str(ran.state.best_model_checkpoint)) / "model.safetensors")
    equal(dict(model.state_dict()), best)


@KINDS
def test_accumulated_batches_take_the_step_of_one_large_batch(kind: str, tmp_path: Path) -> None:
    """Catches a loss that Trainer believes to be a sum, and so does not divide by the number of batches."""
    stepped = []
    for size, accumulated in ((4, 1), (2, 2)):
        model = mattering(base_of(kind), kl_weight=0.1)
        before = model.state_dict()["units.default.memory.alpha"].item()
        settings = {"optim": "sgd", "learning_rate": 0.1, "max_grad_norm": 0.0, "max_steps": 1}
        settings |= {"per_device_train_batch_size": size, "gradient_accumulation_steps": accumulated}
        trainer(model, tmp_path, collate=without_noise, remove_unused_columns=False, **settings).train()
        stepped.append(snapshot(model))
    torch.testing.assert_close(stepped[0], stepped[1], rtol=1e-4, atol=1e-6)
    assert stepped[0]["units.default.memory.alpha"].item() != before


@pytest.mark.parametrize("kind", ["BertModel", "DistilBertModel"])
def test_trainer_trains_a_head_of_the_units(kind: str, tmp_path: Path) -> None:
    model = attached(encoder_of(kind), task_labels={"topic": ["odd", "even"]})
    ran = trainer(model, tmp_path, rows=CLASSED, max_steps=30, learning_rate=3e-2)
    before = ran.evaluate()["eval_loss"]
    ran.train()
    assert ran.evaluate()["eval_loss"] < before
    assert ran.predict(CLASSED).predictions.shape == (8, 2)


@pytest.mark.parametrize("kind", ["BertForSequenceClassification", "DistilBertForSequenceClassification"])
def test_trainer_trains_a_unit_before_the_bases_own_head(kind: str, tmp_path: Path) -> None:
    model = attached(encoder_of(kind))
    ran = trainer(model, tmp_path, rows=CLASSED, max_steps=30, learning_rate=3e-2)
    before, base = ran.evaluate()["eval_loss"], snapshot(model.base)
    ran.train()
    assert ran.evaluate()["eval_loss"] < before
    equal(snapshot(model.base), base)


@KINDS
def test_trainer_gathers_the_logits_that_forward_gives(kind: str, tmp_path: Path) -> None:
    model = mattering(base_of(kind))
    found = trainer(model, tmp_path).predict(ROWS).predictions
    logits = torch.tensor(found[0] if isinstance(found, tuple) else found)
    torch.testing.assert_close(logits, model.eval()(**tensors(ROWS)).logits.detach(), rtol=1e-5, atol=1e-5)
