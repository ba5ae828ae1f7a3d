"""The walk for newcomers in a real browser: when it starts, where it points, and that it never comes unasked again."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

REFUSED = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("refused", "SecurityError"); },
})"""
NEVER = 2500
"""Milliseconds after which a walk that was to start would have started."""
PLACES = """(() => {
  const box = (node) => node.getBoundingClientRect().toJSON();
  return [box(document.querySelector(".walk")), Array.from(document.querySelectorAll(".walk-rings i"), box)];
})()"""


@pytest.fixture
def newcomer(open_page: Open) -> Any:
    visit = open_page(newcomer=True)
    visit.page.locator(".walk").wait_for(state="visible")
    return visit


def press(visit: Any, button: str) -> None:
    visit.page.locator(f".walk-{button}").click()


def count(visit: Any) -> str:
    return str(visit.page.locator(".walk-count").inner_text())


def settled(visit: Any) -> tuple[dict[str, float], list[dict[str, float]]]:
    """Where the card and the rings stand, once nothing moves."""
    before: Any = None
    while (now := visit.ask(PLACES)) != before:
        before = now
        visit.page.wait_for_timeout(300)
    return now[0], now[1]


def apart(card: dict[str, float], ring: dict[str, float]) -> bool:
    beside = card["right"] <= ring["left"] or ring["right"] <= card["left"]
    return beside or card["bottom"] <= ring["top"] or ring["bottom"] <= card["top"]


def test_a_first_visit_is_greeted_and_the_next_is_not(newcomer: Any) -> None:
    assert count(newcomer) == "1 of 4"
    again = newcomer.page.context.new_page()
    again.goto(newcomer.page.url)
    again.locator("#bars-B .main-svg").first.wait_for()
    again.wait_for_timeout(NEVER)
    assert not again.locator(".walk").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_four_steps_stand_beside_what_they_point_at(open_page: Open, width: int, scheme: str) -> None:
    visit = open_page(newcomer=True, viewport={"width": width, "height": 844}, color_scheme=scheme)
    visit.page.locator(".walk").wait_for(state="visible")
    told = []
    for step in range(4):
        card, rings = settled(visit)
        assert len(rings) == (2 if step == 0 else 1)
        assert all(apart(card, ring) for ring in rings)
        assert card["left"] >= 0
        assert card["right"] <= width
        assert card["top"] >= 0
        assert card["bottom"] <= 844
        assert all(ring["bottom"] > 0 and ring["top"] < 844 for ring in rings)
        told.append((count(visit), visit.page.locator(".walk-title").inner_text()))
        press(visit, "next")
    assert [place for place, _ in told] == ["1 of 4", "2 of 4", "3 of 4", "4 of 4"]
    assert len({title for _, title in told}) == 4
    assert not visit.page.locator(".walk").is_visible()
    assert visit.ask("document.documentElement.scrollWidth") <= width


def test_back_goes_back_and_skip_ends_it(newcomer: Any) -> None:
    assert not newcomer.page.locator(".walk-back").is_visible()
    press(newcomer, "next")
    press(newcomer, "back")
    assert count(newcomer) == "1 of 4"
    press(newcomer, "skip")
    assert not newcomer.page.locator(".walk").is_visible()
    assert newcomer.ask("document.querySelectorAll('.walk-rings i').length") == 0


def test_the_page_works_while_the_card_stands(newcomer: Any) -> None:
    newcomer.run("field, look, stand")
    assert newcomer.page.locator(".walk").is_visible()
    assert newcomer.texts() == ["A group of people standing in a field."] * 2


def test_who_comes_by_a_link_is_left_alone_and_still_new(open_page: Open) -> None:
    visit = open_page("?task=common_gen&text=dog&a=answers-hmu&b=answers-hmu", newcomer=True)
    visit.page.wait_for_timeout(NEVER)
    assert not visit.page.locator(".walk").is_visible()
    assert visit.ask("localStorage.getItem('hmu-walk')") is None


def test_the_button_starts_it_again_wherever_one_is_and_the_keyboard_goes_through(open_page: Open) -> None:
    visit = open_page()
    visit.open_tab("Zoo")
    visit.page.locator(".walk-start").focus()
    visit.page.keyboard.press("Enter")
    visit.wait("document.activeElement.className === 'walk-next'")
    assert visit.page.locator("#prompt").is_visible()
    visit.page.keyboard.press("Enter")
    assert count(visit) == "2 of 4"
    visit.page.keyboard.press("Shift+Tab")
    assert visit.ask("document.activeElement.className") == "walk-back"
    visit.page.keyboard.press("Escape")
    assert not visit.page.locator(".walk").is_visible()
    assert visit.ask("document.activeElement.className") == "walk-start"


def test_escape_ends_the_walk_and_not_the_run(newcomer: Any) -> None:
    newcomer.ask("(document.getElementById('stop').addEventListener('click', () => (window.stopped = true)), 0)")
    newcomer.page.keyboard.press("Escape")
    newcomer.page.wait_for_timeout(400)
    assert not newcomer.page.locator(".walk").is_visible()
    assert newcomer.ask("window.stopped") is None
    newcomer.page.keyboard.press("Escape")
    newcomer.wait("window.stopped")


def test_a_browser_that_keeps_nothing_is_greeted_all_the_same(open_page: Open) -> None:
    visit = open_page(newcomer=True, script=REFUSED)
    visit.page.locator(".walk").wait_for(state="visible")
    press(visit, "skip")
    assert not visit.page.locator(".walk").is_visible()
    visit.run("field, look, stand")
