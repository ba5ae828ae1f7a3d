"""Each section of the report → Markdown. Rounds for reading, in nobody's favour."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hmu.study.alike import Setting
from hmu.study.arms import ARMS, BASELINE
from hmu.study.claims import COST, TRAINING, UNTOLD
from hmu.study.presets import TRAIN
from hmu.study.statistics import FAILS, HOLDS, Spread
from hmu.study.summary import CLAIMED_ARM, ArmRow, PublishedRow, Row
from hmu.study.times import Times
from hmu.study.wording import named, number, paired_text, spread_text, table, title

_VARIETY = ("distinct_1", "distinct_2", "self_bleu")


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
        more = f"+{(second / first - 1) * 100:.2f} %"
        verdict = HOLDS if more == COST["parameters"] else FAILS
        rows.append(CostRow("Parameters", ("1", COST["parameters"]), (f"{first:,}", f"{second:,}"), more, verdict))
    for task, took in ((found.task, one.training) for found in times for one in found.arms if one.arm == CLAIMED_ARM):
        more, low, high = (f"{100 * (ratio - 1):+.1f}" for ratio in (took.ratio, took.low, took.high))
        ours, difference = ("1", f"{took.ratio:.3f}"), f"{more} % [{low}, {high}]"
        verdict = HOLDS if 100 * (took.high - 1) <= TRAINING else FAILS
        rows.append(CostRow(f"Training time ({task})", ("1", COST["training"]), ours, difference, verdict))
    return rows


def claims_section(rows: Sequence[Row], costs: Sequence[CostRow]) -> str:
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
    told = ["## Claims", "", table(head, (*map(_claim_cells, rows), *paid)), *_flaws(rows), *_asides(rows, costs)]
    return "\n".join(told)


def _claim_cells(row: Row) -> tuple[str, ...]:
    claim, digits = row.claim, row.claim.digits
    return (
        claim.title + (" (in its place)" if claim.instead else ""),
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


def _asides(rows: Sequence[Row], costs: Sequence[CostRow]) -> Iterator[str]:
    below = [
        row.claim.title.partition(",")[0]
        for row in rows
        if row.baseline and row.hmu and row.majority is not None
        if max(map(_surely, (row.baseline, row.hmu))) <= row.majority
    ]
    turned = [
        row.claim.title.partition(",")[0] for row in rows if row.claim.claimed < 0 and row.claim.metric == "accuracy"
    ]
    yield "\nTo be read with it:\n"
    if below:
        yield (
            f"- {', '.join(below)}: neither arm's mean is more than its standard deviation above the score of always "
            "saying the commonest class, or of guessing."
        )
    yield f"- {', '.join(turned)}: the paper has the HMU below the Transformer; *{HOLDS}* would say that it is."
    yield (
        "- *does not hold* says that the claimed side was not shown with these seeds; how large a difference could "
        "have been missed is the interval's to say."
    )
    if any(cost.title.startswith("Training") for cost in costs):
        yield f"- Training time: {UNTOLD}."


def _surely(value: Spread) -> float:
    return value.mean - (value.sd or 0.0)


def arms_section(rows: Sequence[ArmRow]) -> str:
    """Every arm on every task, by the task's first metric."""
    head = ("task", "metric", "arm", "seeds", "mean ± sd", "majority", "minus baseline [95 %]", "latent drawn (τ = 1)")
    cells = (
        (
            title(row.task),
            row.metric,
            f"`{row.arm}`",
            str(row.value.seeds),
            spread_text(row.value),
            _majority(row),
            paired_text(row.difference),
            spread_text(row.sampled),
        )
        for row in rows
    )
    return f"## Every arm\n\n{table(head, cells)}\n\n{_titles(rows)}\n\n{_seed_by_seed(rows)}"


def _majority(row: ArmRow) -> str:
    """Beside an accuracy; another metric has none."""
    return number(row.majority) if row.metric == "accuracy" else "–"


def _seed_by_seed(rows: Sequence[ArmRow]) -> str:
    lines = (
        f"- {title(row.task)}, `{row.arm}`: " + ", ".join(f"{seed}: {value:.4f}" for seed, value in row.seeds.items())
        for row in rows
    )
    return "<details><summary>Seed by seed</summary>\n\n" + "\n".join(lines) + "\n\n</details>"


def metrics_section(rows: Sequence[ArmRow]) -> str:
    """Every metric of the answers: a table for each task, an arm a column."""
    parts = []
    for task in dict.fromkeys(row.task for row in rows):
        mine = [row for row in rows if row.task == task]
        names = dict.fromkeys(name for row in mine for name in row.metrics if name not in _VARIETY)
        cells = ((named(name), *(spread_text(row.metrics.get(name)) for row in mine)) for name in names)
        parts.append(f"### {title(task)}\n\n{table(('metric', *(f'`{row.arm}`' for row in mine)), cells)}")
    return "\n\n".join(("## All metrics", "Mean ± standard deviation (seeds), at the latent's mean.", *parts))


