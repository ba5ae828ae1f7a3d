"""An action of the desk → a named endpoint of the page and a tool of its MCP server. Knows no action itself."""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from app.api.arguments import described
from app.desk import Desk
from app.told import told

Action = Callable[..., Any]
"""Its first argument is the desk, its others are what a program gives, its answer is JSON."""

_ASKER = "x-gradio-user"
"""Header by which gradio's MCP server says who it is when it asks an endpoint."""


def offer(page: gr.Blocks, desk: Desk, action: Action, visitors: int) -> None:
    """Add an endpoint to the page that is being built.

    Args:
        page: is being built.
        desk: what the action works on.
        action: its name is the endpoint's; its docstring is a sentence without arguments.
        visitors: how many are served at once.
    """
    given = dict(list(inspect.signature(action).parameters.items())[1:])
    descriptions = described(action.__name__, given)
    answer = told(_answering(desk, action, given, descriptions))
    dependency = gr.api(answer, api_name=action.__name__, concurrency_limit=visitors)
    for argument, description in zip(page.fns[dependency["id"]].inputs, descriptions.values(), strict=True):
        argument.api_info()["additional_description"] = description  # gr.api takes only types from a function


def _answering(
    desk: Desk, action: Action, given: Mapping[str, inspect.Parameter], descriptions: Mapping[str, str]
) -> Action:
    """The action as gradio reads and calls it."""

    def answer(request: gr.Request, *values: Any) -> Any:
        found = action(desk, *values)
        if request.headers.get(_ASKER) == "mcp":
            return json.dumps(found, ensure_ascii=False)  # a tool's answer is str(…) of this: not Python, but JSON
        return found

    asker = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request)
    signature = inspect.signature(action).replace(parameters=[asker, *given.values()])
    types = {name: parameter.annotation for name, parameter in signature.parameters.items()}
    lines = [f"{name}: {description}" for name, description in descriptions.items()]
    answer.__name__ = action.__name__
    answer.__doc__ = "\n".join([inspect.getdoc(action) or "", "Args:", *lines])
    answer.__annotations__ = types | {"return": signature.return_annotation}
    answer.__signature__ = signature  # type: ignore[attr-defined]
    return answer
