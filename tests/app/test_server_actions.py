"""The real page's further endpoints: several texts, the texts between two, scored rows, cards and links."""

import re
from typing import Any

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.imagine import between, imagine
from app.handlers.scoring import Question, Result, score
from app.handlers.uploads import MAX_BYTES, table_of
from app.handlers.zoo import cards
from hmu import Controls, Decoding
from hmu.text import MAX_CHARACTERS
from tests.app.support_api import CALLS, NEWS, WRITES

pytestmark = pytest.mark.server
TEXT, MARKUP = "field, look, stand", "<img src=x onerror=alert(1)> ${alert(1)}"
NEWS_ROWS = [{"text": "Stocks fell on Wall Street", "answer": "Business"}, {"text": "The cup final", "answer": 1}]
SENTENCES = [{"text": ["field", "look", "stand"], "answer": "A group."}, {"text": "stand field, look", "answer": ["A"]}]


def ask(client: Client, api: str, **changes: Any) -> Any:
    return client.predict(**(CALLS[api] | changes), api_name=f"/{api}")


def refusal(client: Client, api: str, changes: dict[str, Any]) -> str:
    with pytest.raises((AppError, ValueError)) as refused:
        ask(client, api, **changes)
    return str(refused.value)


def test_imagine_gives_the_handlers_samples_and_their_variety(client: Client, desk: Desk) -> None:
    answer = ask(client, "imagine", seed=4, gate_bias=-2.0, softmax_temperature=1.5, top_k=20, max_new_tokens=12)
    latent = Ask("answers-hmu", WRITES, TEXT, Controls(-2.0, 2.0, 4))
    beside = Ask("answers-baseline", WRITES, TEXT, Controls(seed=4))
    *_, last = imagine(desk, latent, beside, 3, Decoding(top_k=20, seed=4, max_new_tokens=12), 1.5)
    for given, found in ((answer["latent"], last.latent), (answer["softmax"], last.softmax)):
        assert found is not None
        assert found.variety is not None
        assert given["texts"] == [sample.text for sample in found.samples]
        assert given["variety"]["distinct_1"] == pytest.approx(found.variety.distinct_1)
        assert given["variety"]["distinct_2"] == pytest.approx(found.variety.distinct_2)
        assert given["variety"]["self_bleu"] == pytest.approx(found.variety.self_bleu)


def test_imagine_alone_has_nothing_beside_it(client: Client) -> None:
    assert ask(client, "imagine", compared=None)["softmax"] is None


def test_interpolate_gives_the_handlers_texts(client: Client, desk: Desk) -> None:
    *_, last = between(desk, Ask("answers-hmu", WRITES, TEXT), "dog", 3, Decoding())
    assert ask(client, "interpolate") == {
        "shares": [0.0, 0.5, 1.0],
        "texts": [sample.text for sample in last.samples],
        "notes": [],
    }


@pytest.mark.parametrize(("task", "rows"), [(NEWS, NEWS_ROWS), (WRITES, SENTENCES)], ids=[NEWS, WRITES])
@pytest.mark.parametrize("known", [True, False], ids=["measured", "unknown"])
def test_score_answers_as_the_tab_does(
    client: Client, desk: Desk, task: str, rows: list[dict[str, Any]], known: bool
) -> None:
    given = rows if known else [{"text": row["text"]} for row in rows]
    answer = ask(client, "score", task=task, rows=given, gate_bias=-2)
    question = Question(task, "text", "answer" if known else None)
    table = table_of("rows", given, ("text", "answer"))
    *_, result = score(desk, [Ask("answers-hmu", task, "", Controls(-2.0))], table, question)
    assert isinstance(result, Result)
    column = result.columns[0]
    assert answer["metrics"] == (pytest.approx(dict(column.metrics)) if known else None)
    assert answer["confusion"] == ([list(counts) for counts in column.confusion] or None)
    assert [row["output"] for row in answer["rows"]] == [row.answers[0].output for row in result.rows]
    assert [row["right"] for row in answer["rows"]] == [list(row.right) for row in result.rows]
    for row, found in zip(answer["rows"], result.rows, strict=True):
        assert row["probability"] == pytest.approx(found.answers[0].probability, abs=1e-5)
        assert (row["probabilities"] is None) == (task == WRITES)


