"""From a recipe to a checkpoint and back again: resumed, started from weights, the same for both arms."""

import gzip
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from hmu import load_checkpoint
from hmu.training.base import attention_kernel
from hmu.training.data import split_examples, training_rows
from hmu.training.recipe import Denoising, Recipe, read_recipe
from hmu.training.starting import fresh_model
from hmu.training.trainer import MemoryTrainer, save_checkpoint, train, training_controls

WORDS = ("dog", "ball", "king", "film", "stock", "team")


@dataclass(frozen=True, slots=True)
class Trained:
    """A recipe, its data, and for each arm its checkpoint and the source tokens of every step."""

    recipe: Recipe
    data: Path
    folders: Mapping[str, Path]
    steps: Mapping[str, list[list[list[int]]]]


def write_rows(file: Path, rows: list[dict[str, Any]]) -> None:
    file.parent.mkdir(parents=True)
    text = "".join(json.dumps(row) + "\n" for row in rows).encode()
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, recipe_text: str) -> Trained:
    root = tmp_path_factory.mktemp("training")
    (root / "tiny.toml").write_text(recipe_text)
    pairs = [(one, other) for one in WORDS for other in WORDS if one != other]
    write_rows(
        root / "common_gen" / "train.jsonl.gz",
        [
            {"concept_set_idx": i, "concepts": pair, "target": f"A {pair[0]} and a {pair[1]}."}
            for i, pair in enumerate(pairs)
        ],
    )
    write_rows(
        root / "ag_news" / "train.jsonl",
        [{"text": f"{a} {b} news", "label": i % 4} for i, (a, b) in enumerate(pairs[:20])],
    )
    write_rows(
        root / "glue" / "sst2" / "train.jsonl",
        [{"sentence": f"a {a} of a {b}", "label": i % 2} for i, (a, b) in enumerate(pairs[:20])],
    )
    recipe = read_recipe(root / "tiny.toml")
    steps: dict[str, list[list[list[int]]]] = {"baseline": [], "hmu": []}
    folders = {}
    for arm, seen in steps.items():
        with pytest.MonkeyPatch.context() as patch:
            _before_each_step(patch, lambda step, inputs, seen=seen: seen.append(inputs["input_ids"].tolist()))
            folders[arm] = train(recipe, arm, root, root / arm).folder
    return Trained(recipe, root, folders, steps)


