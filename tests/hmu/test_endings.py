"""Endings of stories in figures and cards: which repeat themselves, which are shown, and Story Cloze beside them."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from hmu import Checkpoint
from hmu.evaluation.card import card
from hmu.evaluation.endings import DRAWN, SHOWN, draw, repeats
from hmu.evaluation.facts import Training, gather
from hmu.evaluation.figures import Figures, measure, measured
from hmu.training.recipe import Recipe, TaskPlan, read_recipe
from tests.hmu.support_data import write_recipe, write_rows


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He ran to the park and ran to the park.", True),
        ("He ran to the park. RAN to, the!", True),
        ("the the the the", True),
        ("the the the", False),
        ("He ran to the park and to the shop.", False),
        ("", False),
        ("It's his. It's his dog.", False),
        ("It's his dog. It's his dog.", True),
    ],
)
def test_a_repeated_trigram_is_found(text: str, found: bool) -> None:
    assert repeats(text) is found


def test_a_draw_is_the_seeds_and_counts_what_it_drew() -> None:
    answers = [f"He did {n}." if n % 4 else "He sat and sat and sat and sat." for n in range(900)]
    first, again, other = draw(answers, 1), draw(answers, 1), draw(answers, 2)
    assert first == again
    assert first.shown != other.shown
    assert (first.drawn, len(first.shown)) == (DRAWN, SHOWN)
    assert all(answers[line - 1] == text for line, text in first.shown)
    assert draw(answers[:5], 1).repeating == 2
    assert draw(answers[:5], 1).drawn == 5


def story(number: int) -> dict[str, str]:
    return {f"sentence{place}": f"A dog {number} ran {place}." for place in range(1, 6)}


def cloze(number: int) -> dict[str, str | int]:
    begun: dict[str, str | int] = {f"input_sentence_{place}": f"A man {number} sat {place}." for place in range(1, 5)}
    return begun | {"sentence_quiz1": "He ran.", "sentence_quiz2": "The ball.", "answer_right_ending": 1 + number % 2}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_rows(tmp_path / "roc_stories" / "train.jsonl.gz", [story(n) for n in range(30)])
    write_rows(tmp_path / "roc_stories" / "validation.jsonl.gz", [story(n) for n in range(100, 106)])
    write_rows(tmp_path / "story_cloze" / "validation.jsonl.gz", [cloze(n) for n in range(5)])
    return tmp_path


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    """A training on stories alone."""
    values = {name: getattr(read_recipe(write_recipe(tmp_path)), name) for name in Recipe.__dataclass_fields__}
    return Recipe(**values | {"tasks": (TaskPlan("roc_stories", "train.jsonl.gz", 1, 8),)})


def figures_of(checkpoint: Checkpoint, folder: Path, recipe: Recipe, root: Path) -> Figures:
    return measure(checkpoint, folder, recipe, root, 8, lambda _title, _total: nullcontext(lambda _done: None))


def test_stories_are_scored_with_the_choice_of_an_ending(
    hmu_checkpoint: Checkpoint, hmu_folder: Path, recipe: Recipe, root: Path
) -> None:
    figures = figures_of(hmu_checkpoint, hmu_folder, recipe, root)
    found = {(one.task, one.split, one.inputs) for one in figures.figures}
    assert ("story_cloze", "validation", 5) in found
    assert ("roc_stories", "validation", 6) in found
    assert figures.endings is not None
    assert figures.endings.drawn == 6


def test_without_its_file_there_is_no_story_cloze(
    hmu_checkpoint: Checkpoint, hmu_folder: Path, recipe: Recipe, root: Path
) -> None:
    (root / "story_cloze" / "validation.jsonl.gz").unlink()
    figures = figures_of(hmu_checkpoint, hmu_folder, recipe, root)
    assert {one.task for one in figures.figures} == {"roc_stories"}


def test_a_card_shows_endings_and_kept_figures_are_the_same(
    hmu_checkpoint: Checkpoint, hmu_folder: Path, recipe: Recipe, root: Path, tmp_path: Path
) -> None:
    file = tmp_path / "figures.json"
    figures = measured(file, hmu_folder, recipe, lambda: figures_of(hmu_checkpoint, hmu_folder, recipe, root))
    kept = measured(file, hmu_folder, recipe, lambda: pytest.fail("measured again"))
    assert kept == figures
    assert json.loads(file.read_text())["endings"]["drawn"] == 6
    training = Training("tiny", "hmu", recipe, "tiny.toml", "name = 1", "an abacus", 3.0)
    text = card(gather(hmu_checkpoint, training, kept))
    assert figures.endings is not None
    assert f"Of 6 endings drawn from the given file's (seed 7), {figures.endings.repeating} (" in text
    assert all(f"- {line}: {shown}" in text for line, shown in figures.endings.shown)
    assert "### The right end of a story (Story Cloze)" in text
