"""Lines of results → docs/PLUGIN.md. Decides nothing by hand: every sentence with a number is computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from bench.plugin.arms import ARMS
from hmu.tasks import find_task

TASKS = ("ag_news", "sst2", "mrpc", "rte", "cola")
ROWS = (0, 200, 500, 1000)
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
    found = [r for r in results if (r["task"], r["arm"], r["rows"]) == (task, arm, rows) and not r["held_out"]]
    return Cell(tuple(r["metrics"][metric] for r in found)) if found else None


def beats(one: Cell, other: Cell) -> bool:
    """Whether a mean is above another by more than one standard deviation, the larger of the two."""
    return one.mean - other.mean > max(one.sd, other.sd)


def report(results: Sequence[Result], text: str) -> str:
    """The document.

    Args:
        results: lines of `bench.plugin run`.
        text: what was tried and how, in Markdown; its figures are the reader's to check against the lines.
    """
    given = [r for r in results if not r["held_out"]]
    parts = [text.strip(), "## Results", _told(given, "on the given files") if given else "None yet."]
    for rows in ROWS:
        table = _table(given, rows)
        parts += [f"### {'All rows' if not rows else f'{rows:,} rows'}", table, _verdict(given, rows)] if table else []
    for title, table in (("### CoLA by Matthews correlation", _matthews(given)), ("## Cost", _cost(given))):
        parts += [title, table] if table else []
    chosen = [r for r in results if r["held_out"]]
    parts += ["## How the settings were chosen", _told(chosen, "on held-out training rows")] if chosen else []
    for rows in sorted({r["rows"] for r in chosen}):
        parts += [
            f"### {f'{rows:,}' if rows else 'All'} rows to train on",
            _tried([r for r in chosen if r["rows"] == rows]),
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _told(results: Sequence[Result], where: str) -> str:
    dates, commits = sorted(r["date"][:10] for r in results), sorted({r["commit"][:9] for r in results})
    libraries = ", ".join(f"{name} {version}" for name, version in results[0]["versions"].items())
    return (
        f"{len(results)} runs, {dates[0]} to {dates[-1]}, {results[0]['hardware']}, one thread each; {libraries}; "
        f"commits {', '.join(commits)}. Accuracy {where}: mean ± sample standard deviation over seeds."
    )


def _tried(results: Sequence[Result]) -> str:
    """What each variant of an arm gave, a row each; the majority's score stands first."""
    tasks = [task for task in TASKS if any(r["task"] == task for r in results)]
    lines = [f"| arm | variant | {' | '.join(tasks)} |", "| --- | --- |" + " ---: |" * len(tasks)]
    majority = {r["task"]: f"{r['metrics']['majority']:.3f}" for r in results}
    lines.append(f"| majority | – | {' | '.join(majority[task] for task in tasks)} |")
    for arm, variant in dict.fromkeys((r["arm"], r["variant"]) for r in results):
        found = {r["task"]: r["metrics"]["accuracy"] for r in results if (r["arm"], r["variant"]) == (arm, variant)}
        shown = (f"{found[task]:.3f}" if task in found else "–" for task in tasks)
        lines.append(f"| {arm} | {variant} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _table(results: Sequence[Result], rows: int) -> str:
    lines = [
        "| task | majority | " + " | ".join(f"{ARMS[arm].title}" for arm in ARMS) + " |",
        "| --- | ---: |" + " ---: |" * len(ARMS),
    ]
    for task in TASKS:
        cells = [cell(results, task, arm, rows) for arm in ARMS]
        majority = next((r["metrics"]["majority"] for r in results if r["task"] == task), None)
        if any(cells) and majority is not None:
            shown = " | ".join("–" if one is None else str(one) for one in cells)
            lines.append(f"| {find_task(task).title} | {majority:.3f} | {shown} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def _verdict(results: Sequence[Result], rows: int) -> str:
    told = []
    for other in (arm for arm in ARMS if arm != "unit"):
        both = [(t, cell(results, t, "unit", rows), cell(results, t, other, rows)) for t in TASKS]
        pairs = [(task, one, two) for task, one, two in both if one is not None and two is not None]
        if pairs:
            ahead = [task for task, one, two in pairs if beats(one, two)]
            behind = [task for task, one, two in pairs if beats(two, one)]
            won = f"ahead beyond one standard deviation on {len(ahead)} of {len(pairs)}{_named(ahead)}"
            told.append(f"- The unit and {ARMS[other].title}: {won}, behind on {len(behind)}{_named(behind)}.")
    return "\n".join(told)


def _named(tasks: Sequence[str]) -> str:
    return f" ({', '.join(tasks)})" if tasks else ""


def _matthews(results: Sequence[Result]) -> str:
    lines = ["| rows | " + " | ".join(ARMS) + " |", "| --- |" + " ---: |" * len(ARMS)]
    for rows in ROWS:
        cells = [cell(results, "cola", arm, rows, "matthews") for arm in ARMS]
        if any(cells):
            lines.append(f"| {rows or 'all'} | {' | '.join('–' if one is None else str(one) for one in cells)} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def _cost(results: Sequence[Result]) -> str:
    lines = [
        "| arm | trainable | of all | seconds to train, all rows: " + ", ".join(TASKS) + " | to read the rows once |",
        "| --- | ---: | ---: | --- | --- |",
    ]
    for arm, about in ARMS.items():
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
    return f"{fmean(found):,.0f}" if found else "–"
