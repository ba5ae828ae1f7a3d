"""The real page, asked through its API: what it offers, what it answers, what it refuses and how it lives on."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from app.desk import Desk
from app.handlers.asks import DECODING, Ask
from app.handlers.classify import CURVE_POINTS, classify
from app.handlers.looking import look
from hmu import Controls, Decoding, class_probabilities, load_checkpoint, read, remember, stream
from hmu.profile import gate_profile
from tests.app.support_api import NEWS, WRITES, untimed
from zoo.catalog import read_catalog

pytestmark = pytest.mark.server
BOTH = ("answers-baseline", "answers-hmu")
SHARED = ("checkpoint", "task", "text", "gate_bias", "latent_temperature", "seed", "forced")
ASKING = ("/look_inside", "/generate", "/classify_text")
TURNED = {"gate_bias": -2.0, "latent_temperature": 1.0, "seed": 5, "forced": [None, 1]}
CONTROLS = Controls(-2.0, 1.0, 5, (None, 1.0))


def ask(client: Client, api: str, **changes: Any) -> Any:
    """An endpoint's answer where only what is named differs from its defaults; times are left out, they differ."""
    task = NEWS if api == "/classify_text" else WRITES
    told = {"checkpoint": "answers-hmu", "task": task, "text": "field, look, stand"} | changes
    return untimed(client.predict(**told, api_name=api))


def refusal(client: Client, api: str, **changes: Any) -> str:
    with pytest.raises((AppError, ValueError)) as refused:
        ask(client, api, **changes)
    return str(refused.value)


def test_the_page_offers_these_endpoints_and_no_other(server: str) -> None:
    offered = httpx.get(f"{server}/gradio_api/info", timeout=60).json()
    named = {
        name: tuple(parameter["parameter_name"] for parameter in endpoint["parameters"])
        for name, endpoint in offered["named_endpoints"].items()
    }
    turned = ("checkpoint", "task", "text", "samples", "gate_bias", "latent_temperature", "seed", "compared")
    drawn = tuple(name for name in DECODING if name != "temperature")
    assert named == {
        "/checkpoints": (),
        "/card": ("checkpoint",),
        "/look_inside": (*SHARED, "second"),
        "/generate": (*SHARED, *DECODING, "begun"),
        "/classify_text": (*SHARED, "second"),
        "/recall": ("checkpoint", "part", "amount", "row", "gate_bias", "latent_temperature", "seed"),
        "/imagine": (*turned, "softmax_temperature", *drawn),
        "/interpolate": ("checkpoint", "task", "text", "other_text", "steps", *drawn[-2:]),
        "/score": ("checkpoint", "task", "rows", "gate_bias", "latent_temperature", "seed"),
        "/link": ("task", "text", "columns", "seed", *DECODING, "second"),
        "/open_link": ("query",),
    }
    assert offered["unnamed_endpoints"] == {}


def test_every_endpoint_and_argument_is_described(server: str) -> None:
    for name, endpoint in httpx.get(f"{server}/gradio_api/info", timeout=60).json()["named_endpoints"].items():
        assert endpoint["description"].endswith("."), name
        assert "Args" not in endpoint["description"], name
        for argument in endpoint["parameters"]:
            assert argument["python_type"]["description"].endswith("."), f"{name}: {argument['parameter_name']}"


@pytest.mark.parametrize("name", ["/load_example", "/predict", "/query", "/lambda"])
def test_the_pages_own_events_cannot_be_called_by_a_name(client: Client, name: str) -> None:
    with pytest.raises(ValueError, match="Cannot find a function"):
        client.predict(api_name=name)


