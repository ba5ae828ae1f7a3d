"""Several texts and the texts between two, against the stream of each memory alone."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from hmu import HMU, Checkpoint, Controls, Decoding, Remembered, Source, read, remember, stream
from hmu.imagine import Sample, between, interpolate, latent_samples, softmax_samples

LONG, SHORT = "street walk café people", "dog"
NOISY = Controls(gate_bias=-2.0, temperature=4.0, seed=4)
LATENT_ALONE = Controls(gate_bias=-math.inf)


def source_of(checkpoint: Checkpoint, text: str) -> Source:
    return read(checkpoint, "common_gen", text)


def alone(checkpoint: Checkpoint, remembered: Remembered, decoding: Decoding) -> tuple[int, ...]:
    return tuple(step.token for step in stream(checkpoint, remembered, decoding))


def sources_of(checkpoint: Checkpoint, first: str, second: str) -> tuple[Source, Source]:
    return source_of(checkpoint, first), source_of(checkpoint, second)


def latents_of(remembered: Remembered) -> Tensor:
    """Its draw, which at temperature 0 is the mean."""
    assert remembered.trace.z is not None
    return remembered.trace.z


def tokens(samples: list[Sample]) -> list[tuple[int, ...]]:
    return [sample.tokens for sample in samples]


def unit_of(checkpoint: Checkpoint) -> HMU:
    assert isinstance(checkpoint.model.memory, HMU)
    return checkpoint.model.memory


@pytest.mark.parametrize("text", ["ball dog throw", LONG, SHORT])
@pytest.mark.parametrize("penalty", [1.0, 1.7], ids=["one-batch", "one-by-one"])
def test_a_latent_sample_equals_the_greedy_stream_of_its_own_seed(
    hmu_checkpoint: Checkpoint, text: str, penalty: float
) -> None:
    source, greedy = source_of(hmu_checkpoint, text), Decoding(repetition_penalty=penalty)
    expected = [
        alone(hmu_checkpoint, remember(hmu_checkpoint, source, replace(NOISY, seed=seed)), greedy)
        for seed in range(4, 12)
    ]
    assert tokens(list(latent_samples(hmu_checkpoint, source, NOISY, 8, greedy))) == expected
    assert len(set(expected)) > 1


@pytest.mark.parametrize("penalty", [1.0, 1.7])
def test_latent_samples_are_not_drawn_twice(hmu_checkpoint: Checkpoint, penalty: float) -> None:
    """Catches a softmax temperature that reaches them."""
    source, greedy = source_of(hmu_checkpoint, LONG), Decoding(repetition_penalty=penalty)
    hot = replace(greedy, temperature=2.0, top_k=50, seed=9)
    one, other = (list(latent_samples(hmu_checkpoint, source, NOISY, 3, decoding)) for decoding in (greedy, hot))
    assert one == other


def test_latent_samples_at_temperature_zero_are_one_text(hmu_checkpoint: Checkpoint) -> None:
    samples = latent_samples(hmu_checkpoint, source_of(hmu_checkpoint, LONG), Controls(), 4, Decoding())
    assert len(set(tokens(list(samples)))) == 1


def test_a_softmax_sample_equals_the_stream_of_its_own_seed(checkpoint: Checkpoint) -> None:
    source, decoding = source_of(checkpoint, LONG), Decoding(temperature=1.2, top_p=0.9, seed=30)
    remembered = remember(checkpoint, source, NOISY)
    expected = [alone(checkpoint, remembered, replace(decoding, seed=seed)) for seed in range(30, 36)]
    assert tokens(list(softmax_samples(checkpoint, source, NOISY, 6, decoding))) == expected
    assert len(set(expected)) > 1


def test_a_sample_reads_as_its_pieces_do(hmu_checkpoint: Checkpoint) -> None:
    source = source_of(hmu_checkpoint, "ball dog throw")
    (sample,) = latent_samples(hmu_checkpoint, source, Controls(), 1, Decoding())
    steps = stream(hmu_checkpoint, remember(hmu_checkpoint, source, Controls()), Decoding())
    assert sample.text == "".join(step.piece for step in steps).strip() != ""


def test_a_memory_from_latents_is_the_latent_path_alone(hmu_checkpoint: Checkpoint) -> None:
    remembered = remember(hmu_checkpoint, source_of(hmu_checkpoint, LONG), replace(NOISY, gate_bias=-math.inf))
    with torch.inference_mode():
        made = unit_of(hmu_checkpoint).from_latent(latents_of(remembered), remembered.mask)
    assert torch.equal(made.memory, remembered.memory)
    assert torch.equal(latents_of(made), latents_of(remembered))
    assert made.trace.gate is not None
    assert made.trace.gate.shape == remembered.memory.shape
    assert not made.trace.gate.any()


@pytest.mark.parametrize(("first", "second"), [(LONG, SHORT), ("ball dog", "dog dog")], ids=["longer", "as-long"])
def test_the_first_step_is_the_first_text_where_it_is_no_shorter(
    hmu_checkpoint: Checkpoint, first: str, second: str
) -> None:
    begin, end = sources_of(hmu_checkpoint, first, second)
    line = between(hmu_checkpoint, begin, end, 3)
    expected = remember(hmu_checkpoint, begin, LATENT_ALONE)
    assert (len(begin.tokens) == len(end.tokens)) == (second == "dog dog")
    torch.testing.assert_close(line.memory[:1], expected.memory, rtol=0, atol=1e-6)
    assert torch.equal(latents_of(line)[:1], latents_of(expected))
    written = next(interpolate(hmu_checkpoint, begin, end, 3, Decoding()))
    assert written.tokens == alone(hmu_checkpoint, expected, Decoding())


@pytest.mark.parametrize(("first", "second"), [(SHORT, LONG), ("ball dog", "dog dog")], ids=["longer", "as-long"])
def test_the_last_step_is_the_second_text_where_it_is_no_shorter(
    hmu_checkpoint: Checkpoint, first: str, second: str
) -> None:
    begin, end = sources_of(hmu_checkpoint, first, second)
    line = between(hmu_checkpoint, begin, end, 4)
    expected = remember(hmu_checkpoint, end, LATENT_ALONE)
    torch.testing.assert_close(line.memory[-1:], expected.memory, rtol=0, atol=1e-6)
    *_, written = interpolate(hmu_checkpoint, begin, end, 4, Decoding())
    assert written.tokens == alone(hmu_checkpoint, expected, Decoding())


def test_the_line_is_resampled_and_mixed_as_by_hand(hmu_checkpoint: Checkpoint) -> None:
    begin, end = sources_of(hmu_checkpoint, SHORT, LONG)
    short, long = (latents_of(remember(hmu_checkpoint, one, Controls()))[0].tolist() for one in (begin, end))
    n, width = len(long), len(long[0])
    stretched = []
    for token in range(n):
        place = token * (len(short) - 1) / (n - 1)
        left = min(int(place), len(short) - 2)
        rest = place - left
        stretched.append([(1 - rest) * short[left][c] + rest * short[left + 1][c] for c in range(width)])
    rows = [
        [[(1 - w) * stretched[t][c] + w * long[t][c] for c in range(width)] for t in range(n)]
        for w in (0, 1 / 4, 1 / 2, 3 / 4, 1)
    ]
    found = latents_of(between(hmu_checkpoint, begin, end, 5))
    torch.testing.assert_close(found, torch.tensor(rows), rtol=0, atol=1e-5)


@pytest.mark.parametrize("penalty", [1.0, 1.7], ids=["one-batch", "one-by-one"])
def test_each_step_equals_the_greedy_stream_of_its_memory(hmu_checkpoint: Checkpoint, penalty: float) -> None:
    begin, end = sources_of(hmu_checkpoint, "fall stock", LONG)
    greedy = Decoding(repetition_penalty=penalty)
    line = between(hmu_checkpoint, begin, end, 6)
    expected = [
        alone(hmu_checkpoint, Remembered(line.memory[i : i + 1], line.mask[i : i + 1]), greedy) for i in range(6)
    ]
    hot = replace(greedy, temperature=2.0)
    assert tokens(list(interpolate(hmu_checkpoint, begin, end, 6, hot))) == expected
    assert len(set(expected)) > 1


def test_a_checkpoint_without_a_latent_is_refused(baseline_checkpoint: Checkpoint) -> None:
    source = source_of(baseline_checkpoint, SHORT)
    asked = (
        latent_samples(baseline_checkpoint, source, Controls(), 2, Decoding()),
        interpolate(baseline_checkpoint, source, source, 2, Decoding()),
    )
    for samples in asked:
        with pytest.raises(ValueError, match=r"^tiny-baseline: its memory has no latent to draw from; pick an HMU$"):
            next(samples)


def test_too_few_texts_are_refused(hmu_checkpoint: Checkpoint) -> None:
    source = source_of(hmu_checkpoint, SHORT)
    with pytest.raises(ValueError, match=r"^samples: 0; give a whole number from 1$"):
        next(latent_samples(hmu_checkpoint, source, Controls(), 0, Decoding()))
    with pytest.raises(ValueError, match=r"^samples: 0; give a whole number from 1$"):
        next(softmax_samples(hmu_checkpoint, source, Controls(), 0, Decoding()))
    with pytest.raises(ValueError, match=r"^steps: 1; give a whole number from 2$"):
        next(interpolate(hmu_checkpoint, source, source, 1, Decoding()))
