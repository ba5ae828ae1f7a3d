"""What the tests share: a tiny vocabulary and a tiny trained pair, made anew in a temporary folder. No network."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything imports huggingface_hub

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase
from transformers.utils import logging

from hmu import Checkpoint, Controls, MemoryTransformer, MemoryTransformerConfig, find_task, load_checkpoint
from hmu.training.trainer import save_checkpoint
from hmu.training.vocabulary import train_tokenizer

logging.disable_progress_bar()
torch.set_num_threads(1)  # tiny tensors: a second thread only waits, badly so on a busy machine

ARMS = {"baseline": "none", "hmu": "hmu"}
PAIRS = (
    ("field look stand", "A group of people standing in a field."),
    ("ball dog throw", "The dog runs after the ball 🐕."),
    ("street walk café", "People walk to the café."),
    ("fall stock", "Stocks fell today."),
)
NEWS = (("Stocks fell on Wall Street", 2), ("The team won the cup final", 1), ("The minister met the king", 0))
REVIEWS = (("a gripping and funny film", 1), ("the plot is dull , the cast is worse", 0))

RECIPE = """
name = "tiny"
seed = 7
held_out = 0.1
gate_bias_share = 0.5
gate_bias_range = 4.0
[model]
vocab_size = 280
d_model = 16
num_heads = 2
encoder_layers = 1
decoder_layers = 1
d_ff = 32
dropout = 0.1
max_source_length = 12
max_target_length = 12
[arms.baseline]
memory = "none"
[arms.hmu]
memory = "hmu"
memory_settings = { latent_dim = 8 }
kl_weight = 0.01
free_bits = 0.1
[optimizer]
learning_rate = 1e-2
warmup_steps = 2
beta2 = 0.98
weight_decay = 1e-4
clip = 1.0
precision = "fp32"
[[tasks]]
name = "common_gen"
file = "train.jsonl.gz"
epochs = 2
batch_size = 6
[[tasks]]
name = "ag_news"
file = "train.jsonl"
epochs = 1
batch_size = 6
[[tasks]]
name = "sst2"
file = "train.jsonl"
epochs = 1
batch_size = 6
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser come last: playwright leaves its event loop in the thread, where no other may begin then."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def recipe_text() -> str:
    """A training of a tiny pair on three tasks, as its TOML file."""
    return RECIPE


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerBase:
    """300 pieces, trained on the sentences above."""
    texts = [text for pair in PAIRS for text in pair] + [text for text, _ in (*NEWS, *REVIEWS)]
    return train_tokenizer(texts, size=300, max_length=24)


@pytest.fixture(scope="session")
def tiny_config() -> Callable[..., MemoryTransformerConfig]:
    """(arm, **changes) → the config of a model with two blocks and width 16."""

    def build(arm: str, **changes: object) -> MemoryTransformerConfig:
        sizes: dict[str, object] = {
            "vocab_size": 300,
            "d_model": 16,
            "num_heads": 2,
            "encoder_layers": 1,
            "decoder_layers": 1,
            "d_ff": 32,
            "memory": ARMS[arm],
            "memory_settings": {"latent_dim": 8} if arm == "hmu" else {},
            "kl_weight": 0.01,
            "free_bits": 0.05,
            "task_labels": {name: list(find_task(name).labels) for name in ("ag_news", "sst2")},
            "max_source_length": 24,
            "max_target_length": 24,
        }
        return MemoryTransformerConfig(**{**sizes, **changes})

    return build


@pytest.fixture(scope="session")
def tiny_model(tiny_config: Callable[..., MemoryTransformerConfig]) -> Callable[..., MemoryTransformer]:
    """(arm, **changes) → an untrained model in evaluation mode, the same for the same arguments.

    Its weights are wide: at the usual 0.02 a model this narrow hardly depends on what it reads.
    """

    def build(arm: str, **changes: object) -> MemoryTransformer:
        torch.manual_seed(0)
        model = MemoryTransformer(tiny_config(arm, **changes)).eval()
        for parameter in model.parameters():
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, std=0.25)
        return model

    return build


@pytest.fixture(scope="session")
def folders(
    tmp_path_factory: pytest.TempPathFactory,
    tokenizer: PreTrainedTokenizerBase,
    tiny_model: Callable[..., MemoryTransformer],
) -> Mapping[str, Path]:
    """Arm → a checkpoint folder: both answer the sentences above, and both were stored as the zoo stores them."""
    root = tmp_path_factory.mktemp("checkpoints")
    made = {}
    for arm in ARMS:
        model = tiny_model(arm, dropout=0.0)
        _fit(model, tokenizer)
        made[arm] = save_checkpoint(model, tokenizer, root / f"tiny-{arm}")
    return made


def _fit(model: MemoryTransformer, tokenizer: PreTrainedTokenizerBase) -> None:
    batches = [_batch(tokenizer, [s for s, _ in PAIRS], tokenizer([t for _, t in PAIRS])["input_ids"])]
    for task, rows in (("ag_news", NEWS), ("sst2", REVIEWS)):
        batches.append(_batch(tokenizer, [s for s, _ in rows], [label for _, label in rows]) | {"task": task})
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for step in range(100):
        loss = sum(
            (model(**batch, controls=Controls(temperature=1.0, seed=step)).loss for batch in batches), torch.zeros(())
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _batch(
    tokenizer: PreTrainedTokenizerBase, sources: list[str], labels: list[int] | list[list[int]]
) -> dict[str, Tensor | str]:
    read = tokenizer(sources, padding=True, return_tensors="pt")
    asked = [torch.tensor(label) for label in labels]
    padded = torch.nn.utils.rnn.pad_sequence(asked, True, -100) if asked[0].ndim else torch.stack(asked)
    return {"input_ids": read["input_ids"], "attention_mask": read["attention_mask"], "labels": padded}


@pytest.fixture(scope="session")
def baseline_folder(folders: Mapping[str, Path]) -> Path:
    return folders["baseline"]


@pytest.fixture(scope="session")
def hmu_folder(folders: Mapping[str, Path]) -> Path:
    return folders["hmu"]


@pytest.fixture(scope="session")
def checkpoints(folders: Mapping[str, Path]) -> Mapping[str, Checkpoint]:
    """Arm → its checkpoint, loaded. Shared by all tests: copy a model before changing it."""
    return {arm: load_checkpoint(folder, device="cpu") for arm, folder in folders.items()}


@pytest.fixture(scope="session")
def baseline_checkpoint(checkpoints: Mapping[str, Checkpoint]) -> Checkpoint:
    return checkpoints["baseline"]


@pytest.fixture(scope="session")
def hmu_checkpoint(checkpoints: Mapping[str, Checkpoint]) -> Checkpoint:
    return checkpoints["hmu"]


@pytest.fixture(scope="session", params=tuple(ARMS))
def checkpoint(request: pytest.FixtureRequest, checkpoints: Mapping[str, Checkpoint]) -> Checkpoint:
    """Each arm in turn."""
    return checkpoints[request.param]
