"""A run as JSON, CSV and HTML: parsed back and compared with the run, and with strangers' text in every place."""

import base64
import csv
import hashlib
import io
import json
from dataclasses import asdict, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl

import pytest
from plotly.offline import get_plotlyjs

from app.desk import Desk
from app.exports import CSV_HEAD, Run, report_html, run_json, tokens_csv
from app.handlers.asks import Ask
from app.handlers.writing import Written, write
from app.links import Column, Session, session_of
from hmu import Controls, Decoding
from hmu.plots import attention_map, gate_bars, gate_heatmap, written_gates

VERSIONS = {"hmu": "0.1.0", "torch": "2.13"}
LINK = "https://example.org/?task=common_gen&text=dog"
DECODING = Decoding(temperature=0.8, top_k=20, seed=5, max_new_tokens=8)
TURNED = Controls(gate_bias=-1.0, temperature=1.0, seed=5, forced=(1.0, None, 0.0))
HOSTILE = (
    '<img src=x onerror="window.hacked=1">',
    "</script><script>window.hacked=1</script>",
    "${alert(1)} $plots $$ {{value}}",
    "\u2028\u2029 ' \" &lt; &amp; <!-- ]]>",
    "<a href='javascript:window.hacked=1'>x</a>",
)


def session_for(desk: Desk, text: str = "field, look, stand", pair: str = "answers") -> Session:
    """A baseline as trained and a memory with everything turned, sampled."""
    entries = [desk.entry(f"{pair}-{arm}") for arm in ("baseline", "hmu")]
    controls = (Controls(seed=5), TURNED)
    columns = tuple(Column(one.id, one.sha256, turned) for one, turned in zip(entries, controls, strict=True))
    return Session("generate", "common_gen", text, columns, DECODING)


def written_by(desk: Desk, session: Session) -> tuple[Written, ...]:
    asks = [Ask(one.checkpoint, session.task, session.text, one.controls) for one in session.columns]
    return tuple(list(write(desk, ask, session.decoding))[-1] for ask in asks)


@pytest.fixture
def run(desk: Desk) -> Run:
    session = session_for(desk)
    return Run(session, ("A · Baseline", "B · HMU"), written_by(desk, session))


@pytest.fixture
def hostile(desk: Desk) -> Run:
    """Hostile text in prompt, titles, notes, source, tokens and alternatives."""
    session = session_for(desk, " ".join(HOSTILE))
    written = tuple(_poisoned(one) for one in written_by(desk, session))
    return Run(session, ("A · " + HOSTILE[0], "B · " + HOSTILE[1]), written)


def _poisoned(written: Written) -> Written:
    def text(place: int) -> str:
        return HOSTILE[place % len(HOSTILE)]

    assert written.writing is not None
    tokens = tuple(text(place) for place, _ in enumerate(written.look.tokens))
    steps = tuple(
        replace(step, piece=text(at), alternatives=tuple(replace(one, piece=text(at)) for one in step.alternatives))
        for at, step in enumerate(written.steps)
    )
    gate = None if written.look.gate is None else replace(written.look.gate, tokens=tokens)
    look = replace(written.look, tokens=tokens, gate=gate, notes=HOSTILE)
    pieces = tuple(step.piece for step in steps)
    return replace(written, look=look, steps=steps, writing=replace(written.writing, source=tokens, pieces=pieces))


def as_json(value: object) -> Any:
    return json.loads(json.dumps(value))


def test_the_json_holds_every_token_as_it_was_written(run: Run) -> None:
    columns = json.loads(run_json(run, VERSIONS))["columns"]
    for column, written in zip(columns, run.written, strict=True):
        assert column["tokens"] == as_json([asdict(step) for step in written.steps])
        assert column["text"] == written.text
        assert column["mean_logprob"] == written.mean_logprob
        assert column["perplexity"] == written.perplexity
        assert (column["seconds_to_first_token"], column["seconds"]) == (written.first_token, written.seconds)


