"""Five-sentence stories: write the last one (ROCStories), or choose it between two (Story Cloze)."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from hmu.tasks.base import Example, HubData, Row, Task, sentences, squeeze

_STORY = tuple(f"sentence{number}" for number in range(1, 6))
_BEGINNING = tuple(f"input_sentence_{number}" for number in range(1, 5))
_ENDINGS = ("sentence_quiz1", "sentence_quiz2")
_ANSWER = "answer_right_ending"


def _story(row: Row) -> Example:
    *begun, end = (squeeze(row[field]) for field in _STORY)
    source = " ".join(begun)
    return Example(source=source, references=(end,), group=source)


def _vary(examples: Sequence[Example], draw: Random) -> list[Example]:
    """The same stories broken off earlier, after a drawn sentence: the one behind it is to be written."""
    varied = []
    for example in examples:
        told = sentences(example.source)
        shown = draw.randrange(1, max(2, len(told)))
        begun, after = " ".join(told[:shown]), [*told[shown:], *example.references][0]
        varied.append(replace(example, source=begun, references=(after,)))
    return varied


def _cloze(row: Row) -> Example:
    source = " ".join(squeeze(row[field]) for field in _BEGINNING)
    endings = tuple(squeeze(row[field]) for field in _ENDINGS)
    return Example(source=source, label=row[_ANSWER] - 1, group=source, endings=endings)


ROC_STORIES = Task(
    name="roc_stories",
    title="The end of a story (ROCStories)",
    folder="roc_stories",
    fields=dict.fromkeys(_STORY, str),
    prepare=squeeze,
    example=_story,
    vary=_vary,
    hub=HubData(
        "wza/roc_stories",
        splits={"train": "train[2000:]", "validation": "train[:2000]"},  # it has no official split
        file="ROCStories__spring2016.csv",
    ),
)

STORY_CLOZE = Task(
    name="story_cloze",
    title="The right end of a story (Story Cloze)",
    folder="story_cloze",
    fields={**dict.fromkeys((*_BEGINNING, *_ENDINGS), str), _ANSWER: int},
    prepare=squeeze,
    example=_cloze,
    chooses=True,
    within={_ANSWER: range(1, 3)},
    hub=HubData("LSDSem/story_cloze", "2016", {"validation": "validation"}, on_request=True),
)
