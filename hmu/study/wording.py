"""Values of the report → words and numbers, as its sections write them."""

from collections.abc import Iterable, Sequence

from hmu.evaluation.tables import markdown
from hmu.study.statistics import Paired, Spread


def named(metric: str) -> str:
    """A metric as people read it."""
    return metric.replace("_", " ")


def spread_text(value: Spread | None, digits: int = 4) -> str:
    """Mean ± sd (seeds)."""
    if value is None:
        return "–"
    sd = "" if value.sd is None else f" ± {value.sd:.{digits}f}"
    return f"{value.mean:.{digits}f}{sd} ({value.seeds})"


def paired_text(value: Paired | None, digits: int = 4) -> str:
    """Difference [interval] (seeds that both arms have)."""
    if value is None:
        return "–"
    ends = "" if value.low is None else f" [{value.low:+.{digits}f}, {value.high:+.{digits}f}]"
    return f"{value.mean:+.{digits}f}{ends} ({value.seeds})"


def number(value: float | None, digits: int = 4) -> str:
    """With so many digits after the point."""
    return "–" if value is None else f"{value:.{digits}f}"


def table(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    return "\n".join(markdown(tuple(head), rows))
