"""The page's command line: what cannot be served ends with code 2 and one line."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from app.main import main

ROOT = Path(__file__).parents[2]


@pytest.mark.server
def test_a_folder_without_checkpoints_ends_with_one_line(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "app.py", "--zoo", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        env=os.environ,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert re.fullmatch(r"app\.py: .*give another folder\n", ended.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--zoo", "nowhere"], "app.py: nowhere: no such folder"),
        (["--device", "abacus"], "app.py: device"),
        (["--dtype", "fp3"], "app.py: dtype"),
    ],
    ids=["zoo", "device", "dtype"],
)
def test_a_wrong_argument_ends_with_one_line(
    page_zoo: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--zoo", str(page_zoo), *arguments])
    errors = capsys.readouterr().err
    assert ended.value.code == 2
    assert errors.startswith(said)
    assert errors.count("\n") == 1


def test_tools_without_their_package_end_with_the_remedy(
    page_zoo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(SystemExit) as ended:
        main(["--zoo", str(page_zoo), "--mcp"])
    assert ended.value.code == 2
    remedy = f'app.py: --mcp needs the package mcp; pip install "gradio[mcp]=={gr.__version__}"\n'
    assert capsys.readouterr().err == remedy


class Page:
    """Stands in for the page: keeps what it is launched with, or is refused its port."""

    def __init__(self, refused: bool = False) -> None:
        self.refused, self.launched = refused, dict[str, Any]()
        self.blocks = dict[int, Any]()

    def queue(self, **options: Any) -> None:
        pass

    def launch(self, **options: Any) -> None:
        self.launched = options
        if self.refused:
            raise OSError("Cannot find empty port")


@pytest.mark.parametrize(("arguments", "served"), [([], None), (["--mcp"], True)], ids=["plain", "mcp"])
def test_tools_are_served_where_they_are_asked_for(
    page_zoo: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], served: bool | None
) -> None:
    page = Page()
    monkeypatch.setattr("app.main.build", lambda desk, report: page)
    main(["--zoo", str(page_zoo), *arguments])
    assert page.launched["mcp_server"] is served


def test_a_port_that_is_taken_ends_with_one_line(
    page_zoo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("app.main.build", lambda desk, report: Page(refused=True))
    with pytest.raises(SystemExit) as ended:
        main(["--zoo", str(page_zoo), "--port", "80"])
    assert ended.value.code == 2
    told = "app.py: 127.0.0.1, port 80: taken or not allowed; give another --port or --host\n"
    assert capsys.readouterr().err == told


def test_a_folder_without_a_pair_ends_with_one_line(
    page_zoo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(page_zoo / "answers-baseline", tmp_path / "answers-baseline")
    with pytest.raises(SystemExit) as ended:
        main(["--zoo", str(tmp_path)])
    assert ended.value.code == 2
    assert re.fullmatch(r"app\.py: .*no pair of checkpoints; give --zoo .*\n", capsys.readouterr().err)
