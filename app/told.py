"""How what a user can cause reaches the user: one message on the page and in the API; the server lives on."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import gradio as gr


def told(action: Callable[..., Any]) -> Callable[..., Any]:
    """An action, or a generator of them, whose ValueErrors are shown as they are worded."""

    @functools.wraps(action)
    def once(*args: Any, **kwargs: Any) -> Any:
        try:
            return action(*args, **kwargs)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None

    @functools.wraps(action)
    def each(*args: Any, **kwargs: Any) -> Any:
        try:
            yield from action(*args, **kwargs)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None

    return each if inspect.isgeneratorfunction(action) else once
