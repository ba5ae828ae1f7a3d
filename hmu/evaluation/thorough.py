"""A score and all further figures of one setting: what `python -m hmu evaluate` reports.

Model cards do without these, so that a card made again is the same card. Knows nothing of files or printing.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.evaluation.likelihood import fit
from hmu.evaluation.metrics import calibration_error, chrf, rouge_l
from hmu.evaluation.samples import SampleMetrics, has_latent, latent_variety
from hmu.evaluation.score import AS_TRAINED, Score, score
from hmu.tasks import Example, Task


@dataclass(frozen=True, slots=True)
class ClassDetails:
    """Of classes.

    Args:
        calibration_error: expected, over 15 bins of equal width, in [0, 1].
    """

    calibration_error: float


@dataclass(frozen=True, slots=True)
class TextDetails(SampleMetrics):
    """Of sentences.

    Args:
        chrf: corpus chrF2 over all references, in [0, 100].
        rouge_l: F1, the best of an input's references, mean over inputs, in [0, 1].
        perplexity: of the references, per word, at least 1.
        token_accuracy: share of the references' tokens that are the likeliest after those before them, in [0, 1].
    """

    chrf: float = 0.0
    rouge_l: float = 0.0
    perplexity: float = 0.0
    token_accuracy: float = 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A score and its details; a choice between endings has none."""

    score: Score
    details: ClassDetails | TextDetails | None

    @property
    def metrics(self) -> dict[str, float | None]:
        """Every metric by name: of the answers, the details, and of the unit (None for a baseline)."""
        details = {} if self.details is None else asdict(self.details)
        return {**asdict(self.score.quality), **details, **asdict(self.score.unit)}


def evaluate(
    checkpoint: Checkpoint,
    task: Task,
    examples: Sequence[Example],
    controls: Controls = AS_TRAINED,
    samples: int = 0,
    batch_size: int = 64,
    progress: Callable[[int], None] | None = None,
    wanted: bool = False,
) -> Evaluation:
    """Answer every example under one setting, and measure all there is to measure.

    Args:
        checkpoint, task, examples, batch_size, wanted: see `score`.
        controls: the setting.
        samples: sentences per input for their variety, see `latent_variety`; 0 for none.
        progress: called with the number of inputs that a batch has finished; see `passes` for how often.

    Raises:
        ValueError: see `score`.
    """
    (found,) = score(checkpoint, task, examples, (controls,), batch_size, progress, wanted)
    if task.chooses:
        return Evaluation(found, None)
    if task.labels:
        truth = [int(example.label or 0) for example in examples]
        return Evaluation(found, ClassDetails(calibration_error(found.probabilities, truth)))
    references, outputs = [example.references for example in examples], [str(answer) for answer in found.answers]
    varied = latent_variety(checkpoint, examples, controls, samples, batch_size, progress)
    known = fit(checkpoint, examples, controls, batch_size, progress)
    details = TextDetails(
        **asdict(varied),
        chrf=chrf(outputs, references),
        rouge_l=rouge_l(outputs, references),
        perplexity=known.perplexity,
        token_accuracy=known.token_accuracy,
    )
    return Evaluation(found, details)


def passes(checkpoint: Checkpoint, task: Task, samples: int) -> int:
    """How often `evaluate` goes through the inputs."""
    return 1 + task.generates + (task.generates and samples > 1 and has_latent(checkpoint))
