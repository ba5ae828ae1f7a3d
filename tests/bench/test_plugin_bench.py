"""What the bench of units compares: arms of one size, the same head, runs that are done once."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from app.handlers.cards import told_by
from bench.plugin.arms import ARMS, arms_for, build
from bench.plugin.encoder import EncoderBench
from bench.plugin.report import Cell, beats, report
from bench.plugin.runs import Run, do_all
from bench.plugin.transfer import TransferBench
from hmu import Controls, MemoryTransformer, load_checkpoint
from hmu.evaluation.likelihood import fit
from hmu.plugin import HMUModel
from hmu.plugin.asked import plugged
from hmu.plugin.files import read_settings
from hmu.study.results import read
from hmu.tasks import find_task
from hmu.tasks.files import read_examples
from hmu.training.trainer import save_checkpoint
from tests.hmu.support_data import write_rows
from zoo.catalog import BASE, Catalog, Entry, FileRecord
from zoo.store import digest
from zoo.units import describe_unit

MINILM = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
SST2 = find_task("sst2")
KNOWN_AS = ("someone/tiny", "0" * 40)
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "dull", "funny", "film")


@pytest.fixture(scope="module")
def sizes() -> dict[str, int]:
    """Arm → its trainable parameters on an encoder of MiniLM's shape."""
    return {
        arm: build(BertModel(BertConfig(vocab_size=8, **MINILM)), about, "all", SST2).trainable_parameters()[0]
        for arm, about in arms_for("all").items()
    }


def test_all_arms_but_the_head_alone_have_one_size(sizes: dict[str, int]) -> None:
    assert sizes["head"] == 384 * 2 + 2
    for arm in ("adapter", "lora"):
        assert sizes[arm] == pytest.approx(sizes["unit"], rel=0.01)


@pytest.mark.parametrize("arm", ["adapter", "lora", "unit"])
def test_an_arm_starts_as_the_frozen_encoder_with_its_head(arm: str) -> None:
    answers = []
    for name in ("head", arm):
        torch.manual_seed(0)
        base = BertModel(BertConfig(vocab_size=8, hidden_size=16, num_hidden_layers=1, num_attention_heads=2)).eval()
        model = build(base, ARMS[name], "all", SST2).eval()
        torch.nn.init.constant_(model.unit().heads["sst2"].weight, 0.1)  # type: ignore[arg-type]
        with torch.inference_mode():
            answers.append(model(input_ids=torch.tensor([[2, 4, 5, 3]])).logits)
    torch.testing.assert_close(*answers, rtol=1e-6, atol=1e-6)


