"""Figures → tables of text. Knows nothing of what stands around them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from hmu.evaluation.figures import Figure

_COLUMNS = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "majority": "majority",
    "matthews": "Matthews",
    "coverage": "coverage",
    "bleu": "BLEU",
}
UNIT = ("mean gate", "std between tokens", "std between channels", "active units", "KL per token")
"""Heads of `unit`."""


def scores(figures: Sequence[Figure]) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: how good the answers were and, where settings were compared, how many changed."""
    names = [name for name in _COLUMNS if name in figures[0].metrics]
    heads = ["part", "inputs", "δ", "τ", *(_COLUMNS[name] for name in names)]
    rows = [[*_where(f), *(_number(f.metrics[name], 2 if name == "bleu" else 4) for name in names)] for f in figures]
    if all(f.changed is None for f in figures):
        return heads, rows
    changed = ("–" if f.changed is None else f"{f.changed:.1%}" for f in figures)
    return [*heads, "changed"], [[*row, share] for row, share in zip(rows, changed, strict=True)]


def units(figures: Sequence[Figure], latent: int) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: the unit's state; `latent` is k."""
    return ["part", "inputs", "δ", "τ", *UNIT], [[*_where(f), *unit(f.metrics, latent)] for f in figures]


def unit(metrics: Mapping[str, float | None], latent: int) -> tuple[str, ...]:
    """The cells of one `UnitMetrics`, by name; `latent` is k."""
    gates = (_number(metrics[name], 4) for name in ("gate_mean", "gate_std", "gate_channel_std"))
    return (*gates, f"{metrics['active_units']} of {latent}", _number(metrics["kl_per_token"], 2))


def _where(figure: Figure) -> tuple[str, ...]:
    return figure.split, f"{figure.inputs:,}", f"{figure.gate_bias:g}", f"{figure.temperature:g}"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table's lines in Markdown."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
