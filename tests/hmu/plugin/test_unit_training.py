"""Training a unit on a frozen base: rows, kept states."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import PreTrainedTokenizerBase, set_seed

from hmu import Checkpoint, find_task
from hmu.plugin import HMUModel
from hmu.plugin.asked import load_foreign
from hmu.plugin.rows import UnitRows, examples_of
from hmu.plugin.training import UnitTrained, UnitTrainer, UnitTraining, rows_of, train_unit
from hmu.tasks import Example
from hmu.training.recipe import PRECISIONS
from tests.hmu.plugin.support_plugin import equal, snapshot
from tests.hmu.plugin.test_asked import encoder_folder
from tests.hmu.support_data import write_rows

__all__ = ["encoder_folder"]  # a fixture

TASK = find_task("sst2")
REVIEWS = [
    {"sentence": " ".join(["a", "man", *(["sleeps"] * (n % 4)), "asleep" if n % 2 else "is"]), "label": n % 2}
    for n in range(40)
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "data" / "glue" / "sst2" / "train.jsonl.gz", REVIEWS)


@pytest.fixture
def encoder(encoder_folder: Path) -> Checkpoint:
    return load_foreign(encoder_folder, device="cpu", dtype="fp32")


def fresh(encoder: Checkpoint) -> HMUModel:
    set_seed(1)
    base = encoder.model.base
    return HMUModel.from_base(base, task_labels={"sst2": ["negative", "positive"]}, kl_weight=0.01, free_bits=0.1)


def test_kept_states_are_what_the_encoder_gives(encoder: Checkpoint, file: Path) -> None:
    model, training = fresh(encoder), UnitTraining()
    kept = rows_of(model, TASK, file, encoder.tokenizer, training)
    read = UnitRows(TASK, examples_of(TASK, file, 0), encoder.tokenizer, 128, 64)
    model.eval()
    with torch.inference_mode():
        answers = [model(**rows.collate([rows[n] for n in range(9)])).logits for rows in (kept, read)]
    torch.testing.assert_close(*answers, rtol=2e-3, atol=2e-3)  # kept in half precision


def test_the_unit_learns_and_the_base_does_not(encoder: Checkpoint, file: Path, tmp_path: Path) -> None:
    model, training = fresh(encoder), UnitTraining(epochs=12, batch_size=8, learning_rate=1e-2)
    rows = rows_of(model, TASK, file, encoder.tokenizer, training)
    before = snapshot(model.base)
    trained = train_unit(model, rows, training, tmp_path / "resume")
    assert (trained.steps, trained.rows) == (60, 40)
    equal(snapshot(model.base), before)
    batch = rows.collate([rows[n] for n in range(40)])
    with torch.inference_mode():
        right = (model(**batch).logits.argmax(-1) == batch["labels"]).float().mean()
    assert right > 0.9  # "asleep" decides


@pytest.mark.parametrize("whose", ["head_rate", "alpha_rate"])
def test_heads_and_alpha_learn_at_their_own_rates(encoder: Checkpoint, file: Path, tmp_path: Path, whose: str) -> None:
    steps = {}
    for rate in (None, 1e-2):
        settings: dict[str, Any] = {"epochs": 1, "batch_size": 40, "learning_rate": 1e-4, whose: rate}
        model, training = fresh(encoder), UnitTraining(**settings)
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        train_unit(model, rows_of(model, TASK, file, encoder.tokenizer, training), training, tmp_path / str(rate))
        steps[rate] = {name: (tensor - before[name]).abs().max() for name, tensor in model.state_dict().items()}
    head, alpha = "units.default.heads.sst2.weight", "units.default.memory.alpha"
    own, other = (head, alpha) if whose == "head_rate" else (alpha, head)
    torch.testing.assert_close(steps[1e-2][own], 100 * steps[None][own], rtol=1e-2, atol=1e-6)
    torch.testing.assert_close(steps[1e-2][other], steps[None][other])


def test_a_head_alone_learns_at_its_own_rate(encoder: Checkpoint, file: Path, tmp_path: Path) -> None:
    model, training = fresh(encoder), UnitTraining(epochs=1, batch_size=8, head_rate=1e-2)
    model.unit().memory.requires_grad_(False)
    rows = rows_of(model, TASK, file, encoder.tokenizer, training)
    before = snapshot(model.unit().memory)
    train_unit(model, rows, training, tmp_path / "resume")
    equal(snapshot(model.unit().memory), before)


def test_resume_files_of_another_training_are_refused(encoder: Checkpoint, file: Path, tmp_path: Path) -> None:
    def trained(**settings: Any) -> UnitTrained:
        model, training = fresh(encoder), UnitTraining(epochs=1, batch_size=8, **settings)
        return train_unit(model, rows_of(model, TASK, file, encoder.tokenizer, training), training, tmp_path / "resume")

    trained()
    mark = tmp_path / "resume" / "checkpoint-3"
    mark.mkdir()
    (mark / "trainer_state.json").write_text("{}")
    for other in ({"seed": 1}, {"rows": 20}, {"learning_rate": 1e-2}):
        with pytest.raises(ValueError, match="resume: left by another training"):
            trained(**other)


def test_two_trainings_are_one(encoder: Checkpoint, file: Path, tmp_path: Path) -> None:
    units = []
    for name in ("one", "other"):
        model, training = fresh(encoder), UnitTraining(epochs=1, batch_size=8, seed=3)
        train_unit(model, rows_of(model, TASK, file, encoder.tokenizer, training), training, tmp_path / name)
        units.append(model.state_dict())
    equal(units[0], units[1])


def test_bf16_learns_the_same_and_leaves_the_weights_in_fp32(
    encoder: Checkpoint, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved, fused = [], []
    compute = UnitTrainer.compute_loss

    def seen(*args: Any, **kwargs: Any) -> Any:
        fused.append(torch.backends.cuda.flash_sdp_enabled())
        return compute(*args, **kwargs)

    monkeypatch.setattr(UnitTrainer, "compute_loss", seen)
    for precision in PRECISIONS:
        training = UnitTraining(epochs=2, batch_size=20, precision=precision)
        model = fresh(encoder)
        before = model.state_dict()["units.default.heads.sst2.weight"].clone()
        train_unit(model, rows_of(model, TASK, file, encoder.tokenizer, training), training, tmp_path / precision)
        assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
        moved.append(model.state_dict()["units.default.heads.sst2.weight"] - before)
    assert fused == [True] * 4 + [False] * 4
    assert not torch.equal(*moved)
    torch.testing.assert_close(*moved, rtol=0.05, atol=1e-5)


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ValueError, match=r"training: precision 'fp8'; choose fp32 or bf16"):
        UnitTraining(precision="fp8")


def test_a_slice_and_the_rest_are_the_whole(file: Path) -> None:
    rest = examples_of(TASK, file, 4, held_out=0.3)
    apart = examples_of(TASK, file, 4, held_out=0.3, apart=True)
    assert rest
    assert apart
    whole = examples_of(TASK, file, 4)
    assert sorted(map(repr, rest + apart)) == sorted(map(repr, whole))
    drawn = examples_of(TASK, file, 4, rows=7)
    assert len(drawn) == 7
    assert {each.source for each in drawn} <= {each.source for each in whole}


def test_more_rows_than_there_are_is_an_error(file: Path) -> None:
    with pytest.raises(ValueError, match=r"train.jsonl.gz: 41 rows asked for, there are 40; ask for fewer"):
        examples_of(TASK, file, 0, rows=41)


@pytest.mark.parametrize("name", ["epochs", "batch_size", "learning_rate", "max_source"])
def test_a_training_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"training: {name} 0; give a number above 0"):
        UnitTraining(**{name: 0})  # type: ignore[arg-type]


def test_a_pair_of_texts_goes_in_as_one_row(encoder: Checkpoint) -> None:
    task = find_task("rte")
    rows = UnitRows(task, [Example("a man", 1, second="is asleep")], encoder.tokenizer, 128, 64)
    theirs = encoder.tokenizer("a man", "is asleep")
    batch = rows.collate([rows[0]])
    assert batch["input_ids"].tolist() == [theirs["input_ids"]]
    assert batch["token_type_ids"].tolist() == [theirs["token_type_ids"]]
    assert (batch["labels"].tolist(), batch["task"]) == ([1], "rte")


def test_a_target_is_padded_with_what_no_loss_asks_for(tokenizer: PreTrainedTokenizerBase) -> None:
    task = find_task("roc_stories")
    examples = [Example("A dog.", references=("It ran after the ball.",)), Example("A man.", references=("He ran.",))]
    rows = UnitRows(task, examples, tokenizer, 24, 24)
    labels = rows.collate([rows[0], rows[1]])["labels"]
    for row, example in zip(labels.tolist(), examples, strict=True):
        found = [token for token in row if token != -100]
        assert found == tokenizer(example.references[0])["input_ids"]
        assert set(row[len(found) :]) <= {-100}
