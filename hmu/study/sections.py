"""The report's sections on arms, metrics, noise and units → Markdown. Rounds for reading, in nobody's favour."""

from collections.abc import Iterable, Mapping, Sequence

from hmu.study.alike import Setting
from hmu.study.arms import ARMS
from hmu.study.statistics import Paired
from hmu.study.summary import CLAIMED_ARM, ArmRow, PublishedRow
from hmu.study.wording import named, number, paired_text, spread_text, table
from hmu.tasks import TRAIN, task_title
from hmu.tasks.synthetic import SYNTHETIC

_VARIETY = ("distinct_1", "distinct_2", "self_bleu")
_BESIDE = ("minus baseline [95 %]", f"minus `{CLAIMED_ARM}` [95 %]")
"""The columns of what each arm is compared with."""
_NAMES = {
    SYNTHETIC: "retention@t: P(the right token) after t more; published@t: what the paper calls retention; "
    "recall@pofn: p pairs in n tokens."
}
"""What a task's metrics are called for, where their names do not say it."""
_SLICED = {
    "sst2": "SST-2's training rows are phrases: what holds one of the slice, or is part of one, is left out of the "
    "rest (so that `all` is fewer than a file has), yet both may still hold phrases of one sentence."
}
"""What to know of a task whose training rows are scored."""


def arms_section(rows: Sequence[ArmRow]) -> str:
    """Every arm on every task, by the task's first metric."""
    head = ("task", "metric", "arm", "seeds", "mean ± sd", "majority", *_BESIDE, "latent drawn (τ = 1)")
    cells = (
        (
            task_title(row.task),
            named(row.metric),
            f"`{row.arm}`",
            str(row.value.seeds),
            spread_text(row.value),
            _majority(row),
            paired_text(row.difference),
            paired_text(row.from_unit),
            spread_text(row.sampled),
        )
        for row in rows
    )
    clear = _clear([(task_title(row.task), row) for row in rows])
    return f"## Every arm\n\n{clear}{table(head, cells)}\n\n{_titles(rows)}\n\n{_seed_by_seed(rows)}"


def _majority(row: ArmRow) -> str:
    """Beside an accuracy; another metric has none."""
    return number(row.majority) if row.metric == "accuracy" else "–"


def _seed_by_seed(rows: Sequence[ArmRow]) -> str:
    lines = (
        f"- {task_title(row.task)}, `{row.arm}`: "
        + ", ".join(f"{seed}: {value:.4f}" for seed, value in row.seeds.items())
        for row in rows
    )
    return "<details><summary>Seed by seed</summary>\n\n" + "\n".join(lines) + "\n\n</details>"


def metrics_section(rows: Sequence[ArmRow]) -> str:
    """Every metric of the answers: a table for each task, an arm a column."""
    told = "Mean ± standard deviation (seeds), at the latent's mean. Of so many differences some are large by chance."
    parts = []
    for task in dict.fromkeys(row.task for row in rows):
        mine = [row for row in rows if row.task == task]
        names = dict.fromkeys(name for row in mine for name in row.metrics if name not in _VARIETY)
        compared = next((row.differences for row in mine if row.arm == CLAIMED_ARM), {})
        cells = (
            (named(name), *(spread_text(row.metrics.get(name)) for row in mine))
            + ((paired_text(compared.get(name)),) if compared else ())
            for name in names
        )
        last = (f"`{CLAIMED_ARM}` minus baseline [95 %]",) if compared else ()
        head = ("metric", *(f"`{row.arm}`" for row in mine), *last)
        parts.append(f"### {task_title(task)}\n\n{table(head, cells)}")
        parts += [_NAMES[task]] if task in _NAMES else []
    return "\n\n".join(
        (
            "## All metrics",
            told,
            *parts,
        )
    )


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
            task_title(row.task),
            f"`{row.arm}`",
            *(spread_text(row.metrics.get(name)) for name in _VARIETY),
            named(row.metric),
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
        "and a LayerNorm's output): t enters nowhere, so that one text of 401 tokens a row gives every column. Beside "
        "it, the texts in another order, read anew; before the first step it is rounding. It measures no memory."
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
    sliced = dict.fromkeys(row.task for setting, rows in settings.items() if setting.held_out for row in rows)
    told = " ".join((told, *(_SLICED[task] for task in sliced if task in _SLICED)))
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
        *_BESIDE,
        "log loss, minus baseline's [95 %]",
    )
    cells = (
        (
            setting.preset,
            _rows(setting),
            setting.trunk or "–",
            f"{setting.held_out:.0%} held out" if setting.held_out else "given file",
            task_title(row.task),
            named(row.metric),
            f"`{row.arm}`",
            spread_text(row.value),
            _majority(row),
            paired_text(row.difference),
            paired_text(row.from_unit),
            paired_text(row.differences.get("log_loss")),
        )
        for setting, rows in settings.items()
        for row in rows
    )
    arms = _titles(row for rows in settings.values() for row in rows)
    clear = _clear([(_where(setting, row), row) for setting, rows in settings.items() for row in rows])
    return f"## What else was tried\n\n{told}\n\n{clear}{table(head, cells)}\n\n{arms}"


