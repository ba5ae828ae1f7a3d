"""python -m bench.plugin run | transfer | report."""

import argparse
import sys
from pathlib import Path

import torch

from bench.plugin.arms import ARMS, arms_for
from bench.plugin.encoder import EncoderBench
from bench.plugin.report import ROWS, TASKS, report
from bench.plugin.runs import Bench, Run, do_all
from bench.plugin.transfer import BASES, TransferBench
from hmu.study.results import read
from hmu.training.recipe import PRECISIONS

RESULTS, TRANSFERRED = Path("docs/study/plugin.jsonl"), Path("docs/study/transfer.jsonl")
TEXT, DOCUMENT = Path("bench/plugin/text.md"), Path("docs/PLUGIN.md")


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench.plugin", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    run = commands.add_parser("run", help="classify with somebody else's frozen encoder; a line of results a run")
    run.add_argument("--base", required=True, help="the encoder: a folder, or a name on the Hub")
    run.add_argument("--known-as", nargs=2, metavar=("REPO", "COMMIT"), help="where it is on the Hub, for kept units")
    run.add_argument("--tasks", default=",".join(TASKS))
    run.add_argument("--arms", default=",".join(arms_for("all")))
    run.add_argument("--rows", default=",".join(map(str, ROWS)), help="0 is all of them")
    run.set_defaults(results=RESULTS)
    transfer = commands.add_parser("transfer", help="write for one task with a frozen model of the other")
    transfer.add_argument("--bases", type=Path, default=Path("zoo/checkpoints"), help="folder of the bases' folders")
    transfer.add_argument("--tasks", default=",".join(BASES))
    transfer.add_argument("--arms", default=",".join(arms_for("write")))
    transfer.set_defaults(results=TRANSFERRED, rows="0")
    for command in (run, transfer):
        command.add_argument("--data-root", type=Path, required=True)
        command.add_argument("--seeds", default="1,2,3")
        command.add_argument("--threads", type=int, default=1)
        command.add_argument("--precision", choices=PRECISIONS, default="", help="in place of the arm's")
        command.add_argument("--keep", type=Path, metavar="DIR", help="save the units of all rows and the first seed")
        command.add_argument("--out", dest="results", type=Path, metavar="FILE", help="the lines of results")
    commands.add_parser("report", help="the lines of results → docs/PLUGIN.md")
    options = parser.parse_args()
    if options.command == "report":
        text = report(read([RESULTS]), read([TRANSFERRED]), TEXT.read_text(encoding="utf-8"))
        DOCUMENT.write_text(text, encoding="utf-8")
        return
    torch.set_num_threads(options.threads)
    for result in do_all(_bench(options), _runs(options), options.results):
        print(result["id"], result["metrics"], file=sys.stderr, flush=True)


def _bench(options: argparse.Namespace) -> Bench:
    keep = options.keep and (options.keep, int(options.seeds.split(",")[0]))
    if options.command == "transfer":
        return TransferBench(options.bases, options.data_root, keep, options.precision)
    known_as = options.known_as and tuple(options.known_as)
    return EncoderBench(options.base, options.data_root, keep, options.precision, known_as=known_as)


def _runs(options: argparse.Namespace) -> list[Run]:
    """Task by task, whose states are kept meanwhile; an arm that trains nothing is done once."""
    return [
        Run(task, arm, int(rows), int(seed))
        for task in options.tasks.split(",")
        for place, seed in enumerate(options.seeds.split(","))
        for rows in options.rows.split(",")
        for arm in options.arms.split(",")
        if ARMS[arm].trains or not place
    ]


main()
