"""Taking a run along: a link that replays it, its files, and the history that this browser keeps."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import gradio as gr

from app import words
from app.components.board import LETTERS, Board, offered
from app.components.live import history
from app.desk import Desk
from app.exports import Run, report_html, run_json, tokens_csv
from app.handlers.asks import DECODING, SEED_REACH, decoding_of, number
from app.handlers.writing import Written
from app.links import Column, Linked, Session, query_of, session_of
from app.tabs import classify, generate, generate_parts
from app.tabs.columns import ask_of, lettered, places_of
from app.told import told
from hmu import Controls, Decoding

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "preprocess": False}
_ADDRESS = "(query) => [query ? window.location.origin + window.location.pathname + '?' + query : '']"


def build(
    page: gr.Blocks, desk: Desk, board: Board, tabs: gr.Tabs, writing: generate_parts.Tab, asking: classify.Tab
) -> None:
    """Lay out the share bar below the tabs and connect it; a link that was opened sets the whole page."""
    shared = writing.shared
    with gr.Accordion(words.SHARE, open=False, elem_id="share"):
        gr.Markdown(words.SHARE_HINT)
        with gr.Row():
            link = gr.Button(words.LINK, elem_id="make-link", size="sm")
            export = gr.Button(words.EXPORT, elem_id="make-files", size="sm")
        address = gr.Textbox(label=words.ADDRESS, interactive=False, buttons=["copy"], elem_id="address", max_lines=3)
        files = gr.File(label=words.FILES, file_count="multiple", interactive=False, visible=False, elem_id="files")
    past = history("history", words.HISTORY, words.FORGET)  # not inside: what is folded away is not mounted
    strips = [*(column.source for column in writing.columns), *asking.strips]
    generating = [shared.task, shared.prompt, *shared.decoding]
    asked = [asking.task, asking.text, asking.second]
    everything = [board.opened, *board.values, *generating, *asked, *strips]

    def query(*values: Any) -> str:
        return query_of(_session(desk, *values))

    def visit(*values: Any) -> dict[str, str]:
        session = _session(desk, "generate", *values[1:])
        return {"query": query_of(session), "text": session.text, "at": datetime.now(UTC).isoformat(timespec="seconds")}

    def replay(request: gr.Request) -> list[Any]:
        """What is wrong with a link is told, not raised: gradio would not go on to what follows."""
        try:
            linked = session_of(request.query_params, desk.catalog)
        except ValueError as error:
            gr.Warning(str(error), duration=None)
            linked = None
        picked = [one.checkpoint for one in linked.session.columns] if linked else []
        picked += [setup.checkpoint.value for setup in board.setups[len(picked) :]]
        empty = [generate.emptied(desk, *each) for each in zip(LETTERS, picked, strict=True)]
        return [*(value for values in empty for value in values), *_set(linked)]

    link.click(told(query), everything, address, **_QUIET).then(None, address, address, js=_ADDRESS, **_QUIET)
    shared.begin.change(told(visit), everything, past, **_QUIET)
    results = [column.result for column in writing.columns]
    export.click(told(_exported(desk)), [board.count, *results], files, api_visibility="private")
    pickers = [setup.checkpoint for setup in board.setups]
    shows = [part for column in writing.columns for part in column.shows]
    page.load(  # itself: gradio gives an event that follows no query
        replay,
        None,
        [*shows, tabs, *everything, address, shared.asked, shared.begin],
        api_visibility="private",
        show_progress="hidden",
    ).then(lambda: [*offered(desk), True], None, [*pickers, board.ready], **_QUIET)


def _session(desk: Desk, tab: object, count: object, seed: object, *values: Any) -> Session:
    """The page's components as a session; `values`: setups, what is generated, what is classified, strips of either."""
    setups, rest = values[:12], values[12:]
    (task, text, *decoding), rest = rest[: 2 + len(DECODING)], rest[2 + len(DECODING) :]
    asked, said, second, *strips = rest
    classifies = tab == "classify"
    if classifies:
        task, text, strips = asked, said, strips[len(LETTERS) :]
    columns = []
    other = None
    for place in places_of(count):
        ask = ask_of(desk, *(*setups[3 * place : 3 * place + 3], seed, task, text, strips[place], second))
        other = ask.second
        columns.append(Column(ask.checkpoint, desk.entry(ask.checkpoint).sha256, ask.controls))
    seed = int(number("seed", seed, 0, SEED_REACH))
    settings = Decoding(seed=seed) if classifies else decoding_of(seed, **dict(zip(DECODING, decoding, strict=True)))
    return Session(
        "classify" if classifies else "generate", str(task), str(text or ""), tuple(columns), settings, other
    )


