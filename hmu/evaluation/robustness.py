"""The paper's two other promises as numbers: what noise in the source costs, and what is left of the latents alone."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from hmu.checkpoint import Checkpoint
from hmu.controls import Controls
from hmu.evaluation.corruptions import Noise, corrupted
from hmu.evaluation.score import Score, score
from hmu.tasks import Example, Task
from hmu.unit import HMU


@dataclass(frozen=True, slots=True)
class Loss:
    """What a change costs.

    Args:
        under: what was changed, such as "drop:0.2".
        metrics: of the answers, under the change; see `ClassMetrics`, `TextMetrics`.
        lost: for each of them but the majority's, what it was before less what it is now.
    """

    under: str
    metrics: dict[str, float]
    lost: dict[str, float]


def noise_losses(
    checkpoint: Checkpoint,
    task: Task,
    examples: Sequence[Example],
    whole: Score,
    noises: Sequence[Noise],
    batch_size: int = 64,
    progress: Callable[[int], None] | None = None,
) -> list[Loss]:
    """The score again with each noise in the source (filtering).

    Args:
        checkpoint, task, examples, batch_size, progress: see `score`.
        whole: the score without noise; its controls hold, and its seed is the noise's too.
        noises: each gives one loss, in order.
    """
    losses = []
    for noise in noises:
        noisy = corrupted(examples, noise, whole.controls.seed)
        (found,) = score(checkpoint, task, noisy, (whole.controls,), batch_size, progress)
        losses.append(_loss(str(noise), whole, found))
    return losses


def condensed(
    checkpoint: Checkpoint,
    task: Task,
    examples: Sequence[Example],
    whole: Score,
    batch_size: int = 64,
    progress: Callable[[int], None] | None = None,
) -> Loss:
    """The score again with every gate at 0, so that k numbers are what is left of each source token (condensing).

    How it depends on k is asked of checkpoints that were trained with different k.

    Args:
        checkpoint, task, examples, batch_size, progress: see `score`.
        whole: the score with the gates as its controls leave them.

    Raises:
        ValueError: for a checkpoint whose memory cannot be cut to its latents.
    """
    controls = latents_alone(checkpoint, whole.controls)
    (found,) = score(checkpoint, task, examples, (controls,), batch_size, progress)
    return _loss(str(cut_to(checkpoint)), whole, found)


def latents_alone(checkpoint: Checkpoint, controls: Controls) -> Controls:
    """The same with every gate at 0.

    Raises:
        ValueError: for a checkpoint whose memory cannot be cut to its latents.
    """
    if _unit(checkpoint) is None:
        raise ValueError(f"{checkpoint.name}: its memory cannot be cut to latents; give an HMU without a residual")
    closed = (0.0,) * checkpoint.model.config.max_source_length  # a bias would leave a fixed gate as it is
    return replace(controls, forced=closed)


def cut_to(checkpoint: Checkpoint) -> str | None:
    """What is left then, as a `Loss` names it; None for a memory that cannot be cut to its latents."""
    unit = _unit(checkpoint)
    return None if unit is None else f"k = {unit.latent.mean.out_features}"


def _unit(checkpoint: Checkpoint) -> HMU | None:
    """The unit, but for one that the source comes past by a residual."""
    memory = checkpoint.model.memory
    return memory if isinstance(memory, HMU) and memory.alpha is None else None


def _loss(under: str, whole: Score, found: Score) -> Loss:
    before, now = (
        {name: value for name, value in asdict(one.quality).items() if value is not None} for one in (whole, found)
    )
    return Loss(under, now, {name: before[name] - value for name, value in now.items() if name != "majority"})