def test_a_card_holds_what_the_zoo_tab_shows(client: Client, desk: Desk) -> None:
    shown = next(card for card in cards(desk) if card.id == "answers-hmu")
    answer = ask(client, "card")
    for name in ("id", "pair", "memory", "parameters", "bytes", "sha256", "licence", "device", "dtype"):
        assert answer[name] == getattr(shown, name)
    assert [tuple(figure.values()) for figure in answer["figures"]] == list(shown.figures)


def test_a_link_opens_as_what_it_was_made_of(client: Client) -> None:
    columns = [
        {"checkpoint": "answers-hmu", "gate_bias": -2.5, "latent_temperature": 0.5, "forced": [None, 1, 0.25]},
        {"checkpoint": "answers-baseline", "gate_bias": 0.0, "latent_temperature": 0.0, "forced": []},
    ]
    asked = {"task": WRITES, "text": MARKUP, "columns": columns, "seed": 3, "temperature": 0.5}
    link = ask(client, "link", **asked)
    found = ask(client, "open_link", query=f"https://example.org/page{link}")
    assert {name: found[name] for name in ("task", "text", "columns", "seed")} | {"temperature": 0.5} == asked
    assert found["decoding"]["temperature"] == 0.5
    assert (found["tab"], found["notes"]) == ("generate", [])
    assert ask(client, "open_link", query=link) == found


def test_a_link_of_another_zoo_is_told(client: Client) -> None:
    found = ask(client, "open_link", query=f"?task={NEWS}&text=x&a=answers-hmu~0123456789abcdef&b=gone")
    assert "another than the link's" in found["notes"][0]
    assert "'gone' is not in this zoo" in found["notes"][1]


def test_a_text_goes_on_from_an_alternative(client: Client) -> None:
    written = ask(client, "generate", checkpoint="endless-hmu", max_new_tokens=6)
    kept, other = written["tokens"][0]["token"], written["tokens"][1]["alternatives"][1]["token"]
    again = ask(client, "generate", checkpoint="endless-hmu", max_new_tokens=6, begun=[kept, other])
    assert [one["token"] for one in again["tokens"][:2]] == [kept, other]
    assert len(again["tokens"]) == 6


