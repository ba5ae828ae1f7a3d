"""A task and the checkpoints beside it: which go together, and what is nearest to those that do not. Loads nothing."""

from collections.abc import Sequence

from zoo.catalog import BASELINE, Catalog, Entry


def task_for(catalog: Catalog, tasks: Sequence[str], now: str, picked: str, others: Sequence[str]) -> str:
    """The task for a checkpoint that was just picked.

    Args:
        catalog: where it is.
        tasks: the tasks to choose from.
        now: the one that stands; it stays where the checkpoint knows it, or knows none of them.
        picked: the checkpoint's id.
        others: those beside it; a task that they know, too, is preferred.
    """
    known = [task for task in tasks if task in catalog.find(picked).tasks]
    if now in known or not known:
        return now
    shared = (task for task in known if all(task in catalog.find(other).tasks for other in others))
    return next(shared, known[0])


def columns_for_task(catalog: Catalog, task: str, picked: Sequence[str]) -> list[str]:
    """Those that were picked, each that has not learned the task replaced by its like that has.

    Its like is of the same arm, or the baseline for a baseline and a memory for a memory: of a pair that is picked
    already where there is one, else of one that has a like for all, so that what stands side by side was trained alike,
    else of the first that knows the task. Where nothing knows it, all stay.
    """
    chosen = [catalog.find(name) for name in picked]
    able = [entry for entry in chosen if task in entry.tasks]
    pairs, kinds = {entry.pair for entry in able}, {entry.arm == BASELINE for entry in chosen}
    there = catalog.knowing([task]).entries
    whole = {pair.name for pair in Catalog(catalog.root, there).pairs()} if len(kinds) > 1 else set()
    candidates = sorted(there, key=lambda entry: (entry.pair not in pairs, entry.pair not in whole))
    return [entry.id if task in entry.tasks else _like(entry, candidates) for entry in chosen]


def _like(entry: Entry, candidates: Sequence[Entry]) -> str:
    """The first of the best kind; sorting is stable, so candidates stay in their order among equals."""

    def unlike(other: Entry) -> tuple[bool, bool]:
        return (other.arm == BASELINE) != (entry.arm == BASELINE), other.arm != entry.arm

    return min(candidates, key=unlike, default=entry).id
