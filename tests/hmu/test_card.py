"""The model card: every figure in it is one that was measured, and what it tells people to run, runs."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from huggingface_hub import ModelCard

from hmu import TASKS, Checkpoint, Controls, find_task
from hmu.evaluation import score
from hmu.evaluation.card import EXAMPLES
from hmu.evaluation.figures import GRID, measure, measured
from hmu.evaluation.metrics import TextMetrics
from hmu.tasks.files import read_examples
from hmu.training.data import split_examples
from hmu.training.recipe import read_recipe
from tests.hmu.support_data import Said, hmu, write_data, write_recipe


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, folders: dict[str, Path]) -> Path:
    """A folder with data, a recipe and both arms' checkpoints, each with its card and figures."""
    place = tmp_path_factory.mktemp("place")
    write_data(place / "data")
    write_recipe(place)
    for arm, folder in folders.items():
        copytree(folder, place / arm)
        assert write_card(place, arm, arm).code == 0
    return place


def write_card(place: Path, arm: str, checkpoint: str, *more: object) -> Said:
    return hmu(
        *("card", "--checkpoint", place / checkpoint, "--recipe", place / "tiny.toml", "--arm", arm),
        *("--data-root", place / "data", "--pair-name", "tiny", "--hardware", "an abacus", "--minutes", 3),
        *("--figures", place / f"{checkpoint}.json", "--note", "Trained for a test.", "--device", "cpu"),
        *more,
    )


def metadata(folder: Path) -> Any:
    return ModelCard((folder / "README.md").read_text(encoding="utf-8")).data


def test_a_card_tells_the_trunk_that_a_training_started_from(place: Path, tmp_path: Path) -> None:
    other = tmp_path / "baseline"
    copytree(place / "baseline", other)
    (tmp_path / "data").symlink_to(place / "data")
    for name in ("tiny.toml", "baseline.json"):
        (tmp_path / name).write_bytes((place / name).read_bytes())
    fresh = (other / "README.md").read_text(encoding="utf-8")
    assert "trained from scratch on" in fresh
    assert write_card(tmp_path, "baseline", "baseline", "--trunk", "zoo/checkpoints/first").code == 0
    told = (other / "README.md").read_text(encoding="utf-8")
    assert "trained on the trunk of `first` on" in told
    assert "--arm baseline --trunk zoo/checkpoints/first --data-root DATA --out OUT" in told


def test_the_hub_reads_the_metadata(place: Path) -> None:
    data = metadata(place / "hmu")
    assert (data.license, data.model_name, data.library_name) == ("other", "tiny-hmu", "transformers")
    assert data.datasets == ["GEM/common_gen", "fancyzhx/ag_news", "stanfordnlp/sst2"]


def test_every_figure_in_the_metadata_was_measured(place: Path) -> None:
    figures = json.loads((place / "hmu.json").read_text())["figures"]
    expected = {
        (find_task(f["task"]).title, f["split"], f["gate_bias"], f["temperature"], name, round(value, 6))
        for f in figures
        for name, value in {**f["metrics"], "changed": f["changed"]}.items()
        if value is not None
    }
    told = {
        (
            *(r.task_name, r.dataset_split, r.metric_args["gate_bias"], r.metric_args["temperature"]),
            *(r.metric_name.split(" ")[0], r.metric_value),
        )
        for r in metadata(place / "hmu").eval_results
    }
    assert told == expected


def test_every_task_that_is_trained_has_something_to_read_in_its_card() -> None:
    texts = {name: len(EXAMPLES[name]) for name, task in TASKS.items() if not task.chooses}
    assert texts == {name: 2 if TASKS[name].pair else 1 for name in texts}


def test_a_figure_of_the_card_is_what_evaluate_prints(place: Path) -> None:
    figures = json.loads((place / "hmu.json").read_text())["figures"]
    found = [
        f for f in figures if (f["task"], f["split"], f["gate_bias"], f["temperature"]) == ("sst2", "validation", -8, 1)
    ]
    said = hmu(
        *("evaluate", "--checkpoint", place / "hmu", "--data", place / "data/glue/sst2/validation.jsonl.gz"),
        *("--task", "sst2", "--gate-bias", -8, "--temperature", 1, "--device", "cpu", "--json"),
    )
    assert len(found) == 1
    assert found[0]["metrics"].items() <= said.value["metrics"].items()


def test_a_gate_is_shown_over_the_grid_and_a_baseline_at_one_setting(place: Path) -> None:
    shown = {}
    for arm in ("hmu", "baseline"):
        figures = json.loads((place / f"{arm}.json").read_text())["figures"]
        shown[arm] = [
            (f["gate_bias"], f["temperature"]) for f in figures if (f["task"], f["split"]) == ("ag_news", "test")
        ]
    assert shown == {"hmu": [(c.gate_bias, c.temperature) for c in GRID], "baseline": [(0, 0)]}


def test_the_held_out_figures_are_of_rows_that_were_not_trained_on(place: Path, hmu_checkpoint: Checkpoint) -> None:
    recipe, task = read_recipe(place / "tiny.toml"), find_task("common_gen")
    examples = split_examples(recipe, place / "data", held_out=True)["common_gen"]
    (expected,) = score(hmu_checkpoint, task, task.merge(examples), (Controls(),))
    figures = json.loads((place / "hmu.json").read_text())["figures"]
    (found,) = [f for f in figures if (f["task"], f["split"]) == ("common_gen", "held out")]
    assert found["metrics"] == pytest.approx(expected.metrics)


