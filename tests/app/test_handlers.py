"""What the page's actions do with one column, against the library's own calls."""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from statistics import mean
from typing import Any

import pytest
import torch

from app import desk as desk_module
from app.desk import Desk
from app.handlers import writing
from app.handlers.asks import DECODING, Ask, controls_of, decoding_of
from app.handlers.looking import Look, look
from app.handlers.writing import Written, write
from hmu import Checkpoint, Controls, Decoding, Remembered, read, remember, stream
from hmu.profile import gate_profile
from zoo import shelf as shelf_module
from zoo.catalog import Entry
from zoo.load import load as zoo_load

BOTH = ("answers-baseline", "answers-hmu")
TURNED = Controls(gate_bias=-2.0, temperature=1.0, seed=5, forced=(None, 1.0))
SAMPLED = Decoding(temperature=0.8, top_k=20, seed=3, max_new_tokens=12)


def ask(text: str = "dog, ball, throw", checkpoint: str = "answers-hmu", **controls: Any) -> Ask:
    return Ask(checkpoint, "common_gen", text, Controls(**controls))


def tokens(written: Written) -> list[int]:
    return [step.token for step in written.steps]


def ended(desk: Desk, asked: Ask, decoding: Decoding, begun: tuple[int, ...] = ()) -> Written:
    *_, last = write(desk, asked, decoding, begun)
    return last


def remembered(desk: Desk, asked: Ask) -> tuple[Checkpoint, Remembered]:
    checkpoint = desk.shelf.get(asked.checkpoint)
    return checkpoint, remember(checkpoint, read(checkpoint, asked.task, asked.text), asked.controls)


@pytest.mark.parametrize("decoding", [Decoding(), SAMPLED], ids=["greedy", "sampled"])
@pytest.mark.parametrize("controls", [Controls(), TURNED], ids=["as-trained", "turned"])
@pytest.mark.parametrize("name", BOTH)
def test_a_column_equals_the_stream_of_its_checkpoint(
    desk: Desk, name: str, decoding: Decoding, controls: Controls
) -> None:
    asked = Ask(name, "common_gen", "field, look, stand", controls)
    assert ended(desk, asked, decoding).steps == tuple(stream(*remembered(desk, asked), decoding))


@pytest.mark.parametrize("name", BOTH)
def test_a_column_begun_with_an_alternative_equals_the_stream_begun_with_it(desk: Desk, name: str) -> None:
    asked = ask("field, look, stand", name)
    first = ended(desk, asked, Decoding())
    begun = (*tokens(first)[:2], first.steps[2].alternatives[1].token)
    again = ended(desk, asked, Decoding(), begun)
    assert again.steps == tuple(stream(*remembered(desk, asked), Decoding(), begun))
    assert tuple(tokens(again)[:3]) == begun
    assert again.steps[:2] == first.steps[:2]


def test_going_on_from_what_was_written_anyway_changes_nothing(desk: Desk) -> None:
    first = ended(desk, ask(), Decoding())
    assert ended(desk, ask(), Decoding(), tuple(tokens(first)[:4])).steps == first.steps


@pytest.mark.parametrize("begun", [(-1,), (5, 300)], ids=str)
def test_a_token_that_the_checkpoint_does_not_have_begins_nothing(desk: Desk, begun: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"begun: \[.*\]; give tokens from 0 to 299"):
        ended(desk, ask(), Decoding(), begun)


def test_a_column_grows_a_token_at_a_time_and_then_is_done(desk: Desk) -> None:
    frames = list(write(desk, ask(checkpoint="endless-hmu"), Decoding(max_new_tokens=4)))
    assert [(len(one.steps), one.done) for one in frames] == [*((n, False) for n in (1, 2, 3, 4)), (4, True)]
    assert len({one.first_token for one in frames}) == 1
    assert [one.seconds for one in frames] == sorted(one.seconds for one in frames)
    assert frames[-1].tokens_per_second == 4 / frames[-1].seconds


@pytest.mark.parametrize("name", BOTH)
def test_perplexity_is_that_of_the_whole_text_decoded_at_once(desk: Desk, name: str) -> None:
    asked = ask("field, look, stand", name, gate_bias=1.0)
    checkpoint, memory = remembered(desk, asked)
    written = ended(desk, asked, SAMPLED)
    read_in = torch.tensor([[checkpoint.model.config.decoder_start_token_id, *tokens(written)[:-1]]])
    with torch.inference_mode():
        logits = checkpoint.model.decode(read_in, memory).logits[0]
    loss = float(torch.nn.functional.cross_entropy(logits, torch.tensor(tokens(written))))
    assert written.mean_logprob == pytest.approx(-loss, abs=1e-4)
    assert written.perplexity == pytest.approx(math.exp(loss), rel=1e-4)


