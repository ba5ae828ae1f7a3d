"""The real page for a bench: started over the embedded zoo, and opened in a browser.

Knows nothing of what is measured or shown on it.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
CHROMIUM = Path("/usr/bin/chromium")


@contextmanager
def served() -> Iterator[str]:
    """The address of a page that serves until the end of the block.

    Raises:
        SystemExit: if it does not answer within five minutes.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    page = subprocess.Popen([sys.executable, "app.py", "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}/"
        _wait(url)
        yield url
    finally:
        page.terminate()
        page.wait(30)


@contextmanager
def browser(path: str | None = None) -> Iterator[Browser]:
    """A Chromium: that of `path`, else Debian's, else playwright's own."""
    path = path or (str(CHROMIUM) if CHROMIUM.exists() else None)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


def _wait(url: str) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    raise SystemExit(f"no answer from {url}")
