"""Visitors the page must stand: hostile texts, dark rooms, small screens."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

HOSTILE = (
    '<img src=x onerror="window.hacked=1">',
    "${window.hacked=1}",
    "{{constructor}} {{#each this}}{{window.hacked=1}}{{/each}}",
    "<script>window.hacked=1</script>",
)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
CONTRAST = """(where) => {
  const rgba = (text) => {
    const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((value, i) => value * a + under[i] * (1 - a));
  const light = (rgb) => rgb
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  return [...document.querySelectorAll(where)].map((node) => {
    const behind = [];
    for (let up = node; up; up = up.parentElement) behind.unshift(getComputedStyle(up).backgroundColor);
    const ground = behind.reduce((under, colour) => over(rgba(colour), under), [255, 255, 255]);
    const style = getComputedStyle(node);
    const ink = over(rgba(node instanceof SVGElement ? style.fill : style.color), ground);
    const [dark, bright] = [light(ink), light(ground)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  });
}"""
WORDS = (
    ".strip-title, .strip-facts, .strip-note, .strip .token, .piece, .source-head, #bars-B .xtick text, #bars-B .gtitle"
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_runs_as_script(open_page: Open, text: str) -> None:
    visit = open_page()
    visit.run(text)
    visit.wait("plot('bars-B').data[0].y.length > 10")
    labels = "Array.from(document.querySelectorAll('#bars-B .xtick text'), tick => tick.textContent).join('')"
    assert visit.ask(f"{labels}.includes({text[:2]!r})")
    visit.page.get_by_role("tab", name="Classify").click()
    visit.page.fill("#classify-text textarea", text)
    visit.page.click("#classify-run")
    visit.wait("plot('pushes-B').data?.[0].y.length > 10")
    visit.page.wait_for_timeout(500)
    assert visit.ask("window.hacked") is None
    assert visit.page.locator("#classify-text textarea").input_value() == text


def test_markup_that_a_model_writes_is_shown_as_text(open_page: Open) -> None:
    visit = open_page()
    visit.pick_pair("markup")
    visit.run("dog, ball, throw")
    assert [visit.text(column).strip() for column in ("text-A", "text-B")] == [HOSTILE[0]] * 2
    visit.page.locator("#text-B .token").first.hover()
    visit.page.locator("#text-B .tip").wait_for(state="visible")
    assert visit.ask("window.hacked") is None
    assert visit.ask("document.querySelectorAll('#text-B img, #text-B script').length") == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read_in_either_theme(open_page: Open, theme: str) -> None:
    visit = open_page(f"?__theme={theme}")
    visit.run("field, look, stand")
    assert visit.ask("document.body.classList.contains('dark')") == (theme == "dark")
    for where in WORDS.split(", "):
        contrasts = visit.page.evaluate(CONTRAST, where)
        assert contrasts, where
        assert min(contrasts) >= 4.5, where


def test_a_phone_needs_no_sideways_scroll(open_page: Open) -> None:
    visit = open_page(**PHONE)
    visit.run("field, look, stand")
    assert visit.ask("document.documentElement.scrollWidth") <= 390
    assert visit.ask("plot('bars-B').querySelector('.main-svg').clientWidth") <= 390
    visit.open_tab("Classify")
    visit.wait("plot('class-bars').data?.length > 0")
    visit.page.wait_for_timeout(500)
    assert visit.ask("document.documentElement.scrollWidth") <= 390
