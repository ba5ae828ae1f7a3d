"""What the Generate tab is made of: its shared inputs, a column's components, and what its last run left."""

from dataclasses import dataclass

import gradio as gr

from app.components.board import Setup
from app.handlers.asks import Ask
from app.handlers.writing import Written
from hmu import Decoding
from hmu.tasks import Task


@dataclass(frozen=True, slots=True)
class Shared:
    """What all columns of the tab read.

    Args:
        begin: changes when all columns are to write; a state, because gradio starts what hangs on another component's
            change one after the other.
        asked: when that was, as the browser knew it then; a state would be read only when the server comes to it.
    """

    task: gr.Dropdown
    prompt: gr.Textbox
    seed: gr.Number
    count: gr.Radio
    by_gate: gr.Checkbox
    follow: gr.Checkbox
    decoding: tuple[gr.Component, ...]
    begin: gr.State
    asked: gr.Number


@dataclass(frozen=True, slots=True)
class Column:
    """One column's components; `place` counts from 0."""

    place: int
    setup: Setup
    group: gr.Column
    source: gr.HTML
    strip: gr.HTML
    stop: gr.Button
    bars: gr.HTML
    map: gr.HTML
    written: gr.HTML
    said: gr.HTML
    result: gr.State
    switch: gr.State

    @property
    def shows(self) -> list[gr.Component]:
        """What a writing draws."""
        return [self.strip, self.written, self.map, self.result]


@dataclass(frozen=True, slots=True)
class Result:
    """What a column's last run wrote, and what it was asked."""

    ask: Ask
    decoding: Decoding
    written: Written


@dataclass(frozen=True, slots=True)
class Tab:
    """What other parts of the page read and set.

    Args:
        tasks: that it offers.
        shared: inputs that all columns share.
        columns: the four columns.
    """

    tasks: tuple[Task, ...]
    shared: Shared
    columns: tuple[Column, ...]
