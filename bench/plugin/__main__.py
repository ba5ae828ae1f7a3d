"""python -m bench.plugin run | report."""

import argparse
import sys
from pathlib import Path

import torch

from bench.plugin.arms import ARMS
from bench.plugin.report import ROWS, TASKS, report
from bench.plugin.runs import Bench, Run, do_all
from hmu.study.results import read

RESULTS, TEXT, DOCUMENT = Path("docs/study/plugin.jsonl"), Path("bench/plugin/text.md"), Path("docs/PLUGIN.md")


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench.plugin", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    run = commands.add_parser("run", help="train and score what is not there yet; a line of results each")
    run.add_argument("--base", required=True, help="the frozen encoder: a folder, or a name on the Hub")
    run.add_argument("--data-root", type=Path, required=True)
    run.add_argument("--tasks", default=",".join(TASKS))
    run.add_argument("--arms", default=",".join(ARMS))
    run.add_argument("--rows", default=",".join(map(str, ROWS)), help="0 is all of them")
    run.add_argument("--seeds", default="1,2,3")
    run.add_argument("--threads", type=int, default=1)
    for command in (run, commands.add_parser("report", help="the lines of results → docs/PLUGIN.md")):
        command.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    if options.command == "report":
        DOCUMENT.write_text(report(read([options.results]), TEXT.read_text(encoding="utf-8")), encoding="utf-8")
        return
    torch.set_num_threads(options.threads)
    runs = [
        Run(task, arm, int(rows), int(seed))
        for task in options.tasks.split(",")
        for seed in options.seeds.split(",")
        for rows in options.rows.split(",")
        for arm in options.arms.split(",")
    ]
    for result in do_all(Bench(options.base, options.data_root), runs, options.results):
        print(result["id"], f"{result['metrics']['accuracy']:.4f}", file=sys.stderr, flush=True)


main()