def test_the_json_holds_how_each_source_token_was_read(run: Run) -> None:
    baseline, memory = (column["source"] for column in json.loads(run_json(run, VERSIONS))["columns"])
    gate = run.written[1].look.gate
    assert gate is not None
    rows = zip(gate.tokens, gate.mean, gate.spread, gate.kl or (), gate.sigma or (), strict=True)
    assert [tuple(token.values()) for token in memory] == list(rows)
    assert [token["piece"] for token in baseline] == list(run.written[0].look.tokens)
    assert {token["gate"] for token in baseline} == {None}


def test_the_json_holds_what_was_asked_and_of_which_checkpoint(run: Run) -> None:
    whole = json.loads(run_json(run, VERSIONS))
    assert whole["versions"] == VERSIONS
    assert Decoding(**whole["session"]["decoding"]) == DECODING
    for told, column, title in zip(whole["columns"], run.session.columns, run.titles, strict=True):
        assert {name: told[name] for name in ("checkpoint", "sha256", "controls")} == as_json(asdict(column))
        assert told["title"] == title


def test_the_link_in_the_json_writes_the_same_tokens_again(desk: Desk, run: Run) -> None:
    linked = session_of(parse_qsl(json.loads(run_json(run, VERSIONS))["query"]), desk.catalog)
    assert linked is not None
    assert linked.session == run.session
    again = written_by(desk, linked.session)
    assert [one.text for one in again] == [one.text for one in run.written]
    assert [[step.token for step in one.steps] for one in again] == [
        [step.token for step in one.steps] for one in run.written
    ]


def test_the_csv_has_one_row_for_each_token_with_its_numbers(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(tokens_csv(run), newline=""), quoting=csv.QUOTE_NONNUMERIC))
    steps = [(letter, step) for letter, written in zip("AB", run.written, strict=True) for step in written.steps]
    assert len(rows) == len(steps)
    for row, (letter, step) in zip(rows, steps, strict=True):
        assert tuple(row) == CSV_HEAD
        assert row["column"] == letter
        assert (row["token"], row["logprob"], row["entropy"]) == (step.token, step.logprob, step.entropy)
        assert row["gate"] == ("" if step.gate is None else step.gate)
        assert row["likeliest_probability"] == step.alternatives[0].probability
        assert row["attention"] == max(step.attention)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t1", "\rx", "\nx", ' =cmd|"/c calc"!A1', '=HYPERLINK("x")']
)
def test_no_text_is_a_formula(run: Run, text: str) -> None:
    row = first_row(run, text)
    assert row["piece"] == row["title"] == row["likeliest"] == row["attended"] == f"'{text}"
    assert isinstance(row["logprob"], float)
    assert row["logprob"] < 0


@pytest.mark.parametrize("text", ["dog", "1 + 1 = 2", " -", "a,b;c", 'say "dog"', "a\r\nb", "", "犬 🐕", "\x00"])
def test_other_texts_stay_as_they_are(run: Run, text: str) -> None:
    assert first_row(run, text)["piece"] == ("' -" if text == " -" else text)


def first_row(run: Run, text: str) -> dict[str, Any]:
    written = run.written[0]
    others = tuple(replace(one, piece=text) for one in written.steps[0].alternatives)
    look = replace(written.look, tokens=(text,) * len(written.look.tokens))
    poisoned = replace(written, steps=(replace(written.steps[0], piece=text, alternatives=others),), look=look)
    file = io.StringIO(tokens_csv(replace(run, titles=(text, "B"), written=(poisoned, written))), newline="")
    return dict(next(csv.DictReader(file, quoting=csv.QUOTE_NONNUMERIC)))


