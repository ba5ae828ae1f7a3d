"""A table and a progress bar on `gr.HTML`, each with its script: what people bring is drawn as text, never as markup.

Knows nothing of what the table holds.
"""

from pathlib import Path

import gradio as gr

_HERE = Path(__file__).parent


def sheet(name: str) -> gr.HTML:
    """A table that scrolls within itself; nothing shows before it has a value.

    Its value holds `caption`, `head` and `rows` (texts), `right` (places of the columns that hold numbers), `told` (of
    those whose cells are words of ours), and `theirs`, true where the head is not ours.

    Args:
        name: the element's id.
    """
    return _drawn(name, '<div class="sheet" tabindex="0"></div>', "sheet.js", "sheet-card")


def meter(name: str, label: str) -> gr.HTML:
    """A progress bar over a sentence.

    Its value holds `done` and `total` (no bar at 0), `said` (the sentence), `fault` (whether it tells of one) and
    `going` (something goes on whose end nobody knows).

    Args:
        name: the element's id.
        label: for screen readers.
    """
    bar = f'<div class="meter-bar" role="progressbar" aria-label="{label}" aria-valuemin="0" hidden><i></i></div>'
    return _drawn(name, f'{bar}<div class="meter-said" role="status"></div>', "meter.js", "meter")


def _drawn(name: str, template: str, script: str, style: str) -> gr.HTML:
    return gr.HTML(
        value=None,
        html_template=template,
        js_on_load=(_HERE / script).read_text(encoding="utf-8"),
        elem_id=name,
        elem_classes=[style],
        apply_default_css=False,
    )