def test_before_the_first_token_nothing_is_measured(desk: Desk) -> None:
    nothing = Written(look(desk, ask()))
    assert (nothing.mean_logprob, nothing.perplexity, nothing.first_token) == (None, None, None)
    assert (nothing.text, nothing.tokens_per_second) == ("", 0.0)


def test_what_a_slider_shows_is_the_gate_of_remember(desk: Desk) -> None:
    asked = Ask("answers-hmu", "common_gen", "field, look, stand", TURNED)
    checkpoint, memory = remembered(desk, asked)
    assert look(desk, asked).gate == gate_profile(read(checkpoint, asked.task, asked.text), memory)


def test_a_run_shows_the_gate_that_a_slider_shows(desk: Desk) -> None:
    asked = ask(gate_bias=1.5, forced=(0.0, None, 1.0))
    assert next(write(desk, asked, Decoding())).look == look(desk, asked)


def test_the_ends_of_the_slider_close_and_open_the_gate(desk: Desk) -> None:
    latent, literal = (look(desk, ask(gate_bias=bias)).gate for bias in (-8.0, 8.0))
    assert latent is not None
    assert literal is not None
    assert mean(latent.mean) < 0.1
    assert mean(literal.mean) > 0.9


@pytest.mark.parametrize("gate", [0.0, 0.25, 1.0])
def test_a_forced_gate_changes_the_look_of_that_token_alone(desk: Desk, gate: float) -> None:
    free, forced = look(desk, ask()).gate, look(desk, ask(forced=(None, gate))).gate
    assert free is not None
    assert forced is not None
    assert set(forced.channels[1]) == {gate}
    for name in ("mean", "spread", "channels"):
        before, after = getattr(free, name), getattr(forced, name)
        assert (after[:1], after[2:]) == (before[:1], before[2:])
    assert (forced.kl, forced.sigma, forced.active) == (free.kl, free.sigma, free.active)


def test_a_baseline_shows_no_gate_and_writes_the_same_under_any_controls(desk: Desk) -> None:
    plain, turned = (ask(checkpoint="answers-baseline"), Ask(BOTH[0], "common_gen", "dog, ball, throw", TURNED))
    assert look(desk, turned).gate is None
    assert ended(desk, turned, Decoding()).steps == ended(desk, plain, Decoding()).steps


def test_closing_a_run_closes_its_stream(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []

    def watched(checkpoint: Checkpoint, *rest: Any) -> Iterator[Any]:
        try:
            yield from stream(checkpoint, *rest)
        finally:
            closed.append(checkpoint.name)

    monkeypatch.setattr(writing, "stream", watched)
    frames = write(desk, ask(checkpoint="endless-hmu"), Decoding())
    next(frames)
    assert closed == []
    frames.close()  # type: ignore[attr-defined]
    assert closed == ["endless-hmu"]


def test_visitors_with_other_controls_share_one_model_and_do_not_disturb_one_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, load = list[str](), zoo_load

    def counted(entry: Entry, *rest: Any) -> Checkpoint:
        loaded.append(entry.id)
        return load(entry, *rest)

    monkeypatch.setattr(shelf_module, "load", counted)
    asks = [
        ask(checkpoint="endless-hmu", gate_bias=bias, temperature=1.0, seed=seed, forced=(None,) * seed + (1.0,))
        for seed, bias in enumerate((-8, 0, 3, 8))
    ]

    def visit(asked: Ask) -> tuple[list[int], Look]:
        last = ended(desk, asked, SAMPLED)
        return tokens(last), last.look

    with ThreadPoolExecutor(len(asks)) as visitors:
        together = list(visitors.map(visit, asks))
    assert loaded == ["endless-hmu"]
    assert together == [visit(asked) for asked in asks]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((8.1, 0, 0), "gate bias: 8.1; give a number from -8 to 8"),
        ((-8.1, 0, 0), "gate bias"),
        ((0, -0.1, 0), "latent temperature"),
        ((0, 2.1, 0), "latent temperature"),
        ((0, 0, -1), "seed"),
        ((0, 0, 2**31), "seed: 2147483648; give a number from 0 to 2147483647"),
        ((float("nan"), 0, 0), "gate bias: nan"),
        ((0, float("inf"), 0), "latent temperature: inf"),
        ((None, 0, 0), "gate bias"),
        (("\n" * 99, 0, 0), "gate bias"),
        ((0, "1", 0), "latent temperature"),
        ((0, 0, True), "seed"),
        ((0, 0, [1]), "seed"),
        ((0, 0, 0, "literal"), "forced gates: 'literal'; give a list of 1, 0 or null, one for each source token"),
        ((0, 0, 0, 1), "forced gates: 1; give a list"),
        ((0, 0, 0, {"0": 1}), "forced gates"),
        ((0, 0, 0, [None, 1.5]), "forced gate: 1.5; give a number from 0 to 1"),
        ((0, 0, 0, ["1"]), "forced gate: '1'"),
        ((0, 0, 0, [True]), "forced gate: True"),
        ((0, 0, 0, [[1]]), "forced gate"),
        ((0, 0, 0, [float("nan")]), "forced gate: nan"),
    ],
    ids=repr,
)
def test_a_control_outside_the_page_is_refused_by_name(values: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said) as refusal:
        controls_of(*values)
    assert len(str(refusal.value).splitlines()) == 1


