"""Metrics against counts made by hand, and scores that must not depend on how they were computed."""

import math
from dataclasses import asdict

import pytest
import torch

from hmu import Checkpoint, Controls, Decoding, stream
from hmu.beams import beam_search, log_probabilities
from hmu.evaluation.metrics import bleu, class_metrics, coverage, text_metrics
from hmu.evaluation.score import score
from hmu.evaluation.unit import UnitGauge, UnitMetrics
from hmu.memory import MemoryTrace
from hmu.reading import read, remember
from hmu.tasks import Example, Task, find_task

AG_NEWS, COMMON_GEN, SST2 = (find_task(name) for name in ("ag_news", "common_gen", "sst2"))
SETS = (
    Example("field look stand", references=("A group of people standing in a field.", "They stand and look.")),
    Example("ball dog throw", references=("The dog runs after the ball.",)),
    Example("stock", references=("Stocks fell today.", "A stock fell.", "The stock is in the street.")),
    Example("street walk café people", references=("People walk to the café.",)),
)
NEWS = (
    Example("Stocks fell on Wall Street", label=2),
    Example("The team won", label=1),
    Example("The minister met the king of the hill in the field", label=0),
    Example("cup final", label=1),
    Example("a gripping and funny film about the cup final", label=3),
)
SETTINGS = (Controls(), Controls(gate_bias=-8.0), Controls(temperature=1.0, seed=5))


def test_accuracy_majority_and_f1_are_those_counted_by_hand() -> None:
    found = class_metrics(answers=[0, 0, 1, 1], truth=[0, 1, 1, 1])
    assert asdict(found) == pytest.approx({"accuracy": 3 / 4, "majority": 3 / 4, "macro_f1": (2 / 3 + 4 / 5) / 2})


def test_coverage_compares_stems_and_ignores_case_and_punctuation() -> None:
    assert coverage("The dogs, Running!", ["dog", "run", "throw"]) == pytest.approx(2 / 3)


def test_coverage_does_not_count_a_word_that_only_begins_alike() -> None:
    assert coverage("A catalog.", ["cat"]) == 0


def test_a_missing_reference_is_no_reference() -> None:
    """Would catch padding with empty strings, which count as references of length 0."""
    outputs = ["the cat sat on the mat today", "a dog ran home to its master"]
    references = [["the cat sat on a mat today", "the cat sat down on the mat"], ["a dog ran to its master now"]]
    repeated = [references[0], references[1] * 2]
    assert bleu(outputs, references) == pytest.approx(bleu(outputs, repeated))


def test_bleu_of_a_reference_is_a_hundred_whatever_its_case() -> None:
    assert bleu(["THE DOG RUNS AFTER THE BALL."], [["nothing alike", "The dog runs after the ball."]]) == pytest.approx(
        100
    )


def test_text_metrics_average_over_inputs_not_concepts() -> None:
    found = text_metrics(["a dog", "nothing"], [["dog"], ["ball", "throw", "field"]], [["a dog"], ["a ball"]])
    assert found.coverage == 0.5


def test_the_gauge_leaves_padding_out() -> None:
    gauge, alone = UnitGauge(), UnitGauge()
    trace = _trace(2, 3)
    mask = torch.tensor([[1, 1, 0], [1, 0, 0]])
    gauge.take(trace, mask)
    alone.take(_of(trace, 0, 2), torch.ones(1, 2))
    alone.take(_of(trace, 1, 1), torch.ones(1, 1))
    assert asdict(gauge.metrics()) == pytest.approx(asdict(alone.metrics()))


