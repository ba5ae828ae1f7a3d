"""The page's own events, called by their numbers with what no browser would send: the server lives on."""

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import httpx
import pytest
from gradio_client import Client

pytestmark = pytest.mark.server
PATIENCE = 60
"""Seconds that one event may take on a machine that is busy with other things."""
NONSENSE: tuple[Any, ...] = (
    None,
    "\x00\n<b>",
    [-1e308, {"forced": "x", "tokens": 7}],
    {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
)


def completed(visitor: httpx.Client, event: dict[str, Any], nonsense: Any) -> dict[str, Any]:
    """What becomes of one event, called as a browser does."""
    session, until = uuid.uuid4().hex, time.monotonic() + PATIENCE
    data = [nonsense] * len(event["inputs"])
    body = {"fn_index": event["id"], "data": data, "session_hash": session, "event_data": {"begun": data}}
    joined = visitor.post("queue/join", json=body)
    assert joined.status_code == 200, joined.text
    with visitor.stream("GET", "queue/data", params={"session_hash": session}) as lines:
        for line in lines.iter_lines():
            said = json.loads(line.removeprefix("data: ")) if line else {}
            if said.get("msg") == "process_completed":
                return dict(said)
            assert time.monotonic() < until, f"{event['api_name']}: no end with {nonsense!r}; last heard {said}"
    raise AssertionError(f"{event['api_name']}: no end with {nonsense!r}")


def test_nonsense_in_the_pages_own_events_ends_the_event_and_not_the_server(server: str) -> None:
    with httpx.Client(base_url=f"{server}/gradio_api/", timeout=PATIENCE) as visitor:
        known = visitor.get(f"{server}/config").json()["dependencies"]
        events = [event for event in known if event["backend_fn"] and event["queue"]]
        with ThreadPoolExecutor(6) as visitors:
            ended = list(visitors.map(lambda one: completed(visitor, *one), product(events, NONSENSE)))
    assert len(events) > 40
    assert any(not one["success"] for one in ended)
    assert "root:" not in json.dumps(ended)
    assert "Traceback" not in json.dumps(ended)


def test_the_server_still_writes_after_all_that(server: str) -> None:
    client = Client(server, verbose=False)
    answer = client.predict("answers-hmu", "common_gen", "field, look, stand", api_name="/generate")
    client.close()
    assert answer["text"] == "A group of people standing in a field."
