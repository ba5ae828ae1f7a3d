"""What the results say → docs/REPRODUCTION.md and a JSON for the page."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from hmu.study.across import across, across_section, short_line
from hmu.study.alike import comparable, precision_of
from hmu.study.arms import find_arm
from hmu.study.claims import COST
from hmu.study.curves import retention_curves, training_curves
from hmu.study.lines import fault_of
from hmu.study.presets import PUBLISHED, SYNTHETIC_MODEL, SYNTHETIC_WARMUP
from hmu.study.results import Result
from hmu.study.sections import (
    arms_section,
    imagination_section,
    metrics_section,
    noise_section,
    published_section,
    tried_section,
    unit_section,
)
from hmu.study.statistics import ENOUGH, FAILS, HOLDS, TOO_FEW, UNMEASURABLE
from hmu.study.summary import CLAIMED_ARM, arm_rows, claim_rows, published_rows, tried
from hmu.study.times import Times
from hmu.study.timetable import time_section
from hmu.study.verdicts import claims_section, cost_rows, short_section
from hmu.tasks import task_title
from hmu.tasks.synthetic import SYNTHETIC

_HEAD = """# Which published claims hold

Every claim of the paper (E. Sánchez Gámez, *HMU: Hippocampus Memory Unit*, 2025,
[doi:10.5281/zenodo.15715904](https://doi.org/10.5281/zenodo.15715904)) under a corrected protocol: shifted targets,
causal mask, padding masked, evaluation at the latent's mean, several seeds, the same rows in the same order for all
arms, and the same initial values wherever tensors have the same name and shape. Made by `python -m hmu report` from the
lines of results that it was given.

Verdicts: **{holds}**: at least {enough} seeds and the whole 95 % interval of the paired difference on the claimed side;
**{fails}**: at least {enough} seeds and otherwise; **{few}**; **{not_measurable}**: what was published under that
name is no measure of it. A cost is counted or timed, not trained over seeds: it **{holds}** where it, or its whole 95 %
interval, is at most what is claimed.
"""
_PROTOCOL = """## What differs from the paper

Beside what is wrong with single figures, the public scripts train one seed and show no spread; draw the latent in
evaluation too, so that what they print is random; and mask padding neither in attention nor in the pooled mean. Both of
their models have an ungated unit (494,336 parameters, here `hmu_ungated`), while the published total fits the gated
one of the text alone (297,472, here `hmu`): which of them gave the published scores is not known.

Ours, for all arms alike: a vocabulary learned from the training texts in place of T5's, weights that start small
(σ = 0.02), gradients clipped at 1. How many rows were read stands below.
"""
_TAIL = """## How it was run

{runs} runs of preset `{preset}`, {first} to {last}, on {hardware}, threads a run: {threads}; {versions};
commits {commits} (with a + where files of the package differed from it). {precision}Width 256, 8 heads,
4 + 4 layers. {synthetic}{copied}{vocabularies}
All else is in `hmu/study/presets.py`. Weights are measured as they are kept, in half precision.{inputs}{rows}
Which files and recipe a run had stands in its line (`data`, `recipe`; {told} of {runs} lines have them). {notes}
Classes are scored by scikit-learn, texts by sacrebleu and rouge-score. Further runs are added with

```sh
python -m hmu study --preset {preset} --tasks mrpc,rte --arms baseline,hmu --seeds 1-5 --out DIR
python -m hmu report --preset {preset} --results FILES --times FILES --plots
```
"""
_SYNTHETIC = (
    "The synthetic tasks have a smaller model (width {d_model}, {num_heads} heads, {encoder_layers} + {decoder_layers} "
    "layers), and every arm with a latent draws no noise at first, all of it after {warmup} steps: a departure from "
    "the paper, without which none learned these tasks; with it, {lost} of {runs} runs of such arms did not learn to "
    "retain a token (P(right) below ½ after 200 more). "
)


_COPIED = (
    "*As published, recomputed* of texts is from {runs} runs of preset `{preset}`: trained and scored with the target "
    "in the decoder's sight, latents drawn (the source's padding is masked, which the public scripts do not). "
)


def report(results: Iterable[Result], preset: str, times: Sequence[Times] = ()) -> tuple[str, dict[str, Any]]:
    """The report of a preset's runs.

    Args:
        results: lines of results, of any presets.
        preset: whose runs are told.
        times: what its arms cost in time.

    Returns:
        Markdown, and the same as plain values.

    Raises:
        ValueError: if there is no run of the preset, or lines, runs or times that are none of a study or cannot be
            compared.
    """
    results = list(results)
    for result in results:
        fault = fault_of(result)
        if fault:
            raise ValueError(f"results: {result['id']}: {fault}; give files that `hmu study` wrote")
    chosen, others = comparable(results, preset), tried(results, preset)
    copied = comparable(results, PUBLISHED)
    if not chosen:
        raise ValueError(f"results: no run of preset {preset} on all rows; do some with `python -m hmu study`")
    strange = [found.preset for found in times if found.preset != preset]
    if strange:
        raise ValueError(f"times: of preset {strange[0]}, but the report is of {preset}; leave them out")
    claims, arms, published = claim_rows(chosen, copied), arm_rows(chosen), published_rows(chosen)
    costs = cost_rows(_sizes(chosen), times)
    head = _HEAD.format(holds=HOLDS, fails=FAILS, few=TOO_FEW, not_measurable=UNMEASURABLE, enough=ENOUGH)
    together = across(arms)
    short = short_section(claims, costs).rstrip() + "\n" + short_line(together, CLAIMED_ARM)
    parts = [head, short, claims_section(claims, costs, arms), arms_section(arms)]
    parts += [
        across_section(together, arms),
        metrics_section(arms),
        imagination_section(arms),
        published_section(published),
        noise_section(arms),
        unit_section(arms),
        time_section(times),
    ]
    parts += [tried_section(others), _PROTOCOL, _tail(chosen, preset, copied)]
    text = "\n".join(part.strip() + "\n" for part in parts if part)
    tables: dict[str, Sequence[Any]] = {"claims": claims, "costs": costs, "arms": arms, "published": published}
    tables |= {"across": together, "training": training_curves(chosen), "retention": retention_curves(chosen)}
    told = {name: [asdict(row) for row in rows] for name, rows in tables.items()} | _facts(chosen, preset)
    told["tried"] = [asdict(setting) | {"arms": list(map(asdict, rows))} for setting, rows in others.items()]
    told["times"] = {"published": COST, "measured": [asdict(found) for found in times]}
    return text, json.loads(json.dumps(told))


def _sizes(results: Sequence[Result]) -> dict[str, int]:
    """Arm → parameters, of the first task of texts."""
    texts = [result for result in results if result["task"] != SYNTHETIC and "parameters" in result]
    return {result["arm"]: result["parameters"] for result in texts if result["task"] == texts[0]["task"]}


def _tail(results: Sequence[Result], preset: str, copied: Sequence[Result]) -> str:
    facts = _facts(results, preset)
    half, inputs = facts["in_bf16"], facts["inputs"]
    versions = ", ".join(f"{name} {' / '.join(found)}" for name, found in facts["versions"].items())
    drawn = any(result["task"] == SYNTHETIC for result in results)
    return _TAIL.format(
        runs=facts["runs"],
        preset=preset,
        first=facts["dates"][0],
        last=facts["dates"][-1],
        hardware="; ".join(facts["hardware"]),
        threads=" / ".join(map(str, facts["threads"])) or "not told",
        versions=versions,
        commits=", ".join(commit[:7] + "+" * commit.endswith("+") for commit in facts["commits"]),
        precision=f"Trained in bf16 (autocast): {', '.join(half)}; all else in fp32. " if half else "",
        synthetic=_SYNTHETIC.format(**SYNTHETIC_MODEL, warmup=SYNTHETIC_WARMUP, **_unlearned(results)) if drawn else "",
        copied=_COPIED.format(runs=len(copied), preset=PUBLISHED) if copied else "",
        vocabularies=_vocabularies(results),
        inputs=_counted("Scored inputs", inputs),
        rows=_counted("Training rows, where lines tell them", facts["train_rows"]),
        told=sum("recipe" in result and "data" in result for result in results),
        notes="".join(f"Of {run}: {note}. " for run, note in facts["notes"].items()),
    )


def _counted(what: str, counts: dict[str, int]) -> str:
    return f" {what}: {', '.join(f'{task_title(task)} {count:,}' for task, count in counts.items())}." if counts else ""


def _vocabularies(results: Sequence[Result]) -> str:
    """Which tasks' texts were cut by which vocabulary, if not all of them by one."""
    found: dict[str, dict[str, None]] = {}
    for result in results:
        if result["task"] != SYNTHETIC and "vocabulary" in result:
            found.setdefault(result["vocabulary"], {})[task_title(result["task"])] = None
    if len(found) < 2:
        return ""
    told = "; ".join(f"{vocabulary[:8]} ({', '.join(tasks)})" for vocabulary, tasks in found.items())
    return f"Not all tasks read the same vocabulary of this size; by its SHA-256: {told}. "


def _unlearned(results: Sequence[Result]) -> dict[str, int]:
    """Of the synthetic runs whose arm has a latent to draw: how many retain no token, and how many there are."""
    kept = [
        result["metrics"][SYNTHETIC]["retention@200"]
        for result in results
        if result["task"] == SYNTHETIC and find_arm(result["arm"]).samples
    ]
    return {"lost": sum(share < 0.5 for share in kept), "runs": len(kept)}


def _facts(results: Sequence[Result], preset: str) -> dict[str, Any]:
    libraries = dict.fromkeys(name for result in results for name in result["versions"])
    inputs = [(task, count) for result in results for task, count in result.get("inputs", {}).items()]
    return {
        "preset": preset,
        "runs": len(results),
        "dates": sorted({result["date"] for result in results}),
        "hardware": sorted({result["hardware"] for result in results}),
        "threads": sorted({result["threads"] for result in results if "threads" in result}),
        "versions": {
            name: sorted({result["versions"][name] for result in results if name in result["versions"]})
            for name in libraries
        },
        "commits": sorted({result["commit"] for result in results}),
        "in_bf16": list(dict.fromkeys(result["task"] for result in results if precision_of(result) == "bf16")),
        "inputs": dict(inputs),
        "train_rows": {result["task"]: result["train_rows"] for result in results if result.get("train_rows")},
        "notes": {result["id"]: result["note"] for result in results if result.get("note")},
    }
