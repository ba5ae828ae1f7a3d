"""A recipe of the synthetic tasks small enough to train in seconds, and checkpoints that need no training."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from hmu import Checkpoint, Controls, MemoryTransformer, MemoryTransformerConfig
from hmu.memory import Remembered
from hmu.outputs import Decoded
from hmu.tasks.synthetic import FIRST, GAP, START, VOCABULARY
from hmu.training.synthetic import synthetic_tokenizer

RECIPE = f"""
name = "tiny"
seed = 7
held_out = 0.0
gate_bias_share = 0.25
gate_bias_range = 8.0
[model]
vocab_size = {VOCABULARY}
d_model = 16
num_heads = 2
encoder_layers = 1
decoder_layers = 1
d_ff = 32
dropout = 0.0
max_source_length = 64
max_target_length = 17
[arms.baseline]
memory = "none"
[arms.hmu]
memory = "hmu"
memory_settings = {{ latent_dim = 8 }}
kl_weight = 0.01
free_bits = 0.1
[optimizer]
learning_rate = 1e-2
warmup_steps = 2
beta2 = 0.98
weight_decay = 1e-4
clip = 1.0
precision = "fp32"
[[synthetic]]
part = "retention"
steps = 12
shortest = 1
longest = 8
batch_tokens = 512
batch_size = 32
growth = 0.5
[[synthetic]]
part = "recall"
steps = 5
shortest = 8
longest = 16
pairs = 4
batch_tokens = 512
batch_size = 32
growth = 0.5
[[synthetic]]
part = "copy"
steps = 5
shortest = 1
longest = 8
batch_tokens = 512
batch_size = 32
growth = 0.5
"""


def write_recipe(folder: Path, **changed: str) -> Path:
    """The recipe's file; a change is an old line's text → the new one, keyed by anything."""
    text = RECIPE
    for change in changed.values():
        old, new = change.split(" => ")
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "tiny.toml"
    path.write_text(text, encoding="utf-8")
    return path


def untrained(arm: str, name: str = "untrained") -> Checkpoint:
    """A tiny checkpoint whose weights are wide enough for its answers to depend on what it reads."""
    sizes: Mapping[str, Any] = {"d_model": 16, "num_heads": 2, "encoder_layers": 1, "decoder_layers": 1, "d_ff": 32}
    config = MemoryTransformerConfig(
        vocab_size=VOCABULARY, memory="hmu" if arm == "hmu" else "none", max_source_length=64, **sizes
    )
    torch.manual_seed(0)
    model = MemoryTransformer(config).eval().requires_grad_(False)
    for parameter in model.parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=0.25)
    return Checkpoint(name, model, synthetic_tokenizer(64))


class Oracle(nn.Module):
    """Knows the source by heart: the one-hot of each id is its memory, and it looks the answer up by rule."""

    def __init__(self) -> None:
        super().__init__()
        self.config = MemoryTransformerConfig(vocab_size=VOCABULARY, max_source_length=513)
        self.device = torch.device("cpu")

    def encode(self, source: Tensor, mask: Tensor) -> Tensor:
        return source[:, :, None].float()

    def remember(self, states: Tensor, mask: Tensor, controls: Controls, rows: Sequence[int]) -> Remembered:
        return Remembered(states, mask)

    def decode(self, asked: Tensor, remembered: Remembered) -> Decoded:
        """A key's answer is what follows it in the source; what begins with the start token is given back in order."""
        logits = torch.zeros(*asked.shape, VOCABULARY)
        sources = remembered.memory[:, :, 0].long().tolist()
        for row, (ids, source) in enumerate(zip(asked.tolist(), sources, strict=True)):
            for place, id_ in enumerate(ids):
                if ids[0] == START:
                    answer = source[place] if source[place] >= FIRST else 2
                else:
                    answer = source[source.index(id_) + 1] if id_ >= FIRST else GAP
                logits[row, place, answer] = 50.0
        return Decoded(logits, ())


def oracle() -> Checkpoint:
    """A checkpoint that remembers everything."""
    return Checkpoint("oracle", cast(MemoryTransformer, Oracle()), synthetic_tokenizer(64))
