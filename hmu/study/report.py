"""What the results say → docs/REPRODUCTION.md and a JSON for the page. Rounds for reading, in nobody's favour."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hmu.evaluation.tables import markdown
from hmu.study.arms import ARMS
from hmu.study.claims import COST
from hmu.study.results import Result
from hmu.study.statistics import ENOUGH, FAILS, HOLDS, TOO_FEW, UNMEASURABLE, Paired, Spread
from hmu.study.summary import (
    ArmRow,
    Row,
    Setting,
    arm_rows,
    claim_rows,
    comparable,
    precision_of,
    retention_curves,
    training_curves,
    tried,
)
from hmu.study.times import Times
from hmu.study.timetable import time_section
from hmu.tasks import TASKS

_HEAD = """# Which published claims hold

Every claim of the paper (E. Sánchez Gámez, *HMU: Hippocampus Memory Unit*, 2025,
[doi:10.5281/zenodo.15715904](https://doi.org/10.5281/zenodo.15715904)) under a corrected protocol: shifted targets,
causal mask, padding masked, evaluation at the latent's mean, several seeds, all arms from the same initial values and
with the same rows in the same order. Made by `python -m hmu report` from the lines of results that it was given.

Verdicts: **{holds}**: at least {enough} seeds and the whole 95 % interval of the paired difference on the claimed side;
**{fails}**: at least {enough} seeds and otherwise; **{few}**; **{not_measurable}**: what was published under that
name is no measure of it.
"""
_TAIL = """## How it was run

{runs} runs of preset `{preset}`, {first} to {last}, on {hardware}; {versions}; commits {commits}. {precision}Width 256,
8 heads, 4 + 4 layers; all else is in `hmu/study/presets.py`. Further runs are added with

```sh
python -m hmu study --preset {preset} --tasks mrpc,rte --arms baseline,hmu --seeds 1-5 --out DIR
python -m hmu report --preset {preset} --results FILES
```
"""


def report(results: Iterable[Result], preset: str, times: Sequence[Times] = ()) -> tuple[str, dict[str, Any]]:
    """The report of a preset's runs.

    Args:
        results: lines of results, of any presets.
        preset: whose runs are told.
        times: what its arms cost in time.

    Returns:
        Markdown, and the same as plain values.

    Raises:
        ValueError: if there is no run of the preset, or runs or times that cannot be compared.
    """
    results = list(results)
    chosen, others = comparable(results, preset), tried(results, preset)
    if not chosen:
        raise ValueError(f"results: no run of preset {preset} on all rows; do some with `python -m hmu study`")
    strange = [found.preset for found in times if found.preset != preset]
    if strange:
        raise ValueError(f"times: of preset {strange[0]}, but the report is of {preset}; leave them out")
    claims, arms = claim_rows(chosen), arm_rows(chosen)
    head = _HEAD.format(holds=HOLDS, fails=FAILS, few=TOO_FEW, not_measurable=UNMEASURABLE, enough=ENOUGH)
    parts = [head, _claims(claims), _arms(arms), _noise(arms), _unit(arms), time_section(times), _tried(others)]
    parts += [_tail(chosen, preset)]
    text = "\n".join(part.strip() + "\n" for part in parts if part)
    tables: dict[str, Sequence[Any]] = {"claims": claims, "arms": arms}
    tables |= {"training": training_curves(chosen), "retention": retention_curves(chosen)}
    told = {name: [asdict(row) for row in rows] for name, rows in tables.items()} | _facts(chosen, preset)
    told["tried"] = [asdict(setting) | {"arms": list(map(asdict, rows))} for setting, rows in others.items()]
    told["times"] = {"published": COST, "measured": [asdict(found) for found in times]}
    return text, json.loads(json.dumps(told))


def _claims(rows: Sequence[Row]) -> str:
    head = (
        "claim",
        "published: Transformer",
        "with HMU",
        "baseline",
        "HMU",
        "difference [95 %]",
        "majority",
        "as published, recomputed",
        "verdict",
    )
    return "## Claims\n\n" + _table(head, map(_claim_cells, rows)) + "\n" + "\n".join(_flaws(rows))


def _claim_cells(row: Row) -> tuple[str, ...]:
    claim, digits = row.claim, row.claim.digits
    return (
        claim.title + (" (in its place)" if claim.instead else ""),
        *claim.published,
        _spread(row.baseline, digits),
        _spread(row.hmu, digits),
        _paired(row.difference, digits),
        _number(row.majority),
        "–" if row.recomputed is None else " / ".join(f"{value:.1e}" for value in row.recomputed),
        f"**{row.verdict}**",
    )


def _flaws(rows: Sequence[Row]) -> Iterator[str]:
    yield "\nWhat is wrong with some of the published figures:\n"
    for flaw in dict.fromkeys(row.claim.flaw for row in rows if row.claim.flaw):
        titles = [row.claim.title for row in rows if row.claim.flaw == flaw and not row.claim.instead]
        yield f"- {'; '.join(titles)}: {flaw}."


def _arms(rows: Sequence[ArmRow]) -> str:
    head = ("task", "metric", "arm", "seeds", "mean ± sd", "minus baseline [95 %]", "latent drawn (τ = 1)")
    cells = (
        (
            TASKS[row.task].title if row.task in TASKS else row.task.capitalize(),
            row.metric,
            f"`{row.arm}`",
            str(row.value.seeds),
            _spread(row.value),
            _paired(row.difference),
            _spread(row.sampled),
        )
        for row in rows
    )
    return f"## Every arm\n\n{_table(head, cells)}\n\n{_titles(rows)}"


def _titles(rows: Iterable[ArmRow]) -> str:
    """What the arms are, a line each."""
    return "\n".join(f"- `{name}`: {ARMS[name].title}" for name in dict.fromkeys(row.arm for row in rows))


def _tried(settings: Mapping[Setting, Sequence[ArmRow]]) -> str:
    if not settings:
        return ""
    told = (
        "Other presets, fewer training rows, arms that start from a trunk (see the README), and slices of the training "
        "rows scored in place of the given file, on which choices are made."
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
        "minus baseline [95 %]",
    )
    cells = (
        (
            setting.preset,
            f"{setting.rows:,}" if setting.rows else "all",
            setting.trunk or "–",
            f"{setting.held_out:.0%} held out" if setting.held_out else "given file",
            row.task,
            row.metric,
            f"`{row.arm}`",
            _spread(row.value),
            _paired(row.difference),
        )
        for setting, rows in settings.items()
        for row in rows
    )
    arms = _titles(row for rows in settings.values() for row in rows)
    return f"## What else was tried\n\n{told}\n\n{_table(head, cells)}\n\n{arms}"


def _noise(rows: Sequence[ArmRow]) -> str:
    noises = list(dict.fromkeys(noise for row in rows for noise in row.noise))
    if not noises:
        return ""
    told = (
        "What noise in the source costs: the metric without it less the metric with it, mean over seeds, on the first "
        "inputs of each file; less is better. `condensed`: what it costs to read the latents alone (g = 0)."
    )
    cells = (
        (
            row.task,
            f"`{row.arm}`",
            *(_number(row.noise.get(noise)) for noise in noises),
            _number(row.condensed),
        )
        for row in rows
        if row.noise
    )
    return f"## Filtering noise, condensing\n\n{told}\n\n{_table(('task', 'arm', *noises, 'condensed'), cells)}"


def _unit(rows: Sequence[ArmRow]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row.unit))
    if not names:
        return ""
    cells = (
        (row.task, f"`{row.arm}`", *(_number(row.unit.get(name), 3) for name in names)) for row in rows if row.unit
    )
    told = "Means over seeds, at the latent's mean, over the real source tokens of the given file."
    heads = (name.replace("_", " ") for name in names)
    return f"## The unit's health\n\n{told}\n\n{_table(('task', 'arm', *heads), cells)}"


def _tail(results: Sequence[Result], preset: str) -> str:
    facts = _facts(results, preset)
    half = facts["in_bf16"]
    versions = ", ".join(f"{name} {' / '.join(found)}" for name, found in facts["versions"].items())
    return _TAIL.format(
        runs=facts["runs"],
        preset=preset,
        first=facts["dates"][0],
        last=facts["dates"][-1],
        hardware="; ".join(facts["hardware"]),
        versions=versions,
        commits=", ".join(commit[:7] for commit in facts["commits"]),
        precision=f"Trained in bf16 (autocast): {', '.join(half)}; all else in fp32. " if half else "",
    )


def _facts(results: Sequence[Result], preset: str) -> dict[str, Any]:
    libraries = dict.fromkeys(name for result in results for name in result["versions"])
    return {
        "preset": preset,
        "runs": len(results),
        "dates": sorted({result["date"] for result in results}),
        "hardware": sorted({result["hardware"] for result in results}),
        "versions": {
            name: sorted({result["versions"][name] for result in results if name in result["versions"]})
            for name in libraries
        },
        "commits": sorted({result["commit"] for result in results}),
        "in_bf16": list(dict.fromkeys(result["task"] for result in results if precision_of(result) == "bf16")),
    }


def _spread(value: Spread | None, digits: int = 4) -> str:
    if value is None:
        return "–"
    sd = "" if value.sd is None else f" ± {value.sd:.{digits}f}"
    return f"{value.mean:.{digits}f}{sd} ({value.seeds})"


def _paired(value: Paired | None, digits: int = 4) -> str:
    if value is None:
        return "–"
    ends = "" if value.low is None else f" [{value.low:+.{digits}f}, {value.high:+.{digits}f}]"
    return f"{value.mean:+.{digits}f}{ends}"


def _number(value: float | None, digits: int = 4) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(markdown(tuple(head), rows))
