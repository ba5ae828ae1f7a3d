"""The board above the tabs: how many columns there are, and for each its checkpoint and its controls."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from app import sheets, words
from app.components.hop import hop
from app.components.live import said_line
from app.components.marks import marked
from app.components.sheet import meter
from app.desk import Desk
from app.handlers.asks import GATE_BIAS_REACH, SEED_REACH, TEMPERATURE_REACH
from app.handlers.looking import bring
from app.saying import PART
from zoo.catalog import Catalog, Pair

LETTERS = "ABCD"


@dataclass(frozen=True, slots=True)
class Setup:
    """One column's checkpoint and controls.

    Args:
        letter: the column's.
        card: holds them, and hides with the column.
        checkpoint, gate_bias, temperature: what a visitor sets.
        picked: changes with the checkpoint.
        turned: changes with the controls, once Generate, which follows them at once, has read its text again.
    """

    letter: str
    card: gr.Column
    checkpoint: gr.Dropdown
    gate_bias: gr.Slider
    temperature: gr.Slider
    picked: gr.State
    turned: gr.State

    @property
    def values(self) -> list[gr.Component]:
        """Inputs of every event of the column."""
        return [self.checkpoint, self.gate_bias, self.temperature]


@dataclass(frozen=True, slots=True)
class Board:
    """The components above the tabs.

    Args:
        count: how many columns show.
        seed: the seed of all columns.
        opened: the tab that a link would tell, by its id: the last of Generate and Classify that was opened.
        setups: the four columns' checkpoints and controls.
        moved: changes with the number of columns and the seed.
        ready: changes once, when the page stands as its address wants it; what a tab shows at first hangs on it.
    """

    count: gr.Radio
    seed: gr.Number
    setups: tuple[Setup, ...]
    opened: gr.State
    ready: gr.State
    moved: gr.State

    @property
    def states(self) -> list[gr.State]:
        """What changes with any of the values, and when the page is ready."""
        return [self.ready, self.moved, *(state for setup in self.setups for state in (setup.picked, setup.turned))]

    @property
    def values(self) -> list[gr.Component]:
        """Number of columns, seed, and the values of each of the four setups: inputs of what shows all columns."""
        return [self.count, self.seed, *(value for setup in self.setups for value in setup.values)]


def board(desk: Desk) -> Board:
    """Lay the board out: the first pair side by side, two more columns in waiting, a third arm in the first of them."""
    first = desk.readers.pairs()[0]
    ready = gr.State(False)
    with gr.Row(elem_id="board", equal_height=False):
        setups = tuple(
            _setup(ready, desk, letter, checkpoint, shown=place < 2)
            for place, (letter, checkpoint) in enumerate(zip(LETTERS, at_first(first), strict=True))
        )
    with gr.Accordion(words.MORE, open=False, elem_id="more"), gr.Row():
        count = gr.Radio([1, 2, 3, 4], value=2, label=words.COLUMNS, elem_id="columns", scale=2, min_width=220)
        seed = gr.Number(
            0,
            precision=0,
            minimum=0,
            maximum=SEED_REACH,
            label=words.SEED,
            info=words.SEED_INFO,
            elem_id="seed",
            scale=1,
            min_width=160,
        )
    return Board(count, seed, setups, gr.State("generate"), ready, hop([count.change, seed.change]))


def at_first(pair: Pair) -> tuple[str, str, str, str]:
    """What stands in the four columns: baseline and memory, and in waiting another arm, or the memory, and baseline."""
    arms = [arm.id for arm in pair.arms]
    return arms[0], arms[1], arms[min(2, len(arms) - 1)], arms[0]


def has_gate(desk: Desk, checkpoint: str) -> bool:
    """Whether this checkpoint has a memory whose controls can be turned."""
    return desk.entry(checkpoint).memory != "none"


def no_gate(desk: Desk, checkpoint: str) -> str:
    """What stands in place of the controls where a checkpoint has none; empty where it has them."""
    if has_gate(desk, checkpoint):
        return ""
    base = desk.entry(checkpoint).base
    return words.NO_GATE if base is None else words.UNIT_OFF.format(base=name_of(desk, base))


def choices(desk: Desk, catalog: Catalog | None = None) -> list[tuple[str, str]]:
    """Checkpoints as (title, id), for a dropdown; by default every one that reads texts."""
    entries = (catalog or desk.readers).entries
    titles = [(*title_of(desk, entry.id).partition(PART), entry.id) for entry in entries]
    return [(marked(kind) + between + name, checkpoint) for kind, between, name, checkpoint in titles]


def picker(label: str, names: Sequence[tuple[str, str]], first: str, name: str) -> gr.Dropdown:
    """Where a checkpoint is picked, among `names` (as of `choices`); `first` is at first, `name` the element's id."""
    return gr.Dropdown(list(names), value=first, label=f"{label} · {words.CHECKPOINT}", elem_id=name)


