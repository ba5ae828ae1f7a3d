"""A data root of a few rows, a recipe for it, and the command line as a function."""

import copy
import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from hmu.cli import main

ROWS: Mapping[str, list[dict[str, Any]]] = {
    "ag_news/train.jsonl.gz": [{"text": f"Stocks fell {n} points", "label": n % 4} for n in range(40)],
    "ag_news/test.jsonl.gz": [{"text": f"The team won {n} cups", "label": n % 4} for n in range(6)],
    "glue/sst2/train_full.jsonl.gz": [{"sentence": f"a funny film {n} ", "label": n % 2} for n in range(40)],
    "glue/sst2/validation.jsonl.gz": [{"sentence": f"a dull film {n} ", "label": n % 2} for n in range(5)],
    "common_gen/train.jsonl.gz": [
        {"concept_set_idx": n // 2, "concepts": ["dog", f"ball{n // 2}"], "target": f"A dog {n}."} for n in range(80)
    ],
    "common_gen/validation.jsonl.gz": [
        {"concept_set_idx": n // 2, "concepts": ["field", "stand"], "target": f"People stand in field {n}."}
        for n in range(7)
    ],
}

RECIPE = """
name = "tiny"
seed = 7
held_out = 0.2
gate_bias_share = 0.25
gate_bias_range = 8.0

[model]
vocab_size = 300
d_model = 16
num_heads = 2
encoder_layers = 1
decoder_layers = 1
d_ff = 32
dropout = 0.1
max_source_length = 24
max_target_length = 24
tie_word_embeddings = true
output_bias = false

[arms.baseline]
memory = "none"

[arms.hmu]
memory = "hmu"
memory_settings = { latent_dim = 8 }
kl_weight = 0.01
free_bits = 0.05

[optimizer]
learning_rate = 1e-3
warmup_steps = 2
beta2 = 0.98
weight_decay = 1e-4
clip = 1.0
precision = "fp32"

[[tasks]]
name = "common_gen"
file = "train.jsonl.gz"
epochs = 1
batch_size = 32

[[tasks]]
name = "ag_news"
file = "train.jsonl.gz"
epochs = 1
batch_size = 32

[[tasks]]
name = "sst2"
file = "train_full.jsonl.gz"
epochs = 2
batch_size = 32
"""


def write_data(root: Path) -> Path:
    """A data root with every file that the recipe and a card read."""
    for name, rows in ROWS.items():
        write_rows(root / name, rows)
    return root


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """One file, gzipped where its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def without_separator(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """The same vocabulary as one of a time before pairs, in which no token separates texts."""
    bare = copy.deepcopy(tokenizer)
    bare.sep_token = None
    return bare


def write_recipe(folder: Path) -> Path:
    """The recipe's file."""
    path = folder / "tiny.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left: exit code, stdout, and the lines of stderr without progress bars."""

    code: int
    out: str
    err: list[str]

    @property
    def value(self) -> dict[str, Any]:
        """stdout, which must be one JSON object."""
        value: dict[str, Any] = json.loads(self.out)
        return value


def hmu(*arguments: object) -> Said:
    """Run `python -m hmu` in this process."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
    return Said(code, out.getvalue(), list(_lines(err.getvalue())))


def _lines(text: str) -> Iterator[str]:
    """Without progress bars, behind one of which a message may stand."""
    for line in text.replace("\r", "\n").splitlines():
        said = re.sub(r".*%\|.*\]", "", line)
        if said.strip():
            yield said
