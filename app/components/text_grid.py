"""Several texts → the value that text_grid.js draws: cells, the marks that tell equal ones, and figures above them.

Knows nothing of models, of gradio, or of how the texts were made.
"""

from collections.abc import Sequence
from typing import Any

from app import words
from app.handlers.imagine import Between, Samples
from app.saying import LINE

Json = dict[str, Any]


def waiting_grid(title: str, busy: bool = False) -> Json:
    """A grid before its first text."""
    return _grid(title, [], [], 0, busy)


def stopped_grid(grid: Json | None) -> Json | None:
    """A grid that keeps what it has and waits for nothing more."""
    return grid and grid | {"busy": False}


def samples_grid(title: str, samples: Samples, total: int, done: bool) -> Json:
    """One checkpoint's samples so far.

    Args:
        title: of the checkpoint.
        samples: of one prompt.
        total: samples that were asked for.
        done: whether these are all.
    """
    texts = [sample.text for sample in samples.samples]
    cells = [_cell(text, mark) for text, mark in zip(texts, marks(texts), strict=True)]
    return _grid(title, cells, _figures(samples), total, not done, LINE.join(samples.notes))


def between_grid(title: str, line: Between, ends: tuple[str, str]) -> Json:
    """The texts between two prompts so far.

    Args:
        title: of the checkpoint.
        line: the texts and the second prompt's share in each.
        ends: the two prompts, shown at their ends.
    """
    texts = [sample.text for sample in line.samples]
    labels = [ends[0], *[""] * (len(line.shares) - 2), ends[1]]
    cells = [
        _cell(text, mark, share, label)
        for text, mark, share, label in zip(texts, marks(texts), line.shares, labels, strict=False)
    ]
    return _grid(title, cells, [_different(texts)], len(line.shares), not line.done, LINE.join(line.notes))


def marks(texts: Sequence[str]) -> list[int]:
    """For each text a number from 0, the same for texts that are alike to the letter, in order of appearance."""
    known = {text: mark for mark, text in enumerate(dict.fromkeys(texts))}
    return [known[text] for text in texts]


def _grid(title: str, cells: list[Json], facts: list[list[str]], total: int, busy: bool, note: str = "") -> Json:
    return {
        "title": title,
        "facts": facts,
        "cells": cells,
        "total": total,
        "busy": busy,
        "note": note,
        "waiting": words.GRID_WAITING,
        "nothing": words.NOTHING,
    }


def _cell(text: str, mark: int, share: float | None = None, label: str = "") -> Json:
    return {"text": text, "mark": mark, "share": share, "label": label}


def _different(texts: Sequence[str]) -> list[str]:
    return [words.OF.format(len(set(texts)), len(texts)), *words.DIFFERENT_TOLD]


def _figures(samples: Samples) -> list[list[str]]:
    figures = [_different([sample.text for sample in samples.samples])]
    found = samples.variety
    if found is None:
        return figures
    likeness = "–" if found.self_bleu is None else f"{found.self_bleu:.1f}"
    values = (f"{found.distinct_1:.3f}", f"{found.distinct_2:.3f}", likeness)
    return figures + [[value, *told] for value, told in zip(values, words.VARIETY_TOLD, strict=True)]