def offered(desk: Desk) -> list[Any]:
    """The four dropdowns with every checkpoint there is now; what is picked stays."""
    return [gr.update(choices=choices(desk)) for _ in LETTERS]


def title_of(desk: Desk, checkpoint: str) -> str:
    """A checkpoint's title: what kind of memory it has, and which pair it belongs to."""
    entry = desk.entry(checkpoint)
    return f"{kind_of(entry.arm, entry.memory)}{PART}{name_of(desk, checkpoint)}"


def name_of(desk: Desk, checkpoint: str) -> str:
    """The same without its kind."""
    return desk.entry(checkpoint).title.split(":")[0]


def kind_of(arm: str, memory: str) -> str:
    """What a checkpoint is called by its arm, or by its memory where the arm has no name."""
    return words.ARMS.get(arm) or words.ARMS.get(memory, memory)


def shown(count: int, parts: Sequence[Any]) -> list[Any]:
    """Updates that show the first `count` of a row of columns."""
    return [gr.update(visible=place < count) for place, _ in enumerate(parts)]


def control_sliders(gate_bias: str, temperature: str, tau: float = 0) -> tuple[gr.Slider, gr.Slider]:
    """The sliders of the two controls in a row, by their elements' ids; τ stands at `tau` at first."""
    with gr.Row(elem_classes=["sliders"]):
        bias = gr.Slider(
            -GATE_BIAS_REACH,
            GATE_BIAS_REACH,
            value=0,
            step=0.1,
            label=words.GATE_BIAS,
            info=words.GATE_BIAS_INFO,
            elem_id=gate_bias,
            min_width=150,
        )
        return bias, gr.Slider(
            0,
            TEMPERATURE_REACH,
            value=tau,
            step=0.05,
            label=words.TEMPERATURE,
            info=words.TEMPERATURE_INFO,
            elem_id=temperature,
            min_width=150,
        )


def loading(states: Sequence[gr.State], desk: Desk, picker: gr.Dropdown, name: str) -> None:
    """Bring what is picked into memory, under a progress bar that says so; the rest of the page goes on meanwhile.

    Args:
        states: what changes when something else is picked, and whatever else is a reason to load.
        desk: whose checkpoints.
        picker: whose choice is loaded.
        name: the bar's element id.
    """
    gr.on(
        [state.change for state in states],
        partial(loaded, desk),
        picker,
        meter(name, words.LOADING_BAR),
        preprocess=False,
        api_visibility="private",
        show_progress="hidden",
        concurrency_limit=8,
        trigger_mode="always_last",
    )


def loaded(desk: Desk, checkpoint: object) -> Iterator[dict[str, Any]]:
    """The bar's values until a checkpoint is in memory; why one cannot be loaded stays readable in its place."""
    try:
        for entry in bring(desk, str(checkpoint)):
            told = entry and words.LOADING.format(title=title_of(desk, entry.id), size=entry.bytes / 1e6)
            yield sheets.meter(said=told, going=True) if told else sheets.meter()
    except ValueError as error:
        yield sheets.meter(said=str(error), fault=True)


def _setup(ready: gr.State, desk: Desk, letter: str, checkpoint: str, shown: bool) -> Setup:
    gated = has_gate(desk, checkpoint)
    with gr.Column(visible=shown, min_width=280, elem_classes=["setup"]) as card:
        chosen = picker(letter, choices(desk), checkpoint, f"checkpoint-{letter}")
        picked = hop([chosen.change])
        loading([picked, *([ready] if shown else [])], desk, chosen, f"loading-{letter}")
        plain = said_line(f"plain-{letter}", "notes-line", no_gate(desk, checkpoint))
        with gr.Column(visible=gated, elem_classes=["controls"]) as controls:
            bias, temperature = control_sliders(f"gate-bias-{letter}", f"temperature-{letter}")
            with gr.Row(elem_classes=["presets"]):
                for label, preset in words.PRESETS.items():
                    button = gr.Button(label, size="sm", min_width=60)
                    button.click(lambda preset=preset: preset, None, [bias, temperature], api_visibility="private")
    picked.change(
        lambda name: [gr.update(visible=has_gate(desk, name)), {"text": no_gate(desk, name)}],
        chosen,
        [controls, plain],
        api_visibility="private",
        show_progress="hidden",
    )
    return Setup(letter, card, chosen, bias, temperature, picked, gr.State(0.0))
