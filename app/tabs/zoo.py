"""The Zoo tab: a card for each checkpoint, which are in memory, and on a page of one's own, further checkpoints.

What a card tells comes from files that anyone may have written: it is drawn as text, and nothing of it is run.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import gradio as gr

from app import words
from app.components.board import Board, kind_of, name_of, offered, title_of
from app.components.live import said_line, zoo_cards
from app.desk import Desk
from app.handlers.cards import Figure
from app.handlers.zoo import EMBEDDED, Card, add_folder, add_hub, cards, load, may_add, unload
from app.told import told
from hmu.tasks import task_title
from zoo.catalog import Entry

Json = dict[str, Any]
_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "preprocess": False}
_ACTIONS: Mapping[str, Callable[[Desk, str], None]] = {"load": load, "unload": unload}
PUBLISHED = "hmu_published"
"""The arm that was trained as the paper did."""
_FITTED = "held out"
"""The split that was taken from what the recipe trains on; the others come from the data sets' own files."""
_ASIDE = ("majority", "changed", "recalled", "cosine", "whole", "active_units", "kl_per_token", "gate_", "macro_f1")
"""Metrics, by how they begin, that say how a memory works or what chance would score, or what another says already."""


def build(desk: Desk, board: Board, tab: gr.Tab) -> None:
    """Lay the tab out and connect its events; `tab` holds it, and its cards are made anew whenever it is opened."""
    gr.Markdown(words.ZOO_HINT)
    shown = zoo_cards("zoo-cards", words.ZOO_CARDS)
    pickers: list[gr.Component] = [setup.checkpoint for setup in board.setups]

    def act(event: gr.EventData) -> Json:
        return acted(desk, event._data)

    turned = shown.select(told(act), None, shown, concurrency_limit=4, trigger_mode="multiple", **_QUIET)
    turned.failure(lambda: drawn(desk, [entry.id for entry in desk.catalog.entries]), None, shown, **_QUIET)
    tab.select(lambda: drawn(desk), None, shown, **_QUIET)
    board.ready.change(lambda: drawn(desk), None, shown, **_QUIET)
    if may_add(desk.public):
        _forms(desk, shown, pickers)
    else:
        gr.Markdown(words.ZOO_PUBLIC, elem_id="zoo-public")


def acted(desk: Desk, asked: object) -> Json:
    """Load or unload a checkpoint, as one of its card's buttons asked; a failed load is told on the card.

    Raises:
        ValueError: on a public page, for an action that there is none of, or an unknown id.
    """
    if not may_add(desk.public):
        raise ValueError("checkpoints: loaded and unloaded by themselves on a public page; run it on your own machine")
    action, name = (asked.get("action"), asked.get("id")) if isinstance(asked, dict) else (None, None)
    if not isinstance(action, str) or action not in _ACTIONS or not isinstance(name, str):
        raise ValueError(f"zoo: {asked!r:.60}; press Load or Unload on a card")
    entry = desk.entry(name)
    try:
        _ACTIONS[action](desk, entry.id)
    except ValueError as error:
        return drawn(desk, [entry.id], {entry.id: str(error)})
    return drawn(desk, [entry.id])


def drawn(desk: Desk, done: Iterable[str] = (), said: Mapping[str, str] | None = None) -> Json:
    """Every card as the live component draws it.

    Args:
        desk: whose checkpoints.
        done: ids whose button has been served.
        said: id → what went wrong.
    """
    all_cards = cards(desk)
    held = sum(card.bytes_held for card in all_cards)
    loaded = sum(card.loaded for card in all_cards)
    return {
        "cards": [_drawn(desk, card) for card in all_cards],
        "sum": words.ZOO_SUM.format(loaded, len(all_cards), _size(held), _size(desk.touch.limit_bytes)),
        "turns": may_add(desk.public),
        "words": words.ZOO_WORDS,
        "done": list(done),
        "said": dict(said or {}),
        "stamp": time.time(),
    }


