"""The real page, started over a zoo of one's own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from tests.app.support_study import small_report

ROOT = Path(__file__).parents[2]


@contextmanager
def serving(zoo: Path, folder: Path) -> Iterator[str]:
    """The real page over a zoo, with its tools; its log and the report that it shows lie in the folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    said, report = folder / "log", folder / "reproduction.json"
    report.write_text(json.dumps(small_report()), encoding="utf-8")
    command = [sys.executable, "app.py", "--zoo", str(zoo), "--port", port, "--device", "cpu", "--mcp"]
    command += ["--results", str(report)]
    with said.open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=os.environ | {"OMP_NUM_THREADS": "1"}
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, process, said)
            yield url
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + 270
    while time.monotonic() < deadline:
        assert process.poll() is None, said.read_text()
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"no answer from {url}: {said.read_text()}")