def _before_each_step(patch: pytest.MonkeyPatch, act: Any) -> None:
    compute_loss = MemoryTrainer.compute_loss

    def watched(self: MemoryTrainer, model: Any, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        act(self.state.global_step, inputs)
        return compute_loss(self, model, inputs, *args, **kwargs)

    patch.setattr(MemoryTrainer, "compute_loss", watched)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return {name: tensor for file in folder.glob("*.safetensors") for name, tensor in load_file(file).items()}


class PowerCutError(Exception):
    """What ends a training in the middle."""


@pytest.mark.parametrize("arm", ["baseline", "hmu"])
def test_a_resumed_training_ends_with_the_weights_of_an_unbroken_one(
    trained: Trained, tmp_path: Path, arm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dropout, noise, order, schedule and optimizer must all go on from where they were."""
    seen: list[int] = []

    def cut(step: int, _: Any) -> None:
        seen.append(step)
        if len(seen) == 8:
            raise PowerCutError

    _before_each_step(monkeypatch, cut)
    with pytest.raises(PowerCutError):
        train(trained.recipe, arm, trained.data, tmp_path, save_steps=5)
    folder = train(trained.recipe, arm, trained.data, tmp_path, save_steps=5).folder
    assert seen == [*range(8), *range(5, len(trained.steps[arm]))]
    torch.testing.assert_close(weights(folder), weights(trained.folders[arm]), rtol=0, atol=0)


def test_a_training_does_not_go_on_from_the_resume_files_of_another(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(step: int, _: Any) -> None:
        if step == 7:
            raise PowerCutError

    def other_by(**changes: Any) -> Recipe:
        return replace(trained.recipe, **changes)

    with monkeypatch.context() as patch:
        _before_each_step(patch, cut)
        with pytest.raises(PowerCutError):
            train(trained.recipe, "hmu", trained.data, tmp_path, save_steps=5)
    faster = replace(trained.recipe.optimizer, learning_rate=0.5)
    for recipe, arm in ((other_by(optimizer=faster), "hmu"), (other_by(seed=9), "hmu"), (trained.recipe, "baseline")):
        with pytest.raises(ValueError, match=r"resume: left by another training .* remove the folder to begin anew"):
            train(recipe, arm, trained.data, tmp_path)
    with pytest.raises(ValueError, match="left by another training"):
        train(trained.recipe, "hmu", trained.data, tmp_path, trunk=trained.folders["baseline"])
    assert train(trained.recipe, "hmu", trained.data, tmp_path, save_steps=5).steps == len(trained.steps["hmu"])


def test_the_seconds_of_a_training_are_those_of_all_its_stretches(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(step: int, _: Any) -> None:
        if step == 2:
            time.sleep(1.5)
        if step == 7:
            raise PowerCutError

    with monkeypatch.context() as patch:
        _before_each_step(patch, slow)
        with pytest.raises(PowerCutError):
            train(trained.recipe, "baseline", trained.data, tmp_path, save_steps=5)
    again = train(trained.recipe, "baseline", trained.data, tmp_path, save_steps=5)
    assert again.seconds > 1.5


def test_both_arms_see_the_same_rows_in_the_same_order(trained: Trained) -> None:
    assert len(trained.steps["hmu"]) > 10
    assert trained.steps["hmu"] == trained.steps["baseline"]


def test_the_tensors_both_arms_share_start_equal(trained: Trained) -> None:
    baseline, unit = (fresh_model(trained.recipe, arm).state_dict() for arm in ("baseline", "hmu"))
    assert set(unit) - set(baseline) == {name for name in unit if name.startswith("memory.")}
    assert all(torch.equal(unit[name], tensor) for name, tensor in baseline.items())


@pytest.mark.parametrize("arm", ["baseline", "hmu"])
def test_training_changes_every_tensor(trained: Trained, arm: str) -> None:
    start = fresh_model(trained.recipe, arm).half().state_dict()
    assert [name for name, tensor in weights(trained.folders[arm]).items() if torch.equal(tensor, start[name])] == []


@pytest.mark.parametrize("arm", ["baseline", "hmu"])
def test_a_trained_checkpoint_loads(trained: Trained, arm: str) -> None:
    assert load_checkpoint(trained.folders[arm]).has_gate == (arm == "hmu")


@pytest.mark.parametrize("arm", ["baseline", "hmu"])
def test_a_training_starts_from_the_weights_it_is_given(trained: Trained, tmp_path: Path, arm: str) -> None:
    """At a learning rate of 0 it ends with them, too."""
    still = replace(trained.recipe, seed=8, optimizer=replace(trained.recipe.optimizer, learning_rate=0.0))
    given = trained.folders[arm]
    folder = train(still, arm, trained.data, tmp_path, init=given).folder
    torch.testing.assert_close(weights(folder), weights(given), rtol=0, atol=0)
    assert (folder / "tokenizer.json").read_bytes() == (given / "tokenizer.json").read_bytes()


def test_an_arm_starts_from_another_ones_encoder_and_decoder(trained: Trained, tmp_path: Path) -> None:
    still = replace(trained.recipe, seed=8, optimizer=replace(trained.recipe.optimizer, learning_rate=0.0))
    given, fresh = trained.folders["baseline"], fresh_model(still, "hmu").half().state_dict()
    folder = train(still, "hmu", trained.data, tmp_path, trunk=given).folder
    expected = fresh | {name: tensor for name, tensor in weights(given).items() if not name.startswith("heads.")}
    found = weights(folder)
    torch.testing.assert_close(found, {name: expected[name] for name in found}, rtol=0, atol=0)
    assert (folder / "tokenizer.json").read_bytes() == (given / "tokenizer.json").read_bytes()
    with pytest.raises(ValueError, match="init and trunk; give one of them"):
        train(still, "hmu", trained.data, tmp_path, init=given, trunk=given)


def test_a_model_may_be_trained_to_denoise_alone(trained: Trained, tmp_path: Path) -> None:
    read = tuple(replace(plan, epochs=0) for plan in trained.recipe.tasks)
    recipe = replace(trained.recipe, tasks=read, denoising=Denoising(2, 8, ("drop:0.3",)))
    rows = training_rows(recipe, split_examples(recipe, trained.data, held_out=False))["denoising"]
    made = train(recipe, "baseline", trained.data, tmp_path)
    assert made.steps == 2 * -(-len(rows) // 8) > 0
    before, after = fresh_model(recipe, "baseline").half().state_dict(), weights(made.folder)
    assert not after["embedding.weight"].equal(before["embedding.weight"])
    assert all(after[name].equal(before[name]) for name in after if name.startswith("heads."))


@pytest.mark.parametrize(("arm", "other"), [("baseline", "hmu"), ("hmu", "baseline")])
def test_weights_of_the_other_arm_are_refused(trained: Trained, tmp_path: Path, arm: str, other: str) -> None:
    """Catches a baseline that is trained, and published, under the name of an HMU."""
    with pytest.raises(ValueError, match=f'tensor "memory.* does not fit arm "{arm}" of recipe tiny'):
        train(trained.recipe, arm, trained.data, tmp_path, init=trained.folders[other])


def test_a_steps_controls_are_the_seeds_and_within_the_range(trained: Trained) -> None:
    first, again = ([training_controls(trained.recipe, step) for step in range(400)] for _ in range(2))
    biased = [controls.gate_bias for controls in first if controls.gate_bias]
    assert first == again
    assert {controls.temperature for controls in first} == {1.0}
    assert len({controls.seed for controls in first}) == 400
    assert (0.4 < len(biased) / 400 < 0.6, max(map(abs, biased)) <= 4.0) == (True, True)


def test_bf16_on_a_cpu_takes_attention_by_matrix_products_to_the_same_loss(trained: Trained) -> None:
    model = fresh_model(trained.recipe, "baseline").eval()
    tokens = torch.randint(3, 200, (4, 8), generator=torch.Generator().manual_seed(0))
    losses, ways = [], []
    for bf16 in (False, True):
        with attention_kernel(bf16, torch.device("cpu")):
            ways.append(torch.backends.cuda.flash_sdp_enabled())
            losses.append(model(input_ids=tokens, labels=tokens).loss)
    assert ways == [True, False]
    torch.testing.assert_close(losses[0], losses[1], rtol=1e-5, atol=1e-5)


def test_shards_stay_below_their_limit(trained: Trained, tmp_path: Path) -> None:
    """At the vocabulary and width of the zoo's models."""
    recipe = replace(trained.recipe, model=trained.recipe.model | {"vocab_size": 8192, "d_model": 256, "d_ff": 1024})
    tokenizer = load_checkpoint(trained.folders["hmu"]).tokenizer
    folder = save_checkpoint(fresh_model(recipe, "hmu"), tokenizer, tmp_path)
    sizes = [file.stat().st_size for file in folder.glob("*.safetensors")]
    assert (max(sizes) <= 9_000_000, len(sizes) > 1) == (True, True)
