"""A recipe's file: what it gives, and what a fault in it is called."""

from dataclasses import replace
from pathlib import Path

import pytest

from hmu import find_task
from hmu.training.recipe import read_recipe
from hmu.training.trainer import training_controls

ROOT = Path(__file__).parents[2]
ONCE = "epochs = 1\nbatch_size = 4\n"
SHIPPED = sorted((ROOT / "zoo" / "recipes").glob("*.toml"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_the_arms_of_a_shipped_recipe_differ_in_their_memory_alone(file: Path) -> None:
    recipe = read_recipe(file)
    if set(recipe.arms) == {"baseline"}:
        assert recipe.config("baseline").memory == "none"
        return  # a base for units
    baseline, unit = (recipe.config(arm).to_dict() for arm in ("baseline", "hmu"))
    differ = {key for key in baseline if baseline[key] != unit[key]}
    assert (baseline["memory"], unit["memory"]) == ("none", "hmu")
    assert differ <= {"memory", "memory_settings", "kl_weight", "free_bits", "gate_weight", "gate_target"}


def test_the_heads_are_those_of_the_recipes_classification_tasks(recipe_text: str, tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(recipe_text)
    assert read_recipe(file).config("hmu").task_labels == {
        "ag_news": ["World", "Sports", "Business", "Sci/Tech"],
        "sst2": ["negative", "positive"],
    }


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("seed = 7", "", r"Recipe: missing \['seed'\], unknown \[\]"),
        ("seed = 7", "seed = 7\nsede = 1", r"unknown \['sede'\]"),
        ("clip = 1.0", "", r"Optimizer: missing \['clip'\]"),
        ("epochs = 2", "epoch = 2", r"TaskPlan: missing \['epochs'\], unknown \['epoch'\]"),
        ('precision = "fp32"', 'precision = "fp8"', 'precision "fp8" is unknown; choose fp32 or bf16'),
        ("seed = 7", "seed = ", "Invalid value"),
        ("[optimizer]", "[[optimizer]]", "."),
        ("[optimizer]", "[variants]\nsst3 = 1\n\n[optimizer]", 'task "sst3" is unknown'),
        ("[optimizer]", '[adopted]\nsst2 = ["common_gen"]\n\n[optimizer]', "task sst2 adopts no sentences"),
        ("[optimizer]", '[adopted]\ncommon_gen = ["rte"]\n\n[optimizer]', "task rte, which is not trained on"),
        ("[optimizer]", f"[denoising]\n{ONCE}noises = []\n\n[optimizer]", r"Denoising: noises \[\]; give some"),
        ("[optimizer]", f'[denoising]\n{ONCE}noises = ["unrelated"]\n\n[optimizer]', "that leave words"),
        ("[optimizer]", f'[denoising]\n{ONCE}noises = ["shake:0.1"]\n\n[optimizer]', 'noise: "shake" is unknown'),
        ("[optimizer]", '[denoising]\nnoises = ["drop:0.1"]\n\n[optimizer]', r"missing \['batch_size', 'epochs'\]"),
        ("seed = 7", "seed = 7\nkl_warmup = -1", "kl_warmup -1; give a whole number of steps"),
        ("seed = 7", 'seed = 7\nplain_arms = ["hmu2"]', "plain_arms names arm hmu2, which there is none of"),
        ('name = "sst2"', 'name = "story_cloze"', "task story_cloze is scored only, nothing is trained on it"),
    ],
)
def test_a_fault_in_a_recipe_is_named_with_its_file(
    recipe_text: str, tmp_path: Path, old: str, new: str, told: str
) -> None:
    file = tmp_path / "recipe.toml"
    assert old in recipe_text
    file.write_text(recipe_text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"recipe\.toml: .*{told}"):
        read_recipe(file)


def test_a_plain_arm_is_trained_as_published(recipe_text: str, tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(recipe_text.replace("seed = 7", 'seed = 7\nlatent_only_share = 0.5\nplain_arms = ["hmu"]', 1))
    recipe = read_recipe(file)
    assert recipe.seen_by("baseline") == recipe
    assert {training_controls(recipe.seen_by("hmu"), step).gate_bias for step in range(40)} == {0.0}
    assert len({training_controls(recipe, step).gate_bias for step in range(40)}) > 10


def test_a_recipe_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"absent\.toml: no such recipe"):
        read_recipe(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("old", "new", "arm", "told"),
    [
        ("seed", "seed", "other", 'no arm "other"; choose one of baseline, hmu'),
        ("d_ff = 32", "d_fff = 32", "hmu", "unknown key d_fff"),
        ('name = "sst2"', 'name = "sst3"', "hmu", 'task "sst3" is unknown'),
        ('memory = "hmu"', 'memory = "hippo"', "hmu", 'memory "hippo" is unknown'),
    ],
)
def test_a_config_that_a_recipe_cannot_give_is_refused(
    recipe_text: str, tmp_path: Path, old: str, new: str, arm: str, told: str
) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(recipe_text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=told):
        read_recipe(file).config(arm)


def test_copies_of_a_task_that_cannot_be_varied_are_refused(
    recipe_text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixed = replace(find_task("sst2"), vary=None)
    monkeypatch.setattr("hmu.training.recipe.find_task", lambda name: fixed)
    file = tmp_path / "recipe.toml"
    file.write_text(recipe_text + "\n[variants]\nsst2 = 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="the rows of task sst2 cannot be varied; leave it out of variants"):
        read_recipe(file)
