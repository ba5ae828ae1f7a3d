"""From a component's event to a state that changes with it, on which everything hangs that is to follow.

Gradio 6.31 runs the listeners of a component's event one after the other, and where one of several was put off because
it still ran ("always_last"), it fires the whole event again: three such listeners keep one another going for ever. The
listeners of a state are run side by side, and each is put off for itself. So a component's event has one listener.
"""

import time
from collections.abc import Sequence
from typing import Any

import gradio as gr


def hop(triggers: Sequence[Any]) -> gr.State:
    """A state that changes whenever one of these events happens; its value is when.

    Args:
        triggers: events of components, none of which has another listener that may be put off.
    """
    state = gr.State(0.0)
    gr.on(
        list(triggers),
        time.time,
        None,
        state,
        trigger_mode="always_last",
        concurrency_limit=None,
        api_visibility="private",
        show_progress="hidden",
    )
    return state
