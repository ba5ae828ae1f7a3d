"""Lines of results → docs/PLUGIN.md. Decides nothing by hand: every sentence with a number is computed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from bench.plugin.arms import ARMS, arms_for
from bench.plugin.transfer import BASES
from hmu.tasks import find_task

TASKS = ("ag_news", "sst2", "mrpc", "rte", "cola")
ROWS = (0, 200, 500, 1000)
CLASSIFYING = arms_for("all")
SEEDS = 3
"""So many of both arms, or nothing is said of which is ahead."""
Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One arm's accuracies over seeds."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Of the seeds."""
        return fmean(self.values)

    @property
    def sd(self) -> float:
        """Sample standard deviation; 0 for a single seed."""
        return stdev(self.values) if len(self.values) > 1 else 0.0

    def __str__(self) -> str:
        spread = f" ± {self.sd:.3f}" if len(self.values) > 1 else " (one seed)"
        return f"{self.mean:.3f}{spread}"


def cell(results: Sequence[Result], task: str, arm: str, rows: int, metric: str = "accuracy") -> Cell | None:
    """The seeds of one setting; None where nothing was run."""
    found = [r for r in results if (r["task"], r["arm"], r["rows"]) == (task, arm, rows)]
    return Cell(tuple(r["metrics"][metric] for r in found)) if found else None


def beats(one: Cell, other: Cell) -> bool:
    """Whether a mean is above another by more than one standard deviation, the larger of the two."""
    return one.mean - other.mean > max(one.sd, other.sd)


def report(results: Sequence[Result], transfers: Sequence[Result], text: str) -> str:
    """The document.

    Args:
        results: lines of `bench.plugin run`; a variant on the given files was set aside for a better choice.
        transfers: lines of `bench.plugin transfer`.
        text: what was tried and how, in Markdown; its figures are the reader's to check against the lines.
    """
    given = [r for r in results if not r["held_out"] and not r.get("variant")]
    parts = [text.strip(), "## Results", _told(given, "Accuracy on the given files") if given else "None yet."]
    for rows in ROWS:
        table = _table(given, rows)
        parts += [f"### {'All rows' if not rows else f'{rows:,} rows'}", table, _verdict(given, rows)] if table else []
    matthews, cost = _matthews(given), _cost(given)
    parts += ["### CoLA by Matthews correlation", matthews, _matthews_verdict(given)] if matthews else []
    parts += ["## Cost", cost] if cost else []
    parts += _transferred([r for r in transfers if not r["held_out"]])
    chosen = [r for r in results if r["held_out"]]
    parts += ["## How the settings were chosen", _told(chosen, "Accuracy on held-out training rows")] if chosen else []
    for rows in sorted({r["rows"] for r in chosen}):
        parts += [
            f"### {f'{rows:,}' if rows else 'All'} rows to train on",
            _tried([r for r in chosen if r["rows"] == rows], "accuracy"),
        ]
    tried = [r for r in transfers if r["held_out"]]
    parts += ["### To write for another task: perplexity a word", _tried(tried, "perplexity")] if tried else []
    return "\n\n".join(part for part in parts if part) + "\n"


def _told(results: Sequence[Result], where: str) -> str:
    dates = sorted(r["date"][:10] for r in results)
    commits = sorted({r["commit"][:9] + "+" * r["commit"].endswith("+") for r in results})
    libraries = ", ".join(f"{name} {version}" for name, version in results[0]["versions"].items())
    return (
        f"{len(results)} runs, {dates[0]} to {dates[-1]}, {results[0]['hardware']}, one thread each; {libraries}; "
        f"commits {', '.join(commits)}. {where}: mean ± sample standard deviation over seeds."
    )


