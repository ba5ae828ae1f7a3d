"""The page in a real browser: what a visitor sees, turns, clicks and stops."""

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

WATCH = """(() => {
  window.seen = [];
  const look = () => seen.push([...COLUMNS.map(tokens), ...COLUMNS.map(busy)]);
  const all = { childList: true, subtree: true, attributes: true };
  COLUMNS.forEach((id) => new MutationObserver(look).observe(document.getElementById(id), all));
})()"""
STOP_AT_ONCE = """new MutationObserver((_, watch) => {
  if (!tokens("text-B")) return;
  watch.disconnect();
  document.getElementById("%s").click();
}).observe(document.getElementById("text-B"), { childList: true, subtree: true })"""
SENTENCE = "A group of people standing in a field."


@pytest.fixture
def visit(open_page: Open) -> Any:
    return open_page()


def written(visit: Any, column: str) -> int:
    """How many tokens a column says it has."""
    return int(visit.ask(f"facts('{column}').textContent.match(/(\\d+) tokens/)[1]"))


def longest(visit: Any) -> None:
    """Ask for as many tokens as the page allows."""
    visit.unfold(visit.page.get_by_role("button", name="Decoding"))
    visit.page.get_by_role("spinbutton", name="At most n tokens").fill("128")
    visit.page.keyboard.press("Tab")


def test_the_source_is_drawn_before_any_run(visit: Any) -> None:
    assert len(visit.y("bars-B")) == len(visit.ask("pieces('source-B').map(p => p.textContent)")) > 2
    assert visit.ask("plot('map-B').data[0].z.length") == 16
    visit.wait("document.querySelector('#text-B .strip-title').textContent.startsWith('B · HMU')")
    assert visit.ask("document.querySelector('#text-A .strip-title').textContent").startswith("A · Baseline")
    assert visit.ask("pieces('source-A').every(piece => piece.disabled)")


def test_run_writes_into_both_columns_at_once(visit: Any) -> None:
    visit.pick_pair("endless")
    longest(visit)
    visit.ask(WATCH)
    visit.run()
    seen = visit.ask("seen")
    assert any(left and right and left_busy and right_busy for left, right, left_busy, right_busy in seen)
    assert len({(left, right) for left, right, *_ in seen if left and right}) >= 3
    assert written(visit, "text-A") == written(visit, "text-B") == 128


def test_a_run_shows_what_the_models_write_and_what_they_saw(visit: Any) -> None:
    visit.run("field, look, stand")
    assert visit.texts() == [SENTENCE] * 2
    visit.wait("plot('written-B').data?.length === 3 && plot('written-A').data?.length === 2")
    assert len(visit.y("written-B")) == written(visit, "text-B")
    assert visit.ask("plot('map-A').data[0].type") == "heatmap"


def test_a_slider_redraws_the_same_plot_and_leaves_the_text(visit: Any) -> None:
    visit.run()
    text, before = visit.text("text-B"), visit.y("bars-B")
    visit.ask("(plot('bars-B').mark = strip('text-B').mark = 'mine', 0)")
    visit.slide("gate-bias-B", "End")
    visit.wait("Math.min(...plot('bars-B').data[0].y) > 0.9")
    assert max(before) < 0.9
    visit.slide("gate-bias-B", "Home")
    visit.wait("Math.max(...plot('bars-B').data[0].y) < 0.1")
    visit.page.wait_for_timeout(1000)
    assert visit.ask("plot('bars-B').mark + strip('text-B').mark") == "minemine"
    assert visit.text("text-B") == text


def test_zoom_survives_twenty_updates(visit: Any) -> None:
    visit.ask("HMUPlotly.relayout(plot('map-B'), { 'xaxis.range': [0.5, 2.5] }).then(() => 0)")
    visit.page.locator("#gate-bias-B input[type=range]").focus()
    draws = int(visit.ask("plot('map-B').dataset.draws"))
    while int(visit.ask("plot('map-B').dataset.draws")) < draws + 20:
        visit.page.keyboard.press("ArrowRight")
        visit.page.wait_for_timeout(60)
    assert visit.ask("plot('map-B').layout.xaxis.range") == [0.5, 2.5]


def test_a_preset_moves_the_slider_and_the_plot(visit: Any) -> None:
    visit.page.get_by_role("button", name="Literal", exact=True).locator("visible=true").click()
    visit.wait("Math.min(...plot('bars-B').data[0].y) > 0.9")
    assert visit.page.locator("#gate-bias-B input[type=range]").input_value() == "8"


