"""Whole sentences by beam search, through the library's own `generate`, from memories that are already made.

Axes: b batch, m memory slots, d model width.
"""

from collections.abc import Sequence

import torch
from transformers import GenerationConfig

from hmu.memory import Remembered
from hmu.modeling import MemoryTransformer
from hmu.outputs import MemoryOutput


@torch.inference_mode()
def beam_search(model: MemoryTransformer, remembered: Remembered, beams: int, max_new_tokens: int) -> list[list[int]]:
    """The likeliest sentence of each memory, plainly: no sampling, no constraint; lengths weighed as the config says.

    Args:
        model: writes.
        remembered: b memories, (b, m, d).
        beams: kept at every step; 1 is greedy.
        max_new_tokens: where writing stops at the latest.

    Returns:
        For each memory its tokens, the end of text included where it was reached, without start and padding.

    Raises:
        ValueError: for fewer than one beam or token.
    """
    if beams < 1 or max_new_tokens < 1:
        raise ValueError(f"beams {beams}, max new tokens {max_new_tokens}: give whole numbers from 1")
    config = model.config
    settings = GenerationConfig(
        num_beams=beams,
        do_sample=False,
        length_penalty=config.beam_length_penalty if beams > 1 else 1.0,
        max_new_tokens=max_new_tokens,
        pad_token_id=config.pad_token_id,
        bos_token_id=config.bos_token_id,
        eos_token_id=config.eos_token_id,
        decoder_start_token_id=config.decoder_start_token_id,
    )
    memory = MemoryOutput(last_hidden_state=remembered.memory, memory_mask=remembered.mask)
    written = model.generate(encoder_outputs=memory, attention_mask=remembered.mask, generation_config=settings)
    return [_until_end(row, config.eos_token_id) for row in written[:, 1:].tolist()]


@torch.inference_mode()
def log_probabilities(model: MemoryTransformer, remembered: Remembered, tokens: Sequence[int]) -> list[float]:
    """Natural logarithm of each token's probability, given the memory (1, m, d) and the tokens before it."""
    inputs = torch.tensor([[model.config.decoder_start_token_id, *tokens[:-1]]], device=model.device)
    logprobs = model.decode(inputs, remembered).logits[0].float().log_softmax(-1)
    return logprobs[range(len(tokens)), list(tokens)].tolist()


def _until_end(tokens: list[int], end: int) -> list[int]:
    return tokens[: tokens.index(end) + 1] if end in tokens else tokens