def _set(linked: Linked | None) -> list[Any]:
    """The page as a link wants it: its tab, board, both tabs' inputs, the strips, and a Run where it writes."""
    if linked is None:
        return [gr.skip()] * (4 + 12 + 2 + len(DECODING) + 3 + 8 + 3)
    for note in linked.notes:
        gr.Warning(note, duration=None)
    session = linked.session
    classifies = session.tab == "classify"
    setups = [value for column in session.columns for value in _setup(column)]
    decoding = [getattr(session.decoding, name) for name in DECODING]
    strips = [_strip(session.columns, place) for place in range(4)]
    writes = [gr.skip()] * (2 + len(DECODING)) if classifies else [session.task, session.text, *decoding]
    return [
        gr.Tabs(selected=session.tab),
        session.tab,
        len(session.columns),
        session.decoding.seed,
        *setups,
        *[gr.skip()] * (12 - len(setups)),
        *writes,
        *([session.task, session.text, _second(session)] if classifies else [gr.skip()] * 3),
        *([gr.skip()] * 4 if classifies else strips),
        *(strips if classifies else [gr.skip()] * 4),
        query_of(session),
        *([gr.skip()] * 2 if classifies else [time.time()] * 2),
    ]


def _second(session: Session) -> Any:
    return gr.update(value=session.second or "", visible=session.second is not None)


def _setup(column: Column) -> tuple[str, float, float]:
    return column.checkpoint, column.controls.gate_bias, column.controls.temperature


def _strip(columns: Sequence[Column], place: int) -> Any:
    controls: Controls | None = columns[place].controls if place < len(columns) else None
    return {"forced": list(controls.forced)} if controls and controls.forced else gr.skip()


def _exported(desk: Desk) -> Any:
    def export(count: int, *results: generate_parts.Result | None) -> Iterator[Any]:
        kept = [(LETTERS[place], one) for place, one in enumerate(results[: len(places_of(count))]) if one is not None]
        if not kept:
            raise ValueError("export: nothing was written yet; press Run first")
        first = kept[0][1]
        kept = [(letter, one) for letter, one in kept if _alike(one, first)]
        columns = tuple(Column(r.ask.checkpoint, desk.entry(r.ask.checkpoint).sha256, r.ask.controls) for _, r in kept)
        session = Session("generate", first.ask.task, first.ask.text, columns, first.decoding)
        titles = tuple(lettered(letter, desk, one.ask.checkpoint) for letter, one in kept)
        written: tuple[Written, ...] = tuple(one.written for _, one in kept)
        with tempfile.TemporaryDirectory(
            prefix="hmu-run-"
        ) as folder:  # gradio copies the files before it asks for more
            yield gr.File(_files(Run(session, titles, written), Path(folder)), visible=True)

    return export


def _alike(one: generate_parts.Result, other: generate_parts.Result) -> bool:
    """Whether two columns wrote in one run: the same text, task and decoding."""
    return (one.ask.task, one.ask.text, one.decoding) == (other.ask.task, other.ask.text, other.decoding)


def _files(run: Run, folder: Path) -> list[str]:
    versions = {name: version(name) for name in ("torch", "transformers", "gradio")}
    for name, content in (
        ("run.json", run_json(run, versions)),
        ("tokens.csv", tokens_csv(run)),
        ("report.html", report_html(run, "?" + query_of(run.session))),
    ):
        (folder / name).write_text(content, encoding="utf-8")
    return [str(folder / name) for name in ("run.json", "tokens.csv", "report.html")]
