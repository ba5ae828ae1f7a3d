"""`retain`: a checkpoint of the synthetic tasks → retention, recall and copy."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from hmu.cli.options import Commands, add_checkpoint, add_controls, bar, controls_of, open_checkpoint, show, whole

if TYPE_CHECKING:
    from hmu.evaluation.retention import Figure
    from hmu.evaluation.synthetic import Recollection


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("retain", help="what a checkpoint of the synthetic tasks remembers")
    add_checkpoint(parser)
    parser.add_argument("--rows", type=whole, default=256, metavar="N", help="rows for each figure")
    parser.add_argument("--rows-seed", type=int, default=0, metavar="S", help="of the rows; --seed is of the latent")
    parser.add_argument("--batch-size", type=whole, default=32, metavar="N", help="rows read together")
    add_controls(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Draw the rows, ask, print."""
    from hmu.evaluation.retention import Bench  # noqa: PLC0415 - needs an extra
    from hmu.evaluation.synthetic import FIGURES, measure  # noqa: PLC0415

    controls = controls_of(options)
    checkpoint = open_checkpoint(options)
    with bar("rows", FIGURES * options.rows) as moved:
        found = measure(Bench(checkpoint, controls, options.rows_seed, options.rows, options.batch_size, moved))
    names = ("gate_bias", "temperature", "seed", "rows", "rows_seed")
    settings = {name: getattr(options, name) for name in names}
    settings |= {"device": str(checkpoint.model.device), "dtype": str(checkpoint.model.dtype).removeprefix("torch.")}
    head = f"{checkpoint.name}: {options.rows} rows a figure, mean ± 95 %"
    show({"settings": settings} | asdict(found), (head, *_lines(found)), options.json)


def _lines(found: "Recollection") -> Iterator[str]:
    for kept in found.retention:
        yield (
            f"retention@{kept.steps:<4} P(right) {_said(kept.probability)}  recalled {kept.recalled:.4f}  "
            f"cosine written/read {_said(kept.cosine)}"
        )
    for asked in found.recall:
        yield f"recall {asked.pairs} of {asked.length}: accuracy {_said(asked.accuracy)}"
    for copied in found.copy:
        yield f"copy {copied.length}: accuracy {_said(copied.accuracy)}  whole {copied.whole:.4f}"
    yield f"{found.published.label}:"
    for steps, figure in found.published.by_steps.items():
        yield f"  retention@{steps:<4} {figure:.6e}"
    yield f"  ids in another order {found.published.ids_shuffled:.6e}"
    yield f"  texts in another order {found.published.texts_shuffled:.6e}"


def _said(figure: "Figure") -> str:
    return f"{figure.mean:.4f} ± {figure.half:.4f}"