def imagination_section(rows: Sequence[ArmRow]) -> str:
    """How different an input's latent samples are, beside how good one of them is."""
    varied = [row for row in rows if any(name in row.metrics for name in _VARIETY)]
    if not varied:
        return ""
    told = (
        "Four sentences an input, each from a latent drawn anew (τ = 1), written greedily: how different they are, "
        "beside the task's metric with one drawn latent. A baseline has no latent, and writes one sentence; the "
        "softmax's temperature that comes to an HMU's coverage, and what it gives, stands in the zoo's cards."
    )
    head = ("task", "arm", *map(named, _VARIETY), "metric", "latent drawn", "at the mean")
    cells = (
        (
            title(row.task),
            f"`{row.arm}`",
            *(spread_text(row.metrics.get(name)) for name in _VARIETY),
            row.metric,
            spread_text(row.sampled),
            spread_text(row.value),
        )
        for row in varied
    )
    return f"## Imagination\n\n{told}\n\n{table(head, cells)}"


def published_section(rows: Sequence[PublishedRow]) -> str:
    """The published retention figure by t: the same for all of them, in any order of the texts, trained or not."""
    if not rows:
        return ""
    told = (
        "The figure that the paper calls retention, computed as its scripts do (the cosine between a token's number "
        "and a LayerNorm's output), after t more tokens and with the texts in another order. It measures no memory."
    )
    steps = list(dict.fromkeys(t for row in rows for t in row.by_steps))
    cells = (
        (
            f"`{row.arm}`",
            "trained" if row.trained else "untrained",
            *(f"{row.by_steps[t]:.3e}" if t in row.by_steps else "–" for t in steps),
            "–" if row.shuffled is None else f"{row.shuffled:.3e}",
        )
        for row in rows
    )
    head = ("arm", "", *(f"t = {t}" for t in steps), "shuffled")
    return f"## The published retention\n\n{told}\n\n{table(head, cells)}"


def tried_section(settings: Mapping[Setting, Sequence[ArmRow]]) -> str:
    """What was run beside that which the claims are judged by."""
    if not settings:
        return ""
    told = (
        "Other presets, fewer or more training rows, arms that start from a trunk (see the README), and slices of the "
        "training rows scored in place of the given file, on which choices are made."
    )
    head = (
        "preset",
        "rows",
        "trunk",
        "scored on",
        "task",
        "metric",
        "arm",
        "mean ± sd (seeds)",
        "majority",
        "minus baseline [95 %]",
    )
    cells = (
        (
            setting.preset,
            _rows(setting),
            setting.trunk or "–",
            f"{setting.held_out:.0%} held out" if setting.held_out else "given file",
            row.task,
            row.metric,
            f"`{row.arm}`",
            spread_text(row.value),
            _majority(row),
            paired_text(row.difference),
        )
        for setting, rows in settings.items()
        for row in rows
    )
    arms = _titles(row for rows in settings.values() for row in rows)
    return f"## What else was tried\n\n{told}\n\n{table(head, cells)}\n\n{arms}"


def _rows(setting: Setting) -> str:
    """How many training rows were drawn, and of which file where it is not the usual one."""
    drawn = f"{setting.rows:,}" if setting.rows else "all"
    return drawn if setting.file == TRAIN else f"{drawn} of {setting.file}"


def noise_section(rows: Sequence[ArmRow]) -> str:
    """What noise in the source costs, and reading the latents alone."""
    noises = list(dict.fromkeys(noise for row in rows for noise in row.noise))
    if not noises and all(row.condensed is None for row in rows):
        return ""
    inputs = {title(row.task): row.noisy_inputs for row in rows if row.noisy_inputs}
    told = (
        "What noise in the source costs: the metric without it less the metric with it, mean over seeds; less is "
        "better. `all`: the mean of all kinds, over seeds, and its difference from the baseline's, seed by seed: below "
        "0 the arm loses less. An unrelated text stands before or behind; where sources are cut at 32 tokens, one "
        "before may leave nothing of the text itself. `condensed`: what it costs to read the latents alone (g = 0). "
        f"Measured on the first inputs of each file: {', '.join(f'{name} {n:,}' for name, n in inputs.items())}."
    )
    cells = (
        (
            row.task,
            f"`{row.arm}`",
            *(number(row.noise.get(noise)) for noise in noises),
            spread_text(row.noisy),
            paired_text(row.filtering),
            number(row.condensed),
        )
        for row in rows
        if row.noise or row.condensed is not None
    )
    head = ("task", "arm", *noises, "all", "minus baseline's [95 %]", "condensed")
    return f"## Filtering noise, condensing\n\n{told}\n\n{table(head, cells)}"


def unit_section(rows: Sequence[ArmRow]) -> str:
    """How the units are."""
    names = list(dict.fromkeys(name for row in rows for name in row.unit))
    if not names:
        return ""
    cells = ((row.task, f"`{row.arm}`", *(number(row.unit.get(name), 3) for name in names)) for row in rows if row.unit)
    told = "Means over seeds, at the latent's mean, over the real source tokens of the given file."
    return f"## The unit's health\n\n{told}\n\n{table(('task', 'arm', *map(named, names)), cells)}"


def _titles(rows: Iterable[ArmRow]) -> str:
    """What the arms are, a line each."""
    return "\n".join(f"- `{name}`: {ARMS[name].title}" for name in dict.fromkeys(row.arm for row in rows))
