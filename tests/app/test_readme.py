"""README.md's own examples, taken from the file and run as they stand; addresses and checkpoints become the test's."""

import asyncio
import json
import re
import shlex
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from transformers import PreTrainedTokenizerBase, T5Config, T5ForConditionalGeneration

from app.api import ENDPOINTS
from app.main import parser
from hmu import Decoding, load_checkpoint, stream
from hmu.cli import _parser
from hmu.cli.options import join_signed
from hmu.study.statistics import FAILS, HOLDS, TOO_FEW, UNMEASURABLE
from tests.hmu.support_data import hmu
from zoo.cli import main as zoo

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REPORT = (ROOT / "docs/REPRODUCTION.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:7860"
QUICK = ("count", "generate", "classify")
"""Commands that need no data and end soon."""


def blocks(section: str, language: str) -> list[str]:
    """The code of one language in a section."""
    text = README.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def run(code: str) -> dict[str, Any]:
    """The names that an example leaves."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(code, "README.md", "exec"), names)
    return names


def commands(section: str) -> list[list[str]]:
    """The `python -m` lines of a section as words, without their comments."""
    lines = "".join(blocks(section, "sh")).splitlines()
    return [shlex.split(line, comments=True)[2:] for line in lines if line.startswith("python -m ")]


def over_tiny_zoo(code: str, server: str) -> str:
    assert ADDRESS in code
    assert "nine-hmu" in code
    return code.replace(ADDRESS, server).replace("nine-hmu", "answers-hmu")


def test_the_tally_is_that_of_the_report() -> None:
    report = json.loads((ROOT / "docs" / "reproduction.json").read_text(encoding="utf-8"))
    counts = Counter(row["verdict"] for row in (*report["claims"], *report["costs"]))
    told = re.search(
        r"Of (\d+) published claims.*? (\d+) hold, (\d+) do not, (\d+) await.*? (\d+) cannot", README, re.S
    )
    assert told is not None
    found = [counts[verdict] for verdict in (HOLDS, FAILS, TOO_FEW, UNMEASURABLE)]
    assert [int(number) for number in told.groups()] == [sum(found), *found]


def test_what_it_says_of_gains_and_costs_is_the_reports() -> None:
    report = json.loads((ROOT / "docs" / "reproduction.json").read_text(encoding="utf-8"))
    verdicts = {row["claim"]["title"]: row["verdict"] for row in report["claims"]}
    costs = {row["title"]: row["verdict"] for row in report["costs"]}
    (told,) = re.findall(r"no gain in accuracy was shown on (.*?);\s+what holds is its cost", README, re.S)
    judged = [title for title, verdict in verdicts.items() if verdict == FAILS and title.endswith(", accuracy")]
    assert re.split(r",\s+|\s+or\s+", told) == [title.removesuffix(", accuracy") for title in judged]
    assert HOLDS not in verdicts.values()
    assert sorted(costs.values()) == sorted([FAILS, HOLDS, HOLDS])
    assert costs["Parameters"] == HOLDS
    worse, losses = re.findall(r"but on (\d+) of (\d+) both arms are so sure", README)[0]
    assert f"\nOn {worse} of {losses} tasks the log loss of the baseline" in REPORT
    together = {row["metric"]: row for row in report["across"] if row["arm"] == "hmu"}
    tasks, p = re.findall(r"on each of (\d+) classification tasks \(sign test:\s+p = ([\d.]+)\)", README)[0]
    for metric in ("log_loss", "calibration_error"):
        found = together[metric]
        assert (str(found["lower"]), str(found["tasks"]), f"{found['p']:.3f}") == (tasks, tasks, p)


def test_the_library_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    (code,) = blocks("From Python", "python")
    names = run(code)
    printed = capsys.readouterr().out.splitlines()
    steps = list(stream(names["checkpoint"], names["remembered"], Decoding()))
    assert len(printed) >= len(steps) + 2
    assert "positive" in printed[-1]


def test_the_plugin_example_runs(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    tokenizer: PreTrainedTokenizerBase,
) -> None:
    """As it stands, but for the name of the base, which becomes a tiny T5 in a folder."""
    train, use = blocks("Add an HMU to your model", "python")
    assert len(train.splitlines()) == 10
    sizes = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2}
    base = T5ForConditionalGeneration(T5Config(vocab_size=300, decoder_start_token_id=0, **sizes))
    for part in (base, tokenizer):
        part.save_pretrained(tmp_path / "base")
    monkeypatch.chdir(tmp_path)
    names = run((train + use).replace("google-t5/t5-small", "base"))
    assert len(capsys.readouterr().out.splitlines()) == 2  # with the unit, and without
    assert names["model"].trainable_parameters()[0] == 0  # loaded again, it is not trained further
    assert {file.name for file in Path("my-unit").iterdir()} == {"README.md", "hmu_config.json", "hmu.safetensors"}


def test_the_plugin_command_is_understood() -> None:
    (words,) = commands("Add an HMU to your model")
    assert _parser().parse_args(words[1:]).base == "google-t5/t5-small"


@pytest.mark.server
def test_the_api_example_runs(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("Through the API", "python")
    names = run(over_tiny_zoo(code, server))
    with closing(names["page"]):
        assert names["run"]["text"] in capsys.readouterr().out
        assert len(names["run"]["gates"]) == len(names["run"]["source_tokens"])


@pytest.mark.server
def test_the_mcp_example_runs(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("Through MCP", "python")
    names = run(over_tiny_zoo(code, server))
    assert set(names["found"]["probabilities"]) == {"negative", "positive"}
    assert names["found"]["label"] in capsys.readouterr().out
    listed = asyncio.run(names["ask"]("checkpoints"))
    assert "answers-hmu" in [one["id"] for one in listed]


def test_the_mcp_configuration_leads_to_the_examples_address() -> None:
    (configuration,) = blocks("Through MCP", "json")
    (server,) = json.loads(configuration)["mcpServers"].values()
    assert f'"{server["url"]}"' in blocks("Through MCP", "python")[0]


def test_everyone_asks_for_one_gradio() -> None:
    asked = [README, *((ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "requirements.txt"))]
    pins = {pin for text in asked for pin in re.findall(r"gradio(?:\[mcp\])?==([\d.]+)", text)}
    assert pins | set(re.findall(r"sdk_version: (\S+)", README)) == {gr.__version__}


def test_the_table_of_endpoints_is_whole() -> None:
    section = README.split("\n## Through the API\n")[1].split("\n## ")[0]
    assert re.findall(r"`/(\w+)`", section.split("```")[0]) == [action.__name__ for action in ENDPOINTS]


def test_the_options_it_names_are_the_pages_options() -> None:
    known = {option for action in parser()._actions for option in action.option_strings}
    named = set(re.findall(r"`(--\w+)`", README.split("\n## Two commands\n")[1].split("\n## ")[0]))
    assert {"--port", "--mcp"} <= named <= known


@pytest.mark.parametrize(
    "words", [words for words in commands("From the command line") if words[1] in QUICK], ids=lambda words: words[1]
)
def test_a_command_of_the_library_runs(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    said = hmu(*words[1:])
    assert (said.code, said.err) == (0, [])
    assert said.out.strip()


@pytest.mark.parametrize("words", commands("From the command line"), ids=" ".join)
def test_a_command_of_the_library_is_understood(words: list[str]) -> None:
    """Also of those that train, or need a data set: nothing runs here."""
    assert words[0] == "hmu"
    assert _parser().parse_args(join_signed(words[1:])).run is not None
    assert all((ROOT / word).exists() for word in words if word.startswith("zoo/"))


@pytest.mark.parametrize("words", commands("The zoo"), ids=lambda words: words[1])
def test_a_command_of_the_zoo_runs(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert words[0] == "zoo"
    assert zoo(words[1:]) == 0
    assert "nine-hmu" in capsys.readouterr().out


def test_there_are_commands_to_run() -> None:
    assert {words[1] for words in commands("From the command line")} >= {*QUICK, "train"}
    assert {words[1] for words in commands("The zoo")} >= {"list", "verify"}
    assert load_checkpoint(ROOT / "zoo/checkpoints/nine-hmu", device="cpu").has_gate