def test_controls_at_the_ends_of_the_page_are_taken() -> None:
    assert controls_of(-8, 2, 2**31 - 1, [1, None, 0, 0.5]) == Controls(-8.0, 2.0, 2**31 - 1, (1.0, None, 0.0, 0.5))


@pytest.mark.parametrize("forced", [None, [], [None], (None, None)])
def test_forcing_no_gate_is_as_learned(forced: Any) -> None:
    assert controls_of(0, 0, 0, forced) == Controls()


@pytest.mark.parametrize("name", DECODING)
def test_a_decoding_setting_is_taken_up_to_both_ends_and_refused_beyond(name: str) -> None:
    low, high, _, step = DECODING[name]
    assert [getattr(decoding_of(0, **{name: end}), name) for end in (low, high)] == [low, high]
    for value in (low - step, high + step, None, "1", True, float("nan")):
        with pytest.raises(ValueError, match=f"{name.replace('_', ' ')}: .*; give a number from {low:g} to {high:g}"):
            decoding_of(0, **{name: value})


def test_decoding_settings_left_out_are_the_librarys_own() -> None:
    assert decoding_of(7) == Decoding(seed=7)


def write_all(desk: Desk, asked: Ask) -> list[Written]:
    return list(write(desk, asked, Decoding(max_new_tokens=2)))


@pytest.mark.parametrize("action", [look, write_all])
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (ask(checkpoint="nobody"), 'checkpoint "nobody" is unknown; .*answers-baseline, answers-hmu'),
        (replace(ask(), task="chess"), 'task "chess" is unknown; choose one of common_gen'),
        (ask(""), "text: empty"),
        (ask(" \n\t "), "text: empty"),
        (ask("\u200b\u00a0"), "text: empty"),
        (ask(checkpoint="spoiled-hmu"), "damaged or changed"),
        (ask("dog", forced=(1.0,) * 25), "forced gates: 25 for .* source tokens; give at most one for each"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(
    desk: Desk, action: Callable[[Desk, Ask], object], asked: Ask, said: str
) -> None:
    with pytest.raises(ValueError, match=said) as refusal:
        action(desk, asked)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("field", ["checkpoint", "task", "text"])
@pytest.mark.parametrize("value", [None, 5, ["dog"], {"dog": "\n"}], ids=str)
def test_what_is_no_text_asks_nothing(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{field}: .*; give a text$"):
        Ask(**{"checkpoint": "answers-hmu", "task": "common_gen", "text": "dog", field: value})


def test_a_task_that_classifies_writes_nothing(desk: Desk) -> None:
    with pytest.raises(ValueError, match='task "sst2" classifies; pick it on the Classify tab'):
        write_all(desk, replace(ask(), task="sst2"))


def test_a_text_of_100_000_characters_is_cut_and_said_so(desk: Desk) -> None:
    asked = ask("dog " * 25_000 + "x")
    notes = " ".join(look(desk, asked).notes)
    assert "first 2,000 of 100,001 characters" in notes
    assert "first 24 of" in notes
    assert next(write(desk, asked, Decoding())).look.notes == look(desk, asked).notes


def test_a_text_is_encoded_once_and_only_so_many_are_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "_SOURCES_KEPT", 3)
    read_texts = []

    def counted(checkpoint: Checkpoint, task: str, text: str, second: str | None) -> Any:
        read_texts.append(text)
        return read(checkpoint, task, text, second)

    monkeypatch.setattr(desk_module, "read", counted)
    for text in ("dog", "ball", "dog", "street", "fall", "dog", "ball"):
        look(desk, ask(text, gate_bias=len(read_texts)))
    assert read_texts == ["dog", "ball", "street", "fall", "ball"]
    assert len(desk._sources) == 3