@pytest.mark.parametrize("arm", ["baseline", "hmu"])
def test_the_card_tells_what_asking_for_every_concept_gives(
    place: Path, arm: str, checkpoints: Mapping[str, Checkpoint]
) -> None:
    task = find_task("common_gen")
    examples = task.merge(read_examples(place / "data/common_gen/validation.jsonl.gz", task))
    (expected,) = score(checkpoints[arm], task, examples, wanted=True)
    assert isinstance(expected.quality, TextMetrics)
    told = f"**coverage {expected.quality.coverage:.4f}, BLEU {expected.quality.bleu:.2f}**"
    assert (place / arm / "README.md").read_text(encoding="utf-8").count(told) == 1


def test_kept_figures_write_the_same_card_without_the_data(place: Path) -> None:
    """Would catch a card that reads the given files a second time."""
    before = (place / "hmu/README.md").read_text()
    (place / "data").rename(place / "elsewhere")
    said = write_card(place, "hmu", "hmu")
    (place / "elsewhere").rename(place / "data")
    assert (said.code, (place / "hmu/README.md").read_text()) == (0, before)


def test_figures_of_other_weights_are_refused(place: Path) -> None:
    recipe = read_recipe(place / "tiny.toml")
    with pytest.raises(ValueError, match="other weights"):
        measured(place / "hmu.json", place / "baseline", recipe, pytest.fail)


def test_a_card_for_the_wrong_arm_is_refused(place: Path) -> None:
    said = write_card(place, "baseline", "hmu")
    assert (said.code, len(said.err)) == (2, 1)


def test_a_missing_given_file_is_found_before_anything_is_scored(place: Path, hmu_checkpoint: Checkpoint) -> None:
    recipe = read_recipe(place / "tiny.toml")
    (place / "data/glue").rename(place / "data/gone")
    with pytest.raises(ValueError, match="no such file"):
        measure(hmu_checkpoint, place / "hmu", recipe, place / "data", 8, lambda *told: pytest.fail(str(told)))
    (place / "data/gone").rename(place / "data/glue")


@pytest.mark.parametrize("arm", ["baseline", "hmu"])
def test_what_the_card_says_to_run_runs(place: Path, arm: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        (place / arm / "README.md").read_text(encoding="utf-8").replace(f"zoo/checkpoints/tiny-{arm}", str(place / arm))
    )
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(code, {})
    assert len(capsys.readouterr().out.splitlines()) == 3
    lines = [line for line in text.splitlines() if re.match(r"python -m hmu (generate|classify) ", line)]
    assert len(lines) == 3
    for line in lines:
        command, quoted = line.removeprefix("python -m hmu ").split(" --text ")
        assert hmu(*command.split(), "--text", quoted.strip('"')).code == 0


def test_the_card_counts_the_parameters_and_steps_that_there_are(place: Path, hmu_checkpoint: Checkpoint) -> None:
    text = (place / "hmu/README.md").read_text(encoding="utf-8")
    parameters = sum(part.numel() for part in hmu_checkpoint.model.parameters())
    parts = split_examples(read_recipe(place / "tiny.toml"), place / "data", held_out=False)
    steps = sum(plan.epochs * -(-len(parts[plan.name]) // 32) for plan in read_recipe(place / "tiny.toml").tasks)
    assert f"**{parameters:,} parameters**" in text
    assert f"to 0 at step {steps:,};" in text


def test_the_card_holds_the_recipe_in_full(place: Path) -> None:
    assert (place / "tiny.toml").read_text().strip() in (place / "hmu/README.md").read_text()


def test_figures_of_another_recipe_are_refused(place: Path) -> None:
    recipe = replace(read_recipe(place / "tiny.toml"), name="other")
    with pytest.raises(ValueError, match="another recipe"):
        measured(place / "hmu.json", place / "hmu", recipe, pytest.fail)


def test_the_baselines_examples_do_not_differ_in_number_from_the_files(place: Path) -> None:
    task = find_task("common_gen")
    inputs = task.merge(read_examples(place / "data/common_gen/validation.jsonl.gz", task))
    (part,) = [
        p
        for p in json.loads((place / "baseline.json").read_text())["parts"]
        if (p["task"], p["split"]) == ("common_gen", "validation")
    ]
    assert (part["rows"], part["inputs"]) == (7, len(inputs))


def test_a_base_that_is_alone_in_its_recipe_belongs_to_no_pair(tmp_path: Path, folders: dict[str, Path]) -> None:
    write_data(tmp_path / "data")
    recipe = write_recipe(tmp_path)
    start, rest = recipe.read_text(encoding="utf-8").split("[arms.hmu]")
    recipe.write_text(start + "[optimizer]" + rest.split("[optimizer]")[1], encoding="utf-8")
    copytree(folders["baseline"], tmp_path / "baseline")
    assert write_card(tmp_path, "baseline", "baseline").code == 0
    text = (tmp_path / "baseline" / "README.md").read_text(encoding="utf-8")
    assert "without a memory unit: a base to put units on, trained" in text
    assert "pair" not in text
