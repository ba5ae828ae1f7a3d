"""What was published, claim by claim, and what of it can be measured.

Figures are quoted from E. Sánchez Gámez, "HMU: Hippocampus Memory Unit", 2025; those that measure nothing, as they were
obtained, say why. Knows nothing of results.
"""

from dataclasses import dataclass

from hmu.tasks.synthetic import SYNTHETIC, VOCABULARY


@dataclass(frozen=True, slots=True)
class Claim:
    """One published comparison.

    Args:
        title: as people read it.
        published: what the paper prints, baseline and HMU.
        task: whose results stand for it; empty where it is measured otherwise or not at all.
        metric: which of them.
        claimed: +1 if the paper has the HMU's value above the baseline's, −1 below.
        flaw: why the published figure means nothing as it was obtained; empty where it means something.
        recomputed: task and metric that hold the published figure computed as its scripts do; None where it cannot be.
        instead: whether task and metric stand in for a figure that cannot be measured as it was defined.
        chance: what guessing gives, where it is no majority; None where there is no such thing.
        digits: after the point.
    """

    title: str
    published: tuple[str, str]
    task: str = ""
    metric: str = ""
    claimed: int = 1
    flaw: str = ""
    recomputed: tuple[str, str] | None = None
    instead: bool = False
    digits: int = 4
    chance: float | None = None


VISIBLE_ACCURACY, VISIBLE_LOSS = "visible_accuracy", "visible_loss"
"""Metrics of a model that sees the target it is asked for: share of its tokens, and mean loss of one in nats."""
_VISIBLE = "the target was fed unshifted and without a causal mask: the score is that of copying what is seen"
_EMPTY = (
    f"{_VISIBLE}; where its loader misses a field, every target is a bare end, which would give just these figures "
    "(not verified)"
)
_WITHOUT_COLA = "CoLA, at its majority class, makes the whole gain: the other five alone fall from 0.5728 to 0.5648"
_COLA = "printed as Matthews correlation, computed as accuracy; 0.691 is the majority class"
_RETENTION = (
    "the cosine between a token's number, repeated over all channels, and a LayerNorm's output: no step count "
    "enters it, and after training it is the mean of the LayerNorm's affine"
)
_COHERENCE = "the mean of logits · logitsᵀ over positions: a scale, not a quality"
_GLUE = (
    ("MRPC", "mrpc", ("0.669", "0.689"), 1),
    ("RTE", "rte", ("0.480", "0.484"), 1),
    ("QNLI", "qnli", ("0.545", "0.546"), 1),
    ("SST-2", "sst2", ("0.763", "0.744"), -1),
    ("MNLI-m", "mnli", ("0.407", "0.361"), -1),
)
GLUE_TASKS = ("mrpc", "rte", "cola", "qnli", "sst2", "mnli")
GLUE_MEAN = "glue_mean"
"""A task of its own in the table: the mean accuracy of the six, seed by seed."""

CLAIMS: tuple[Claim, ...] = (
    *(Claim(f"{title}, accuracy", published, task, "accuracy", sign) for title, task, published, sign in _GLUE),
    Claim("CoLA, accuracy", ("0.616", "0.691"), "cola", "accuracy", flaw=_COLA),
    Claim("CoLA, Matthews correlation", ("–", "–"), "cola", "matthews", flaw=_COLA, instead=True),
    Claim("GLUE, mean accuracy of six", ("0.5800", "0.5858"), GLUE_MEAN, "accuracy", flaw=_WITHOUT_COLA),
    Claim("AG-News, accuracy", ("0.86225", "0.86242"), "ag_news", "accuracy"),
    Claim("AG-News, loss", ("0.424", "0.417"), "ag_news", "log_loss", -1),
    Claim("CommonGen, accuracy", ("0.78398", "0.78613"), flaw=_VISIBLE, recomputed=("common_gen", VISIBLE_ACCURACY)),
    Claim("CommonGen, concept coverage", ("–", "–"), "common_gen", "coverage", instead=True),
    Claim("CommonGen, BLEU", ("–", "–"), "common_gen", "bleu", instead=True, digits=2),
    Claim("ROCStories, accuracy", ("1.0000", "1.0000"), flaw=_EMPTY, recomputed=("roc_stories", VISIBLE_ACCURACY)),
    Claim(
        "ROCStories, loss",
        ("0.02129", "0.01981"),
        claimed=-1,
        flaw=_EMPTY,
        recomputed=("roc_stories", VISIBLE_LOSS),
    ),
    Claim("ROCStories, perplexity per word", ("–", "–"), "roc_stories", "perplexity", -1, instead=True, digits=2),
    Claim("Story Cloze, accuracy", ("–", "–"), "story_cloze", "accuracy", instead=True),
    Claim(
        "Synthetic memory, retention@200", ("5e-6", "1e-4"), flaw=_RETENTION, recomputed=(SYNTHETIC, "published@200")
    ),
    Claim("P(right token) after 200 more", ("–", "–"), SYNTHETIC, "retention@200", instead=True, chance=1 / VOCABULARY),
    Claim("Cosine, written to read, after 200 more", ("–", "–"), SYNTHETIC, "cosine@200", instead=True),
    Claim("Synthetic memory, retrieval precision", ("0.9689", "0.9733"), flaw=_VISIBLE),
    Claim(
        "Associative recall, 8 pairs in 128 tokens", ("–", "–"), SYNTHETIC, "recall@8of128", instead=True, chance=1 / 8
    ),
    Claim("Copy of 32 tokens and their end", ("–", "–"), SYNTHETIC, "copy@32", instead=True, chance=2 / 33),
    Claim("Synthetic memory, coherence", ("16.27", "15.18"), claimed=-1, flaw=_COHERENCE),
)

TRAINING = 7
"""What a step of training costs more with the unit, in percent, as the paper prints it."""
PARAMETERS = 1.25
"""How many parameters more the model has with the unit, in percent, to two digits."""
COST = {"parameters": f"+{PARAMETERS} %", "training": f"+{TRAINING} %"}
"""What the paper prints of the unit's cost, over the Transformer's; the task and the machine are not told."""
UNTOLD = "neither its task and lengths nor the machine is told, and it is one run: ours are the ratios under *Time*"
"""What the published training time leaves open."""

TRAINED_WITH = {"story_cloze": "roc_stories"}
"""A task that is scored only → the one whose runs score it."""
