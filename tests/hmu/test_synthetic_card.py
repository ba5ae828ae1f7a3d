"""The card of a checkpoint of the synthetic tasks: its figures are measured, its commands run, it names no data."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from huggingface_hub import ModelCard

from hmu import Controls, load_checkpoint
from hmu.cli.options import bar
from hmu.evaluation.published import LABEL
from hmu.evaluation.retention import Bench
from hmu.evaluation.synthetic import measure as recollect
from hmu.evaluation.synthetic_figures import SETTINGS, SyntheticFigures, asked, measure, measured
from hmu.tasks.synthetic import TOKENS
from hmu.training.recipe import read_recipe
from hmu.training.synthetic import SyntheticBatches
from hmu.training.trainer import save_checkpoint
from tests.hmu.support_data import Said, hmu
from tests.hmu.support_synthetic import untrained, write_recipe

ARMS = ("baseline", "hmu")
ROWS = 3


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a recipe and both arms' checkpoints, each with its card and figures; few and short questions."""
    place = tmp_path_factory.mktemp("place")
    write_recipe(place, change="seed = 7 => seed = 7\nlatent_warmup = 4")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hmu.evaluation.synthetic.STEPS", (1, 20))
        patch.setattr("hmu.evaluation.synthetic.PAIRS", ((8, 2), (16, 3)))
        patch.setattr("hmu.evaluation.synthetic.LENGTHS", (5,))
        for arm in ARMS:
            made = untrained(arm)
            save_checkpoint(made.model, made.tokenizer, place / arm)
            assert write_card(place, arm).code == 0
        yield place


def write_card(place: Path, arm: str, checkpoint: str = "", rows: int = ROWS) -> Said:
    checkpoint = checkpoint or arm
    return hmu(
        *("card", "--checkpoint", place / checkpoint, "--recipe", place / "tiny.toml", "--arm", arm),
        *("--pair-name", "tiny", "--hardware", "an abacus", "--minutes", 3, "--rows", rows, "--device", "cpu"),
        *("--figures", place / f"{checkpoint}.json", "--note", "Trained for a test."),
    )


def text_of(place: Path, arm: str) -> str:
    return (place / arm / "README.md").read_text(encoding="utf-8")


def metadata(place: Path, arm: str) -> Any:
    return ModelCard(text_of(place, arm)).data


def kept_in(place: Path, arm: str) -> SyntheticFigures:
    recipe = read_recipe(place / "tiny.toml")
    return measured(place / f"{arm}.json", place / arm, recipe, ROWS, lambda: pytest.fail("measured anew"))


@pytest.mark.parametrize("arm", ARMS)
def test_the_metadata_name_no_data_set_no_language_and_no_text(place: Path, arm: str) -> None:
    data = metadata(place, arm)
    assert (data.license, data.model_name, data.library_name) == ("mit", f"tiny-{arm}", "transformers")
    assert (data.datasets, data.language, data.pipeline_tag) == (None, None, None)
    memory = {"baseline": "none", "hmu": "hmu"}[arm]
    kinds = ["synthetic", "retention", "associative-recall", "copy"]
    assert data.tags == ["memory_transformer", "encoder-decoder", f"memory-{memory}", *kinds]


@pytest.mark.parametrize("arm", ARMS)
def test_every_figure_in_the_metadata_was_measured_and_every_measured_one_is_there(place: Path, arm: str) -> None:
    expected = set()
    for setting in kept_in(place, arm).settings:
        last = {}
        for one in asked(setting.found):
            last[one.part] = one.about
            for name, figure in one.figures.items():
                value = figure if isinstance(figure, float) else figure.mean
                expected.add((one.about, setting.gate_bias, setting.temperature, name, round(value, 6)))
        for part, unit in setting.units.items():
            for name, value in asdict(unit).items():
                expected.add((last[part], setting.gate_bias, setting.temperature, name, round(value, 6)))
    told = {
        (
            *(one.dataset_split, float(one.metric_args["gate_bias"]), one.metric_args["temperature"]),
            *(one.metric_name.split(" ")[0], one.metric_value),
        )
        for one in metadata(place, arm).eval_results
    }
    assert told == expected


