"""A real browser on the real page; every visit ends with a look at what went wrong in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE = 60_000
"""Milliseconds that a step may take on a machine that is busy with other things."""


@dataclass
class Visit:
    """One tab of the browser on the page, with all that a visitor should never see."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def run(self, text: str | None = None) -> None:
        """Write a prompt, press Run and wait until both columns are done."""
        if text is not None:
            self.page.fill("#prompt textarea, #prompt input", text)
        self.ask("COLUMNS.forEach(id => (facts(id).textContent = ''))")
        self.page.click("#run")
        self.wait_written()

    def wait_written(self) -> None:
        """Until both columns are done, and their plots drawn, which get their figures after the texts."""
        self.wait("COLUMNS.every(id => strip(id) && /tokens/.test(facts(id).textContent) && !busy(id))")
        self.page.wait_for_timeout(200)
        self.wait("drawn()")

    def pick(self, dropdown: str, choice: str) -> None:
        """Choose in a dropdown, by its element's id."""
        self.page.click(f"#{dropdown} input")
        self.page.get_by_role("option", name=choice).click()
        self.page.get_by_role("option").first.wait_for(state="detached")

    def pick_pair(self, pair: str) -> None:
        """The baseline of a pair in column A, its HMU in column B."""
        self.pick("checkpoint-A", f"Baseline · {pair}")
        self.pick("checkpoint-B", f"HMU · {pair}")
        self.wait(
            f"COLUMNS.every(id => document.querySelector(`#${{id}} .strip-title`).textContent.includes('{pair}'))"
        )

    def open_tab(self, name: str) -> None:
        """Open a tab, wherever the width of the screen has put it."""
        tab = self.page.locator("button[role=tab]:visible", has_text=name)
        if not tab.count():
            self.page.locator(".overflow-menu > button:visible").first.click()
            tab = self.page.locator(".overflow-dropdown button:visible", has_text=name)
        tab.first.click()

    def unfold(self, accordion: Locator) -> None:
        """Open an accordion by its button, and wait while gradio sets what lies in it to its first values.

        It does so once more two ticks and a frame after the content appeared: what is typed before that is lost.
        """
        accordion.click()
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 200))))"
        )

    def columns(self, count: int) -> None:
        """Show so many columns."""
        self.unfold(self.page.locator("#more > button"))
        self.page.locator("#columns").get_by_role("radio", name=str(count)).check()
        self.page.locator("#more > button").click()

    def slide(self, slider: str, key: str) -> None:
        """Move a slider by a key: End, Home, ArrowRight."""
        self.page.locator(f"#{slider} input[type=range]").focus()
        self.page.keyboard.press(key)

    def y(self, plot: str, trace: int = 0) -> list[float]:
        """The heights that a plot shows now."""
        return list(self.ask(f"Array.from(plot('{plot}').data[{trace}].y)"))

    def wait(self, condition: str) -> None:
        """Until a JavaScript expression is true."""
        self.page.wait_for_function(f"() => {condition}")

    def ask(self, expression: str) -> Any:
        """What a JavaScript expression is worth."""
        return self.page.evaluate(f"() => {expression}")

    def text(self, column: str) -> str:
        """What is written in a column."""
        return str(self.ask(f"document.querySelector('#{column} .strip').textContent"))

    def texts(self) -> list[str]:
        """What is written in both columns."""
        return [self.text(column).strip() for column in ("text-A", "text-B")]


VISITED = "try { localStorage.setItem('hmu-walk', 'seen') } catch {}"
"""A browser that was here before: the walk for newcomers does not start."""
SHORT_NAMES = """
window.plot = (id) => document.querySelector(`#${id} .live-plot`);
window.strip = (id) => document.querySelector(`#${id} .strip`);
window.COLUMNS = ["text-A", "text-B"];
window.pieces = (id) => Array.from(document.querySelectorAll(`#${id} .piece`));
window.facts = (id) => document.querySelector(`#${id} .strip-facts`);
window.tokens = (id) => document.querySelectorAll(`#${id} .token`).length;
window.drawn = () => !document.querySelector(".live-plot[data-due]");
window.busy = (id) => strip(id).getAttribute("aria-busy") === "true";
"""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = str(CHROMIUM) if CHROMIUM.exists() else None
        started = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, server: str) -> Iterator[Callable[..., Visit]]:
    """(query, **context) → a visit whose first plot is drawn; no visit may log an error or ask another host.

    The browser was here before, unless `newcomer` is true; `script` runs before any of the page's own.
    """
    visits: list[Visit] = []

    def visit(query: str = "", newcomer: bool = False, script: str = "", **context: Any) -> Visit:
        page = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context}).new_page()
        page.set_default_timeout(PATIENCE)
        page.set_default_navigation_timeout(PATIENCE)
        page.add_init_script(SHORT_NAMES + ("" if newcomer else VISITED) + script)
        opened = Visit(page)
        visits.append(opened)
        page.on("console", lambda said: opened.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: opened.faults.append(str(error)))
        page.on("request", lambda asked: opened.faults.extend(_elsewhere(asked.url)))
        page.goto(f"{server}/{query}")
        opened.wait("plot('bars-B')?.data?.length > 0")
        return opened

    yield visit
    faults = [fault for opened in visits for fault in opened.faults]
    for opened in visits:
        opened.page.context.close()
    assert faults == []


def _elsewhere(url: str) -> list[str]:
    return [] if urlparse(url).hostname in {"127.0.0.1", "localhost", None} else [f"asked another host: {url}"]
