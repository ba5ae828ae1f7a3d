"""What the bench of units compares: arms of one size, the same head, runs that are done once."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from bench.plugin.arms import ARMS, build
from bench.plugin.report import Cell, beats, report
from bench.plugin.runs import Bench, Run, do_all
from hmu.study.results import read
from tests.hmu.support_data import write_rows

MINILM = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "dull", "funny", "film")


@pytest.fixture(scope="module")
def sizes() -> dict[str, int]:
    """Arm → its trainable parameters on an encoder of MiniLM's shape."""
    return {
        arm: build(BertModel(BertConfig(vocab_size=8, **MINILM)), about, "sst2", ["0", "1"]).trainable_parameters()[0]
        for arm, about in ARMS.items()
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
        model = build(base, ARMS[name], "sst2", ["0", "1"]).eval()
        torch.nn.init.constant_(model.unit().heads["sst2"].weight, 0.1)  # type: ignore[arg-type]
        with torch.inference_mode():
            answers.append(model(input_ids=torch.tensor([[2, 4, 5, 3]])).logits)
    torch.testing.assert_close(*answers, rtol=1e-6, atol=1e-6)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A tiny encoder, and reviews that one word decides."""
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(WORDS), **shape)).save_pretrained(tmp_path / "base")
    (tmp_path / "base" / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    BertTokenizerFast(vocab=str(tmp_path / "base" / "vocab.txt")).save_pretrained(tmp_path / "base")
    rows = [{"sentence": f"a {'funny' if n % 2 else 'dull'} film", "label": n % 2} for n in range(24)]
    for name in ("train", "validation"):
        write_rows(tmp_path / "data" / "glue" / "sst2" / f"{name}.jsonl.gz", rows)
    return Bench(str(tmp_path / "base"), tmp_path / "data")


def test_a_run_is_done_once_and_again_the_same(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.plugin.runs.FEW_STEPS", 6)
    runs = [Run("sst2", arm, 8, 1) for arm in ("head", "unit", "lora")]
    done = list(do_all(bench, runs, tmp_path / "one.jsonl"))
    assert [result["id"] for result in done] == ["sst2/head/rows8/1", "sst2/unit/rows8/1", "sst2/lora/rows8/1"]
    assert list(do_all(bench, runs, tmp_path / "one.jsonl")) == []
    again = list(do_all(bench, runs, tmp_path / "other.jsonl"))
    assert [r["metrics"] for r in again] == [r["metrics"] for r in done]
    assert [r["id"] for r in read([tmp_path / "one.jsonl"])] == [r["id"] for r in done]


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
    lines += [result("rte", "head", 1, 0.5), result("rte", "unit", 1, 0.4)]
    text = report(lines, "# Plugged in")
    assert "| 0.500 | 0.720 ± 0.020 | – | – | 0.760 ± 0.010 |" in text
    assert "ahead beyond one standard deviation on 1 of 2 (sst2), behind on 1 (rte)." in text
    assert "| the unit | 100 | 10.00% |" in text


def test_a_lead_within_a_standard_deviation_is_none() -> None:
    assert not beats(Cell((0.72, 0.74)), Cell((0.70, 0.73)))
    assert beats(Cell((0.80, 0.81)), Cell((0.70, 0.73)))
