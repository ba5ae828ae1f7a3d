"""From the model's logits to the next token: what a reader may set, and the draw itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import GenerationConfig, LogitsProcessorList
from transformers.generation.logits_process import (
    ForcedBOSTokenLogitsProcessor,
    NoBadWordsLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    SuppressTokensLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)


@dataclass(frozen=True, slots=True)
class Decoding:
    """How tokens are chosen.

    Args:
        temperature: of the softmax; 0 takes the likeliest token (greedy).
        top_k: draw among the k likeliest; 0 for all.
        top_p: draw among the likeliest that together reach this probability, in (0, 1]; 1 for all.
        repetition_penalty: divides the logits of tokens already written; 1 for none.
        seed: address of the draws, 0 ≤ seed < 2⁶³; without effect when greedy.
        max_new_tokens: where writing stops at the latest.

    Raises:
        ValueError: for a value outside its range.
    """

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int = 0
    max_new_tokens: int = 48

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("decoding temperature", self.temperature, 0, 10),
            ("top-k", self.top_k, 0, 100_000),
            ("top-p", self.top_p, 1e-6, 1),
            ("repetition penalty", self.repetition_penalty, 0.1, 10),
            ("seed", self.seed, 0, 2**63 - 1),
            ("max new tokens", self.max_new_tokens, 1, 1024),
        ):
            if not low <= value <= high:
                raise ValueError(f"{name}: {value}; give a number from {low} to {high}")

    def processors(self) -> LogitsProcessorList:
        """The library's own logit processors for these settings, in the order `generate` applies them."""
        chain = LogitsProcessorList()
        if self.repetition_penalty != 1:
            chain.append(RepetitionPenaltyLogitsProcessor(self.repetition_penalty))
        if self.temperature > 0:
            chain.append(TemperatureLogitsWarper(self.temperature))
            if self.top_k:
                chain.append(TopKLogitsWarper(self.top_k))
            if self.top_p < 1:
                chain.append(TopPLogitsWarper(self.top_p))
        return chain


def of_every_text(config: GenerationConfig, device: torch.device) -> LogitsProcessorList:
    """What a base's own generation config asks of all that it writes: the first token, and those that never come.

    Bases of several languages begin with one of theirs, BART with a mark, and Marian has its padding forbidden.
    """
    chain = LogitsProcessorList()
    if config.bad_words_ids:
        chain.append(NoBadWordsLogitsProcessor(config.bad_words_ids, config.eos_token_id))
    if config.suppress_tokens:
        chain.append(SuppressTokensLogitsProcessor(config.suppress_tokens, str(device)))
    if config.forced_bos_token_id is not None:
        chain.append(ForcedBOSTokenLogitsProcessor(config.forced_bos_token_id))
    return chain


def ends_of(eos_token_id: int | Sequence[int] | None) -> frozenset[int]:
    """The tokens that end a text: a config names one, several or none."""
    named = [eos_token_id] if isinstance(eos_token_id, int) else eos_token_id
    return frozenset(named or ())


def draw(scores: Tensor, generator: torch.Generator) -> int:
    """One token from processed scores (vocabulary,), by inverting the cumulative distribution at one uniform number.

    The number comes from a CPU generator, so the draw is the same whatever the device.
    """
    cumulative = scores.double().cpu().softmax(-1).cumsum(-1)
    uniform = torch.rand((), generator=generator, dtype=torch.float64) * cumulative[-1]
    return min(int(torch.searchsorted(cumulative, uniform, right=True)), len(cumulative) - 1)
