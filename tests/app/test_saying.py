"""Every sentence in two languages: none without Spanish, none twice, none unused, none that only a script knows."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import httpx
import pytest

from app import saying, words
from app.components.marks import marked
from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.classify import classify
from app.handlers.looking import look
from app.handlers.writing import write
from app.render import column, empty_column, gate_plots, look_plots, notes, source, verdict_plots, writing_plots
from app.saying import in_spanish, say, sentences
from app.tabs.columns import all_box_words
from hmu import TASKS, Controls, Decoding
from hmu.plots import attention_map, confusion_map
from hmu.text import admit

ROOT = Path(__file__).parents[2]
WORDS = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "app" / "words").glob("[!_]*.py")))
TABLE = ast.parse(WORDS)
SCRIPTS = sorted((ROOT / "app" / "components").glob("*.js"))
NO_WORDS = ("EXAMPLE_TEXTS",)
"""What models read, and no one says."""
TITLES = ["A · Baseline · one", "B · HMU · one"]


@pytest.fixture
def config(server: str) -> dict[str, Any]:
    """The page as a browser gets it."""
    return dict(httpx.get(f"{server}/config").json())


@pytest.fixture
def no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of one's own."""
    monkeypatch.setattr(saying, "_table", {})
    monkeypatch.setattr(saying, "_exact", cache(saying._exact.__wrapped__))
    monkeypatch.setattr(saying, "_patterns", cache(saying._patterns.__wrapped__))


@pytest.mark.usefixtures("no_table")
def test_a_sentence_is_said_with_its_fields_and_numbers_lose_their_commas() -> None:
    told = say("{n:,} rows of {name}, for {title!s}", "{name}: {n} filas, para {title}")
    say("Baseline", "Modelo base")
    assert told.format(n=2000, name="Baseline", title="Baseline") == "2,000 rows of Baseline, for Baseline"
    assert in_spanish("2,000 rows of Baseline, for Baseline") == "Baseline: 2\u202f000 filas, para Modelo base"
    assert in_spanish("Baseline rows of mine.csv, for you") is None


@pytest.mark.usefixtures("no_table")
def test_lines_and_parts_are_known_one_by_one() -> None:
    say("Run", "Ejecutar")
    assert in_spanish("Run\nnonsense") == "Ejecutar nonsense"
    assert in_spanish("A · Run") == "A · Ejecutar"
    assert in_spanish("A · nonsense") is None


@pytest.mark.usefixtures("no_table")
@pytest.mark.parametrize(
    ("english", "spanish", "said"),
    [("{a} of {b}", "{a} de {c}", "other fields"), ("Run", "Correr", "said twice"), ("{}", "nada", "other fields")],
)
def test_what_cannot_be_said_is_refused(english: str, spanish: str, said: str) -> None:
    say("Run", "Ejecutar")
    with pytest.raises(ValueError, match=said):
        say(english, spanish)


def test_no_sentence_is_said_twice() -> None:
    said = [ast.literal_eval(call.args[0]) for call in calls()]
    assert len(said) > 200
    assert [one for one in set(said) if said.count(one) > 1] == []
    assert set(said) == set(sentences())


def test_no_sentence_of_the_table_is_without_spanish() -> None:
    told = {id(text) for call in calls() for text in ast.walk(call)}
    stray = [
        text
        for statement in TABLE.body
        if isinstance(statement, ast.Assign) and not set(names_of(statement)) & set(NO_WORDS)
        for place, text in values_of(statement.value)
        if place not in told
    ]
    known = set(TASKS) | {"nothing"}
    assert [
        text for text in stray if re.search(r"[A-Za-z]{2}", text) and text not in known and not _selects(text)
    ] == []


