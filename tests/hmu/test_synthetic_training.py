"""Training on drawn rows: the loss falls, both arms see the same rows, a broken training goes on as if unbroken."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from hmu import Controls, load_checkpoint
from hmu.tasks import synthetic
from hmu.tasks.synthetic import SPECIAL, VOCABULARY
from hmu.training.recipe import read_recipe
from hmu.training.synthetic import TRAINED, SyntheticBatches, SyntheticRows, join, synthetic_tokenizer
from hmu.training.trainer import MemoryTrainer, train, training_controls
from tests.hmu.support_data import hmu
from tests.hmu.support_synthetic import untrained, write_recipe

ROOT = Path(__file__).parents[2]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return {name: tensor for file in folder.glob("*.safetensors") for name, tensor in load_file(file).items()}


class PowerCutError(Exception):
    """What ends a training in the middle."""


@pytest.mark.parametrize("arm", ["baseline", "hmu"])
def test_a_training_lowers_the_loss_and_its_checkpoint_loads(
    tmp_path: Path, arm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses: list[float] = []
    _watch(monkeypatch, lambda step, loss: losses.append(loss))
    monkeypatch.delenv("HMU_DATA", raising=False)
    longer = "steps = 12 => steps = 90"
    said = hmu("train", "--recipe", write_recipe(tmp_path, longer=longer), "--arm", arm, "--out", tmp_path / "out")
    assert (said.code, said.out) == (0, f"{tmp_path / 'out' / 'final'}\n")
    assert sum(losses[-10:]) < 0.95 * sum(losses[:10])
    assert load_checkpoint(said.out.strip(), device="cpu").has_gate == (arm == "hmu")


def test_a_resumed_training_ends_with_the_weights_of_an_unbroken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = read_recipe(write_recipe(tmp_path))
    whole = train(recipe, "hmu", None, tmp_path / "whole").folder
    seen: list[int] = []

    def cut(step: int, _: float) -> None:
        seen.append(step)
        if len(seen) == 12:
            raise PowerCutError

    _watch(monkeypatch, cut)
    with pytest.raises(PowerCutError):
        train(recipe, "hmu", None, tmp_path / "cut", save_steps=8)
    resumed = train(recipe, "hmu", None, tmp_path / "cut", save_steps=8).folder
    assert seen == [*range(12), *range(8, 22)]
    torch.testing.assert_close(weights(resumed), weights(whole), rtol=0, atol=0)


def test_every_row_is_trained_on_once_and_none_that_is_measured(tmp_path: Path) -> None:
    recipe = read_recipe(write_recipe(tmp_path))
    indices = [address.index for batch in SyntheticBatches(recipe.synthetic, recipe.seed) for address in batch]
    assert indices == list(range(TRAINED, TRAINED + len(indices)))


def test_the_batches_are_the_seeds_and_hold_one_task_and_length_each(tmp_path: Path) -> None:
    recipe = read_recipe(write_recipe(tmp_path))
    first, again, other = (list(SyntheticBatches(recipe.synthetic, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert all(len({(a.part, a.length, a.pairs) for a in batch}) == 1 for batch in first)
    parts = [batch[0].part for batch in first]
    assert {part: parts.count(part) for part in parts} == {"retention": 12, "recall": 5, "copy": 5}


def test_batches_stay_within_their_plan_and_lengths_grow() -> None:
    recipe = read_recipe(ROOT / "zoo" / "recipes" / "recall.toml")
    batches = list(SyntheticBatches(recipe.synthetic, recipe.seed))
    for plan in recipe.synthetic:
        own = [batch for batch in batches if batch[0].part == plan.part]
        assert len(own) == plan.steps
        assert all(plan.shortest <= batch[0].length <= plan.longest for batch in own)
        assert all(len(batch) <= plan.batch_size for batch in own)
        assert all(len(batch) == 1 or len(batch) * batch[0].length <= plan.batch_tokens for batch in own)
        assert all(batch[0].pairs <= min(plan.pairs, batch[0].length // 4) for batch in own)
        early, late = (max(batch[0].length for batch in half) for half in (own[:50], own[-500:]))
        assert early < plan.longest / 2 < late


def test_the_longest_rows_fit_the_shipped_recipes_model() -> None:
    recipe = read_recipe(ROOT / "zoo" / "recipes" / "recall.toml")
    config = recipe.config("hmu")
    rows = SyntheticRows(recipe.seed, 1)
    for plan in recipe.synthetic:
        longest = max(SyntheticBatches([plan], 0), key=lambda batch: (batch[0].length, batch[0].pairs))
        batch = join([rows[address] for address in longest[:1]])
        assert batch["input_ids"].shape[1] <= config.max_source_length
        assert batch["labels"].shape[1] <= config.max_target_length


def test_every_id_has_a_name_and_every_name_its_id() -> None:
    tokenizer = synthetic_tokenizer(64)
    names = tokenizer.convert_ids_to_tokens(list(range(VOCABULARY)))
    assert names[: len(SPECIAL)] == list(SPECIAL)
    assert tokenizer(" ".join(names[6:20]))["input_ids"] == list(range(6, 20))
    assert len(set(names)) == len(tokenizer) == VOCABULARY


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('part = "copy" => part = "paste"', 'part "paste" is unknown; choose one of retention, recall, copy'),
        ("steps = 12 => steps = 0", "steps 0; give a whole number ≥ 1"),
        ("steps = 12 => steps = 1.5", "steps 1.5; give a whole number ≥ 1"),
        ("shortest = 1 => shortest = 9", "shortest 9 is above longest 8"),
        ("growth = 0.5 => growth = 2", "growth 2; give a share of the training"),
        ("pairs = 4 => pairs = 5", "5 pairs in 8 to 16 tokens"),
        ("pairs = 4 => ", "0 pairs in 8 to 16 tokens"),
        ("longest = 8 => longest = 8\npairs = 2", "retention has no pairs"),
        ("longest = 8 => longst = 8", r"SyntheticPlan: missing \['longest'\], unknown \['longst'\]"),
        ("seed = 7 => seed = 7\nlatent_warmup = -1", "latent_warmup -1; give a whole number of steps"),
        ("seed = 7 => seed = 7\nlatent_only_share = 2", "latent_only_share 2; give a share of the steps, from 0 to 1"),
        (f"vocab_size = {VOCABULARY} => vocab_size = 8192", f"synthetic tasks need {VOCABULARY}"),
    ],
)
def test_a_fault_in_a_synthetic_recipe_is_named(tmp_path: Path, change: str, told: str) -> None:
    with pytest.raises(ValueError, match=rf"tiny\.toml: .*{told}"):
        read_recipe(write_recipe(tmp_path, change=change))


def test_the_latents_temperature_rises_to_one_over_the_warm_up(tmp_path: Path) -> None:
    recipe = read_recipe(write_recipe(tmp_path, change="seed = 7 => seed = 7\nlatent_warmup = 4"))
    assert [training_controls(recipe, step).temperature for step in (0, 1, 2, 4, 9)] == [0.0, 0.25, 0.5, 1.0, 1.0]


def test_texts_and_drawn_rows_in_one_recipe_are_refused(tmp_path: Path) -> None:
    path = write_recipe(tmp_path)
    task = '\n[[tasks]]\nname = "sst2"\nfile = "train.jsonl"\nepochs = 1\nbatch_size = 8\n'
    path.write_text(path.read_text() + task)
    with pytest.raises(ValueError, match="not both"):
        read_recipe(path)


def test_a_recipe_without_anything_to_train_on_is_refused(tmp_path: Path) -> None:
    path = write_recipe(tmp_path)
    path.write_text(path.read_text().split("[[synthetic]]")[0])
    with pytest.raises(ValueError, match=r"give \[\[tasks\]\].* or \[\[synthetic\]\]"):
        read_recipe(path)


def test_the_log_tells_each_tasks_loss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(read_recipe(write_recipe(tmp_path)), "baseline", None, tmp_path)
    told = capsys.readouterr().out
    assert [name in told for name in ("'loss_retention'", "'loss_recall'", "'loss_copy'")] == [True] * 3


def _watch(patch: pytest.MonkeyPatch, act: Any) -> None:
    compute_loss = MemoryTrainer.compute_loss

    def watched(self: MemoryTrainer, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        loss = compute_loss(self, model, inputs, *args, **kwargs)
        act(self.state.global_step, loss.item())
        return loss

    patch.setattr(MemoryTrainer, "compute_loss", watched)


def test_a_share_of_the_steps_shuts_every_gate_and_moves_no_other_draw_before_it(tmp_path: Path) -> None:
    old = read_recipe(write_recipe(tmp_path))
    new = read_recipe(write_recipe(tmp_path, change="seed = 7 => seed = 7\nlatent_only_share = 0.3"))
    biases = [[training_controls(recipe, step).gate_bias for step in range(1000)] for recipe in (old, new)]
    shut = [place for place, bias in enumerate(biases[1]) if bias == -math.inf]
    assert 250 < len(shut) < 350
    assert [bias for place, bias in enumerate(biases[0]) if place not in shut] == [
        bias for place, bias in enumerate(biases[1]) if place not in shut
    ]
    assert all(math.isfinite(bias) for bias in biases[0])


def test_a_step_with_every_gate_shut_teaches_the_latents_alone() -> None:
    model = untrained("hmu").model.requires_grad_(True)
    batch = synthetic.join([synthetic.retention(0, row, 4) for row in range(4)])
    asked = {"decoder_input_ids": batch.asked, "labels": batch.answers}
    model(batch.source, batch.mask, **asked, controls=Controls(gate_bias=-math.inf)).loss.backward()
    moved = {name for name, value in model.memory.named_parameters() if value.grad is not None and value.grad.any()}
    assert any(name.startswith("latent") for name in moved)
    assert not any(name.startswith("gate") for name in moved)