def test_a_program_is_told_of_every_type_and_default(client: Client) -> None:
    offered = client.view_api(return_format="dict")["named_endpoints"]["/generate"]["parameters"]
    given = {one["parameter_name"]: one["parameter_default"] for one in offered if one["parameter_has_default"]}
    decoding = {name: first for name, (_, _, first, _) in DECODING.items()}
    none = {"forced": None, "begun": None}
    assert given == {"gate_bias": 0, "latent_temperature": 0, "seed": 0} | none | decoding
    assert {one["parameter_name"]: one["type"]["type"] for one in offered if one["parameter_name"] not in none} == {
        **dict.fromkeys(("checkpoint", "task", "text"), "string"),
        **dict.fromkeys(("gate_bias", "latent_temperature", "temperature", "top_p", "repetition_penalty"), "number"),
        **dict.fromkeys(("seed", "top_k", "max_new_tokens"), "integer"),
    }


def test_checkpoints_lists_what_the_catalog_holds(client: Client, page_zoo: Path) -> None:
    listed = client.predict(api_name="/checkpoints")
    entries = read_catalog(page_zoo).entries
    assert [one["id"] for one in listed] == [entry.id for entry in entries]
    for one, entry in zip(listed, entries, strict=True):
        assert one.items() <= json.loads(json.dumps(entry.to_json())).items()
        assert {"pair", "memory", "tasks", "parameters", "bytes", "sha256"} <= one.keys()


@pytest.mark.parametrize("name", BOTH)
def test_generate_answers_with_the_steps_of_the_library(client: Client, page_zoo: Path, name: str) -> None:
    decoding = {"temperature": 0.8, "top_k": 20, "max_new_tokens": 12}
    answer = ask(client, "/generate", checkpoint=name, **TURNED, **decoding)
    checkpoint = load_checkpoint(page_zoo / name, device="cpu")
    memory = remember(checkpoint, read(checkpoint, WRITES, "field, look, stand"), CONTROLS)
    steps = list(stream(checkpoint, memory, Decoding(temperature=0.8, top_k=20, seed=5, max_new_tokens=12)))
    assert answer["text"] == "".join(step.piece for step in steps).strip()
    assert [one["token"] for one in answer["tokens"]] == [step.token for step in steps]
    for one, step in zip(answer["tokens"], steps, strict=True):
        numbers = [one[key] for key in ("logprob", "entropy")]
        assert numbers == pytest.approx([step.logprob, step.entropy], abs=1e-4)
        assert one["gate"] == (None if step.gate is None else pytest.approx(step.gate, abs=1e-5))
        assert [other["token"] for other in one["alternatives"]] == [other.token for other in step.alternatives]
    assert answer["mean_logprob"] == pytest.approx(sum(step.logprob for step in steps) / len(steps), abs=1e-4)


def test_generate_tells_how_long_it_took(client: Client) -> None:
    told = {"checkpoint": "answers-hmu", "task": WRITES, "text": "dog"}
    answer = client.predict(**told, api_name="/generate")
    assert answer["seconds_to_first_token"] > 0
    assert answer["tokens_per_second"] > 0


def test_what_is_left_out_is_as_trained_and_greedy(client: Client) -> None:
    plain = {"gate_bias": 0, "latent_temperature": 0, "seed": 0, "forced": []}
    decoding = {name: first for name, (_, _, first, _) in DECODING.items()}
    assert ask(client, "/generate") == ask(client, "/generate", **plain, **decoding)
    assert ask(client, "/look_inside") == ask(client, "/look_inside", **plain)
    assert ask(client, "/classify_text") == ask(client, "/classify_text", **plain)
    assert ask(client, "/generate")["text"] == "A group of people standing in a field."


@pytest.mark.parametrize("name", BOTH)
def test_classify_text_answers_with_the_probabilities_of_the_library(
    client: Client, page_zoo: Path, desk: Desk, name: str
) -> None:
    answer = ask(client, "/classify_text", checkpoint=name, **TURNED)
    checkpoint = load_checkpoint(page_zoo / name, device="cpu")
    memory = remember(checkpoint, read(checkpoint, NEWS, "field, look, stand"), CONTROLS)
    assert answer["probabilities"] == pytest.approx(class_probabilities(checkpoint, memory, NEWS), abs=1e-5)
    verdict = classify(desk, Ask(name, NEWS, "field, look, stand", CONTROLS))
    assert answer["label"] == verdict.answer
    assert answer["gate_biases"] == (list(CURVE_POINTS) if verdict.curves else [])
    assert answer["curves"].keys() == verdict.curves.keys()
    for label, curve in verdict.curves.items():
        assert answer["curves"][label] == pytest.approx(list(curve), abs=1e-5)
    assert answer["rise_forced_literal"] == pytest.approx(list(verdict.literal), abs=1e-5)
    assert answer["rise_forced_latent"] == pytest.approx(list(verdict.latent), abs=1e-5)