@pytest.mark.parametrize("arm", ARMS)
def test_the_figure_that_measures_nothing_is_told_under_its_label_and_in_no_metadata(place: Path, arm: str) -> None:
    head, body = text_of(place, arm).removeprefix("---\n").split("\n---\n")
    value = f"{kept_in(place, arm).settings[0].found.published.by_steps[20]:.4e}"
    assert (LABEL in head, f"| asked | {LABEL} |" in body, f"| t = 20 | {value} |" in body) == (False, True, True)


@pytest.mark.parametrize("arm", ARMS)
def test_each_command_of_the_card_prints_its_figures(place: Path, arm: str) -> None:
    commands = re.findall(r"python -m hmu (retain .*)", text_of(place, arm))
    settings = kept_in(place, arm).settings
    assert len(commands) == len(settings)
    for command, setting in zip(commands, settings, strict=True):
        words = command.replace(f"zoo/checkpoints/tiny-{arm}", str(place / arm)).split()
        said = hmu(*words, "--device", "cpu", "--json").value
        assert float(said["settings"]["gate_bias"]) == setting.gate_bias
        assert said["retention"] == json.loads(json.dumps([asdict(one) for one in setting.found.retention]))
        assert said["copy"] == json.loads(json.dumps([asdict(one) for one in setting.found.copy]))


@pytest.mark.parametrize("arm", ARMS)
def test_the_code_of_the_card_runs(place: Path, arm: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = text_of(place, arm).replace(f"zoo/checkpoints/tiny-{arm}", str(place / arm))
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(code, {})
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("(")[0] for line in lines[:3]] == ["Retained", "Recalled", "Copied"]
    assert lines[3].startswith("['<s>', ")


def test_a_gate_is_shown_under_every_setting_and_a_baseline_under_one(place: Path) -> None:
    shown = {arm: [(s.gate_bias, s.temperature) for s in kept_in(place, arm).settings] for arm in ARMS}
    assert shown == {"hmu": [(c.gate_bias, c.temperature) for c in SETTINGS], "baseline": [(0, 0)]}
    assert ("What either path keeps" in text_of(place, "hmu"), "δ" in text_of(place, "baseline")) == (True, False)


def test_the_settings_that_name_one_path_let_nothing_of_the_other_by(place: Path) -> None:
    gates = {s.gate_bias: s.units["copy"].gate_mean for s in kept_in(place, "hmu").settings}
    assert (gates[-math.inf], gates[math.inf]) == (0.0, 1.0)
    assert 0.0 < (gates[-8.0] or 0.0) < (gates[0.0] or 0.0) < 1.0


def test_the_literal_path_alone_has_no_temperature(place: Path) -> None:
    """Why the settings have it once."""
    checkpoint = load_checkpoint(place / "hmu", device="cpu")
    cold, warm = (Bench(checkpoint, Controls(gate_bias=math.inf, temperature=heat), rows=2) for heat in (0.0, 1.0))
    assert recollect(cold) == recollect(warm)


def test_the_card_tells_the_figures_as_trained(place: Path) -> None:
    for arm in ARMS:
        late, pairs = (
            kept_in(place, arm).settings[0].found.retention[1],
            kept_in(place, arm).settings[0].found.recall[1],
        )
        told = (
            f"{late.probability.mean:.4f} ± {late.probability.half:.4f} | {late.recalled:.4f} | {late.cosine.mean:.4f}"
        )
        assert f"| t = 20 | {told} ± " in text_of(place, arm)
        assert f"| 3 pairs in 16 | {pairs.accuracy.mean:.4f} ± {pairs.accuracy.half:.4f} | 0.3333 |" in text_of(
            place, arm
        )


def test_chance_is_counted_by_hand(place: Path) -> None:
    chances = {(one.part, one.about): one.chance for one in asked(kept_in(place, "baseline").settings[0].found)}
    assert chances == {
        ("retention", "t = 1"): 1 / TOKENS,
        ("retention", "t = 20"): 1 / TOKENS,
        ("recall", "2 pairs in 8"): 1 / 2,
        ("recall", "3 pairs in 16"): 1 / 3,
        ("copy", "5 tokens"): 2 / 6,
    }


