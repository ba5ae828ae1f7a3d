"""What noise costs, what the latents alone hold, and how much latent samples differ: each by another route."""

import copy
import math
from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from transformers import PreTrainedTokenizerBase

from hmu import Checkpoint, Controls, Decoding, MemoryTransformer, class_probabilities, read, remember
from hmu.evaluation.corruptions import Noise, corrupted
from hmu.evaluation.metrics import calibration_error
from hmu.evaluation.robustness import condensed, noise_losses
from hmu.evaluation.samples import SampleMetrics, latent_variety
from hmu.evaluation.score import score
from hmu.evaluation.thorough import evaluate, passes
from hmu.evaluation.variety import variety
from hmu.gate import FixedGate
from hmu.imagine import latent_samples
from hmu.tasks import Example, Task, find_task
from tests.hmu.support_data import without_separator

COMMON_GEN, SST2, MRPC, COLA = (find_task(name) for name in ("common_gen", "sst2", "mrpc", "cola"))
SETS = (
    Example("field look stand", references=("A group of people standing in a field.", "They stand and look.")),
    Example("ball dog throw", references=("The dog runs after the ball.",)),
    Example("street walk café people", references=("People walk to the café.",)),
)
REVIEWS = tuple(Example(f"a gripping and dull film {number}", label=number % 2) for number in range(8))
PAIRS = (
    Example("The team won the cup", second="The cup was won", label=1),
    Example("The minister met the king", second="The king of the field ran after the ball and fell", label=0),
    Example("a", second="b", label=1),
)


@pytest.fixture(scope="session")
def pair_checkpoint(tiny_model: Callable[..., MemoryTransformer], tokenizer: PreTrainedTokenizerBase) -> Checkpoint:
    """An untrained unit with heads for a pair of texts and for CoLA."""
    heads = {task.name: list(task.labels) for task in (MRPC, COLA)}
    return Checkpoint("pairs", tiny_model("hmu", task_labels=heads, max_source_length=14), tokenizer)


def test_a_loss_is_the_score_less_that_of_the_noisy_examples(hmu_checkpoint: Checkpoint) -> None:
    controls, noises = Controls(gate_bias=-1.0, seed=5), (Noise("replace", 0.5), Noise("unrelated"))
    (whole,) = score(hmu_checkpoint, COMMON_GEN, SETS, (controls,))
    for noise, loss in zip(noises, noise_losses(hmu_checkpoint, COMMON_GEN, SETS, whole, noises), strict=True):
        (found,) = score(hmu_checkpoint, COMMON_GEN, corrupted(SETS, noise, seed=5), (controls,))
        assert loss.under == str(noise)
        assert loss.metrics == asdict(found.quality)
        assert loss.lost == {n: whole.metrics[n] - value for n, value in loss.metrics.items()}  # type: ignore[operator]


def test_noise_that_changes_nothing_costs_nothing(hmu_checkpoint: Checkpoint) -> None:
    same = (Example("film film", label=1), Example("film", label=1))
    (whole,) = score(hmu_checkpoint, SST2, same)
    (loss,) = noise_losses(hmu_checkpoint, SST2, same, whole, [Noise("replace", 1.0)])
    assert loss.lost == {"accuracy": 0, "macro_f1": 0}


@pytest.mark.parametrize(("task", "examples"), [(COMMON_GEN, SETS), (SST2, REVIEWS)], ids=["sentences", "classes"])
def test_what_is_condensed_is_read_from_the_latents_alone(
    hmu_checkpoint: Checkpoint, task: Task, examples: tuple[Example, ...]
) -> None:
    """A bias of −∞ is another way to a gate of 0."""
    whole, latent = score(hmu_checkpoint, task, examples, (Controls(), Controls(gate_bias=-math.inf)))
    loss = condensed(hmu_checkpoint, task, examples, whole)
    assert (loss.under, latent.metrics["gate_mean"]) == ("k = 8", 0)
    assert loss.metrics == pytest.approx({name: latent.metrics[name] for name in loss.metrics})


def test_a_gate_that_is_fixed_open_is_closed_too(
    tiny_model: Callable[..., MemoryTransformer], tokenizer: PreTrainedTokenizerBase
) -> None:
    """Catches a bias, which such a gate does not heed: nothing would be cut, and nothing lost."""
    settings = {"latent_dim": 2, "gate": 1.0}
    opened = Checkpoint("open", tiny_model("hmu", memory_settings=settings), tokenizer)
    shut = Checkpoint("shut", copy.deepcopy(opened.model), tokenizer)
    shut.model.memory.gate = FixedGate(0.0)
    (whole,), (latent,) = score(opened, SST2, REVIEWS), score(shut, SST2, REVIEWS)
    loss = condensed(opened, SST2, REVIEWS, whole)
    assert loss.under == "k = 2"
    assert loss.metrics == {name: latent.metrics[name] for name in loss.metrics}
    residual = tiny_model("hmu", memory_settings={"latent_dim": 2, "residual": True})
    with pytest.raises(ValueError, match=r"^by: its memory cannot be cut to latents; give an HMU without a residual"):
        condensed(Checkpoint("by", residual, tokenizer), SST2, REVIEWS, whole)


