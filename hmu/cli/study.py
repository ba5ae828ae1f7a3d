"""`study`: many runs, each once; goes on where it was stopped. `report`: their results → docs/REPRODUCTION.md."""

import argparse
import importlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from hmu.cli.data import add_data_root, data_root
from hmu.cli.options import Commands, bar, names, share, tell, whole
from hmu.tasks import TRAIN, find_task

if TYPE_CHECKING:
    from hmu.study.presets import Run
    from hmu.study.results import Result

RESULTS = "results.jsonl"


def add(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "study", help="train and measure every task, arm and seed once; go on where it stopped"
    )
    parser.add_argument(
        "--preset",
        default="paper",
        help="paper (as published, corrected), zoo (this project's own) or published (the decoder sees its answer)",
    )
    parser.add_argument("--tasks", type=names, required=True, metavar="A,B", help="such as mrpc,rte,cola, or synthetic")
    parser.add_argument("--arms", type=names, metavar="A,B", help="by default the main ones: baseline,hmu,…")
    parser.add_argument("--seeds", type=_seeds, default=(1, 2, 3, 4, 5), metavar="1-5", help="such as 1-5 or 1,3")
    parser.add_argument("--file", metavar="NAME", help="another file of training rows, such as train_full.jsonl.gz")
    parser.add_argument("--rows", type=whole, default=0, metavar="N", help="draw so many training rows; by default all")
    parser.add_argument(
        "--held-out", type=share, default=0.0, metavar="S", help="score this share of the training rows, kept back"
    )
    parser.add_argument(
        "--trunk", type=Path, metavar="DIR", help="a checkpoint whose encoder, decoder and vocabulary every run has"
    )
    parser.add_argument(
        "--vocabulary",
        type=Path,
        metavar="DIR",
        help="of other runs; by default that of the project's own, in a clone, else one trained for this --out",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help=f"receives {RESULTS}, one line a run")
    parser.add_argument(
        "--known", type=Path, nargs="*", default=[], metavar="FILE", help="results that need not be again"
    )
    parser.add_argument("--threads", type=whole, metavar="N", help="CPU threads of this process")
    add_data_root(parser)
    parser.set_defaults(run=run)
    told = commands.add_parser("report", help="write what the results of a study say")
    told.add_argument("--preset", default="paper", help="whose runs")
    told.add_argument("--results", type=Path, nargs="+", required=True, metavar="FILE", help="of any machines")
    told.add_argument(
        "--times", type=Path, nargs="*", default=[], metavar="FILE", help="what `times` measured, to be told as well"
    )
    told.add_argument(
        "--out", type=Path, default=Path("docs"), metavar="DIR", help="receives REPRODUCTION.md and .json"
    )
    told.add_argument("--plots", action="store_true", help="write its plots as SVG files too (extra: pictures)")
    told.set_defaults(run=run_report)


def run(options: argparse.Namespace) -> None:
    """Do what is not done; each run's line as it is finished, and at the end how many there are."""
    from hmu.study import results  # noqa: PLC0415 - needs extras
    from hmu.study.runs import done, forget  # noqa: PLC0415
    from hmu.study.vocabulary import notes, refuse_another, trained_tasks, vocabulary  # noqa: PLC0415
    from hmu.tasks.synthetic import SYNTHETIC  # noqa: PLC0415

    importlib.import_module("accelerate")  # Trainer's own complaint is longer
    runs = _planned(options)
    reads = any(one.task != SYNTHETIC for one in runs)
    files = [(task, name) for task in trained_tasks(options.preset) for name in (TRAIN, task.scored_on)]
    files += [(find_task(one.task), one.file) for one in runs if one.file != TRAIN]
    root = data_root(options, files) if reads else None
    tell(_unscored(runs, root) if root else ())
    if options.threads:
        torch.set_num_threads(options.threads)
    file, work = options.out / RESULTS, options.out / "work"

    def there() -> "Sequence[Result]":
        return results.read([*options.known, *([file] if file.is_file() else [])])

    def known() -> set[str]:
        return {result["id"] for result in there()}

    held = 0
    with redirect_stdout(sys.stderr), bar("runs", len(runs)) as moved:
        tokenizer = None
        if root and not options.trunk:
            tell(notes(options.preset, options.out, options.vocabulary))
            tokenizer = vocabulary(options.preset, root, options.out, options.vocabulary)
            refuse_another(tokenizer, runs, there())
        for one in runs:
            with results.claimed(work, one.id) as mine:
                held += not mine
                if mine and one.id not in known():
                    drawn = one.task == SYNTHETIC
                    given = (None, work, None) if drawn else (root, work, tokenizer)
                    results.append(file, done(one, *given, options.trunk, bar))
                    forget(one, work)
            moved(1)
    tell([f"{held} left to other processes, which are at them"] * bool(held))
    print(f"{len(known() & {one.id for one in runs})} of {len(runs)} runs in {file}")


def run_report(options: argparse.Namespace) -> None:
    """Read the results, write the report; its path on stdout."""
    from hmu.study import results  # noqa: PLC0415 - needs extras
    from hmu.study.lines import fault_of  # noqa: PLC0415
    from hmu.study.pictures import draw, gallery, pictures  # noqa: PLC0415
    from hmu.study.report import report  # noqa: PLC0415
    from hmu.study.times import read_times  # noqa: PLC0415

    text, value = report(results.read(options.results, fault_of), options.preset, read_times(options.times))
    options.out.mkdir(parents=True, exist_ok=True)
    if options.plots:
        draw(drawn := pictures(value), options.out)
        text += gallery(drawn)
    (options.out / "reproduction.json").write_text(
        json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (options.out / "REPRODUCTION.md").write_text(text, encoding="utf-8")
    print(options.out / "REPRODUCTION.md")


def _unscored(runs: "Sequence[Run]", root: Path) -> Iterator[str]:
    """What runs would be scored on too, if its file were there."""
    from hmu.study.claims import TRAINED_WITH  # noqa: PLC0415 - needs extras
    from hmu.study.runs import scored_tasks  # noqa: PLC0415
    from hmu.tasks.synthetic import SYNTHETIC  # noqa: PLC0415

    read = [one for one in runs if one.task != SYNTHETIC and not one.held_out]
    scored = {task.name for one in read for task in scored_tasks(one, root)}
    for name, trained in TRAINED_WITH.items():
        if trained in scored and name not in scored:
            yield f"{name}: no file of it under {root}; {trained} is trained, {name} is not scored"


def _planned(options: argparse.Namespace) -> "Sequence[Run]":
    from hmu.study.arms import MAIN  # noqa: PLC0415 - needs extras
    from hmu.study.runs import planned  # noqa: PLC0415

    arms = options.arms or MAIN
    folder = options.trunk
    trunk = "" if folder is None else (folder.resolve().parent if folder.name == "final" else folder.resolve()).name
    drawn = (options.rows, options.held_out, trunk, options.file or TRAIN)
    return planned(options.preset, options.tasks, arms, options.seeds, *drawn)


def _seeds(text: str) -> tuple[int, ...]:
    """1-5 and 1,3,7 → the numbers."""
    found: list[int] = []
    for part in text.split(","):
        read = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        seeds = range(int(read[1]), int(read[2] or read[1]) + 1) if read else ()
        if not seeds:
            raise argparse.ArgumentTypeError(f'"{text}": give seeds such as 1-5 or 1,3')
        found += seeds
    return tuple(found)
