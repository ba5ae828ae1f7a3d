"""Writing one token at a time, and what each token saw: a generator that can be closed at any step.

Reads the memory and never changes it. Axes: b = 1, n source tokens, h heads.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from hmu import noise
from hmu.checkpoint import Checkpoint
from hmu.layers import new_cache
from hmu.memory import Remembered
from hmu.sampling import Decoding, draw, ends_of, of_every_text

_ALTERNATIVES = 5


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that could have come here, with its probability in [0, 1]."""

    token: int
    piece: str
    probability: float


@dataclass(frozen=True, slots=True)
class Step:
    """One written token.

    Args:
        token: its id; the end of text is a step too, with an empty piece.
        piece: the text it adds; empty while a character's bytes are still incomplete.
        logprob: its natural logarithm of probability under the model, before any decoding setting.
        entropy: of the model's whole distribution at this place, nats ≥ 0.
        alternatives: the five likeliest tokens under the model, likeliest first.
        attention: n weights that sum to one: its cross-attention, averaged over layers and heads.
        gate: the memory's gates (mean over channels) weighted by that attention, in [0, 1];
            None where the memory has no gate.
    """

    token: int
    piece: str
    logprob: float
    entropy: float
    alternatives: tuple[Alternative, ...]
    attention: tuple[float, ...]
    gate: float | None


@torch.inference_mode()
def stream(
    checkpoint: Checkpoint, remembered: Remembered, decoding: Decoding, begun: Sequence[int] = ()
) -> Generator[Step, None, None]:
    """Write from a memory, token by token, until the end of text or `max_new_tokens`.

    Args:
        checkpoint: model and tokenizer.
        remembered: the memory of one text, (1, n, d).
        decoding: how tokens are chosen.
        begun: tokens that the text starts with, whatever their probability; they count among `max_new_tokens`.

    Yields:
        One step for each token, those it starts with included; closing the generator ends the work and frees the cache.
    """
    model, config = checkpoint.model, checkpoint.model.config
    cache, processors, ends = new_cache(), decoding.processors(), ends_of(config.eos_token_id)
    always = of_every_text(model.generation_config, model.device)
    generator = noise.stream("sampling", decoding.seed)
    gates = None if remembered.trace.gate is None else remembered.trace.gate[0].float().mean(-1)
    written = torch.tensor([[config.decoder_start_token_id]], device=model.device)
    pieces = Pieces(checkpoint.tokenizer)
    for place in range(decoding.max_new_tokens):
        decoded = model.decode(written[:, -1:], remembered, cache, want_weights=True)
        logits = decoded.logits[:, -1].float()
        scores = processors(written, always(written, logits.clone()))[0]
        token = draw(scores, generator) if decoding.temperature > 0 else int(scores.argmax())
        token = begun[place] if place < len(begun) else token
        attention = torch.stack(decoded.cross_attentions).float().mean((0, 1, 2))[-1]
        logprobs = logits[0].log_softmax(-1)
        yield Step(
            token=token,
            piece=pieces.add(token),
            logprob=float(logprobs[token]),
            entropy=float(torch.special.entr(logprobs.exp()).sum()),
            alternatives=_likeliest(logprobs, checkpoint.tokenizer),
            attention=tuple(attention.tolist()),
            gate=None if gates is None else float(attention @ gates),
        )
        if token in ends:
            return
        written = torch.cat((written, written.new_tensor([[token]])), dim=1)


def _likeliest(logprobs: Tensor, tokenizer: PreTrainedTokenizerBase) -> tuple[Alternative, ...]:
    top = logprobs.topk(min(_ALTERNATIVES, len(logprobs)))
    pairs = zip(top.indices.tolist(), top.values.exp().tolist(), strict=True)
    return tuple(Alternative(token, tokenizer.decode([token]), probability) for token, probability in pairs)


class Pieces:
    """The text of tokens one by one, in pieces that are whole characters."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer, self.ids, self.shown = tokenizer, list[int](), ""

    def add(self, token: int) -> str:
        """What one more token adds to the text; empty while a character's bytes are still incomplete."""
        self.ids.append(token)
        whole = self.tokenizer.decode(self.ids, skip_special_tokens=True)
        if whole.endswith("\ufffd"):
            return ""
        piece, self.shown = whole[len(self.shown) :], whole
        return piece