def test_every_name_of_the_table_is_used() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "app").rglob("*.py")))
    scripts = "".join(script.read_text(encoding="utf-8") for script in SCRIPTS)
    names = [name for statement in TABLE.body if isinstance(statement, ast.Assign) for name in names_of(statement)]
    used = {name for name in names if f"words.{name}" in code or f'"{name}"' in scripts}
    elsewhere = re.sub(r'"""[\s\S]*?"""|^from app\.words\..*', "", WORDS, flags=re.MULTILINE)
    used |= {name for name in names if len(re.findall(rf"\b{name}\b", elsewhere)) > 1}
    assert set(names) - used == {"OF_THE_MODELS", "OF_THE_STUDY"}


def test_what_others_say_is_in_the_table_as_they_say_it() -> None:
    """A title that is worded anew in a figure would stay English on a Spanish page."""
    files = [file for place in ("hmu", "app", "zoo") for file in sorted((ROOT / place).rglob("*.py"))]
    code = "".join(file.read_text(encoding="utf-8") for file in files if file.parent.name != "words")
    for english in (*words.OF_THE_MODELS, *words.OF_THE_STUDY):
        for text, *_ in Formatter().parse(english):
            pieces = re.split(r"(?=%\{)|(?<=\.)\s", text)  # a figure puts its hover labels together
            assert all(piece in code or piece.replace(" ", "_") in code for piece in pieces), english


@pytest.mark.server
def test_nothing_that_gradio_shows_is_without_spanish(config: dict[str, Any]) -> None:
    shown = [text for part in config["components"] for text in told_by(part["type"], part["props"])]
    assert len(shown) > 60
    assert [text for text in shown if "__i18n__" not in text and re.search(r"[A-Za-z]{2}", text)] == []


@pytest.mark.server
def test_each_mark_is_a_key_of_both_languages(config: dict[str, Any]) -> None:
    english, spanish = (config["i18n_translations"][language] for language in ("en", "es"))
    assert english.keys() == spanish.keys() >= {f"{text}\u2060" for text in all_box_words()}
    assert spanish[f"{words.RUN}\u2060"] == "Ejecutar"
    marks = re.findall(r"__i18n__(\{[^}]*\})", "".join(map(str, texts_of(config["components"]))))
    assert {json.loads(one)["key"] for one in marks} <= english.keys()


def test_only_what_is_in_the_table_is_marked() -> None:
    assert marked("mine.csv") == "mine.csv"
    assert "__i18n__" in marked(words.RUN)


@pytest.mark.server
def test_programs_see_no_marks(server: str) -> None:
    assert "__i18n__" not in httpx.get(f"{server}/gradio_api/info").text


@pytest.mark.server
def test_what_templates_say_is_in_spanish(config: dict[str, Any]) -> None:
    templates = [part["props"]["html_template"] for part in config["components"] if part["type"] == "html"]
    said = [text for template in templates for text in said_by(template)]
    assert len(said) > 20
    assert [text for text in said if in_spanish(text) is None] == []


def test_nothing_in_a_figure_is_without_spanish(desk: Desk) -> None:
    for plot in figures(desk):
        for text in said_in(plot):
            assert in_spanish(text) or not re.search(r"[A-Za-z]{2}", re.sub(r"%\{.*?\}", "", text)), text


def test_tasks_and_their_classes_have_spanish() -> None:
    assert [name for task in TASKS.values() for name in (task.title, *task.labels) if in_spanish(name) is None] == []


def test_what_a_column_says_is_in_spanish(desk: Desk) -> None:
    ask = Ask("answers-hmu", "common_gen", "dog, ball")
    *_, written = write(desk, ask, Decoding())
    told = [column("A", written), empty_column("A")]
    said = [one[name] for one in told for name in ("facts", "note", "waiting", "hint") if one.get(name)]
    said += [source(written.look, Controls())["label"], notes({"A": written.look})]
    assert [text for text in said if text and in_spanish(text) is None] == []


def test_notes_on_a_text_have_spanish() -> None:
    said = admit("\u202e" + 3000 * "a").notes
    assert len(said) == 2
    assert [note for note in said if in_spanish(note) is None] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.name))
