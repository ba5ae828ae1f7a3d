"""The real page over checkpoints that read two texts, asked through its API and its tools."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.classify import classify
from app.handlers.looking import look
from hmu import Controls
from tests.app.support_server import serving

pytestmark = pytest.mark.server
TWO = {"checkpoint": "twofold-hmu", "task": "mnli", "text": "the dog runs", "second": "a ball <b>"}
MISSING, TOO_MANY = "task mnli: reads a pair of texts; give a second one, too", "task sst2: reads one text; leave the"


@pytest.fixture(scope="module")
def address(two_texts_zoo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(two_texts_zoo, tmp_path_factory.mktemp("two-texts-server")) as url:
        yield url


@pytest.fixture(scope="module")
def program(address: str) -> Iterator[Client]:
    connected = Client(address, verbose=False)
    yield connected
    connected.close()


def refusal(program: Client, api: str, **given: Any) -> str:
    with pytest.raises((AppError, ValueError)) as refused:
        program.predict(**given, api_name=api)
    return str(refused.value)


def test_two_texts_are_classified_as_the_tab_does(program: Client, two_texts_desk: Desk) -> None:
    forced = [None, 1]
    answer = program.predict(**TWO, gate_bias=-2, forced=forced, api_name="/classify_text")
    controls = Controls(-2.0, forced=(None, 1.0))
    verdict = classify(two_texts_desk, Ask(TWO["checkpoint"], "mnli", TWO["text"], controls, TWO["second"]))
    assert answer["probabilities"] == pytest.approx(verdict.probabilities, abs=1e-5)
    assert answer["rise_forced_latent"] == pytest.approx(list(verdict.latent), abs=1e-5)
    assert answer["source_tokens"] == list(verdict.look.tokens)


def test_two_texts_are_looked_into(program: Client, two_texts_desk: Desk) -> None:
    answer = program.predict(**TWO, api_name="/look_inside")
    found = look(two_texts_desk, Ask(TWO["checkpoint"], "mnli", TWO["text"], second=TWO["second"]))
    assert found.gate is not None
    assert (answer["source_tokens"], "<sep>" in answer["source_tokens"]) == (list(found.tokens), True)
    assert answer["gates"] == pytest.approx(list(found.gate.mean), abs=1e-5)


@pytest.mark.parametrize("api", ["/classify_text", "/look_inside"])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"second": None}, MISSING),
        ({"task": "sst2"}, TOO_MANY),
        ({"second": " "}, "second text: empty; write a few words"),
        ({"second": 3}, "second: 3; give a text"),
    ],
    ids=str,
)
def test_a_second_text_too_few_or_too_many_gets_one_clear_message(
    program: Client, api: str, changes: dict[str, Any], said: str
) -> None:
    assert said in refusal(program, api, **(TWO | changes))


def test_rows_of_two_texts_are_scored(program: Client) -> None:
    rows = [{"text": "a dog", "second": text, "answer": "neutral"} for text in ("a ball", "the street")]
    asked = {"checkpoint": TWO["checkpoint"], "task": "mnli"}
    answer = program.predict(**asked, rows=rows, api_name="/score")
    assert set(answer["metrics"]) == {"accuracy", "majority", "macro_f1"}
    for given, row in zip(rows, answer["rows"], strict=True):
        assert (row["text"], row["second"], row["right"]) == (given["text"], given["second"], ["neutral"])
        alone = program.predict(**asked, text=given["text"], second=given["second"], api_name="/classify_text")
        assert row["probabilities"] == pytest.approx(alone["probabilities"], abs=1e-5)
    assert MISSING in refusal(program, "/score", **asked, rows=[{"text": "a dog"}])
    assert TOO_MANY in refusal(program, "/score", **(asked | {"task": "sst2"}), rows=rows)
    assert "row 2: second is empty" in refusal(program, "/score", **asked, rows=[rows[0], {"text": "b", "answer": 0}])


def test_a_link_carries_the_second_text(program: Client) -> None:
    asked = {"task": "mnli", "text": "a dog", "second": "<b>&second=x", "columns": [{"checkpoint": "twofold-hmu"}]}
    found = program.predict(program.predict(**asked, api_name="/link"), api_name="/open_link")
    assert (found["tab"], found["text"], found["second"]) == ("classify", "a dog", asked["second"])
    assert MISSING in refusal(program, "/link", **(asked | {"second": None}))
    assert TOO_MANY in refusal(program, "/link", **(asked | {"task": "sst2"}))


def test_a_tool_takes_two_texts_and_says_what_they_are(address: str, program: Client) -> None:
    async def visit() -> tuple[str, str]:
        async with (
            streamable_http_client(f"{address}/gradio_api/mcp/") as (reads, writes, _),
            ClientSession(reads, writes) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            answer = await session.call_tool("classify_text", TWO)
            told = tools["classify_text"].inputSchema["properties"]["second"]["description"]
            return told, getattr(answer.content[0], "text", "")

    told, text = asyncio.run(visit())
    assert "mrpc, rte, qnli, mnli" in told
    assert json.loads(text)["label"] == program.predict(**TWO, api_name="/classify_text")["label"]
