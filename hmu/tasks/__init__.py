"""The tasks by name; a further task is one entry here."""

from collections.abc import Mapping

from hmu.tasks.base import TRAIN, Example, Task
from hmu.tasks.classification import AG_NEWS, SST2
from hmu.tasks.common_gen import COMMON_GEN
from hmu.tasks.glue import COLA, MNLI, MRPC, QNLI, RTE
from hmu.tasks.stories import ROC_STORIES, STORY_CLOZE
from hmu.tasks.synthetic import SYNTHETIC

TASKS: Mapping[str, Task] = {
    task.name: task for task in (COMMON_GEN, AG_NEWS, SST2, MRPC, RTE, COLA, QNLI, MNLI, ROC_STORIES, STORY_CLOZE)
}


def find_task(name: str) -> Task:
    """The task of that name.

    Raises:
        ValueError: for an unknown name.
    """
    if name not in TASKS:
        raise ValueError(f'task "{name}" is unknown; choose one of {", ".join(TASKS)}')
    return TASKS[name]


def task_title(name: str) -> str:
    """A task, or the synthetic ones together, as people read it; a name that is none of them stays as it is."""
    return TASKS[name].title if name in TASKS else "Synthetic memory" if name == SYNTHETIC else name


__all__ = ["TASKS", "TRAIN", "Example", "Task", "find_task", "task_title"]
