"""From a component's event to a state that changes with it, on which everything hangs that is to follow.

Gradio 6.31 runs the listeners of a component's event one after the other, and where one of several was put off because
it still ran ("always_last"), it fires the whole event again: three such listeners keep one another going for ever. The
listeners of a state are run side by side, and each is put off for itself. So a component's event has one listener.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

_HOPS: dict[str, Any] = {
    "trigger_mode": "always_last",
    "concurrency_limit": None,
    "preprocess": False,
    "api_visibility": "private",
    "show_progress": "hidden",
}


def hop(triggers: Sequence[Any]) -> gr.State:
    """A state that changes whenever one of these events happens; its value is when.

    Args:
        triggers: events of components, none of which has another listener that may be put off.
    """
    state = gr.State(0.0)
    gr.on(list(triggers), time.time, None, state, **_HOPS)
    return state


def hop_with(
    action: Callable[..., Sequence[Any]],
    triggers: Sequence[Any],
    inputs: Sequence[gr.components.Component],
    outputs: Sequence[gr.components.Component],
    into: gr.State | None = None,
) -> gr.State:
    """Such a state, and what must not wait for another request: the same listener fills these outputs.

    Args:
        action: inputs → outputs; a ValueError of its is told, and the state changes all the same.
        triggers: as for `hop`.
        inputs, outputs: the action's.
        into: the state, where there is one already.
    """
    state = into or gr.State(0.0)

    def happened(*values: Any) -> list[Any]:
        try:
            shown = action(*values)
        except ValueError as error:
            gr.Warning(str(error))
            shown = [gr.skip()] * len(outputs)
        return [*shown, time.time()]

    gr.on(list(triggers), happened, list(inputs), [*outputs, state], **_HOPS | {"concurrency_limit": 8})
    return state
