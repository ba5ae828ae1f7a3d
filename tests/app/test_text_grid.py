"""Values of the text grid, without a model or a browser."""

from dataclasses import replace

from app.components.text_grid import between_grid, marks, samples_grid, stopped_grid, waiting_grid
from app.handlers.imagine import Between, Samples
from hmu.evaluation.variety import variety
from hmu.imagine import Sample

TEXTS = ("a dog runs", "a dog runs", "a cat", "")
SAMPLES = Samples(("Cut.",), tuple(Sample(text, ()) for text in TEXTS), variety(TEXTS))
LINE = Between((0.0, 0.5, 1.0), (), SAMPLES.samples[:2])


def test_equal_texts_get_one_mark_in_order_of_appearance() -> None:
    assert marks(["b", "a", "b", "c", "a"]) == [0, 1, 0, 2, 1]


def test_a_grid_shows_the_figures_of_its_variety() -> None:
    found = variety(TEXTS)
    shown = {name: value for value, name, _ in samples_grid("HMU", SAMPLES, 6, done=False)["facts"]}
    assert shown == {
        "different texts": f"{found.different} of 4",
        "distinct-1": f"{found.distinct_1:.3f}",
        "distinct-2": f"{found.distinct_2:.3f}",
        "self-BLEU": f"{found.self_bleu:.1f}",
    }


def test_without_the_extra_what_differs_is_still_counted() -> None:
    facts = samples_grid("HMU", replace(SAMPLES, variety=None), 4, done=True)["facts"]
    assert [fact[:2] for fact in facts] == [["3 of 4", "different texts"]]


def test_one_text_alone_is_like_no_other() -> None:
    alone = Samples((), SAMPLES.samples[:1], variety(TEXTS[:1]))
    assert samples_grid("HMU", alone, 1, done=True)["facts"][-1][0] == "–"


def test_only_the_ends_of_a_line_carry_their_prompts() -> None:
    whole = replace(LINE, samples=SAMPLES.samples[:3], done=True)
    cells = between_grid("HMU", whole, ("from", "to"))["cells"]
    assert [(cell["share"], cell["label"]) for cell in cells] == [(0.0, "from"), (0.5, ""), (1.0, "to")]


def test_a_stopped_grid_keeps_its_cells() -> None:
    running = between_grid("HMU", LINE, ("from", "to"))
    assert (running["busy"], running["total"]) == (True, 3)
    assert stopped_grid(running) == running | {"busy": False}
    assert stopped_grid(None) is None
    assert waiting_grid("HMU", busy=True)["cells"] == []