@pytest.mark.parametrize(
    ("api", "changes", "said"),
    [
        ("generate", {"begun": 5}, r"begun: 5; give a list of tokens"),
        ("generate", {"begun": [1.5]}, r"begun: \[1\.5\]; give a list"),
        ("generate", {"begun": [10**6]}, r"begun: \[1000000\]; give tokens from 0 to"),
        ("imagine", {"samples": 17}, r"samples: 17; give a number from 1 to 16"),
        ("imagine", {"samples": 1.5}, r"samples: 1\.5; give a whole number"),
        ("imagine", {"compared": 3}, r"compared: 3; give a checkpoint's id"),
        ("imagine", {"compared": "nobody"}, r'checkpoint "nobody" is unknown'),
        ("imagine", {"softmax_temperature": 3}, r"softmax temperature: 3; give a number from 0 to 2"),
        ("imagine", {"latent_temperature": -1}, r"latent temperature: -1"),
        ("imagine", {"top_p": 2}, r"top p: 2"),
        ("imagine", {"checkpoint": "answers-baseline"}, r"answers-baseline.*latent"),
        ("imagine", {"task": NEWS}, r"pick it on the Classify tab"),
        ("interpolate", {"steps": 1}, r"steps: 1; give a number from 2 to 12"),
        ("interpolate", {"steps": "x"}, r"steps: 'x'; give a number"),
        ("interpolate", {"other_text": None}, r"other text: None; give a text"),
        ("interpolate", {"other_text": " "}, r"text: empty"),
        ("interpolate", {"max_new_tokens": 0}, r"max new tokens: 0"),
        ("score", {"rows": "dog"}, r"rows: 'dog'; give a list of objects"),
        ("score", {"rows": []}, r"rows: \[\]; give a list of objects"),
        ("score", {"rows": [{"text": "a"}, 3]}, r"rows, row 2: 3; give an object with text"),
        ("score", {"rows": [{"answer": 0}]}, r"rows, row 1: \{'answer': 0\}; give an object with text"),
        ("score", {"rows": [{"text": "a", "label": 0}]}, r"rows, row 1: .*give an object with text"),
        ("score", {"rows": [{"text": "a", "answer": 9}]}, r"rows, row 1: answer is 9; give one of World"),
        ("score", {"rows": [{"text": "a", "answer": 0}, {"text": "b"}]}, r"rows, row 2: answer is null"),
        ("score", {"rows": [{"text": {"a": 1}}] * 2001}, r"rows, row 2,001: at most 2,000 rows"),
        ("score", {"rows": [{"text": "a" * MAX_BYTES}]}, r"rows: more than 5 MB"),
        ("score", {"task": "chess"}, r'task "chess" is unknown'),
        ("score", {"checkpoint": ["a"]}, r"checkpoint: \['a'\]; give a text"),
        ("score", {"seed": -1}, r"seed: -1"),
        ("card", {"checkpoint": "nobody"}, r'checkpoint "nobody" is unknown'),
        ("card", {"checkpoint": None}, r'checkpoint "None" is unknown'),
        ("link", {"columns": "a"}, r"columns: 'a'; give a list of objects"),
        ("link", {"columns": []}, r"columns: 0; give one to 4"),
        ("link", {"columns": [{"gate_bias": 0}]}, r"column 1: .*; give an object with checkpoint"),
        ("link", {"columns": [{"checkpoint": "answers-hmu", "bias": 0}]}, r"column 1: .*; give an object with"),
        ("link", {"columns": [{"checkpoint": "answers-hmu", "gate_bias": 9}]}, r"column 1: gate bias: 9"),
        ("link", {"columns": [{"checkpoint": "nobody"}]}, r'column 1: checkpoint "nobody" is unknown'),
        ("link", {"task": "chess"}, r"chess.* is unknown; choose one of"),
        ("link", {"text": 3}, r"text: 3; give a text"),
        ("link", {"temperature": 9}, r"temperature: 9; give a number from 0 to 2"),
        ("open_link", {"query": 3}, r"query: 3; give a text"),
        ("open_link", {"query": "https://example.org/"}, r"asks nothing of the page"),
        ("open_link", {"query": "task=chess&a=x"}, r"link, parameter 'task'"),
        ("open_link", {"query": "&" * 1000}, r"query: .*fewer than 100 parameters"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_input_gets_one_clear_message(client: Client, api: str, changes: dict[str, Any], said: str) -> None:
    message = refusal(client, api, changes)
    assert re.search(said, message), message
    assert "\n" not in message.strip()
    assert "Traceback" not in message


@pytest.mark.parametrize(
    "text", [MARKUP, "dog " * 2_000, "dog\x00\x07 ball", "🐕 </s>"], ids=["html", "long", "nul", "end"]
)
def test_any_text_is_answered_and_what_was_changed_is_said(client: Client, text: str) -> None:
    answers = [ask(client, "imagine", text=text)["latent"], ask(client, "interpolate", text=text)]
    answers.append(ask(client, "score", rows=[{"text": text}]))
    changed = len(text) > MAX_CHARACTERS or "\x00" in text
    assert all(bool(answer["notes"]) >= changed for answer in answers)
    assert ask(client, "open_link", query=ask(client, "link", text=text))["text"] == answers[2]["rows"][0]["text"]
