"""A walk for who comes for the first time: a card that points at one part of the page after another.

Knows nothing of what the parts are or do: its value says where they stand and what is told of them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import gradio as gr

_HERE = Path(__file__).parent


def walk(name: str, start: str, steps: Sequence[tuple[Sequence[str], str, str]], words: Mapping[str, str]) -> gr.HTML:
    """A button that starts the walk, and the card; on a first visit that no link led to, the walk starts by itself.

    Args:
        name: the element's id.
        start: what stands on the button.
        steps: for each the selectors of what it points at (of each the first that shows), a title and a sentence;
            a step that finds none of its parts is left out.
        words: `next`, `back`, `skip`, `done`, and `of`, with {} for the step and for how many there are.
    """
    return gr.HTML(
        value={"start": start, "steps": [{"at": list(at), "title": t, "text": s} for at, t, s in steps], **words},
        html_template=_TEMPLATE,
        js_on_load=(_HERE / "walk.js").read_text(encoding="utf-8"),
        elem_id=name,
        elem_classes=["walk-home"],
        apply_default_css=False,
    )


_TEMPLATE = """<button type="button" class="walk-start"></button>
<div class="walk-rings" aria-hidden="true"></div>
<div class="walk" role="dialog" aria-labelledby="walk-title" aria-describedby="walk-text" hidden>
<div aria-live="polite"><div class="walk-count"></div>
<div class="walk-title" id="walk-title" role="heading" aria-level="2"></div>
<p class="walk-text" id="walk-text"></p></div>
<div class="walk-foot"><button type="button" class="walk-skip"></button>
<button type="button" class="walk-back"></button><button type="button" class="walk-next"></button></div>
<i class="walk-arrow" aria-hidden="true"></i></div>"""