def test_a_clicked_token_is_forced_and_the_others_stay(visit: Any) -> None:
    before = visit.y("bars-B")
    visit.page.locator("#source-B .piece").nth(1).click()
    visit.wait("plot('bars-B').data[0].y[1] === 1")
    assert visit.y("bars-B") == [*before[:1], 1, *before[2:]]
    visit.page.locator("#source-B .piece").nth(1).click()
    visit.wait("plot('bars-B').data[0].y[1] === 0")
    visit.page.locator("#source-B .piece").nth(1).click()
    visit.wait(f"plot('bars-B').data[0].y[1] === {before[1]}")


def test_a_stroke_forces_every_token_under_it(visit: Any) -> None:
    visit.page.locator("#source-B .piece").last.scroll_into_view_if_needed()
    boxes = [visit.page.locator("#source-B .piece").nth(place).bounding_box() for place in (0, 2)]
    start, end = ((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes)
    visit.page.mouse.move(*start)
    visit.page.mouse.down()
    visit.page.mouse.move(*end, steps=12)
    visit.page.mouse.up()
    visit.wait("plot('bars-B').data[0].y.slice(0, 3).every(gate => gate === 1)")


def test_forced_gates_change_what_is_written_when_it_follows(visit: Any) -> None:
    visit.pick_pair("endless")
    visit.run()
    before = visit.text("text-B")
    visit.page.locator("#follow input").check()
    visit.page.locator("#source-B").get_by_role("button", name="all latent").click()
    visit.wait(f"!busy('text-B') && strip('text-B').textContent !== {json.dumps(before)}")
    assert visit.ask("plot('bars-B').data[0].y.every(gate => gate === 0)")
    assert visit.text("text-A").strip()


def test_the_keyboard_forces_a_token(visit: Any) -> None:
    visit.page.locator("#source-B .piece").first.focus()
    visit.page.keyboard.press("Enter")
    visit.wait("plot('bars-B').data[0].y[0] === 1")
    assert "forced literal" in visit.ask("pieces('source-B')[0].getAttribute('aria-label')")


def test_an_example_is_read_at_once(visit: Any) -> None:
    before = visit.y("bars-B")
    visit.page.get_by_text("wave, surfer, ride, ocean").first.click()
    visit.wait(f"plot('bars-B').data[0].y.length !== {len(before)}")
    assert visit.page.locator("#prompt textarea, #prompt input").first.input_value() == "wave, surfer, ride, ocean"


def test_pointing_at_a_token_tells_its_alternatives_and_where_it_looked(visit: Any) -> None:
    visit.run()
    visit.page.locator("#text-B .token").nth(1).hover()
    tip = visit.page.locator("#text-B .tip")
    tip.wait_for(state="visible")
    assert tip.locator(".alternative").count() == 5
    assert "probability" in tip.inner_text()
    assert "gate" in tip.inner_text()
    looks = visit.ask("pieces('source-B').map(piece => Number(piece.style.getPropertyValue('--look')))")
    assert max(looks) == 1


def test_a_clicked_alternative_is_gone_on_from(visit: Any) -> None:
    visit.run("field, look, stand")
    visit.page.locator("#text-B .token").nth(2).click()
    other = visit.page.locator("#text-B .alternative:not(.chosen)").first
    begun = visit.ask("Array.from(strip('text-B').querySelectorAll('.token'), t => t.textContent).slice(0, 2).join('')")
    piece = other.locator("span").inner_text()
    other.click()
    visit.wait(f"!busy('text-B') && strip('text-B').textContent.trim() !== {json.dumps(SENTENCE)}")
    assert "".join(visit.text("text-B").split()).startswith("".join((begun + piece).split()))
    assert visit.texts()[0] == SENTENCE


def test_the_keyboard_reaches_a_token_and_its_alternatives(visit: Any) -> None:
    visit.run()
    visit.page.locator("#text-B .token").first.focus()
    visit.page.locator("#text-B .tip").wait_for(state="visible")
    visit.page.keyboard.press("Tab")
    assert visit.ask("document.activeElement.dataset.index") == "1"
    assert "probability" in visit.ask("document.activeElement.getAttribute('aria-label')")
    visit.page.keyboard.press("Enter")
    assert visit.ask("document.activeElement.className").startswith("alternative")


def test_ctrl_enter_runs_and_escape_stops(visit: Any) -> None:
    visit.pick_pair("endless")
    longest(visit)
    visit.page.locator("#prompt textarea, #prompt input").first.focus()
    visit.page.keyboard.press("Control+Enter")
    visit.wait("tokens('text-B') > 0")
    visit.page.keyboard.press("Escape")
    visit.wait("!busy('text-A') && !busy('text-B')")
    assert visit.texts() != ["", ""]


def test_stop_all_ends_a_long_run_and_another_can_follow(visit: Any) -> None:
    visit.pick_pair("endless")
    longest(visit)
    visit.ask(f"({STOP_AT_ONCE % 'stop'}, 0)")
    visit.page.click("#run")
    visit.wait("tokens('text-B') > 0 && !busy('text-B') && !busy('text-A')")
    visit.page.wait_for_timeout(2000)
    at = written(visit, "text-B")
    visit.page.wait_for_timeout(1000)
    assert written(visit, "text-B") == at < 128
    visit.pick_pair("answers")
    visit.run("field, look, stand")
    assert visit.texts() == [SENTENCE] * 2


def test_a_columns_own_stop_leaves_the_other_writing(visit: Any) -> None:
    visit.pick_pair("endless")
    longest(visit)
    visit.ask(f"({STOP_AT_ONCE % 'stop-B'}, 0)")
    visit.page.click("#run")
    visit.wait("tokens('text-B') > 0 && !busy('text-B')")
    visit.wait("tokens('text-A') > 0 && !busy('text-A')")
    assert written(visit, "text-B") < 48 <= written(visit, "text-A")


def test_an_idle_page_lets_the_browser_rest(open_page: Open) -> None:
    """Gradio's own loader of the page counts on for good, 60 frames a second; nothing else does."""
    count = "window.asked = 0; const ask = requestAnimationFrame; window.requestAnimationFrame = (draw) => "
    visit = open_page(script=count + "(window.asked++, ask(draw));")
    second = "(window.asked = 0, await new Promise((done) => setTimeout(done, 1000)), window.asked)"
    for _ in range(2):
        visit.page.wait_for_function(f"async () => {second} < 90", polling=100)
        visit.run()


def test_a_slider_that_was_moved_many_times_leaves_no_requests_behind(visit: Any) -> None:
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    for _ in range(8):
        visit.slide("gate-bias-B", "ArrowLeft")
    visit.page.wait_for_timeout(4000)
    before = len(asked)
    visit.page.wait_for_timeout(2000)
    assert before > 4
    assert len(asked) == before


def test_four_columns_show_one_checkpoint_under_several_settings(visit: Any) -> None:
    visit.columns(4)
    visit.wait("plot('bars-C')?.data?.length > 0")
    visit.slide("gate-bias-C", "Home")
    visit.wait("Math.max(...plot('bars-C').data[0].y) < 0.1")
    assert min(visit.y("bars-B")) > 0.1
    visit.run("field, look, stand")
    visit.wait("['text-C', 'text-D'].every(id => /tokens/.test(facts(id).textContent) && !busy(id))")
    assert visit.text("text-D") == visit.text("text-A")


def test_words_that_another_column_lacks_are_marked(visit: Any) -> None:
    visit.run("field, look, stand")
    assert visit.ask("document.querySelectorAll('.token.differs').length") == 0
    visit.pick("checkpoint-B", "HMU · markup")
    visit.wait("document.querySelector('#text-B .strip-title').textContent.toLowerCase().includes('markup')")
    visit.run()
    assert visit.texts()[0] != visit.texts()[1]
    assert visit.ask("document.querySelectorAll('#text-B .token.differs').length") > 0


def test_classify_draws_bars_difference_curve_and_pushes_and_follows_the_slider(visit: Any) -> None:
    visit.page.get_by_role("tab", name="Classify").click()
    drawn = "['class-bars', 'class-difference', 'curves-B', 'pushes-B'].every(id => plot(id).data?.length > 0)"
    visit.wait(drawn)
    visit.wait("plot('class-bars').querySelector('.main-svg').clientWidth > 300")
    assert len(visit.ask("plot('class-bars').data.map(trace => trace.name)")) == 2
    assert visit.ask("plot('curves-B').data.length") == 4
    baseline, memory = visit.y("class-bars", 0), visit.y("class-bars", 1)
    assert visit.y("class-difference") == pytest.approx(
        [b - a for a, b in zip(baseline, memory, strict=True)], abs=2e-4
    )
    visit.ask("(plot('class-bars').mark = 'mine', 0)")
    visit.slide("gate-bias-B", "End")
    visit.wait("plot('curves-B').layout.shapes[0].x0 === 8")
    assert visit.y("class-bars", 0) == baseline
    assert visit.y("class-bars", 1) != memory
    assert visit.ask("plot('class-bars').mark") == "mine"


def test_the_other_task_brings_its_examples_and_its_classes(visit: Any) -> None:
    visit.page.get_by_role("tab", name="Classify").click()
    visit.pick("classify-task", "entiment")
    visit.wait("plot('class-bars').data?.[0].x.length === 2")
    assert visit.page.get_by_text("not without its charms, but far too long").first.is_visible()


def test_bad_input_is_told_in_words_and_the_page_lives_on(visit: Any) -> None:
    visit.page.fill("#prompt textarea, #prompt input", "   ")
    visit.page.click("#run")
    told = visit.page.get_by_text("text: empty").first
    told.wait_for(state="visible")
    visit.run("field, look, stand")
    assert visit.texts() == [SENTENCE] * 2
