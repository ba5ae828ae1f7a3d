"""What is taken along, in a real browser: a link that replays, files of a run, the runs a browser remembers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

SENTENCE = "A group of people standing in a field."


@pytest.fixture
def visit(open_page: Open) -> Any:
    return open_page()


def test_a_link_replays_to_the_same_text_and_gates(visit: Any, open_page: Open) -> None:
    visit.pick_pair("endless")
    visit.page.fill("#prompt textarea, #prompt input", "field, look, stand")
    visit.wait("pieces('source-B')[0].textContent === 'fi'")
    visit.slide("gate-bias-B", "ArrowLeft")
    visit.page.locator("#source-B .piece").nth(1).click()
    visit.wait("plot('bars-B').data[0].y[1] === 1")
    visit.run()
    visit.page.get_by_role("button", name="Take it with you").click()
    visit.page.click("#make-link")
    visit.wait("/[?]/.test(document.querySelector('#address textarea, #address input').value)")
    link = visit.page.input_value("#address textarea, #address input")
    again = open_page("?" + link.split("?", 1)[1])
    again.wait_written()
    again.wait("plot('bars-B').data[0].y[1] === 1")
    for one in (visit, again):
        one.wait("plot('written-B').data[0].y.length === tokens('text-B')")
    assert again.texts() == visit.texts()
    assert again.y("bars-B") == visit.y("bars-B")
    assert again.y("written-B") == visit.y("written-B")


def test_a_link_that_asks_nonsense_is_told_in_words(open_page: Open) -> None:
    visit = open_page("?task=common_gen&text=dog&a=answers-hmu&a.bias=900")
    visit.page.get_by_text("link, parameter 'a.bias'").first.wait_for(state="visible")
    visit.run("field, look, stand")
    assert visit.texts() == [SENTENCE] * 2


def test_a_finished_run_can_be_taken_as_files(visit: Any, tmp_path: Path) -> None:
    visit.run("field, look, stand")
    visit.page.get_by_role("button", name="Take it with you").click()
    visit.page.click("#make-files")
    visit.page.locator("#files a").first.wait_for(state="attached")
    with visit.page.expect_download() as download:
        visit.page.locator("#files a").first.click()
    download.value.save_as(tmp_path / "run.json")
    run = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert [column["text"] for column in run["columns"]] == [SENTENCE] * 2


def test_this_browser_remembers_its_runs_and_forgets_when_told(visit: Any) -> None:
    visit.run("field, look, stand")
    run = visit.page.locator("#history a").first
    run.wait_for(state="visible")
    assert run.inner_text() == "field, look, stand"
    assert "text=field" in run.get_attribute("href")
    visit.page.locator("#history .forget").click()
    assert visit.page.locator("#history a").count() == 0