def test_a_baseline_has_nothing_to_be_condensed_to(baseline_checkpoint: Checkpoint) -> None:
    (whole,) = score(baseline_checkpoint, SST2, REVIEWS)
    with pytest.raises(ValueError, match=r"^tiny-baseline: its memory cannot be cut to latents"):
        condensed(baseline_checkpoint, SST2, REVIEWS, whole)


@pytest.mark.parametrize("size", [1, 64])
def test_the_variety_is_the_mean_over_each_inputs_own_samples(hmu_checkpoint: Checkpoint, size: int) -> None:
    """The first input has the address of a text read alone: its samples are those of `latent_samples`."""
    controls = Controls(gate_bias=-8.0, temperature=30.0, seed=2)
    decoding = Decoding(max_new_tokens=hmu_checkpoint.model.config.max_target_length)
    source = read(hmu_checkpoint, "common_gen", SETS[0].source)
    texts = [sample.text for sample in latent_samples(hmu_checkpoint, source, controls, 4, decoding)]
    expected = variety(texts)
    found = latent_variety(hmu_checkpoint, SETS[:1], controls, 4, size)
    assert len(set(texts)) > 1
    assert asdict(found) == pytest.approx({name: getattr(expected, name) for name in asdict(found)})
    together = latent_variety(hmu_checkpoint, SETS, controls, 4, size)
    assert asdict(together) == pytest.approx(asdict(latent_variety(hmu_checkpoint, SETS, controls, 4, 2)))


def test_samples_without_a_temperature_are_drawn_as_published(hmu_checkpoint: Checkpoint) -> None:
    cold, warm = (latent_variety(hmu_checkpoint, SETS, Controls(temperature=t), 3) for t in (0.0, 1.0))
    assert cold == warm


def test_a_baseline_and_a_single_sample_have_no_variety(
    baseline_checkpoint: Checkpoint, hmu_checkpoint: Checkpoint
) -> None:
    assert latent_variety(baseline_checkpoint, SETS, Controls(), 4) == SampleMetrics()
    assert latent_variety(hmu_checkpoint, SETS, Controls(), 1) == SampleMetrics()


def test_every_pass_is_told(checkpoint: Checkpoint) -> None:
    for task, examples, samples in ((COMMON_GEN, SETS, 3), (COMMON_GEN, SETS, 0), (SST2, REVIEWS, 3)):
        done: list[int] = []
        evaluate(checkpoint, task, examples, samples=samples, batch_size=2, progress=done.append)
        assert sum(done) == passes(checkpoint, task, samples) * len(examples)


def test_probabilities_are_those_that_the_answers_come_from(hmu_checkpoint: Checkpoint) -> None:
    found = evaluate(hmu_checkpoint, SST2, REVIEWS)
    shares = found.score.probabilities
    assert [share.index(max(share)) for share in shares] == list(found.score.answers)
    assert [sum(share) for share in shares] == pytest.approx([1.0] * len(REVIEWS))
    truth = [int(example.label or 0) for example in REVIEWS]
    assert found.metrics["calibration_error"] == calibration_error(shares, truth)


@pytest.mark.parametrize("size", [1, 64])
def test_a_pair_is_scored_as_it_is_read_alone(pair_checkpoint: Checkpoint, size: int) -> None:
    (found,) = score(pair_checkpoint, MRPC, PAIRS, batch_size=size)
    for example, share in zip(PAIRS, found.probabilities, strict=True):
        source = read(pair_checkpoint, "mrpc", example.source, example.second)
        remembered = remember(pair_checkpoint, source, Controls())
        alone = list(class_probabilities(pair_checkpoint, remembered, "mrpc").values())
        assert share == pytest.approx(alone, abs=1e-5)
        assert len(source.tokens) <= 14


def test_acceptability_has_matthews_correlation_beside_accuracy(pair_checkpoint: Checkpoint) -> None:
    names = set(asdict(score(pair_checkpoint, COLA, REVIEWS)[0].quality))
    assert names == {"accuracy", "majority", "macro_f1", "matthews"}
    assert "matthews" not in asdict(score(pair_checkpoint, MRPC, PAIRS)[0].quality)


def test_pairs_without_a_separator_in_the_vocabulary_are_refused_by_name(pair_checkpoint: Checkpoint) -> None:
    bare = replace(pair_checkpoint, tokenizer=without_separator(pair_checkpoint.tokenizer))
    with pytest.raises(ValueError, match=r"^pairs: the tokenizer has no separator token"):
        score(bare, MRPC, PAIRS)
