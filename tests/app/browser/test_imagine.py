"""The Imagine tab in a real browser: texts fill two grids, equal ones are told by their marks, Stop ends the work."""

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

MARKUP = '<img src=x onerror="window.hacked=1">'
SHORT = """
window.cells = (id, what) => Array.from(document.querySelectorAll(`#${id} ${what}`), (one) => one.textContent);
window.waits = (id) => document.querySelector(`#${id} .grid`).getAttribute("aria-busy") !== "false";
window.full = (id, total) => !waits(id) && cells(id, ".mark").length === total;
"""
STOP_AT_ONCE = """new MutationObserver((_, watch) => {
  if (!cells("softmax-grid", ".mark").length) return;
  watch.disconnect();
  document.getElementById("imagine-stop").click();
}).observe(document.getElementById("softmax-grid"), { childList: true, subtree: true })"""


@pytest.fixture
def visit(open_page: Open) -> Any:
    opened = open_page()
    opened.page.get_by_role("tab", name="Imagine").click()
    opened.page.wait_for_selector("#imagine-run", state="visible")
    opened.page.evaluate(f"() => {{{SHORT}}}")
    return opened


def run(visit: Any, total: int = 6) -> None:
    visit.page.click("#imagine-run")
    visit.wait(f"waits('latent-grid') || full('latent-grid', {total})")  # few texts are there before one can look
    visit.wait(f"full('latent-grid', {total}) && full('softmax-grid', {total})")


def walk(visit: Any, first: str, second: str, steps: int) -> list[str]:
    """The texts from one prompt to another."""
    visit.page.fill("#between-first textarea, #between-first input", first)
    visit.page.fill("#between-second textarea, #between-second input", second)
    number(visit, "between-steps", steps)
    visit.page.click("#between-run")
    visit.wait(f"full('between-grid', {steps}) && cells('between-grid', '.cell-label')[0] === {json.dumps(first)}")
    return list(visit.ask("cells('between-grid', '.cell-text')"))


def number(visit: Any, slider: str, value: float) -> None:
    visit.page.fill(f"#{slider} input[type=number]", str(value))
    visit.page.keyboard.press("Tab")


def facts(visit: Any, grid: str) -> dict[str, str]:
    names, values = (visit.ask(f"cells('{grid}', '.fact {tag}')") for tag in ("dt", "dd"))
    return dict(zip(names, values, strict=True))


@pytest.mark.parametrize("grid", ["latent-grid", "softmax-grid"])
def test_samples_arrive_with_their_variety_and_the_marks_count_what_differs(visit: Any, grid: str) -> None:
    number(visit, "imagine-softmax", 2)
    run(visit)
    texts, marks = (visit.ask(f"cells('{grid}', '{what}')") for what in (".cell-text", ".mark"))
    told = facts(visit, grid)
    assert told["different texts"] == f"{len(set(texts))} of 6"
    assert len(set(zip(texts, marks, strict=True))) == len(set(texts)) == len(set(marks))
    assert set(told) == {"different texts", "distinct-1", "distinct-2", "self-BLEU"}


def test_without_noise_and_draws_every_text_wears_one_mark(visit: Any) -> None:
    number(visit, "imagine-temperature", 0)
    number(visit, "imagine-softmax", 0)
    number(visit, "imagine-count", 3)
    run(visit, 3)
    for grid in ("latent-grid", "softmax-grid"):
        assert visit.ask(f"cells('{grid}', '.mark')") == ["A", "A", "A"]
        assert facts(visit, grid)["different texts"] == "1 of 3"
        assert facts(visit, grid)["self-BLEU"] == "100.0"


def test_stop_keeps_what_is_there_and_another_run_can_follow(visit: Any) -> None:
    visit.pick("imagine-latent", "endless")
    visit.wait("document.querySelector('#imagine-compared input').value.includes('endless')")
    number(visit, "imagine-count", 16)
    visit.ask(f"({STOP_AT_ONCE}, 0)")
    visit.page.click("#imagine-run")
    visit.wait("cells('latent-grid', '.mark').length > 0 && !waits('latent-grid') && !waits('softmax-grid')")
    visit.page.wait_for_timeout(1500)
    kept = visit.ask("cells('softmax-grid', '.cell').length")
    visit.page.wait_for_timeout(1000)
    assert 0 < visit.ask("cells('softmax-grid', '.cell').length") == kept < 16
    number(visit, "imagine-count", 2)
    run(visit, 2)


def test_on_a_phone_every_cell_is_inside_the_screen(open_page: Open) -> None:
    opened = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    opened.open_tab("Imagine")
    opened.page.evaluate(f"() => {{{SHORT}}}")
    run(opened)
    edges = "Array.from(document.querySelectorAll('.cell'), (one) => one.getBoundingClientRect().right)"
    assert len(opened.ask(edges)) == 12
    assert max(opened.ask(edges)) <= 390
    assert opened.ask("document.documentElement.scrollWidth") <= 390


def test_only_checkpoints_with_a_latent_are_offered_for_it(visit: Any) -> None:
    visit.page.click("#imagine-latent input")
    offered = visit.page.get_by_role("option").all_inner_texts()
    assert len(offered) == 4
    assert not any("Baseline" in one for one in offered)


def test_the_way_back_shows_the_same_texts_the_other_way_round(visit: Any) -> None:
    there = walk(visit, "field, look, stand", "dog", 5)
    assert visit.ask("cells('between-grid', '.share')") == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert visit.ask("cells('between-grid', '.cell-label')") == ["field, look, stand", "dog"]
    assert visit.ask("document.querySelectorAll('#between-grid li .cell-label').length") == 2
    visit.page.wait_for_timeout(300)
    assert walk(visit, "dog", "field, look, stand", 5) == there[::-1]
    assert len(set(there)) > 1


@pytest.mark.parametrize("box", ["imagine-text", "between-second"])
def test_an_empty_text_is_told_in_words_and_leaves_nothing_waiting(visit: Any, box: str) -> None:
    button, grid = ("imagine-run", "latent-grid") if box == "imagine-text" else ("between-run", "between-grid")
    visit.page.fill(f"#{box} textarea, #{box} input", "  ")
    visit.page.click(f"#{button}")
    visit.page.get_by_text("text: empty").first.wait_for(state="visible")
    visit.wait(f"!waits('{grid}')")
    assert visit.ask(f"cells('{grid}', '.cell').length") == 0
    visit.page.fill(f"#{box} textarea, #{box} input", "dog")
    visit.page.click(f"#{button}")
    visit.wait(f"full('{grid}', 6)")


def test_markup_in_prompts_and_in_what_is_written_stays_text(visit: Any) -> None:
    visit.pick("imagine-latent", "markup")
    visit.page.fill("#imagine-text textarea, #imagine-text input", "dog, ball, throw")
    number(visit, "imagine-temperature", 0)
    number(visit, "imagine-softmax", 0)
    run(visit)
    assert set(visit.ask("[...cells('latent-grid', '.cell-text'), ...cells('softmax-grid', '.cell-text')]")) == {MARKUP}
    walk(visit, MARKUP, "${window.hacked=1}", 2)
    assert visit.ask("cells('between-grid', '.cell-label')") == [MARKUP, "${window.hacked=1}"]
    visit.page.wait_for_timeout(300)
    assert visit.ask("window.hacked") is None
    assert visit.ask("document.querySelectorAll('.grid img, .grid script').length") == 0