def test_no_script_has_words_of_its_own(script: Path) -> None:
    written = re.sub(r"^\s*//.*$", "", script.read_text(encoding="utf-8"), flags=re.MULTILINE)
    written = re.sub(r"\$\{[^{}]*\}|sha256|HMUWord\([^)]*\)", "", written)
    shown = re.findall(r"""(?:textContent|\.title|placeholder)\s*=\s*["'`]([^"'`]*)["'`]""", written)
    shown += re.findall(r"""(?:HMUSay\(|setAttribute\("aria-label",\s*)["'`]([^"'`]*)["'`]""", written)
    assert [text for text in shown if re.search(r"[A-Za-z]{2}", text)] == []


def calls() -> list[ast.Call]:
    """Each `say(english, spanish)` of the table."""
    found = [node for node in ast.walk(TABLE) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return [call for call in found if isinstance(call.func, ast.Name) and call.func.id == "say"]


def names_of(statement: ast.Assign) -> list[str]:
    return [node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name)]


def values_of(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Every text below a node that is no key of a dictionary, with the identity of its place."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield id(node), node.value
    parts = node.values if isinstance(node, ast.Dict) else ast.iter_child_nodes(node)
    for part in parts:
        yield from values_of(part)


def told_by(kind: str, props: dict[str, Any]) -> Iterator[str]:
    """What one of gradio's components shows."""
    shown = ["label", "info", "placeholder", *(["value"] if kind in {"button", "markdown"} else [])]
    if kind not in {"html", "state", "json", "api"} and props.get("visible", True):
        yield from (text for name in shown if isinstance(text := props.get(name), str))
        yield from (str(name) for name, _ in props.get("choices") or ())


def texts_of(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_of(part)


def figures(desk: Desk) -> Iterator[Any]:
    """One of each."""
    for name in ("answers-baseline", "answers-hmu"):
        *_, written = write(desk, Ask(name, "common_gen", "dog, ball"), Decoding())
        yield from (plot for plot in (*look_plots(written.look, True), *writing_plots(written)) if plot)
        yield look_plots(written.look, False)[1]
        assert written.writing is not None
        yield attention_map(written.writing)
    verdicts = [classify(desk, Ask(name, "sst2", "fine")) for name in ("answers-baseline", "answers-hmu")]
    yield from verdict_plots(TITLES, verdicts)
    yield from verdict_plots(TITLES[:1], verdicts[:1])
    yield from gate_plots(verdicts[1], 0.0)
    yield confusion_map([[1, 0], [0, 1]], TASKS["sst2"].labels, "Baseline · one")


def said_in(plot: Any) -> Iterator[str]:
    """Every text of a figure that a visitor reads, but for the labels of tokens."""
    if "empty" in plot:
        yield plot["empty"]
        return
    layout = plot["layout"]
    yield from (part["title"]["text"] for name, part in layout.items() if "axis" in name and "title" in part)
    yield layout["title"]["text"]
    for trace in plot["data"]:
        yield trace["hovertemplate"].removesuffix("<extra></extra>")
        yield from (text for text in (trace.get("name"), *trace.get("colorbar", {}).get("ticktext", ())) if text)
        yield from (at for name in ("x", "y") for at in trace.get(name, ()) if isinstance(at, str))


def said_by(template: str) -> list[str]:
    said = re.findall(r'(?:aria-label|data-waiting)="([^"]+)"', template)
    return [*said, *re.findall(r"data-say>([^<]+)<", template)]


def _selects(text: str) -> bool:
    return text.startswith(("#", ".", "["))


def test_the_look_of_one_text_is_told_in_one_sentence_each(desk: Desk) -> None:
    long = look(desk, Ask("answers-hmu", "common_gen", " ".join(["dog"] * 80)))
    assert long.notes
    assert [note for note in long.notes if in_spanish(note) is None] == []