def _where(setting: Setting, row: ArmRow) -> str:
    """Under what an arm was run, in short."""
    trunk = f", on {setting.trunk}" if setting.trunk else ""
    return f"{task_title(row.task)}, {_rows(setting)} rows{trunk}"


def _clear(rows: Sequence[tuple[str, ArmRow]]) -> str:
    """Which of many differences leave 0 out, with their number, since some do by chance; a paragraph for each kind.

    Args:
        rows: where an arm was run, and the arm.
    """
    names = [f"`{row.arm}` ({where}; {named(row.metric)})" for where, row in rows]
    first, second = [row.difference for _, row in rows], [row.from_unit for _, row in rows]
    return _leaving_0_out("the baseline", names, first) + _leaving_0_out(f"`{CLAIMED_ARM}`", names, second)


def _leaving_0_out(of: str, names: Sequence[str], differences: Sequence[Paired | None]) -> str:
    sides: dict[str, list[str]] = {"above": [], "below": []}
    intervals = 0
    for name, found in zip(names, differences, strict=True):
        if found is None or found.low is None or found.high is None:
            continue
        intervals += 1
        if found.low > 0 or found.high < 0:
            sides["above" if found.low > 0 else "below"].append(name)
    if not intervals:
        return ""
    told = " ".join(f"Wholly {side} 0 ({len(those)}): {', '.join(those) or 'none'}." for side, those in sides.items())
    chance = "By chance alone one in twenty would leave 0 out."
    return f"Differences from {of} that have an interval: {intervals}. {told} {chance}\n\n"


def _rows(setting: Setting) -> str:
    """How many training rows were drawn, and of which file where it is not the usual one."""
    drawn = f"{setting.rows:,}" if setting.rows else "all"
    return drawn if setting.file == TRAIN else f"{drawn} of {setting.file}"


def noise_section(rows: Sequence[ArmRow]) -> str:
    """What noise in the source costs, and reading the latents alone."""
    noises = list(dict.fromkeys(noise for row in rows for noise in row.noise))
    if not noises and all(row.condensed is None for row in rows):
        return ""
    inputs = {task_title(row.task): row.noisy_inputs for row in rows if row.noisy_inputs}
    told = (
        "What noise in the source costs: the metric without it less the metric with it, mean over seeds; less is "
        "better. `all`: the mean of all kinds, over seeds, and its difference from the baseline's, seed by seed: below "
        "0 the arm loses less. An unrelated text stands before or behind; where sources are cut at 32 tokens, one "
        "before may leave nothing of the text itself, and words that are left out let in others from behind the cut. "
        "`condensed`: what it costs to read the latents alone (g = 0), on all inputs. "
        f"Noise on the first inputs of each file: {', '.join(f'{name} {n:,}' for name, n in inputs.items())}."
    )
    cells = (
        (
            task_title(row.task),
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
    cells = (
        (task_title(row.task), f"`{row.arm}`", *(number(row.unit.get(name), 3) for name in names))
        for row in rows
        if row.unit
    )
    told = "Means over seeds, at the latent's mean, over the real source tokens of the given file."
    return f"## The unit's health\n\n{told}\n\n{table(('task', 'arm', *map(named, names)), cells)}"


def _titles(rows: Iterable[ArmRow]) -> str:
    """What the arms are, a line each."""
    return "\n".join(f"- `{name}`: {ARMS[name].title}" for name in dict.fromkeys(row.arm for row in rows))
