"""A data root of a few rows, a preset of its size, and the study on both."""

import json
from pathlib import Path
from typing import Any

import pytest

from hmu.study import presets
from hmu.study.presets import PRESETS, Preset
from tests.hmu.support_data import hmu, write_rows

TINY = Preset(
    vocabulary="bpe",
    model={
        "vocab_size": 320,
        "d_model": 16,
        "num_heads": 2,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "d_ff": 32,
        "dropout": 0.1,
        "max_source_length": 24,
        "max_target_length": 8,
    },
    classifying=presets._adamw(1e-3, "constant"),
    writing=presets._adamw(1e-3, "cosine", warmup=2),
    epochs={"mrpc": 1, "common_gen": 1, "roc_stories": 1},
    batch_size=8,
)
STORY = {f"sentence{n}": f"Ann did {n}." for n in range(1, 6)}
CLOZE = {
    **{f"input_sentence_{n}": f"Ann did {n}." for n in range(1, 5)},
    "sentence_quiz1": "She slept.",
    "sentence_quiz2": "Rain is blue.",
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root of a few rows, and a preset of its size."""
    monkeypatch.setitem(PRESETS, "tiny", TINY)
    root = tmp_path / "data"
    for split, count in (("train", 24), ("validation", 6)):
        pairs = [{"sentence1": f"He ran {n}.", "sentence2": f"He did run {n}.", "label": n % 2} for n in range(count)]
        concepts = [
            {"concept_set_idx": n, "concepts": ["dog", "run"], "target": f"A dog runs {n}."} for n in range(count)
        ]
        stories = [STORY | {"sentence5": f"She slept {n} hours."} for n in range(count)]
        for task, rows in (("glue/mrpc", pairs), ("common_gen", concepts), ("roc_stories", stories)):
            write_rows(root / task / f"{split}.jsonl.gz", rows)
    cloze = [CLOZE | {"story_id": str(n), "answer_right_ending": n % 2 + 1} for n in range(6)]
    write_rows(root / "story_cloze/validation.jsonl.gz", cloze)
    return root


def study(data: Path, out: Path, *flags: object) -> Any:
    return hmu("study", "--preset", "tiny", "--data-root", data, "--out", out, *flags)


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]


FIGURES = ("metrics", "sampled", "noise", "condensed", "steps", "tokens", "parameters", "vocabulary")


def figures(result: dict[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in FIGURES}
