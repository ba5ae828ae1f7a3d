"""The report in a real browser, opened as a file, without a network."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from app.desk import Desk
from app.exports import Run, report_html
from app.handlers.asks import Ask
from app.handlers.writing import write
from app.links import Column, Session
from hmu import Controls, Decoding

PATIENCE = 120_000
ATTACK = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
HOSTILE = f"{ATTACK}</script>{ATTACK}${{window.hacked=1}}"
DRAWN = (
    "document.querySelectorAll('.plot').length === {0} && document.querySelectorAll('.plot .main-svg').length >= {0}"
)

pytestmark = pytest.mark.browser


@pytest.fixture
def report(desk: Desk) -> str:
    """A model that writes markup was asked with more of it."""
    entries = [desk.entry(f"markup-{arm}") for arm in ("baseline", "hmu")]
    columns = tuple(Column(one.id, one.sha256, Controls()) for one in entries)
    session = Session("generate", "common_gen", HOSTILE, columns, Decoding())
    asks = [Ask(one.id, "common_gen", "dog ball throw", Controls()) for one in entries]
    written = [list(write(desk, ask, session.decoding))[-1] for ask in asks]
    assert '<img src=x onerror="window.hacked=1">' in written[1].text
    poisoned = tuple(replace(one, look=replace(one.look, notes=(HOSTILE,))) for one in written)
    return report_html(Run(session, (f"A {HOSTILE}", f"B {HOSTILE}"), poisoned), "https://example.org/?a=" + HOSTILE)


@pytest.fixture
def faults() -> list[str]:
    """Errors, and whatever the page asked for besides its own file."""
    return []


@pytest.fixture
def page(browser: Browser, faults: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme="dark", offline=True)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.set_default_navigation_timeout(PATIENCE)
    opened.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("request", lambda asked: faults.append(asked.url) if not asked.is_navigation_request() else None)
    yield opened
    context.close()


def open_file(page: Page, file: Path, html: str) -> None:
    file.write_text(html, encoding="utf-8")
    page.goto(file.as_uri())
    page.wait_for_function(f"() => {DRAWN.format(6)}")


def test_a_report_draws_its_plots_and_runs_nothing_that_was_written(
    page: Page, report: str, tmp_path: Path, faults: list[str]
) -> None:
    open_file(page, tmp_path / "report.html", report)
    assert page.evaluate("[...document.querySelectorAll('.plot')].every(node => node.data.length > 0)")
    assert page.evaluate("window.hacked") is None
    assert page.locator("img, script").count() == 3
    assert HOSTILE in page.inner_text(".prompt")
    assert '<img src=x onerror="window.hacked=1">' in page.inner_text(".memory .written")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults == []


def test_markup_that_came_into_a_report_would_not_run_either(page: Page, report: str, tmp_path: Path) -> None:
    open_file(page, tmp_path / "report.html", report.replace("<header>", f"<header>{ATTACK}", 1))
    assert page.locator("header script").count() == 1
    assert page.evaluate("window.hacked") is None
