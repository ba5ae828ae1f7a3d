"""The Imagine tab: several texts of one prompt, by the latent's noise and by the softmax, and the texts between two."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import gradio as gr

from app import words
from app.components.board import Board, choices, control_sliders, has_gate, loading, picker, title_of
from app.components.hop import hop
from app.components.live import text_grid
from app.components.marks import marked
from app.components.text_grid import between_grid, samples_grid, stopped_grid, waiting_grid
from app.desk import Desk
from app.gpu import between, imagine
from app.handlers.agreeing import task_for
from app.handlers.asks import DECODING, decoding_of, number
from app.handlers.cards import Matched, told_by
from app.handlers.imagine import MOST_SAMPLES, MOST_STEPS
from app.tabs.columns import ask_of, examples_of, pickers_for, prompt_box, task_picker, tasks_that
from app.told import told
from hmu import find_task
from hmu.tasks import Task

_QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "preprocess": False}
Frames = Callable[..., Iterator[Any]]
_PLAIN = 0.9
"""The softmax's temperature where no card tells a better one."""


def build(desk: Desk, board: Board) -> None:
    """Lay the tab out and connect its events."""
    tasks = tasks_that(desk, generate=True)
    first = desk.writers.pairs()[0]
    gr.Markdown(words.IMAGINE_HINT)
    with gr.Row():
        with gr.Column(scale=5):
            prompt = prompt_box(tasks[0], "imagine-text", lines=1)
            count = gr.Slider(1, MOST_SAMPLES, value=6, step=1, label=words.IMAGINE_COUNT, elem_id="imagine-count")
        with gr.Column(scale=2, min_width=260):
            task = task_picker(tasks, "imagine-task")
            run, stop = _buttons("imagine")
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            latent = picker(words.IMAGINE_LATENT, _latents(desk), first.memory_arm.id, "imagine-latent")
            picked = hop([latent.change])
            loading([picked], desk, latent, "loading-latent")
            noise = control_sliders("imagine-gate-bias", "imagine-temperature", tau=1)
        with gr.Column(min_width=300):
            compared = picker(words.IMAGINE_SOFTMAX, choices(desk, desk.writers), first.baseline.id, "imagine-compared")
            loading([hop([compared.change])], desk, compared, "loading-compared")
            warmth = _warmth(_matched(desk, first.memory_arm.id, tasks[0].name))
    gr.on([picked.change, task.change], told(partial(_rematched, desk)), [latent, task], warmth, **_QUIET)
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            left = text_grid("latent-grid", words.IMAGINE_LATENT_GRID)
        with gr.Column(min_width=300):
            right = text_grid("softmax-grid", words.IMAGINE_SOFTMAX_GRID)
    gr.Markdown(words.FIGURES_HINT, elem_classes=["notes"])
    gr.Markdown(words.BETWEEN_HINT)
    with gr.Row():
        with gr.Column(scale=5):
            _, start, goal = _examples(tasks[0].name)
            ends = [
                _end(tasks[0], words.BETWEEN_FIRST, "between-first", start),
                _end(tasks[0], words.BETWEEN_SECOND, "between-second", goal),
            ]
        with gr.Column(scale=2, min_width=260):
            steps = gr.Slider(2, MOST_STEPS, value=6, step=1, label=words.IMAGINE_STEPS, elem_id="between-steps")
            walk, halt = _buttons("between")
    line = text_grid("between-grid", words.BETWEEN_GRID)

    asked = [prompt, task, board.seed, count, latent, *noise, compared, warmth]
    _connect([run.click, prompt.submit], _samples(desk), asked, [left, right], stop)
    walked = [*ends, task, board.seed, steps, latent]
    _connect([walk.click, *(end.submit for end in ends)], _walk(desk), walked, [line], halt)
    picked.change(lambda name: _baseline_of(desk, name), latent, compared, **_QUIET)
    texts = [prompt, *ends]
    task.change(_begun, task, texts, **_QUIET)
    task.input(told(partial(_task_came, desk)), [task, latent, compared], [*texts, latent, compared], **_QUIET)
    latent.input(told(partial(_latent_came, desk, tasks)), [task, latent], [task, *texts], **_QUIET)
    board.ready.change(lambda: _choices(desk), None, [latent, compared], **_QUIET)


def _connect(triggers: list[Any], frames: Frames, asked: list[Any], grids: list[gr.HTML], stop: gr.Button) -> None:
    """Fill the grids by a trigger, until they are full or Stop is pressed."""
    event = gr.on(triggers, told(frames), asked, grids, concurrency_limit=4, trigger_mode="once", **_QUIET)
    stopped = stop.click(None, cancels=[event], api_visibility="private")
    stopped.then(_stopped, grids, grids, **_QUIET)


def _samples(desk: Desk) -> Frames:
    def samples(
        text: Any, task: Any, seed: Any, n: Any, latent: Any, bias: Any, noise: Any, compared: Any, warmth: Any
    ) -> Iterator[tuple[Any, ...]]:
        ask = ask_of(desk, latent, bias, noise, seed, task, text)
        beside = ask_of(desk, compared, 0.0, 0.0, seed, task, text)
        warmth = float(number("softmax temperature", warmth, *DECODING["temperature"][:2]))  # a slider's 2 is whole
        titles = [title_of(desk, one.checkpoint) for one in (ask, beside)]
        yield from _opened(titles, frames(ask, beside, n, warmth, titles))

    def frames(ask: Any, beside: Any, n: Any, warmth: Any, titles: list[str]) -> Iterator[tuple[Any, ...]]:
        for frame in imagine(ask, beside, n, decoding_of(ask.controls.seed), warmth):
            both = zip(titles, (frame.latent, frame.softmax), strict=True)
            yield tuple(samples_grid(title, one, int(n), frame.done) for title, one in both)

    return samples