@pytest.mark.parametrize("name", BOTH)
def test_look_inside_answers_with_the_gate_of_the_library(client: Client, page_zoo: Path, name: str) -> None:
    answer = ask(client, "/look_inside", checkpoint=name, **TURNED)
    checkpoint = load_checkpoint(page_zoo / name, device="cpu")
    source = read(checkpoint, WRITES, "field, look, stand")
    profile = gate_profile(source, remember(checkpoint, source, CONTROLS))
    assert answer["source_tokens"] == list(source.tokens)
    if profile is None:
        assert {answer[key] for key in ("gates", "gate_spread", "kl", "sigma", "active_units")} == {None}
        return
    for key, values in (("gates", "mean"), ("gate_spread", "spread"), ("kl", "kl"), ("sigma", "sigma")):
        assert answer[key] == pytest.approx(list(getattr(profile, values)), abs=1e-5)
    assert answer["active_units"] == profile.active
    assert answer["gates"][1] == 1.0


def test_every_endpoint_sees_the_same_gates(client: Client) -> None:
    seen = [ask(client, api, task=task, **TURNED) for api, task in zip(ASKING, (WRITES, WRITES, NEWS), strict=True)]
    assert len({tuple(answer["source_tokens"]) for answer in seen[:2]}) == 1
    assert seen[0]["gates"] == pytest.approx(seen[1]["gates"], abs=1e-6)
    news = ask(client, "/look_inside", task=NEWS, **TURNED)
    assert news["gates"] == pytest.approx(seen[2]["gates"], abs=1e-6)


@pytest.mark.parametrize("api", ASKING)
def test_the_seed_does_nothing_at_temperature_zero_and_decides_the_noise_at_one(client: Client, api: str) -> None:
    assert ask(client, api, seed=0) == ask(client, api, seed=7)
    again, first, second = (
        ask(client, api, latent_temperature=1, gate_bias=-8, seed=seed, checkpoint="endless-hmu") for seed in (3, 3, 4)
    )
    assert first == again
    assert first["gates"] != second["gates"]


def test_visitors_with_other_controls_at_once_get_their_own_answers(client: Client) -> None:
    turned = [
        {"gate_bias": bias, "forced": [None] * place + [1], "checkpoint": f"endless-{arm}"}
        for (place, bias), arm in product(enumerate((-8, -2, 8)), ("hmu", "baseline"))
    ]

    def visit(changes: dict[str, Any]) -> Any:
        return ask(client, "/generate", max_new_tokens=8, **changes), ask(client, "/classify_text", **changes)

    with ThreadPoolExecutor(len(turned)) as visitors:
        assert list(visitors.map(visit, turned)) == [visit(changes) for changes in turned]


