"""The report's plots as files, drawn as the page draws them. Needs the extra `pictures`, and a Chrome or Chromium."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hmu.plots import Plot, differences, figure, retention, training
from hmu.tasks import task_title

_WIDTH, _HEIGHT = 760, 340
_PAPER = {"paper_bgcolor": "white", "plot_bgcolor": "white", "font": {"color": "#111827", "family": "sans-serif"}}
"""A file is looked at on light and on dark pages: it brings its own ground."""
_DRAWN = re.compile(r"(?P<what>defs-|clip|legend|trace)(?P<id>[0-9a-f]{6})(?=xy|[xy]?\b)")
"""Names within a file that plotly draws anew each time."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One plot of the report: its file's name, what it shows, and the plot."""

    file: str
    title: str
    plot: Plot


def pictures(report: Mapping[str, Any]) -> tuple[Picture, ...]:
    """Every plot that there is something to draw of.

    Args:
        report: the report's values, as in reproduction.json.
    """
    return tuple(_pictures(report))


def draw(drawn: tuple[Picture, ...], folder: Path) -> None:
    """Write SVG files.

    Raises:
        ValueError: without the extra, or without a browser to draw with.
    """
    try:
        from kaleido.errors import ChromeNotFoundError  # noqa: PLC0415 - an extra
        from plotly.io import write_images  # noqa: PLC0415 - an extra
    except ImportError:
        raise ValueError(
            'plots: kaleido is not installed; pip install ".[pictures]" in a clone of the project, or leave out --plots'
        ) from None
    made = [figure(one.plot).update_layout(**_PAPER) for one in drawn]
    try:
        write_images(made, [folder / one.file for one in drawn], format="svg", width=_WIDTH, height=_HEIGHT)
    except ChromeNotFoundError:
        raise ValueError("plots: no Chrome or Chromium was found; install one, or leave out --plots") from None
    for one in drawn:
        path = folder / one.file
        path.write_text(numbered(path.read_text(encoding="utf-8")), encoding="utf-8")


def numbered(svg: str) -> str:
    """The same drawing with its random names numbered as they come: equal plots are equal files."""
    names: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return found["what"] + names.setdefault(found["id"], f"{len(names):06d}")

    return _DRAWN.sub(number, svg)


def gallery(drawn: tuple[Picture, ...]) -> str:
    """The section that shows them."""
    lines = "\n\n".join(f"![{one.title}]({one.file})" for one in drawn)
    return f"\n## Plots\n\nTraining losses are what is minimised: with the KL where an arm has one.\n\n{lines}\n"


def _pictures(report: Mapping[str, Any]) -> Iterator[Picture]:
    yield Picture(
        "reproduction-differences.svg", "HMU minus baseline on every task of texts", differences(report["arms"])
    )
    if report["retention"]:
        yield Picture("reproduction-retention.svg", "What is kept of one token", retention(report["retention"]))
    for task in dict.fromkeys(curve["task"] for curve in report["training"]):
        told = f"Training loss: {task_title(task)}"
        yield Picture(f"reproduction-training-{task}.svg", told, training(report["training"], task))
