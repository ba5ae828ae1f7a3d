"""Claims with their verdicts → the report's first sections. Rounds for reading, in nobody's favour."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hmu.study.arms import BASELINE
from hmu.study.claims import COST, PARAMETERS, TRAINING, UNTOLD
from hmu.study.statistics import FAILS, HOLDS, TOO_FEW, UNMEASURABLE, Spread
from hmu.study.summary import CLAIMED_ARM, ArmRow, Row
from hmu.study.times import Times
from hmu.study.wording import number, paired_text, spread_text, table

NOT_RUN = f"{TOO_FEW}: no pair of runs yet"
"""In short, of a claim that no pair of runs tells anything of."""
SPEECHLESS = 1.0
"""BLEU, in [0, 100], below which texts have next to nothing in common with what was asked for."""


@dataclass(frozen=True, slots=True)
class CostRow:
    """What the unit costs, as a claim of the paper's.

    Args:
        title: as people read it.
        published: what the paper prints, baseline and HMU.
        ours: the same of ours.
        difference: of ours.
        verdict: whether it is at most what is claimed: a size as counted, a time with its whole interval.
    """

    title: str
    published: tuple[str, str]
    ours: tuple[str, str]
    difference: str
    verdict: str


def cost_rows(sizes: Mapping[str, int], times: Sequence[Times]) -> list[CostRow]:
    """The two costs that the paper claims.

    Args:
        sizes: arm → parameters, of a model for text.
        times: what was timed.
    """
    rows = []
    if BASELINE in sizes and CLAIMED_ARM in sizes:
        first, second = sizes[BASELINE], sizes[CLAIMED_ARM]
        share = round((second / first - 1) * 100, 2)
        verdict, counted = HOLDS if share <= PARAMETERS else FAILS, (f"{first:,}", f"{second:,}")
        rows.append(CostRow("Parameters", ("1", COST["parameters"]), counted, f"{share:+.2f} %", verdict))
    for task, took in ((found.task, one.training) for found in times for one in found.arms if one.arm == CLAIMED_ARM):
        more, low, high = (f"{100 * (ratio - 1):+.1f}" for ratio in (took.ratio, took.low, took.high))
        ours, difference = ("1", f"{took.ratio:.3f}"), f"{more} % [{low}, {high}]"
        verdict = HOLDS if 100 * (took.high - 1) <= TRAINING else FAILS
        rows.append(CostRow(f"Training time ({task})", ("1", COST["training"]), ours, difference, verdict))
    return rows


def short_section(rows: Sequence[Row], costs: Sequence[CostRow]) -> str:
    """Which claims came to which verdict: what to read if nothing else."""
    verdicts = [(_kind(row), claim_title(row)) for row in rows] + [(row.verdict, row.title) for row in costs]
    lines = []
    for verdict in (HOLDS, FAILS, TOO_FEW, NOT_RUN, UNMEASURABLE):
        titles = [title for found, title in verdicts if found == verdict]
        if titles:
            lines.append(f"- **{verdict}** ({len(titles)}): {'; '.join(titles)}")
    return "\n".join(("## In short", "", *lines))


def _kind(row: Row) -> str:
    """The verdict; apart, where one of the arms was never run."""
    return NOT_RUN if row.verdict == TOO_FEW and row.difference is None else row.verdict


def claims_section(rows: Sequence[Row], costs: Sequence[CostRow], arms: Sequence[ArmRow]) -> str:
    """Every claim, what is wrong with some of the published figures, and what the table does not say by itself."""
    head = (
        "claim",
        "published: Transformer",
        "with HMU",
        "baseline",
        "HMU",
        "difference [95 %]",
        "majority or chance",
        "as published, recomputed",
        "verdict",
    )
    paid = ((row.title, *row.published, *row.ours, row.difference, "–", "–", f"**{row.verdict}**") for row in costs)
    told = ["## Claims", "", table(head, (*map(_claim_cells, rows), *paid)), *_flaws(rows), *_asides(rows, costs, arms)]
    return "\n".join(told)


def claim_title(row: Row) -> str:
    """A claim as people read it."""
    return row.claim.title + (" (in its place)" if row.claim.instead else "")


def _claim_cells(row: Row) -> tuple[str, ...]:
    claim, digits = row.claim, row.claim.digits
    return (
        claim_title(row),
        *claim.published,
        spread_text(row.baseline, digits),
        spread_text(row.hmu, digits),
        paired_text(row.difference, digits),
        number(row.majority),
        "–" if row.recomputed is None else " / ".join(map(_small, row.recomputed)),
        f"**{row.verdict}**",
    )


def _small(value: float) -> str:
    """What may be next to nothing."""
    return f"{value:.4f}" if abs(value) >= 0.1 else f"{value:.1e}"


def _flaws(rows: Sequence[Row]) -> Iterator[str]:
    yield "\nWhat is wrong with some of the published figures:\n"
    for flaw in dict.fromkeys(row.claim.flaw for row in rows if row.claim.flaw):
        titles = [row.claim.title for row in rows if row.claim.flaw == flaw and not row.claim.instead]
        yield f"- {'; '.join(titles)}: {flaw}."


def _asides(rows: Sequence[Row], costs: Sequence[CostRow], arms: Sequence[ArmRow]) -> Iterator[str]:
    both = [(row, _surely(row.baseline, row.hmu)) for row in rows if row.baseline and row.hmu]
    below = _names(row for row, most in both if most is not None and row.majority is not None and most <= row.majority)
    alone = _names(row for row, most in both if most is None)
    unwritten = _unwritten(arms)
    speechless = _names(row for row in rows if row.claim.task in unwritten)
    turned = _names(row for row in rows if row.claim.claimed < 0 and row.claim.metric == "accuracy")
    yield "\nTo be read with it:\n"
    yield from _nearness(rows)
    if below:
        yield (
            f"- {below}: neither arm's mean is more than its standard deviation above the score of always saying the "
            "commonest class, or of guessing."
        )
    if speechless:
        yield (
            f"- {speechless}: BLEU is below {SPEECHLESS:g} in both arms; trained from nothing for so few steps, "
            "neither writes what its source asks for, and a difference between them says little of the unit."
        )
    if alone:
        yield f"- {alone}: one seed; nothing here says how far from it others would lie."
    yield f"- {turned}: the paper has the HMU below the Transformer; *{HOLDS}* would say that it is."
    yield (
        "- Intervals are over seeds of the training, on one given file, and not corrected for the number of rows; "
        "Student's t of a figure with bounds may reach beyond them."
    )
    yield (
        "- The cosine is read beside P(right token): a memory that is the same for every token would have 1. Chance is "
        "one of the row's values (recall), one of the text's tokens and the end (copy)."
    )
    yield (
        "- *does not hold* says that the claimed side was not shown with these seeds; how large a difference could "
        "have been missed is the interval's to say."
    )
    if any(cost.title.startswith("Training") for cost in costs):
        yield f"- Training time: {UNTOLD}."


def _nearness(rows: Sequence[Row]) -> Iterator[str]:
    """Of what does not hold: whether our interval leaves room for the published difference."""
    within, beyond = list[str](), list[str]()
    for row in rows:
        found = row.difference
        if row.verdict != FAILS or row.claim.instead or found is None or found.low is None or found.high is None:
            continue
        first, second = map(float, row.claim.published)
        told = f"{claim_title(row)} {second - first:+.4f}"
        (within if found.low <= second - first <= found.high else beyond).append(told)
    if within:
        yield f"- Neither shown nor refuted, since our interval reaches to what was published: {'; '.join(within)}."
    if beyond:
        yield f"- What was published lies outside our interval: {'; '.join(beyond)}."


def _unwritten(arms: Sequence[ArmRow]) -> set[str]:
    """The tasks whose texts are no answers, in every one of the two arms that was run."""
    best: dict[str, float] = {}
    for row in arms:
        if "bleu" in row.metrics and row.arm in (BASELINE, CLAIMED_ARM):
            best[row.task] = max(best.get(row.task, 0.0), row.metrics["bleu"].mean)
    return {task for task, bleu in best.items() if bleu < SPEECHLESS}


def _names(rows: Iterable[Row]) -> str:
    """The tasks that claims are about, each once."""
    return ", ".join(dict.fromkeys(row.claim.title.partition(",")[0] for row in rows))


def _surely(*arms: Spread) -> float | None:
    """What the better arm's mean is a standard deviation above; None where every arm has a single seed."""
    return max((value.mean - value.sd for value in arms if value.sd is not None), default=None)