@pytest.mark.parametrize("api", ASKING)
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": ""}, r"text: empty"),
        ({"text": " \t\n "}, r"text: empty"),
        ({"text": None}, r"text: None; give a text"),
        ({"text": ["dog"]}, r"text: \['dog'\]; give a text"),
        ({"gate_bias": 99}, r"gate bias: 99; give a number from -8 to 8"),
        ({"gate_bias": -8.5}, r"gate bias: -8\.5"),
        ({"gate_bias": None}, r"gate bias: None; give a number"),
        ({"gate_bias": "much"}, r"gate bias: 'much'; give a number"),
        ({"gate_bias": "a\n" * 500}, r"gate bias: 'a\\na.{,60}; give a number"),
        ({"latent_temperature": 2.5}, r"latent temperature: 2\.5; give a number from 0 to 2"),
        ({"latent_temperature": -1}, r"latent temperature: -1"),
        ({"seed": -1}, r"seed: -1"),
        ({"seed": 2**31}, r"seed: 2147483648"),
        ({"seed": True}, r"seed: True; give a number"),
        ({"task": "chess"}, r'task "chess" is unknown; choose one of common_gen, ag_news'),
        ({"task": None}, r"task: None; give a text"),
        ({"task": [NEWS]}, r"task: \['ag_news'\]; give a text"),
        ({"checkpoint": "nobody"}, r'checkpoint "nobody" is unknown; .*answers-baseline'),
        ({"checkpoint": ["answers-hmu"]}, r"checkpoint: \['answers-hmu'\]; give a text"),
        ({"checkpoint": "../answers-hmu"}, r'checkpoint "\.\./answers-hmu" is unknown'),
        ({"checkpoint": "spoiled-hmu"}, r"spoiled-hmu.*damaged or changed"),
        ({"forced": [1] * 25}, r"forced gates: 25 for \d+ source tokens; give at most one for each"),
        ({"forced": [2]}, r"forced gate: 2; give a number from 0 to 1"),
        ({"forced": ["literal"]}, r"forced gate: 'literal'; give a number from 0 to 1"),
        ({"forced": [[1]]}, r"forced gate: \[1\]"),
        ({"forced": 0}, r"forced gates: 0; give a list of 1, 0 or null"),
        ({"forced": "literal"}, r"forced gates: 'literal'; give a list"),
        ({"forced": {"0": 1}}, r"forced gates: .*; give a list"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_input_gets_one_clear_message(client: Client, api: str, changes: dict[str, Any], said: str) -> None:
    message = refusal(client, api, **changes)
    assert re.search(said, message), message
    assert "\n" not in message.strip()
    assert "Traceback" not in message


def test_a_task_of_the_other_endpoint_is_refused(client: Client) -> None:
    assert "pick it on the Classify tab" in refusal(client, "/generate", task="sst2")
    assert "pick it on the Generate tab" in refusal(client, "/classify_text", task="common_gen")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"temperature": 3}, "temperature: 3; give a number from 0 to 2"),
        ({"top_k": -1}, "top k: -1; give a number from 0 to 100"),
        ({"top_p": 0}, "top p: 0; give a number from 0.05 to 1"),
        ({"repetition_penalty": 0}, "repetition penalty: 0; give a number from 1 to 2"),
        ({"max_new_tokens": 129}, "max new tokens: 129; give a number from 1 to 128"),
        ({"max_new_tokens": None}, "max new tokens: None"),
        ({"max_new_tokens": "all"}, "max new tokens: 'all'"),
    ],
    ids=str,
)
def test_a_decoding_setting_outside_its_range_is_refused(client: Client, changes: dict[str, Any], said: str) -> None:
    assert re.search(said, refusal(client, "/generate", **changes))


def test_a_spoiled_checkpoint_does_not_spoil_the_other_of_its_pair(client: Client) -> None:
    assert ask(client, "/generate", checkpoint="spoiled-baseline") == ask(client, "/generate", checkpoint=BOTH[0])


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("dog " * 25_000, "Cut to the first 2,000 of 99,999 characters"),
        ("🐕🎾 👩‍🚀", ""),
        ("كلب يرمي الكرة \u202e abc", "direction characters (U+202E)"),
        ("dog\x00\x07 ball\x1b[31m", "Left out 3 control"),
        ("<img src=x onerror=alert(1)>", ""),
        ("${alert(1)} {{constructor}} <script>alert(1)</script>", ""),
        ("</s><s>", ""),
    ],
    ids=["long", "emoji", "right-to-left", "control", "html", "template", "special-tokens"],
)
def test_any_text_is_answered_and_what_was_changed_is_said(client: Client, desk: Desk, text: str, note: str) -> None:
    answers = [ask(client, api, text=text) for api in ASKING]
    assert all(note in " ".join(answer["notes"]) for answer in answers)
    assert answers[0]["notes"] == answers[1]["notes"] == list(look(desk, Ask("answers-hmu", WRITES, text)).notes)