def test_the_gauge_gives_mean_spread_and_active_units_counted_by_hand() -> None:
    gate = torch.tensor([[[0.0, 0.2], [0.4, 0.6]]])
    mean = torch.tensor([[[0.0, 1.0, 0.05], [1.0, 1.0, 0.0]]])
    kl = torch.tensor([[[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]])
    gauge = UnitGauge()
    gauge.take(MemoryTrace(gate=gate, mean=mean, kl=kl), torch.ones(1, 2))
    expected = UnitMetrics(gate_mean=0.3, gate_std=0.2, gate_channel_std=0.1, active_units=1, kl_per_token=2.0)
    assert asdict(gauge.metrics()) == pytest.approx(asdict(expected))


@pytest.mark.parametrize(("task", "examples"), [(AG_NEWS, NEWS), (COMMON_GEN, SETS)], ids=["classes", "sentences"])
def test_no_figure_depends_on_the_batch_size(
    hmu_checkpoint: Checkpoint, task: Task, examples: tuple[Example, ...]
) -> None:
    """Would catch noise that is addressed by the place in the batch, and answers left in sorted order."""
    one, all_at_once = (score(hmu_checkpoint, task, examples, SETTINGS, batch_size=size) for size in (1, 64))
    assert [s.answers for s in one] == [s.answers for s in all_at_once]
    for alone, together in zip(one, all_at_once, strict=True):
        assert alone.metrics == pytest.approx(together.metrics, abs=1e-5)


def test_several_settings_at_once_equal_each_alone(hmu_checkpoint: Checkpoint) -> None:
    together = score(hmu_checkpoint, AG_NEWS, NEWS, SETTINGS)
    assert together == [score(hmu_checkpoint, AG_NEWS, NEWS, (controls,))[0] for controls in SETTINGS]


def test_an_answer_is_the_likeliest_class_as_one_text_is_read(checkpoint: Checkpoint) -> None:
    (found,) = score(checkpoint, SST2, [Example(SST2.prepare(e.source), label=0) for e in NEWS])
    alone = []
    for example in NEWS:
        remembered = remember(checkpoint, read(checkpoint, "sst2", example.source), Controls())
        alone.append(int(checkpoint.model.classify(remembered, "sst2").argmax()))
    assert found.answers == tuple(alone)


def test_a_baseline_has_no_unit_to_measure(baseline_checkpoint: Checkpoint) -> None:
    (found,) = score(baseline_checkpoint, AG_NEWS, NEWS)
    assert found.unit == UnitMetrics()


def test_a_score_changes_nothing_against_itself(hmu_checkpoint: Checkpoint) -> None:
    (found,) = score(hmu_checkpoint, AG_NEWS, NEWS)
    assert found.changed(found) == 0


def test_no_inputs_are_an_error(hmu_checkpoint: Checkpoint) -> None:
    with pytest.raises(ValueError, match="no inputs"):
        score(hmu_checkpoint, AG_NEWS, [])


def test_one_beam_is_the_greedy_stream(checkpoint: Checkpoint) -> None:
    remembered = remember(checkpoint, read(checkpoint, "common_gen", "dog, ball, throw"), Controls())
    steps = list(stream(checkpoint, remembered, Decoding(max_new_tokens=20)))
    (tokens,) = beam_search(checkpoint.model, remembered, beams=1, max_new_tokens=20)
    assert tokens == [step.token for step in steps]
    assert log_probabilities(checkpoint.model, remembered, tokens) == pytest.approx(
        [step.logprob for step in steps], abs=1e-4
    )


def test_beams_of_a_batch_are_those_of_each_alone(hmu_checkpoint: Checkpoint) -> None:
    """Would catch a memory or its mask that is not repeated for every beam."""
    (found,) = score(hmu_checkpoint, COMMON_GEN, SETS)
    alone = [score(hmu_checkpoint, COMMON_GEN, [example])[0].answers[0] for example in SETS]
    assert list(found.answers) == alone


def _trace(rows: int, length: int) -> MemoryTrace:
    draw = torch.Generator().manual_seed(0)
    gate, mean, kl = (torch.rand(rows, length, 4, generator=draw) for _ in range(3))
    return MemoryTrace(gate=gate, mean=mean, kl=kl)


def _of(trace: MemoryTrace, row: int, length: int) -> MemoryTrace:
    assert trace.gate is not None
    assert trace.mean is not None
    assert trace.kl is not None
    gate, mean, kl = (part[row : row + 1, :length] for part in (trace.gate, trace.mean, trace.kl))
    return MemoryTrace(gate=gate, mean=mean, kl=kl)


def test_every_metric_is_a_finite_number(hmu_checkpoint: Checkpoint) -> None:
    (found,) = score(hmu_checkpoint, COMMON_GEN, SETS, (Controls(gate_bias=math.inf),))
    assert all(value is not None and math.isfinite(value) for value in found.metrics.values())