def _walk(desk: Desk) -> Frames:
    def walk(first: Any, second: Any, task: Any, seed: Any, steps: Any, latent: Any) -> Iterator[Any]:
        ask = ask_of(desk, latent, 0.0, 0.0, seed, task, first)
        title, other = title_of(desk, ask.checkpoint), str(second or "")
        found = between(ask, other, steps, decoding_of(ask.controls.seed))
        yield from _opened([title], (between_grid(title, frame, (ask.text, other)) for frame in found))

    return walk


def _opened(titles: list[str], frames: Iterator[Any]) -> Iterator[Any]:
    """The frames, after one that waits for them; what fails leaves empty grids that wait for nothing."""

    def waiting(busy: bool) -> Any:
        grids = tuple(waiting_grid(title, busy) for title in titles)
        return grids if len(grids) > 1 else grids[0]

    yield waiting(busy=True)
    try:
        yield from frames
    except Exception:
        yield waiting(busy=False)
        raise


def _stopped(*grids: Any) -> Any:
    done = [stopped_grid(grid) for grid in grids]
    return done[0] if len(done) == 1 else done


def _latents(desk: Desk) -> list[tuple[str, str]]:
    return [(title, name) for title, name in choices(desk, desk.writers) if has_gate(desk, name)]


def _choices(desk: Desk) -> tuple[Any, Any]:
    """Both pickers as the zoo stands when the page is opened: it may have grown."""
    return gr.update(choices=_latents(desk)), gr.update(choices=choices(desk, desk.writers))


def _baseline_of(desk: Desk, checkpoint: object) -> Any:
    """The baseline of a checkpoint's own pair; what was picked stays where there is none."""
    found = [pair.baseline.id for pair in desk.writers.pairs() if checkpoint in [arm.id for arm in pair.arms]]
    return found[0] if found else gr.skip()


def _task_came(desk: Desk, task: str, *picked: str) -> list[Any]:
    """Examples of the task, and checkpoints that know it."""
    return [*_examples(task), *pickers_for(desk, task, picked)]


def _latent_came(desk: Desk, tasks: list[Task], now: str, latent: str) -> list[Any]:
    """Another task and its examples, where the checkpoint does not know the one that stands."""
    task = task_for(desk.catalog, [one.name for one in tasks], now, latent, [])
    return [gr.skip()] * 4 if task == now else [task, *_examples(task)]


def _examples(task: str) -> tuple[str, str, str]:
    """For the prompt, and for both ends."""
    texts = [text for text, _ in examples_of(find_task(task))]
    return texts[0], texts[0], texts[-1]


def _buttons(name: str) -> tuple[gr.Button, gr.Button]:
    with gr.Row():
        run = gr.Button(words.RUN, variant="primary", elem_id=f"{name}-run", min_width=90)
        return run, gr.Button(words.STOP, elem_id=f"{name}-stop", min_width=90)


def _warmth(matched: Matched | None) -> gr.Slider:
    """The softmax's temperature; where the latent's checkpoint tells one, that of equally good samples."""
    low, high, *_ = DECODING["temperature"]
    return gr.Slider(
        low,
        high,
        value=_PLAIN if matched is None else round(matched.softmax_temperature, 2),
        step=0.01,
        label=words.SOFTMAX_TEMPERATURE,
        info=words.SOFTMAX_TEMPERATURE_INFO if matched is None else _told_of(matched),
        elem_id="imagine-softmax",
    )


def _told_of(matched: Matched) -> str:
    told = words.SOFTMAX_MATCHED.format(softmax=matched.softmax_temperature, latent=matched.latent_temperature)
    return f"{told} · {words.SOFTMAX_TEMPERATURE_INFO}"


def _rematched(desk: Desk, checkpoint: object, task: object) -> Any:
    """The slider for another checkpoint or task; where its card tells no match, the temperature stays as it is."""
    matched = _matched(desk, str(checkpoint), str(task))
    if matched is None:
        return gr.update(info=words.SOFTMAX_TEMPERATURE_INFO)
    return gr.update(value=round(matched.softmax_temperature, 2), info=_told_of(matched))


def _matched(desk: Desk, checkpoint: str, task: str) -> Matched | None:
    matched = told_by(desk.entry(checkpoint), desk.catalog).matched
    return matched if matched is not None and matched.task == task else None


def _begun(task: str) -> list[Any]:
    """What the three boxes say while they are empty."""
    return [gr.update(placeholder=marked(words.PLACEHOLDERS[find_task(task).name]))] * 3


def _end(task: Task, label: str, name: str, text: str) -> gr.Textbox:
    return gr.Textbox(
        text,
        label=label,
        placeholder=words.PLACEHOLDERS[task.name],
        elem_id=name,
        lines=1,
        max_lines=3,
    )
