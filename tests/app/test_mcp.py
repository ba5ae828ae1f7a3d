"""The real page's tools, through a real client of the Model Context Protocol: what they are, answer and refuse."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from gradio_client import Client
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from app.api import ENDPOINTS
from tests.app.support_api import CALLS, untimed

pytestmark = pytest.mark.server
LOOK = CALLS["look_inside"]
MARKUP = '<script>alert("${1}")</script> {{x}}'
Found = TypeVar("Found")


def visit(server: str, do: Callable[[ClientSession], Awaitable[Found]]) -> Found:
    """What one session with the page's MCP server finds."""

    async def session() -> Found:
        async with (
            streamable_http_client(f"{server}/gradio_api/mcp/") as (reads, writes, _),
            ClientSession(reads, writes) as opened,
        ):
            await opened.initialize()
            return await do(opened)

    return asyncio.run(session())


def call(server: str, tool: str, arguments: dict[str, Any]) -> tuple[bool, str]:
    """Whether a tool refuses, and what it says."""
    answer = visit(server, lambda session: session.call_tool(tool, arguments))
    assert [one.type for one in answer.content] == ["text"]
    return answer.isError, getattr(answer.content[0], "text", "")


def test_the_tools_are_the_endpoints_and_nothing_else(server: str) -> None:
    tools = visit(server, lambda session: session.list_tools()).tools
    assert [tool.name for tool in tools] == [action.__name__ for action in ENDPOINTS] == list(CALLS)


def test_every_tool_and_argument_is_described_and_typed(server: str) -> None:
    for tool in visit(server, lambda session: session.list_tools()).tools:
        assert len(tool.description or "") > 30
        for name, schema in tool.inputSchema["properties"].items():
            assert len(schema["description"]) > 5, f"{tool.name}: {name}"
            assert {"type", "oneOf"} & schema.keys(), f"{tool.name}: {name}"


@pytest.mark.parametrize("tool", CALLS)
def test_a_tool_answers_as_its_endpoint_in_json(server: str, client: Client, tool: str) -> None:
    refused, text = call(server, tool, CALLS[tool])
    assert not refused, text
    assert untimed(json.loads(text)) == untimed(client.predict(**CALLS[tool], api_name=f"/{tool}"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gate_bias": 99}, "gate bias: 99; give a number from -8 to 8"),
        ({"checkpoint": "nobody"}, 'checkpoint "nobody" is unknown; choose one of'),
        ({"task": "chess"}, 'task "chess" is unknown; choose one of common_gen'),
        ({"text": " "}, "text: empty"),
        ({"forced": [2]}, "forced gate: 2; give a number from 0 to 1"),
        ({"gate_bias": "much"}, "'much' is not of type 'number'"),
        ({"colour": "red"}, "`colour` is not a valid"),
    ],
    ids=str,
)
def test_bad_arguments_are_told_to_the_client(server: str, changes: dict[str, Any], said: str) -> None:
    refused, text = call(server, "look_inside", LOOK | changes)
    assert refused
    assert said in text
    assert "Traceback" not in text


def test_a_missing_argument_is_named(server: str) -> None:
    refused, text = call(server, "look_inside", {"checkpoint": "answers-hmu", "text": "dog"})
    assert refused
    assert "'task' is a required property" in text


@pytest.mark.parametrize("name", ["load_example", "load_example_1", "redraw", "query", "lambda"])
def test_the_pages_own_events_are_no_tools(server: str, name: str) -> None:
    refused, text = call(server, name, {})
    assert refused
    assert "Unknown tool" in text


def test_markup_is_only_a_text(server: str) -> None:
    refused, text = call(server, "open_link", {"query": f"task=common_gen&text={MARKUP}&a=answers-hmu"})
    assert not refused
    assert json.loads(text)["text"] == MARKUP
