"""A unit in `Seq2SeqTrainer`, which also generates."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.data import default_collate
from transformers import Seq2SeqTrainer, Seq2SeqTrainingArguments

from hmu.plugin import HMUModel
from tests.hmu.plugin.support_plugin import LOSS_OF_TWO_BERTS, base_of, mattering, snapshot

pytestmark = LOSS_OF_TWO_BERTS
KINDS = pytest.mark.parametrize("kind", ["T5", "Bart", "Marian", "BERT2BERT-wide", "MemoryTransformer"])
ROWS = [
    {"input_ids": [5, 40 + i, 7 + i, 3], "attention_mask": [1, 1, 1, i % 2], "labels": [60 - i, 31 + i, 22 + i]}
    for i in range(6)
]


def tensors(items: Any) -> dict[str, torch.Tensor]:
    return default_collate([{name: torch.tensor(value) for name, value in item.items()} for item in items])


def trainer(model: HMUModel, folder: Path, **settings: Any) -> Seq2SeqTrainer:
    given = {"output_dir": str(folder), "use_cpu": True, "report_to": [], "save_strategy": "no", "disable_tqdm": True}
    given |= {"predict_with_generate": True, "learning_rate": 1e-2, "per_device_eval_batch_size": 3}
    arguments = Seq2SeqTrainingArguments(**{**given, **settings})
    return Seq2SeqTrainer(model=model, args=arguments, train_dataset=ROWS, eval_dataset=ROWS, data_collator=tensors)


@KINDS
def test_predictions_are_what_generate_gives_after_training(kind: str, tmp_path: Path) -> None:
    model = mattering(base_of(kind))
    model.generation_config.max_length = 6  # Trainer pads to it
    before = snapshot(model)
    ran = trainer(model, tmp_path, max_steps=3)
    ran.train()
    assert any((before[name] != tensor).any() for name, tensor in model.state_dict().items())
    model.eval()
    batch = tensors(ROWS)
    source: dict[str, Any] = {"input_ids": batch["input_ids"], "attention_mask": batch["attention_mask"]}
    for beams in (1, 2):
        expected = model.generate(**source, max_length=6, min_length=6, do_sample=False, num_beams=beams)
        found = ran.predict(ROWS, max_length=6, min_length=6, do_sample=False, num_beams=beams)
        assert found.predictions.tolist() == expected.tolist()
        assert found.metrics["test_loss"] == pytest.approx(model(**batch).loss.item(), abs=1e-4)


@KINDS
def test_a_generation_config_of_the_arguments_reaches_generate(kind: str, tmp_path: Path) -> None:
    base = base_of(kind)
    config = copy.deepcopy(base.generation_config)
    config.max_length, config.max_new_tokens, config.min_new_tokens = None, 4, 4
    model = mattering(base)
    found = torch.tensor(trainer(model, tmp_path, generation_config=config).predict(ROWS).predictions)
    source: dict[str, Any] = {name: tensor for name, tensor in tensors(ROWS).items() if name != "labels"}
    expected = model.generate(**source, max_new_tokens=4, min_new_tokens=4, do_sample=False)
    assert found[:, :5].tolist() == expected.tolist()
    assert (found[:, 5:] == model.config.pad_token_id).all()  # Trainer's own