def _drawn(desk: Desk, card: Card) -> Json:
    headline, aside = _sorted(card.headline)
    place = f"{card.device} · {card.dtype}"
    facts = (
        _memory(desk, card),
        [task_title(task) for task in card.tasks] or words.ZOO_NO_TASKS,
        words.COUNT.format(card.parameters),
        _size(card.bytes),
        place,
        card.licence or words.ZOO_NO_LICENCE,
        words.ZOO_EMBEDDED if card.source == EMBEDDED else card.source,
    )
    return {
        "id": card.id,
        "title": title_of(desk, card.id),
        "kind": kind_of(card.arm, card.memory),
        "gated": card.memory != "none",
        "loaded": card.loaded,
        "state": words.ZOO_LOADED.format(_size(card.bytes_held), place) if card.loaded else words.ZOO_AWAY,
        "facts": [list(fact) for fact in zip(words.ZOO_FACTS, facts, strict=True)],
        "sha256": card.sha256,
        "figures": [_row(figure) for figure in headline],
        "others": [_row(figure) for figure in aside],
    }


def _memory(desk: Desk, card: Card) -> str:
    gated = card.memory != "none"
    if card.base is None:
        told = words.ZOO_AS_PUBLISHED.format(memory=card.memory) if card.arm == PUBLISHED else card.memory
        return told if gated else words.ZOO_NO_MEMORY
    base = name_of(desk, card.base)
    return words.ZOO_UNIT_ON.format(memory=card.memory, base=base) if gated else words.ZOO_UNIT_OFF.format(base=base)


def _sorted(figures: Sequence[Figure]) -> tuple[list[Figure], list[Figure]]:
    """What is shown at once (how well tasks are done, on their own files), and what on demand.

    Of a figure that a task has on many splits, such as retention after more and more steps, the first and the last.
    """
    told = [figure for figure in figures if figure.split != _FITTED and not figure.metric.startswith(_ASIDE)]
    splits: dict[tuple[str, str], list[Figure]] = {}
    for figure in told:
        splits.setdefault((figure.task, figure.metric.partition(" (")[0]), []).append(figure)
    ends = {figure for among in splits.values() for figure in (among[0], among[-1])}
    first = [figure for figure in told if figure in ends] or list(figures[:6])
    return first, [figure for figure in figures if figure not in first]


def _row(figure: Figure) -> list[Any]:
    """Task and split, metric without its setting (a headline is as trained), value with four digits."""
    value = f"{figure.value:.4g}" if isinstance(figure.value, float) else str(figure.value)
    group = [part for part in (figure.task, figure.split) if part]
    return [group, figure.metric.partition(" (")[0].replace("_", " "), value]


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count:,} B"


def _forms(desk: Desk, shown: gr.HTML, pickers: list[gr.Component]) -> None:
    gr.Markdown(words.ZOO_ADD)
    with gr.Row(equal_height=False):
        with gr.Column(min_width=280, elem_classes=["setup"]):
            path = gr.Textbox(label=words.ZOO_FOLDER, info=words.ZOO_FOLDER_INFO, max_lines=1, elem_id="zoo-folder")
            by_folder = gr.Button(words.ZOO_ADD_FOLDER, elem_id="zoo-add-folder")
        with gr.Column(min_width=280, elem_classes=["setup"]):
            repo = gr.Textbox(label=words.ZOO_REPO, info=words.ZOO_REPO_INFO, max_lines=1, elem_id="zoo-repo")
            commit = gr.Textbox(label=words.ZOO_COMMIT, info=words.ZOO_COMMIT_INFO, max_lines=1, elem_id="zoo-commit")
            by_hub = gr.Button(words.ZOO_ADD_HUB, elem_id="zoo-add-hub")
    said = said_line("zoo-said")
    slow: dict[str, Any] = {"api_visibility": "private", "preprocess": False, "show_progress_on": said}
    for triggers, add, typed in (
        ([by_folder.click, path.submit], add_folder, [path]),
        ([by_hub.click, commit.submit], add_hub, [repo, commit]),
    ):
        gr.on(triggers, _adding(desk, add), typed, [said, shown, *pickers], **slow)


def _adding(desk: Desk, add: Callable[..., Entry]) -> Callable[..., list[Any]]:
    """Add a checkpoint and offer it in every dropdown; what cannot be added is told in the form's own line."""

    def added(*typed: object) -> list[Any]:
        try:
            entry = add(desk, *(text if isinstance(text, str) else "" for text in typed))
        except ValueError as error:
            return [{"text": str(error), "refused": True}, gr.skip(), *[gr.skip()] * 4]
        told_of = words.ZOO_ADDED.format(title_of(desk, entry.id))
        return [{"text": told_of, "refused": False}, drawn(desk), *offered(desk)]

    return added