@pytest.fixture
def bench(tmp_path: Path) -> EncoderBench:
    """A tiny encoder, and reviews that one word decides."""
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(WORDS), **shape)).save_pretrained(tmp_path / "base")
    (tmp_path / "base" / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    BertTokenizerFast(vocab=str(tmp_path / "base" / "vocab.txt")).save_pretrained(tmp_path / "base")
    rows = [{"sentence": f"a {'funny' if n % 2 else 'dull'} film", "label": n % 2} for n in range(24)]
    for name in ("train", "validation"):
        write_rows(tmp_path / "data" / "glue" / "sst2" / f"{name}.jsonl.gz", rows)
    return EncoderBench(str(tmp_path / "base"), tmp_path / "data", (tmp_path / "kept", 1), known_as=KNOWN_AS)


def test_a_run_is_done_once_and_again_the_same(
    bench: EncoderBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.plugin.encoder.FEW_STEPS", 6)
    runs = [Run("sst2", arm, 8, 1) for arm in ("head", "unit", "lora")]
    done = list(do_all(bench, runs, tmp_path / "one.jsonl"))
    assert [result["id"] for result in done] == ["sst2/head/rows8/1", "sst2/unit/rows8/1", "sst2/lora/rows8/1"]
    assert list(do_all(bench, runs, tmp_path / "one.jsonl")) == []
    again = list(do_all(bench, runs, tmp_path / "other.jsonl"))
    assert [r["metrics"] for r in again] == [r["metrics"] for r in done]
    assert [r["id"] for r in read([tmp_path / "one.jsonl"])] == [r["id"] for r in done]


def test_the_unit_of_all_rows_and_the_kept_seed_is_saved_with_its_base_on_the_hub(
    bench: EncoderBench, tmp_path: Path
) -> None:
    list(do_all(bench, [Run("sst2", "unit", 0, seed) for seed in (1, 2)], tmp_path / "one.jsonl"))
    assert [folder.name for folder in (tmp_path / "kept").iterdir()] == ["sst2"]
    unit = HMUModel.from_pretrained(tmp_path / "kept" / "sst2", bench.base(Run("sst2", "unit", 0, 1))[0]).unit()
    assert (unit.settings.base.name, unit.settings.base.commit) == KNOWN_AS
    assert unit.settings.task_labels == {"sst2": ["negative", "positive"]}


def test_its_card_tells_the_figures_of_its_run_to_the_page_and_none_of_the_base_alone(
    bench: EncoderBench, tmp_path: Path
) -> None:
    (line,) = do_all(bench, [Run("sst2", "unit", 0, 1)], tmp_path / "one.jsonl")
    weights = Path(bench.name) / "model.safetensors"
    file = FileRecord(weights.name, digest(weights), weights.stat().st_size)
    base = Entry("tiny", "tiny", BASE, "tiny", (), 1, file.bytes, (file,), None, *KNOWN_AS, "none")
    off, on = describe_unit(tmp_path / "kept" / "sst2", tmp_path / "kept", [base])
    told = [told_by(entry, Catalog(tmp_path / "kept", (base, off, on))) for entry in (off, on)]
    assert [one.licence for one in told] == ["research-only"] * 2
    assert told[0].figures == ()
    found = {figure.metric.partition(" (")[0]: figure.value for figure in told[1].figures}
    assert found == pytest.approx(line["metrics"], abs=1e-6)
    assert {(figure.task, figure.split) for figure in told[1].figures} == {(SST2.title, "validation")}


@pytest.fixture
def transfer(
    tmp_path: Path, folders: Mapping[str, Path], tiny_model: Callable[..., MemoryTransformer]
) -> TransferBench:
    """A model of concepts and one of stories, and a few rows of either task."""
    shutil.copytree(folders["baseline"], tmp_path / "bases" / "concepts-baseline")
    tokenizer = load_checkpoint(folders["baseline"], "cpu").tokenizer
    save_checkpoint(tiny_model("baseline"), tokenizer, tmp_path / "bases" / "stories-baseline")
    stories = [{f"sentence{place}": f"A dog {n} ran {place} ." for place in range(1, 6)} for n in range(70)]
    cloze: dict[str, Any] = {f"input_sentence_{place}": f"A dog ran {place} ." for place in range(1, 5)}
    cloze |= {"sentence_quiz1": "It sat .", "sentence_quiz2": "A ball", "answer_right_ending": 1}
    concepts = [{"concept_set_idx": n, "concepts": ["dog", f"ball{n}"], "target": f"A dog {n}."} for n in range(70)]
    data = tmp_path / "data"
    for name, rows in (
        ("roc_stories/train", stories),
        ("roc_stories/validation", stories[:6]),
        ("story_cloze/validation", [cloze]),
        ("common_gen/train", concepts),
        ("common_gen/validation", concepts[:6]),
    ):
        write_rows(data / f"{name}.jsonl.gz", rows)
    return TransferBench(tmp_path / "bases", data, (tmp_path / "kept", 1))


def test_what_is_put_on_a_base_of_one_task_is_compared_with_the_base_and_with_a_whole_model(
    transfer: TransferBench, tmp_path: Path
) -> None:
    arms = ("off", "whole", "adapter", "unit")
    lines = {r["arm"]: r for r in do_all(transfer, [Run("roc_stories", arm, 0, 1) for arm in arms], tmp_path / "out")}
    assert [lines[arm]["steps"] for arm in arms] == [0, 0, 2, 2]
    task = find_task("roc_stories")
    examples = task.merge(read_examples(transfer.data_root / "roc_stories" / "validation.jsonl.gz", task))
    for arm, base in (("off", "concepts"), ("whole", "stories")):
        alone = load_checkpoint(transfer.bases / f"{base}-baseline", "cpu", "fp32")
        found = lines[arm]["metrics"]
        assert found["perplexity"] == pytest.approx(fit(alone, examples, Controls()).perplexity)
        assert set(found) == {"perplexity", "repeating", "cloze"}
    assert len({r["metrics"]["perplexity"] for r in lines.values()}) == 4
    table = report([], list(lines.values()), "# Plugged in")
    assert "### The end of a story (ROCStories), by concepts-baseline" in table
    assert f"| the frozen base as it is | {lines['off']['metrics']['perplexity']:.3f} |" in table


def test_the_unit_that_is_kept_is_the_one_that_was_measured(transfer: TransferBench, tmp_path: Path) -> None:
    (line,) = do_all(transfer, [Run("common_gen", "unit", 0, 1)], tmp_path / "out")
    task = find_task("common_gen")
    examples = task.merge(read_examples(transfer.data_root / "common_gen" / "validation.jsonl.gz", task))
    base = load_checkpoint(transfer.bases / "stories-baseline", "cpu", "fp32")
    again = plugged(base, tmp_path / "kept" / "common_gen")
    assert fit(again, examples, Controls()).perplexity == pytest.approx(line["metrics"]["perplexity"], rel=1e-5)
    settings = read_settings(tmp_path / "kept" / "common_gen")
    assert (settings.base.name, settings.base.hashed) == ("stories-baseline", "file")


def result(task: str, arm: str, seed: int, accuracy: float) -> dict[str, Any]:
    """A line of results, as `do` writes it."""
    return {
        "id": f"{task}/{arm}/{seed}",
        "task": task,
        "arm": arm,
        "rows": 0,
        "seed": seed,
        "held_out": 0.0,
        "metrics": {"accuracy": accuracy, "majority": 0.5, "matthews": 0.1},
        "trainable": 100,
        "parameters": 1000,
        "train_seconds": 12.0,
        "states_seconds": 3.0,
        "versions": {"torch": "2"},
        "hardware": "cpu",
        "commit": "0123456789ab",
        "date": "2026-11-22T00:00:00+00:00",
    }


def test_the_report_counts_what_is_beyond_one_standard_deviation() -> None:
    lines = [result("sst2", "head", seed, value) for seed, value in ((1, 0.70), (2, 0.72), (3, 0.74))]
    lines += [result("sst2", "unit", seed, value) for seed, value in ((1, 0.75), (2, 0.76), (3, 0.77))]
    lines += [result("rte", "head", seed, 0.5) for seed in (1, 2, 3)]
    lines += [result("rte", "unit", seed, 0.4) for seed in (1, 2, 3)]
    lines += [result("cola", arm, seed, value) for arm, value in (("head", 0.5), ("unit", 0.9)) for seed in (1, 2)]
    text = report(lines, [], "# Plugged in")
    assert "| 0.500 | 0.720 ± 0.020 | – | – | 0.760 ± 0.010 |" in text
    assert "ahead beyond one standard deviation on 1 of 2 (sst2), behind on 1 (rte)." in text
    assert "| the unit | 100 | 10.00% |" in text


def test_who_is_ahead_by_matthews_correlation_is_told_of_three_seeds_alone() -> None:
    lines = [result("cola", "unit", seed, 0.7) for seed in (1, 2, 3)]
    for arm, correlation, seeds in (("head", 0.0, 3), ("adapter", 0.2, 3), ("lora", 0.9, 2)):
        for seed in range(1, seeds + 1):
            line = result("cola", arm, seed, 0.7)
            lines.append(line | {"metrics": line["metrics"] | {"matthews": correlation}})
    text = report(lines, [], "# Plugged in")
    assert "\n- All rows: the unit is ahead of head, behind adapter.\n" in text


def test_a_lead_within_a_standard_deviation_is_none() -> None:
    assert not beats(Cell((0.72, 0.74)), Cell((0.70, 0.73)))
    assert beats(Cell((0.80, 0.81)), Cell((0.70, 0.73)))
