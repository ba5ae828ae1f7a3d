"""Live components on `gr.HTML`, each with its script: a plot in one node for good, source and written tokens."""

import json
import re
from pathlib import Path
from typing import Any

import gradio as gr
import plotly

from app import words
from app.saying import named_json, table_json

_HERE = Path(__file__).parent
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
"""The plotly wheel's own script: served from here, so the page needs no network."""
_NAME = re.compile(r'"([A-Z]+(?:_[A-Z]+)+)"')
"""How a script writes the name of one of our sentences."""


def head() -> str:
    """What the document's head needs: plotly.js under a name that no other component overwrites, words, and keys."""
    scripts = [_HERE.joinpath(name).read_text(encoding="utf-8") for name in ("saying.js", "keys.js")]
    tables = f"window.HMU_TABLE = {table_json()}; window.HMU_NAMED = {_named()};"
    return (
        f'<script src="gradio_api/file={PLOTLY.as_posix()}" onload="window.HMUPlotly = window.Plotly"></script>'
        + "".join(f"<script>{script}</script>" for script in (tables, *scripts))
        + '<meta name="viewport" content="width=device-width, initial-scale=1">'
    )


def _named() -> str:
    """The sentences that our scripts ask for by their names in `words`."""
    asked = {name for script in _HERE.glob("*.js") for name in _NAME.findall(script.read_text(encoding="utf-8"))}
    return named_json({name: getattr(words, name) for name in sorted(asked)})


def live_plot(name: str, label: str, waiting: str = "", height: int = 260) -> gr.HTML:
    """A plot that is redrawn in place: zoom, hover and node survive each new figure.

    Its value is the `drawing` of a plot of `hmu.plots`, or of {"empty": sentence} where there is nothing to draw.

    Args:
        name: the element's id.
        label: for screen readers.
        waiting: what stands there before the first figure.
        height: pixels.
    """
    return _live(
        name,
        f'<div class="live-plot" role="img" aria-label="{label}" data-waiting="{waiting}" '
        f'data-height="{height}" style="height:{height}px"></div>',
        "live_plot.js",
    )


def drawing(plot: dict[str, Any] | None) -> str | None:
    """A plot as the value of its element: one text, which the browser reads once when it draws.

    As an object, gradio's page would copy it whole and then watch each of its numbers: 10,000 in a heatmap, and longer
    than plotly takes to draw them.

    Raises:
        ValueError: for a number that is not finite.
    """
    return None if plot is None else json.dumps(plot, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def source_strip(name: str, column: str, label: str) -> gr.HTML:
    """The source's tokens, coloured by their gates; a click or a stroke over them forces gates, and `select` tells.

    Its value holds `tokens`, `gates` (null without a gate), `forced` (1, 0 or null for each token) and `second`, the
    place of the token that begins a second text, on a line of its own (null for one text).

    Args:
        name: the element's id.
        column: the column's letter: its written tokens show here where they looked; "" where nothing is written.
        label: for screen readers.
    """
    return _live(
        name,
        f'<div class="source-head"></div><div class="source" role="group" aria-label="{label}"></div>',
        "source_strip.js",
        column,
    )


def token_strip(name: str, column: str, label: str) -> gr.HTML:
    """Written tokens, coloured; pointing at one, or reaching it by keyboard, shows probability and alternatives.

    A click keeps them open; a click on an alternative is a `select` whose data are the tokens to begin with.

    Args:
        name: the element's id.
        column: the column's letter.
        label: for screen readers.
    """
    return _live(
        name,
        '<div class="strip-head"><span class="strip-title"></span><span class="strip-facts"></span></div>'
        f'<div class="strip" role="group" aria-label="{label}"></div>'
        '<div class="strip-note"></div><div class="tip" hidden></div><p class="heard" role="status"></p>',
        "token_strip.js",
        column,
    )


def history(name: str, label: str, forget: str) -> gr.HTML:
    """What this browser ran, as links; its value is the run that comes on top: `query`, `text`, `at`.

    Args:
        name: the element's id.
        label, forget: what stands above it, and on the button that empties it.
    """
    return _live(
        name,
        f'<div class="source-head"><span data-say>{label}</span>'
        f'<button type="button" class="forget" data-say>{forget}</button></div>'
        f'<ul class="history" aria-label="{label}"></ul>',
        "history.js",
    )


def text_grid(name: str, label: str) -> gr.HTML:
    """Several texts as cells that fill as they arrive; equal texts wear the same mark. Its values: `text_grid.py`.

    Args:
        name: the element's id.
        label: for screen readers.
    """
    return _live(
        name,
        '<div class="strip-head"><span class="strip-title"></span><dl class="facts"></dl></div>'
        f'<ol class="grid" aria-label="{label}"></ol><div class="strip-note"></div>',
        "text_grid.js",
    )


def zoo_cards(name: str, label: str) -> gr.HTML:
    """Checkpoints as cards; a button is a `select` whose data are `action` and `id`, and its card is busy until served.

    Its value holds `cards`, `sum`, `words`, `turns` (whether there are buttons), `done` (ids that were served), `said`
    (id → what went wrong) and `stamp`, another with every value.

    Args:
        name: the element's id.
        label: for screen readers.
    """
    return _live(
        name,
        f'<p class="zoo-sum" role="status"></p><div class="zoo-grid" role="list" aria-label="{label}"></div>',
        "zoo_cards.js",
    )


def said_line(name: str, style: str = "card", text: str = "") -> gr.HTML:
    """Sentences, one a line, that answer a form or a text; its value holds `text` and `refused`.

    Args:
        name: the element's id.
        style: its class: "card", or "notes-line" for one that shows only while it says something.
        text: what it says at first.
    """
    line = '<p class="said" role="status" aria-live="polite"></p>'
    return _live(name, line, "said.js", style=style, value={"text": text} if text else None)


def _live(name: str, template: str, script: str, column: str = "", style: str = "card", value: Any = None) -> gr.HTML:
    return gr.HTML(
        value=value,
        html_template=f'<div class="live" data-column="{column}">{template}</div>',
        js_on_load=(_HERE / script).read_text(encoding="utf-8"),
        elem_id=name,
        elem_classes=[style],
        apply_default_css=False,
        min_width=280,
    )
