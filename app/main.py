"""The page's command line: read the arguments, open the desk, start the server."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
from transformers.utils import logging

from app import study, words
from app.components.live import PLOTLY, head
from app.components.marks import mark
from app.gpu import open_desk
from app.tabs.columns import all_box_words
from app.theme import CSS, theme
from app.ui import build


def parser() -> argparse.ArgumentParser:
    """What `python app.py` understands."""
    parse = argparse.ArgumentParser(prog="app.py", description="The HMU page: a baseline and an HMU side by side.")
    parse.add_argument("--port", type=int, help="port; by default the first free one from 7860")
    parse.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), help="address to listen on")
    parse.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    parse.add_argument("--dtype", default="auto", help="auto, fp32, bf16 or fp16")
    parse.add_argument("--zoo", type=Path, help="folder of checkpoints; by default the embedded zoo")
    parse.add_argument("--results", type=Path, default=study.FILE, help="the study's report; by default the project's")
    parse.add_argument("--share", action="store_true", help="ask gradio for a public link")
    parse.add_argument("--mcp", action="store_true", help="also serve the endpoints as tools, at /gradio_api/mcp/")
    parse.add_argument("--open", action="store_true", help="open the browser")
    return parse


def main(arguments: Sequence[str] | None = None) -> None:
    """Start the page and serve until interrupted; bad arguments end with code 2 and one line."""
    options = parser().parse_args(arguments)
    logging.disable_progress_bar()
    try:
        if options.mcp:
            _require_mcp()
        report = study.read_report(options.results)
        page = build(open_desk(options.zoo, options.device, options.dtype, public=options.share), report)
    except ValueError as error:
        _refuse(str(error))
    gr.set_static_paths([PLOTLY])
    page.queue(max_size=64, default_concurrency_limit=8)
    try:
        _launch(page, options)
    except OSError:
        port = options.port or "any near 7860"
        _refuse(f"{options.host}, port {port}: taken or not allowed; give another --port or --host")


def _launch(page: gr.Blocks, options: argparse.Namespace) -> None:
    page.launch(
        server_name=options.host,
        server_port=options.port,
        share=options.share,
        inbrowser=options.open,
        theme=theme(),
        css=CSS,
        head=head(),
        i18n=mark(page, (*words.ARMS.values(), *all_box_words(), words.NO_ANSWER_COLUMN)),
        show_error=True,
        mcp_server=options.mcp or None,
    )


def _refuse(told: str) -> NoReturn:
    print(f"app.py: {told}", file=sys.stderr)
    raise SystemExit(2) from None


def _require_mcp() -> None:
    """Without the extra gradio would start, and say in the middle of its log that there are no tools."""
    try:
        import mcp  # noqa: F401, PLC0415 - an extra, which the page does without
    except ModuleNotFoundError as error:
        raise ValueError(f'--mcp needs the package {error.name}; pip install "gradio[mcp]=={gr.__version__}"') from None