class Parsed(HTMLParser):
    """Tags with their attributes, the scripts' contents, and all other text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text, self.inside = "", ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            self.scripts[-1] += data
        else:
            self.text += data

    def values(self, name: str) -> list[str | None]:
        return [attributes[name] for _, attributes in self.tags if name in attributes]


def shape(html: str) -> list[tuple[str, list[str]]]:
    """Its tags and the names of their attributes."""
    return [(tag, sorted(attributes)) for tag, attributes in Parsed(html).tags]


def test_strangers_text_adds_no_tag_and_no_attribute_to_the_report(run: Run, hostile: Run) -> None:
    harmless = tuple(
        replace(one, look=replace(one.look, tokens=("x",) * len(one.look.tokens), notes=tuple("12345")))
        for one in hostile.written
    )
    assert shape(report_html(hostile)) == shape(report_html(replace(hostile, titles=("A", "B"), written=harmless)))
    assert {tag for tag, _ in shape(report_html(hostile))}.isdisjoint({"img", "iframe", "object", "embed", "base"})


def test_strangers_text_is_shown_as_it_is(hostile: Run) -> None:
    text = Parsed(report_html(hostile)).text
    for sentence in (hostile.session.text, *hostile.titles, *HOSTILE):
        assert sentence in text


def test_the_report_draws_the_library_s_plots(run: Run) -> None:
    plots = json.loads(Parsed(report_html(run)).scripts[0])
    baseline, memory = run.written
    assert baseline.writing is not None
    assert memory.writing is not None
    assert memory.look.gate is not None
    expected = [
        written_gates(baseline.writing),
        attention_map(baseline.writing),
        written_gates(memory.writing),
        attention_map(memory.writing, "#7c3aed"),
        gate_bars(memory.look.gate),
        gate_heatmap(memory.look.gate),
    ]
    assert [plot["data"] for plot in plots] == [as_json(plot["data"]) for plot in expected]


def test_no_plot_data_could_end_its_script(hostile: Run) -> None:
    script = Parsed(report_html(hostile)).scripts[0]
    assert not set("<>&\u2028\u2029") & set(script)
    assert json.loads(script)


def test_only_the_report_s_own_scripts_are_named_in_its_policy(hostile: Run) -> None:
    parsed = Parsed(report_html(hostile))
    scripts = parsed.scripts[1:]
    assert scripts[0] == get_plotlyjs()
    assert len(scripts) == 2
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    named = " ".join(f"'sha256-{one}'" for one in hashes)
    (policy,) = [str(value) for value in parsed.values("content") if "script-src" in str(value)]
    assert f"script-src {named};" in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]


def test_the_report_refers_to_nothing_outside_itself(run: Run) -> None:
    parsed = Parsed(report_html(run, LINK))
    assert parsed.values("src") == []
    assert parsed.values("href") == [LINK, "https://doi.org/10.5281/zenodo.15715904"]
    assert {tag for tag, attributes in parsed.tags if "href" in attributes} == {"a"}
    assert "url(" not in parsed.text
    assert "@import" not in parsed.text


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,<b>", '"><b>', "?task=common_gen"])
def test_a_link_that_is_no_address_leads_nowhere(run: Run, link: str) -> None:
    parsed = Parsed(report_html(run, link))
    assert parsed.values("href") == ["https://doi.org/10.5281/zenodo.15715904"]
    assert link in parsed.text


def test_the_report_tells_every_number_of_its_tokens(run: Run) -> None:
    text = Parsed(report_html(run)).text
    for written in run.written:
        assert f"{written.perplexity:.2f}" in text
        for step in written.steps:
            assert f"{step.logprob:.3f}".replace("-", "−") in text
            assert step.gate is None or f"{step.gate:.3f}" in text


def test_a_run_that_was_stopped_before_its_first_token_is_three_files_too(run: Run) -> None:
    stopped = replace(run, written=tuple(Written(one.look) for one in run.written))
    assert [one["tokens"] for one in json.loads(run_json(stopped, {}))["columns"]] == [[], []]
    assert list(csv.reader(io.StringIO(tokens_csv(stopped)))) == [list(CSV_HEAD)]
    assert Parsed(report_html(stopped)).text.count("Nothing was written.") == 2


def test_a_text_that_no_file_can_hold_is_made_one_that_can(run: Run) -> None:
    broken = replace(run, session=replace(run.session, text="dog \ud800"), titles=("\udfff", "B"))
    for file in (run_json(broken, VERSIONS), tokens_csv(broken), report_html(broken, LINK)):
        assert file.encode("utf-8")


def test_a_run_has_one_title_and_one_text_for_each_column(run: Run) -> None:
    with pytest.raises(ValueError, match="2 columns, 1 titles, 2 texts"):
        replace(run, titles=("A",))
