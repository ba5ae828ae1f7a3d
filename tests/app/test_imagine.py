"""Several texts and the texts between two, as the page asks for them, against the library's own calls."""

import builtins
import pickle
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.imagine import Between, Imagined, Samples, between, imagine
from hmu import Controls, Decoding, read
from hmu.evaluation.variety import variety
from hmu.imagine import Sample, interpolate, latent_samples, softmax_samples

TEXT, OTHER = "street, walk, café, people", "dog"
LATENT = Ask("answers-hmu", "common_gen", TEXT, Controls(temperature=2.0, seed=3))
SOFTMAX = Ask("answers-baseline", "common_gen", TEXT)
DECODING = Decoding(top_k=40, seed=7, max_new_tokens=12)


def texts(samples: Samples | Between | None) -> list[str]:
    return [] if samples is None else [sample.text for sample in samples.samples]


def by_noise(desk: Desk, n: int) -> list[Sample]:
    checkpoint = desk.shelf.get(LATENT.checkpoint)
    return list(latent_samples(checkpoint, read(checkpoint, "common_gen", TEXT), LATENT.controls, n, DECODING))


def by_draw(desk: Desk, n: int, temperature: float) -> list[Sample]:
    checkpoint = desk.shelf.get(SOFTMAX.checkpoint)
    drawn = replace(DECODING, temperature=temperature)
    return list(softmax_samples(checkpoint, read(checkpoint, "common_gen", TEXT), Controls(), n, drawn))


def test_each_grid_is_the_librarys_own_samples(desk: Desk) -> None:
    *_, last = imagine(desk, LATENT, SOFTMAX, 4, DECODING, 0.8)
    assert last.latent.samples == tuple(by_noise(desk, 4))
    assert last.softmax is not None
    assert last.softmax.samples == tuple(by_draw(desk, 4, 0.8))


def test_a_frame_is_one_more_sample_in_each_grid_and_the_last_is_done(desk: Desk) -> None:
    frames = list(imagine(desk, LATENT, SOFTMAX, 3, DECODING, 1.0))
    assert [(len(texts(f.latent)), len(texts(f.softmax)), f.done) for f in frames] == [
        *((1, 1, False), (2, 2, False), (3, 3, True))
    ]


def test_each_frame_has_the_variety_of_its_own_texts(desk: Desk) -> None:
    for frame in imagine(desk, LATENT, SOFTMAX, 3, DECODING, 1.5):
        assert frame.latent.variety == variety(texts(frame.latent))
        assert frame.softmax is not None
        assert frame.softmax.variety == variety(texts(frame.softmax))


def test_the_latent_grid_can_stand_alone(desk: Desk) -> None:
    beside, alone = (list(imagine(desk, LATENT, ask, 3, DECODING, 1.0))[-1] for ask in (SOFTMAX, None))
    assert alone == Imagined(beside.latent, None, done=True)


def test_without_the_extra_there_are_texts_and_no_variety(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    importer = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("sacrebleu"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return importer(name, *rest, **named)

    for module in [name for name in sys.modules if name.startswith("hmu.evaluation")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(builtins, "__import__", without)
    *_, last = imagine(desk, LATENT, None, 2, DECODING, 1.0)
    assert (len(texts(last.latent)), last.latent.variety) == (2, None)


def test_the_texts_between_are_the_librarys_own(desk: Desk) -> None:
    checkpoint = desk.shelf.get("answers-hmu")
    first, second = (read(checkpoint, "common_gen", text) for text in (TEXT, OTHER))
    expected = tuple(interpolate(checkpoint, first, second, 5, DECODING))
    frames = list(between(desk, LATENT, OTHER, 5, DECODING))
    assert [frame.samples for frame in frames] == [expected[:count] for count in range(1, 6)]
    assert [frame.done for frame in frames] == [False] * 4 + [True]
    assert frames[0].shares == (0.0, 0.25, 0.5, 0.75, 1.0)


def test_what_was_changed_in_either_text_is_told_once(desk: Desk) -> None:
    long = replace(LATENT, text="dog " * 3000)
    frame = next(between(desk, long, long.text, 2, DECODING))
    assert [note.split(" the first ")[0] for note in frame.notes] == ["Cut to", "Read"]
    assert next(imagine(desk, long, None, 1, DECODING, 1.0)).latent.notes == frame.notes


def test_what_is_yielded_can_be_sent_between_processes(desk: Desk) -> None:
    """On ZeroGPU the handlers run in another process."""
    frames: list[Imagined | Between] = [
        *imagine(desk, LATENT, SOFTMAX, 2, DECODING, 1.0),
        *between(desk, LATENT, OTHER, 2, DECODING),
    ]
    assert pickle.loads(pickle.dumps(frames)) == frames


def ask_imagine(desk: Desk, latent: Ask = LATENT, softmax: Ask = SOFTMAX, n: Any = 2, temperature: Any = 1.0) -> Any:
    return imagine(desk, latent, softmax, n, DECODING, temperature)


def ask_between(desk: Desk, ask: Ask = LATENT, other: str = OTHER, steps: Any = 2) -> Any:
    return between(desk, ask, other, steps, DECODING)


@pytest.mark.parametrize(
    ("action", "changed", "said"),
    [
        (ask_imagine, {"n": 17}, r"^samples: 17; give a number from 1 to 16$"),
        (ask_imagine, {"n": 0}, "samples: 0"),
        (ask_imagine, {"n": 2.5}, r"^samples: 2.5; give a whole number from 1 to 16$"),
        (ask_imagine, {"n": None}, "samples: None"),
        (ask_imagine, {"temperature": 2.1}, r"^softmax temperature: 2.1; give a number from 0 to 2$"),
        (ask_imagine, {"temperature": "hot"}, "softmax temperature: .*hot"),
        (ask_imagine, {"latent": SOFTMAX}, "answers-baseline: its memory has no latent to draw from; pick an HMU"),
        (ask_imagine, {"latent": replace(LATENT, checkpoint="nobody")}, "nobody"),
        (ask_imagine, {"softmax": replace(SOFTMAX, checkpoint="nobody")}, "nobody"),
        (ask_imagine, {"latent": replace(LATENT, task="sst2")}, "pick it on the Classify tab"),
        (ask_imagine, {"softmax": replace(SOFTMAX, task="chess")}, 'task "chess" is unknown'),
        (ask_imagine, {"latent": replace(LATENT, text=" ")}, "text: empty"),
        (ask_between, {"steps": 13}, r"^steps: 13; give a number from 2 to 12$"),
        (ask_between, {"steps": 1}, "steps: 1"),
        (ask_between, {"steps": True}, "steps: True"),
        (ask_between, {"ask": SOFTMAX}, "answers-baseline: its memory has no latent"),
        (ask_between, {"ask": replace(LATENT, task="ag_news")}, "pick it on the Classify tab"),
        (ask_between, {"other": "\t"}, "text: empty"),
        (ask_between, {"other": None}, "text: None; give a text"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(desk: Desk, action: Any, changed: dict[str, Any], said: str) -> None:
    asked: Iterator[Imagined | Between] = action(desk, **changed)
    with pytest.raises(ValueError, match=said):
        next(asked)


def test_the_most_that_can_be_asked_is_given(desk: Desk) -> None:
    *_, last = imagine(desk, LATENT, None, 16, Decoding(max_new_tokens=2), 1.0)
    *_, line = between(desk, LATENT, OTHER, 12, Decoding(max_new_tokens=2))
    assert (len(texts(last.latent)), len(texts(line))) == (16, 12)
