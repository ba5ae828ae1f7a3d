"""The page's command line: what cannot be served ends with code 2 and one line."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

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


def test_a_folder_without_a_pair_ends_with_one_line(
    page_zoo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(page_zoo / "answers-baseline", tmp_path / "answers-baseline")
    with pytest.raises(SystemExit) as ended:
        main(["--zoo", str(tmp_path)])
    assert ended.value.code == 2
    assert re.fullmatch(r"app\.py: .*no pair of checkpoints; give --zoo .*\n", capsys.readouterr().err)
