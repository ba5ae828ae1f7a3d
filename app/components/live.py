"""Live components on `gr.HTML`, each with its script: a plot in one node for good, source and written tokens."""

from pathlib import Path

import gradio as gr
import plotly

_HERE = Path(__file__).parent
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
"""The plotly wheel's own script: served from here, so the page needs no network."""


def head() -> str:
    """What the document's head needs: plotly.js, kept under a name that no other component overwrites, and the keys."""
    keys = (_HERE / "keys.js").read_text(encoding="utf-8")
    return (
        f'<script src="gradio_api/file={PLOTLY.as_posix()}" onload="window.HMUPlotly = window.Plotly"></script>'
        f"<script>{keys}</script>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
    )


def live_plot(name: str, label: str, waiting: str = "", height: int = 260) -> gr.HTML:
    """A plot that is redrawn in place: zoom, hover and node survive each new figure.

    Its value is a plot of `hmu.plots`, or {"empty": sentence} where there is nothing to draw.

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


def source_strip(name: str, column: str, label: str) -> gr.HTML:
    """The source's tokens, coloured by their gates; a click or a stroke over them forces gates, and `select` tells.

    Its value holds `tokens`, `gates` (null without a gate) and `forced` (1, 0 or null for each token).

    Args:
        name: the element's id.
        column: the column's letter: its written tokens show here where they looked.
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
        '<div class="strip-note"></div><div class="tip" role="status" hidden></div>',
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
        f'<div class="source-head"><span>{label}</span><button type="button" class="forget">{forget}</button></div>'
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


def said_line(name: str) -> gr.HTML:
    """One sentence that answers a form; its value holds `text` and `refused`.

    Args:
        name: the element's id.
    """
    return _live(name, '<p class="said" role="status" aria-live="polite"></p>', "said.js")


def _live(name: str, template: str, script: str, column: str = "") -> gr.HTML:
    return gr.HTML(
        value=None,
        html_template=f'<div class="live" data-column="{column}">{template}</div>',
        js_on_load=(_HERE / script).read_text(encoding="utf-8"),
        elem_id=name,
        elem_classes=["card"],
        apply_default_css=False,
        min_width=280,
    )