def _tried(results: Sequence[Result], metric: str) -> str:
    """What each variant of an arm gave, a row each; where there is a majority's score it stands first."""
    tasks = [task for task in (*TASKS, *BASES) if any(r["task"] == task for r in results)]
    lines = [f"| arm | variant | {' | '.join(tasks)} |", "| --- | --- |" + " ---: |" * len(tasks)]
    majority = {r["task"]: f"{r['metrics']['majority']:.3f}" for r in results if "majority" in r["metrics"]}
    if majority:
        lines.append(f"| majority | – | {' | '.join(majority[task] for task in tasks)} |")
    for arm, variant in dict.fromkeys((r["arm"], r["variant"]) for r in results):
        found = {r["task"]: r["metrics"][metric] for r in results if (r["arm"], r["variant"]) == (arm, variant)}
        shown = (f"{found[task]:.3f}" if task in found else "–" for task in tasks)
        lines.append(f"| {arm} | {variant} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _transferred(results: Sequence[Result]) -> list[str]:
    """A heading, and a table for each task that a base of the other task was to learn."""
    if not results:
        return []
    parts = ["## To write for another task", _told(results, "On the given files")]
    for task, base in BASES.items():
        found = [r for r in results if r["task"] == task]
        metrics = list(dict.fromkeys(name for r in found for name in r["metrics"]))
        if found:
            heads = [
                "arm",
                *metrics,
                "trainable",
                "of all",
                "seconds to train, the quickest seed",
                "to read the rows once",
            ]
            lines = [f"| {' | '.join(heads)} |", "| --- |" + " ---: |" * (len(heads) - 1)]
            lines += [_line_of(found, arm, metrics) for arm in arms_for("write") if any(r["arm"] == arm for r in found)]
            parts += [f"### {find_task(task).title}, by {base}", "\n".join(lines)]
    return parts


def _line_of(results: Sequence[Result], arm: str, metrics: Sequence[str]) -> str:
    found = [r for r in results if r["arm"] == arm]
    cells = [Cell(tuple(r["metrics"][name] for r in found)) for name in metrics]
    about = ARMS[arm]
    if not about.trains:
        return f"| {about.title} | {' | '.join(f'{one.mean:.3f}' for one in cells)} | – | – | – | – |"
    own, seconds = found[0]["trainable"], (min(r[name] for r in found) for name in ("train_seconds", "states_seconds"))
    spent = " | ".join(f"{one:,.0f}" for one in seconds)
    return f"| {about.title} | {' | '.join(map(str, cells))} | {own:,} | {own / found[0]['parameters']:.2%} | {spent} |"


def _table(results: Sequence[Result], rows: int) -> str:
    lines = [
        "| task | majority | " + " | ".join(about.title for about in CLASSIFYING.values()) + " |",
        "| --- | ---: |" + " ---: |" * len(CLASSIFYING),
    ]
    for task in TASKS:
        cells = [cell(results, task, arm, rows) for arm in CLASSIFYING]
        majority = next((r["metrics"]["majority"] for r in results if r["task"] == task), None)
        if any(cells) and majority is not None:
            shown = " | ".join("–" if one is None else str(one) for one in cells)
            lines.append(f"| {find_task(task).title} | {majority:.3f} | {shown} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def _verdict(results: Sequence[Result], rows: int) -> str:
    told = []
    for other in (arm for arm in CLASSIFYING if arm != "unit"):
        both = [(t, cell(results, t, "unit", rows), cell(results, t, other, rows)) for t in TASKS]
        pairs = [(task, one, two) for task, one, two in both if one and two and min(map(_seeds, (one, two))) >= SEEDS]
        if pairs:
            ahead = [task for task, one, two in pairs if beats(one, two)]
            behind = [task for task, one, two in pairs if beats(two, one)]
            won = f"ahead beyond one standard deviation on {len(ahead)} of {len(pairs)}{_named(ahead)}"
            told.append(f"- The unit and {ARMS[other].title}: {won}, behind on {len(behind)}{_named(behind)}.")
    return "\n".join(told)


def _seeds(one: Cell) -> int:
    return len(one.values)


def _named(tasks: Sequence[str]) -> str:
    return f" ({', '.join(tasks)})" if tasks else ""


def _matthews(results: Sequence[Result]) -> str:
    lines = ["| rows | " + " | ".join(CLASSIFYING) + " |", "| --- |" + " ---: |" * len(CLASSIFYING)]
    for rows in ROWS:
        cells = [cell(results, "cola", arm, rows, "matthews") for arm in CLASSIFYING]
        if any(cells):
            lines.append(f"| {rows or 'all'} | {' | '.join('–' if one is None else str(one) for one in cells)} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def _matthews_verdict(results: Sequence[Result]) -> str:
    told = []
    for rows in ROWS:
        unit, placed = cell(results, "cola", "unit", rows, "matthews"), defaultdict(list)
        for arm in (arm for arm in CLASSIFYING if arm != "unit"):
            other = cell(results, "cola", arm, rows, "matthews")
            if unit and other and min(map(_seeds, (unit, other))) >= SEEDS:
                where = "ahead of" if beats(unit, other) else "behind" if beats(other, unit) else "level with"
                placed[where].append(arm)
        if placed:
            where = ", ".join(f"{where} {' and '.join(arms)}" for where, arms in placed.items())
            told.append(f"- {f'{rows:,}' if rows else 'All'} rows: the unit is {where}.")
    return "\n".join(told)


def _cost(results: Sequence[Result]) -> str:
    lines = [
        "| arm | trainable | of all | seconds to train, all rows, the quickest seed: "
        + ", ".join(TASKS)
        + " | to read the rows once |",
        "| --- | ---: | ---: | --- | --- |",
    ]
    for arm, about in CLASSIFYING.items():
        found = [r for r in results if r["arm"] == arm and not r["rows"]]
        if found:
            share = found[0]["trainable"] / found[0]["parameters"]
            spent = [_seconds(found, task, "train_seconds") for task in TASKS]
            read = (
                [_seconds(found, task, "states_seconds") for task in TASKS] if about.keeps_states else ["in training"]
            )
            lines.append(
                f"| {about.title} | {found[0]['trainable']:,} | {share:.2%} | {', '.join(spent)} | {', '.join(read)} |"
            )
    return "\n".join(lines) if len(lines) > 2 else ""


def _seconds(results: Sequence[Result], task: str, key: str) -> str:
    found = [r[key] for r in results if r["task"] == task]
    return f"{min(found):,.0f}" if found else "–"