def test_kept_figures_write_the_same_card_and_nothing_is_measured(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = text_of(place, "hmu")
    monkeypatch.setattr("hmu.evaluation.synthetic_figures.measure", lambda *told: pytest.fail("measured anew"))
    assert (write_card(place, "hmu").code, text_of(place, "hmu")) == (0, before)


def test_figures_are_read_as_they_were_kept(place: Path, tmp_path: Path) -> None:
    figures, recipe = kept_in(place, "hmu"), read_recipe(place / "tiny.toml")
    file = tmp_path / "further" / "figures.json"
    assert measured(file, place / "hmu", recipe, ROWS, lambda: figures) is figures
    assert measured(file, place / "hmu", recipe, ROWS, lambda: pytest.fail("measured anew")) == figures
    json.loads(file.read_text(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_no_figure_depends_on_the_batches(place: Path) -> None:
    recipe, checkpoint = read_recipe(place / "tiny.toml"), load_checkpoint(place / "baseline", device="cpu")

    def at(batch_size: int) -> list[float]:
        figures = measure(checkpoint, place / "baseline", recipe, ROWS, batch_size, bar)
        return [one.probability.mean for one in figures.settings[0].found.retention]

    assert at(1) == pytest.approx(at(ROWS), rel=1e-4)


def test_figures_of_weights_that_changed_since_are_refused(place: Path, tmp_path: Path) -> None:
    folder = copytree(place / "hmu", tmp_path / "hmu")
    (weights,) = folder.glob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    with pytest.raises(ValueError, match="other weights"):
        measured(place / "hmu.json", folder, read_recipe(place / "tiny.toml"), ROWS, lambda: pytest.fail("measured"))


def test_figures_of_another_recipe_or_number_of_rows_are_refused(place: Path) -> None:
    recipe = replace(read_recipe(place / "tiny.toml"), name="other")
    with pytest.raises(ValueError, match="another recipe"):
        measured(place / "hmu.json", place / "hmu", recipe, ROWS, lambda: pytest.fail("measured"))
    said = write_card(place, "hmu", rows=ROWS + 1)
    assert (said.code, len(said.err)) == (2, 1)
    assert "figures of 3 rows each, not 4" in said.err[0]


def test_a_file_of_something_else_is_refused(place: Path, tmp_path: Path) -> None:
    recipe, file = read_recipe(place / "tiny.toml"), tmp_path / "figures.json"
    for text in ("{", "{}", '{"settings": 3}'):
        file.write_text(text)
        with pytest.raises(ValueError, match="not a file of figures"):
            measured(file, place / "hmu", recipe, ROWS, lambda: pytest.fail("measured"))


def test_a_card_for_the_wrong_arm_or_of_a_checkpoint_of_texts_is_refused(
    place: Path, baseline_folder: Path, tmp_path: Path
) -> None:
    said = [write_card(place, "baseline", "hmu")]
    write_recipe(tmp_path)
    copytree(baseline_folder, tmp_path / "baseline")
    said.append(write_card(tmp_path, "baseline"))
    assert [(one.code, len(one.err)) for one in said] == [(2, 1), (2, 1)]
    assert "not a checkpoint of the synthetic tasks" in said[1].err[0]
    assert not (tmp_path / "baseline.json").exists()


def test_the_card_tells_the_training_that_there_was(place: Path) -> None:
    recipe, text = read_recipe(place / "tiny.toml"), text_of(place, "hmu")
    addresses = [address for batch in SyntheticBatches(recipe.synthetic, recipe.seed) for address in batch]
    copies = sum(address.part == "copy" for address in addresses)
    assert "python -m hmu train --recipe tiny.toml --arm hmu --out OUT\n" in text
    assert (place / "tiny.toml").read_text().strip() in text
    assert f"copy {copies:,}; {len(addresses):,} rows in all." in text
    assert "then a cosine to 0 at step 22;" in text
    assert "| latent in training | sampled, τ = 1 after 4 steps over which it rises from 0" in text
    assert "with up to 4 pairs, the longest from 50% of the training on |" in text
    assert "latent in training" not in text_of(place, "baseline")


def test_the_card_counts_the_parameters_that_there_are(place: Path) -> None:
    for arm in ARMS:
        model = load_checkpoint(place / arm, device="cpu").model
        assert f"**{sum(part.numel() for part in model.parameters()):,} parameters**" in text_of(place, arm)
