"""The model in the library's own `Trainer`, without any of ours."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Trainer, TrainingArguments

from hmu import MemoryTransformer

Models = Callable[..., MemoryTransformer]
ROWS = [
    {"input_ids": [5, 40 + i, 2], "attention_mask": [1, 1, 1], "labels": [60 + i, 61 + i, 62 + i, 2]} for i in range(4)
]
ARMS = pytest.mark.parametrize("arm", ["baseline", "hmu"])


def trainer(model: MemoryTransformer, folder: Path, **settings: Any) -> Trainer:
    given = {"output_dir": str(folder), "use_cpu": True, "report_to": [], "save_strategy": "no", "disable_tqdm": True}
    arguments = TrainingArguments(**{**given, **settings})
    return Trainer(model=model, args=arguments, train_dataset=ROWS, eval_dataset=ROWS)


@ARMS
def test_the_librarys_trainer_lowers_the_loss(tiny_model: Models, tmp_path: Path, arm: str) -> None:
    model = tiny_model(arm, dropout=0.0)
    batch = {name: torch.tensor([row[name] for row in ROWS]) for name in ROWS[0]}
    before = model(**batch).loss.item()
    trainer(model, tmp_path, max_steps=30, learning_rate=1e-2).train()
    assert model.eval()(**batch).loss.item() < before / 2


def test_accumulated_batches_take_the_step_of_one_large_batch(tiny_model: Models, tmp_path: Path) -> None:
    """Catches a loss that Trainer believes to be a sum, and so does not divide by the number of batches."""
    stepped = []
    for size, accumulated in ((4, 1), (1, 4)):
        model = tiny_model("baseline", dropout=0.0)
        trainer(
            model,
            tmp_path,
            max_steps=1,
            optim="sgd",
            learning_rate=0.1,
            max_grad_norm=0.0,
            per_device_train_batch_size=size,
            gradient_accumulation_steps=accumulated,
        ).train()
        stepped.append(dict(model.state_dict()))
    torch.testing.assert_close(stepped[0], stepped[1], rtol=1e-4, atol=1e-6)


@ARMS
def test_the_librarys_trainer_gathers_logits_and_nothing_else(tiny_model: Models, tmp_path: Path, arm: str) -> None:
    """Catches a trace among the outputs: Trainer can only gather tensors."""
    predicted = trainer(tiny_model(arm), tmp_path).predict(ROWS)
    assert predicted.predictions.shape == (4, 4, 300)
