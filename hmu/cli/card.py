"""`card`: a checkpoint → its model card."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from hmu.checkpoint import Checkpoint
from hmu.cli.data import data_root
from hmu.cli.options import Commands, add_checkpoint, bar, open_checkpoint, whole
from hmu.cli.train import add_recipe, files_of, recipe_of

if TYPE_CHECKING:
    from hmu.evaluation.facts import Training


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser("card", help="measure a checkpoint and write its model card")
    add_checkpoint(parser)
    add_recipe(parser)
    parser.add_argument("--pair-name", required=True, metavar="NAME", help="what the pair is called, such as trio")
    parser.add_argument("--hardware", required=True, help="what it was trained on")
    parser.add_argument("--minutes", type=float, required=True, metavar="M", help="how long that took")
    parser.add_argument("--trunk", metavar="DIR", help="the checkpoint whose encoder and decoder it started from")
    parser.add_argument("--figures", type=Path, metavar="FILE", help="keeps the figures; read where it exists")
    parser.add_argument(
        "--note", action="append", default=[], metavar="TEXT", help="a further sentence on the training"
    )
    parser.add_argument("--batch-size", type=whole, default=64, metavar="N", help="inputs encoded together")
    parser.add_argument(
        "--rows", type=whole, default=256, metavar="N", help="rows for each figure, where rows are drawn"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Measure, or read what was measured, and write README.md; its path on stdout."""
    from hmu.evaluation.facts import Training, check_arm  # noqa: PLC0415 - needs an extra

    recipe = recipe_of(options)
    checkpoint = open_checkpoint(options)
    file = options.recipe
    training = Training(
        pair=options.pair_name,
        arm=options.arm,
        recipe=recipe,
        recipe_file=file.name if file.is_absolute() else file.as_posix(),
        recipe_text=file.read_text(encoding="utf-8"),
        precision=options.precision,
        trunk=options.trunk,
        hardware=options.hardware,
        minutes=options.minutes,
        notes=tuple(options.note),
    )
    check_arm(checkpoint, training)
    readme = options.checkpoint / "README.md"
    text = (_of_drawn_rows if recipe.synthetic else _of_texts)(options, checkpoint, training)
    readme.write_text(text, encoding="utf-8")
    print(readme)


def _of_texts(options: argparse.Namespace, checkpoint: Checkpoint, training: "Training") -> str:
    from hmu.evaluation.card import card  # noqa: PLC0415 - needs an extra
    from hmu.evaluation.facts import gather  # noqa: PLC0415
    from hmu.evaluation.figures import Figures, measure, measured  # noqa: PLC0415

    recipe, kept = training.recipe, options.figures

    def measure_now() -> Figures:
        files = files_of(recipe)
        root = data_root(options, files + [(task, task.scored_on) for task, _ in files])
        return measure(checkpoint, options.checkpoint, recipe, root, options.batch_size, bar)

    figures = measured(kept, options.checkpoint, recipe, measure_now) if kept else measure_now()
    return card(gather(checkpoint, training, figures))


def _of_drawn_rows(options: argparse.Namespace, checkpoint: Checkpoint, training: "Training") -> str:
    from hmu.evaluation.facts import gather  # noqa: PLC0415 - needs an extra
    from hmu.evaluation.synthetic_card import card  # noqa: PLC0415
    from hmu.evaluation.synthetic_figures import SyntheticFigures, measure, measured  # noqa: PLC0415

    recipe, kept, rows = training.recipe, options.figures, options.rows

    def measure_now() -> SyntheticFigures:
        return measure(checkpoint, options.checkpoint, recipe, rows, options.batch_size, bar)

    figures = measured(kept, options.checkpoint, recipe, rows, measure_now) if kept else measure_now()
    return card(gather(checkpoint, training, figures))
