"""The Results tab in a real browser, over a small report."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


def test_claims_verdicts_and_curves_are_shown_and_the_task_can_be_chosen(open_page: Open) -> None:
    visit = open_page()
    visit.open_tab("Results")
    visit.page.locator("#results-claims table").wait_for()
    rows = visit.ask(
        "Array.from(document.querySelectorAll('#results-claims tbody tr'), (r) =>"
        " Array.from(r.cells, (c) => c.textContent))"
    )
    assert rows[0][0] == "MRPC, accuracy"
    assert [rows[0][1], rows[1][1]] == ["holds", "not yet enough seeds"]
    assert visit.ask("document.querySelector('#results-claims .sheet').scrollWidth") <= 1280
    visit.wait("plot('results-training').data?.length === 2 && plot('results-retention').data?.length === 2")
    assert visit.ask("document.querySelector('#results-about').textContent").strip().startswith("16 runs, 2026-11-21")
    verdicts = [row[1] for row in rows]
    counted = f"Holds: {verdicts.count('holds')}. Does not hold: {verdicts.count('does not hold')}. "
    assert visit.ask("document.querySelector('#results-tally').textContent").strip().startswith(counted)
    before = visit.ask("plot('results-training').layout.title.text")
    visit.pick("results-task", "Synthetic memory")
    visit.wait(f"plot('results-training').layout.title.text !== {before!r}")
    assert visit.y("results-retention", 1)[0] == 0.949


def test_the_claims_scroll_within_a_phone(open_page: Open) -> None:
    visit = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    visit.open_tab("Results")
    visit.page.locator("#results-claims table").wait_for()
    assert visit.ask("document.documentElement.scrollWidth") <= 390
