"""Whole sentences by beam search, through the library's own `generate`, from memories that are already made.

Axes: b batch, m memory slots, d model width.
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import torch
from transformers import GenerationConfig, LogitsProcessorList

from hmu.memory import Remembered
from hmu.modeling import MemoryTransformer
from hmu.outputs import MemoryOutput
from hmu.sampling import ends_of

if TYPE_CHECKING:
    from hmu.wanted import WantedWords


@torch.inference_mode()
def beam_search(
    model: MemoryTransformer,
    remembered: Remembered,
    beams: int,
    max_new_tokens: int,
    wanted: "WantedWords | None" = None,
) -> list[list[int]]:
    """The likeliest sentence of each memory, without sampling; lengths weighed as the config says.

    Args:
        model: writes.
        remembered: b memories, (b, m, d).
        beams: kept at every step; 1 is greedy.
        max_new_tokens: where writing stops at the latest.
        wanted: words that the sentences should use: of the beams that are left, the likeliest of those that use most.

    Returns:
        For each memory its tokens, the end of text included where it was reached, without start and padding.

    Raises:
        ValueError: for fewer than one beam or token, or words for other than every memory.
    """
    if beams < 1 or max_new_tokens < 1:
        raise ValueError(f"beams {beams}, max new tokens {max_new_tokens}: give whole numbers from 1")
    if wanted is not None and len(wanted.words) != len(remembered.memory):
        raise ValueError(f"wanted words: for {len(wanted.words)} of {len(remembered.memory)} memories; give all theirs")
    config = model.config
    penalty = config.beam_length_penalty if wanted is None else wanted.length_penalty
    settings = GenerationConfig(
        num_beams=beams,
        num_return_sequences=1 if wanted is None else beams,
        do_sample=False,
        length_penalty=penalty if beams > 1 else 1.0,
        max_new_tokens=max_new_tokens,
        pad_token_id=config.pad_token_id,
        bos_token_id=config.bos_token_id,
        eos_token_id=config.eos_token_id,
        decoder_start_token_id=config.decoder_start_token_id,
    )
    memory = MemoryOutput(last_hidden_state=remembered.memory, memory_mask=remembered.mask)
    written = model.generate(
        encoder_outputs=memory,
        attention_mask=remembered.mask,
        generation_config=settings,
        logits_processor=LogitsProcessorList([] if wanted is None else [wanted]),
    )
    rows = [_until_end(row, ends_of(config.eos_token_id)) for row in written[:, 1:].tolist()]
    if wanted is None:
        return rows
    groups = (rows[first : first + beams] for first in range(0, len(rows), beams))
    return [group[wanted.most(place, group)] for place, group in enumerate(groups)]


@torch.inference_mode()
def log_probabilities(model: MemoryTransformer, remembered: Remembered, tokens: Sequence[int]) -> list[float]:
    """Natural logarithm of each token's probability, given the memory (1, m, d) and the tokens before it."""
    inputs = torch.tensor([[model.config.decoder_start_token_id, *tokens[:-1]]], device=model.device)
    logprobs = model.decode(inputs, remembered).logits[0].float().log_softmax(-1)
    return logprobs[range(len(tokens)), list(tokens)].tolist()


def _until_end(tokens: list[int], ends: Collection[int]) -> list[int]:
    first = next((place for place, token in enumerate(tokens) if token in ends), len(tokens))
    return tokens[: first + 1]
