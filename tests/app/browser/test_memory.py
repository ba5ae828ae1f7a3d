"""The Memory tab in a real browser, over an untrained pair: what it shows is what the handler answers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.desk import Desk
from app.handlers.asks import Ask
from app.handlers.memory import RECALL, RETENTION, TEXTS, Question, recollect
from app.recalled import answered
from hmu import Controls
from hmu.tasks.synthetic import SYNTHETIC

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
NAMES = ("recall-baseline", "recall-hmu")
ROWS = (
    "Array.from(document.querySelectorAll('#memory-answers tbody tr'), (row) =>"
    " Array.from(row.cells, (cell) => cell.textContent))"
)


@pytest.fixture
def visit(open_page: Open) -> Any:
    opened = open_page()
    opened.open_tab("Memory")
    opened.wait("plot('memory-curves').data?.length === 2")
    return opened


def sheet(desk: Desk, question: Question, gate_bias: float = 0.0) -> list[list[str]]:
    """The answers' rows, as they are without a page; the second checkpoint's gate is turned."""
    settings = (Controls(), Controls(gate_bias=gate_bias))
    asks = [Ask(name, SYNTHETIC, "", one) for name, one in zip(NAMES, settings, strict=True)]
    return list(answered(recollect(desk, asks, question), NAMES)["rows"])


def test_the_gate_moves_the_answers_of_the_turned_one_alone(visit: Any, desk: Desk) -> None:
    before, latent = (sheet(desk, Question(RETENTION, 200), bias) for bias in (0.0, -8.0))
    assert [row[1] for row in before] == [row[1] for row in latent]
    assert [row[2] for row in before] != [row[2] for row in latent]
    assert visit.ask(ROWS) == before
    visit.slide("memory-gate-bias", "Home")
    visit.wait(
        f"JSON.stringify({ROWS}) === {json.dumps(json.dumps(latent, ensure_ascii=False, separators=(',', ':')))}"
    )


def test_steps_and_other_tokens_change_what_is_asked(visit: Any) -> None:
    first = visit.ask(ROWS)
    assert len(first) == TEXTS
    visit.slide("memory-steps", "End")
    visit.wait("document.querySelector('#memory-said').textContent.includes('400 others')")
    assert [row[0] for row in visit.ask(ROWS)] == [row[0] for row in first]
    visit.page.click("#memory-draw")
    visit.wait(f"!document.querySelector('#memory-answers tbody').textContent.includes('{first[0][0]}')")
    assert visit.ask("plot('memory-curves').layout.shapes[0].x0") == 400


def test_pairs_have_a_slider_of_their_own(visit: Any, desk: Desk) -> None:
    visit.page.locator("#memory-part label").nth(1).click()
    visit.page.wait_for_selector("#memory-pairs", state="visible")
    visit.wait("plot('memory-curves').layout.title.text === 'What is kept of pairs'")
    assert visit.page.locator("#memory-steps").count() == 0
    assert visit.ask(ROWS) == sheet(desk, Question(RECALL, 4))


def test_the_study_s_curves_stand_below(visit: Any) -> None:
    visit.wait("plot('memory-report').data?.length === 2")
    assert visit.y("memory-report", 1)[0] == 0.949


def test_the_page_is_no_wider_than_a_phone(open_page: Open) -> None:
    visit = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    visit.open_tab("Memory")
    visit.wait("plot('memory-curves').data?.length === 2")
    assert visit.ask("document.documentElement.scrollWidth") <= 390
