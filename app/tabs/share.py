"""Taking a run along: a link that replays it, its files, and the history that this browser keeps."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import Block

from app import words
from app.components.board import LETTERS, Board, offered
from app.components.live import history
from app.desk import Desk
from app.exports import Run, report_html, run_json, tokens_csv
from app.handlers.asks import DECODING, SEED_REACH, decoding_of, number
from app.handlers.writing import Written
from app.links import Column, Session, query_of, session_of
from app.tabs import classify, generate, generate_parts
from app.tabs.columns import ask_of, lettered, places_of
from app.told import told
from hmu import Decoding

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "preprocess": False}
Values = dict[Block, Any]
"""Components → their values."""
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
    told_of = _Told(desk, board, writing, asking)

    def query(values: Values) -> str:
        return query_of(told_of.session(values))

    def visit(values: Values) -> dict[str, str]:
        session = told_of.session(values, "generate")
        return {"query": query_of(session), "text": session.text, "at": datetime.now(UTC).isoformat(timespec="seconds")}

    def replay(request: gr.Request) -> Values:
        """What is wrong with a link is told, not raised: gradio would not go on to what follows."""
        try:
            linked = session_of(request.query_params, desk.catalog)
        except ValueError as error:
            gr.Warning(str(error), duration=None)
            linked = None
        picked = [one.checkpoint for one in linked.session.columns] if linked else []
        picked += [setup.checkpoint.value for setup in board.setups[len(picked) :]]
        values: Values = {}
        for letter, checkpoint, column in zip(LETTERS, picked, writing.columns, strict=True):
            values |= zip(column.shows, generate.emptied(desk, letter, checkpoint), strict=True)
        if linked is None:
            return values
        for note in linked.notes:
            gr.Warning(note, duration=None)
        values |= {tabs: gr.Tabs(selected=linked.session.tab), address: query_of(linked.session)}
        if linked.session.tab == "generate":
            values |= dict.fromkeys((shared.asked, shared.begin), time.time())
        return values | told_of.setting(linked.session)

    link.click(told(query), set(told_of.components), address, **_QUIET).then(
        None, address, address, js=_ADDRESS, **_QUIET
    )
    shared.begin.change(told(visit), set(told_of.components), past, **_QUIET)
    results = [column.result for column in writing.columns]
    export.click(told(_exported(desk)), [board.count, *results], files, api_visibility="private")
    pickers = [setup.checkpoint for setup in board.setups]
    shows = [part for column in writing.columns for part in column.shows]
    page.load(  # itself: gradio gives an event that follows no query
        replay,
        None,
        [*shows, tabs, *told_of.components, address, shared.asked, shared.begin],
        api_visibility="private",
        show_progress="hidden",
    ).then(lambda: [*offered(desk), True], None, [*pickers, board.ready], **_QUIET)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a link tells of the page: the components, and a session as their values and back."""

    desk: Desk
    board: Board
    writing: generate_parts.Tab
    asking: classify.Tab

    @property
    def components(self) -> list[Block]:
        """Given to an event as a set of inputs, gradio names each value by its component."""
        shared, asking = self.writing.shared, self.asking
        inputs = [shared.task, shared.prompt, *shared.decoding, asking.task, asking.text, asking.second]
        return [self.board.opened, *self.board.values, *inputs, *self._strips("generate"), *self._strips("classify")]

    def session(self, values: Values, tab: str | None = None) -> Session:
        """The page as its components have it.

        Args:
            values: of `components`.
            tab: "generate" or "classify"; by default the one that was opened last.

        Raises:
            ValueError: for a value that cannot be, naming it.
        """
        tab = tab or str(values[self.board.opened])
        task, text = (values[one] for one in self._question(tab))
        strips, seed = self._strips(tab), values[self.board.seed]
        columns, second = list[Column](), None
        for place in places_of(values[self.board.count]):
            picked, bias, warmth = (values[one] for one in self.board.setups[place].values)
            strip, other = values[strips[place]], values[self.asking.second]
            ask = ask_of(self.desk, picked, bias, warmth, seed, task, text, strip, other)
            second = ask.second
            columns.append(Column(ask.checkpoint, self.desk.entry(ask.checkpoint).sha256, ask.controls))
        seed = int(number("seed", seed, 0, SEED_REACH))
        chosen = (values[one] for one in self.writing.shared.decoding)
        writes = tab == "generate"
        decoding = decoding_of(seed, **dict(zip(DECODING, chosen, strict=True))) if writes else Decoding(seed=seed)
        return Session(tab, str(task), str(text or ""), tuple(columns), decoding, second)

    def setting(self, session: Session) -> Values:
        """What its components become for a session: those of its tab, and of the board."""
        board = self.board
        values: Values = {
            board.opened: session.tab,
            board.count: len(session.columns),
            board.seed: session.decoding.seed,
        }
        values |= zip(self._question(session.tab), (session.task, session.text), strict=True)
        if session.tab == "classify":
            values[self.asking.second] = gr.update(value=session.second or "", visible=session.second is not None)
        else:
            chosen = (getattr(session.decoding, name) for name in DECODING)
            values |= zip(self.writing.shared.decoding, chosen, strict=True)
        for column, setup, strip in zip(session.columns, board.setups, self._strips(session.tab), strict=False):
            turned = column.controls
            values |= zip(setup.values, (column.checkpoint, turned.gate_bias, turned.temperature), strict=True)
            if turned.forced:
                values[strip] = {"forced": list(turned.forced)}
        return values

    def _question(self, tab: str) -> tuple[Block, Block]:
        """A tab's task and text."""
        shared, asking = self.writing.shared, self.asking
        return (asking.task, asking.text) if tab == "classify" else (shared.task, shared.prompt)

    def _strips(self, tab: str) -> tuple[Block, ...]:
        """A tab's strips of tokens, column by column."""
        return self.asking.strips if tab == "classify" else tuple(column.source for column in self.writing.columns)


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
