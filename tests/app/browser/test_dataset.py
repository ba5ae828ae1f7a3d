"""The tab "Your data" in a real browser: from a file to scores and exports, and what a hostile or broken file does."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

MARKUP = "<img src=x onerror=\"document.title='hacked'\">"
BROKEN = "mine.csv, row 1, line 2"
REVIEWS = (("a gripping and funny film", "positive"), ("the plot is dull , the cast is worse", "negative"))


@pytest.fixture
def visit(open_page: Open) -> Any:
    opened = open_page()
    opened.page.get_by_role("tab", name="Your data").click()
    return opened


def file_of(folder: Path, rows: list[tuple[str, ...]], name: str = "mine.csv") -> Path:
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder / name


def upload(visit: Any, file: Path) -> None:
    visit.page.locator("#data-file input[type=file]").set_input_files(file)


def score(visit: Any) -> None:
    """Press the button and wait for the outcome."""
    visit.page.click("#data-run")
    visit.page.locator("#data-meter .meter-said", has_text="inputs ×").wait_for()


def cells(visit: Any, sheet: str) -> list[list[str]]:
    """A table's body as it is read."""
    rows = f"document.querySelectorAll('#{sheet} tbody tr')"
    return list(visit.ask(f"Array.from({rows}, (row) => Array.from(row.cells, (cell) => cell.textContent))"))


def choose(visit: Any, dropdown: str, choice: str) -> None:
    visit.page.click(f"#{dropdown} input")
    visit.page.get_by_role("option", name=choice, exact=True).click()


def test_a_file_becomes_scores_confusions_and_files(visit: Any, tmp_path: Path) -> None:
    upload(visit, file_of(tmp_path, [("id", "review", "label"), *((f"n{i}", *one) for i, one in enumerate(REVIEWS))]))
    visit.page.locator("#data-preview table").wait_for()
    assert visit.page.input_value("#data-text input") == "review"
    assert visit.page.input_value("#data-answer input") == "label"
    score(visit)
    assert [row[1:] for row in cells(visit, "data-scores")] == [["1.000", "1.000", "0.500"]] * 2
    visit.wait("plot('confusion-B').data?.length > 0")
    assert visit.ask("plot('confusion-A').data[0].text.map((row) => Array.from(row))") == [[1, 0], [0, 1]]
    assert not visit.page.locator("#confusion-C").is_visible()
    assert sorted(row[1] for row in cells(visit, "data-differing")) == sorted(text for text, _ in REVIEWS)
    assert exported(visit, "answers.csv").startswith("\ufeffrow,text,answer,")
    answers = json.loads(exported(visit, "answers.json"))
    assert [row["right"] for row in answers["rows"]] == [[right] for _, right in REVIEWS]


def exported(visit: Any, name: str) -> str:
    with visit.page.expect_download() as begun:
        visit.page.locator(f"#data-out a[download='{name}']").click()
    return str(Path(begun.value.path()).read_text(encoding="utf-8"))


def test_an_example_is_answered_in_two_clicks(visit: Any) -> None:
    visit.page.get_by_role("button", name="Try 20 sets of concepts").click()
    visit.page.locator("#data-preview table").wait_for()
    score(visit)
    assert len(cells(visit, "data-scores")) == 2
    assert "coverage" in visit.page.inner_text("#data-scores thead")
    assert len(cells(visit, "data-differing")) == 10


def test_progress_moves_and_cancel_ends_it(visit: Any, tmp_path: Path) -> None:
    for letter in "AB":
        visit.pick(f"checkpoint-{letter}", "Baseline · endless")
    upload(visit, file_of(tmp_path, [("concepts",), *((f"dog ball w{i}",) for i in range(1500))]))
    choose(visit, "data-task", "Concepts to a sentence")
    visit.page.locator("#data-preview table").wait_for()
    visit.page.click("#data-run")
    visit.wait("Number(document.querySelector('#data-meter .meter-bar').ariaValueNow) > 0")
    visit.page.click("#data-cancel")
    said = visit.page.locator("#data-meter .meter-said", has_text="Cancelled after")
    said.wait_for()
    visit.page.wait_for_timeout(1000)  # the batch that was being answered is counted
    before = said.inner_text()
    visit.page.wait_for_timeout(1500)
    assert said.inner_text() == before
    assert cells(visit, "data-scores") == []
    assert not visit.page.locator("#data-out").is_visible()


def test_a_broken_file_gives_one_line_and_the_next_file_works(visit: Any, tmp_path: Path) -> None:
    upload(visit, file_of(tmp_path, [("review", "label"), ("fine", "positive", "one more")]))
    fault = visit.page.locator("#data-meter .fault")
    fault.wait_for()
    assert (
        fault.inner_text() == "mine.csv, row 1, line 2: cells: 3, in the header: 2; quote cells that hold a delimiter"
    )
    visit.page.get_by_role("button", name="Try 20 film reviews").click()
    visit.page.locator("#data-preview table").wait_for()
    assert not fault.is_visible()
    assert len(cells(visit, "data-preview")) == 5


def test_running_without_a_file_says_what_to_do(visit: Any) -> None:
    visit.page.click("#data-run")
    fault = visit.page.locator("#data-meter .fault")
    fault.wait_for()
    assert fault.inner_text() == "No file yet: upload one, or try an example."


def test_markup_in_cells_columns_and_file_names_stays_text(visit: Any, tmp_path: Path) -> None:
    file = file_of(
        tmp_path, [(MARKUP, "label"), (MARKUP, "positive"), ("dull", "negative")], "<img src=x onerror=y>.csv"
    )
    upload(visit, file)
    visit.page.locator("#data-preview table").wait_for()
    assert visit.page.locator("#data-preview th").first.text_content() == MARKUP
    assert cells(visit, "data-preview")[0] == [MARKUP, "positive"]
    visit.page.click("#data-text input")
    assert visit.page.get_by_role("option", name=MARKUP, exact=True).is_visible()
    visit.page.keyboard.press("Escape")
    score(visit)
    assert MARKUP in [row[1] for row in cells(visit, "data-differing")]
    choose(visit, "data-answer", MARKUP)
    visit.page.click("#data-run")
    fault = visit.page.locator("#data-meter .fault")
    fault.wait_for()
    assert MARKUP in fault.inner_text()
    assert visit.ask("document.querySelectorAll('img[src=x]').length") == 0
    assert visit.page.title() != "hacked"


def test_the_confusions_fit_a_phone(open_page: Open, tmp_path: Path) -> None:
    """Plots that are drawn before they show are 700 pixels wide, and must not widen the page."""
    visit = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    visit.open_tab("Your data")
    upload(visit, file_of(tmp_path, [("review", "label"), *REVIEWS]))
    visit.page.locator("#data-preview table").wait_for()
    score(visit)
    visit.wait("plot('confusion-B').querySelector('.main-svg')?.clientWidth <= 390")
    assert visit.ask("document.documentElement.scrollWidth") <= 390
