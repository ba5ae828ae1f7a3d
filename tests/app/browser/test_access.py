"""Whether everyone can use the page: axe-core on every tab, and the keyboard, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

TABS = ("Generate", "Classify", "Your data", "Imagine", "Memory", "Results", "Zoo")
GRADIOS: tuple[tuple[str, str], ...] = ()
"""What axe-core finds in Gradio's own markup and we cannot mend: rule, how the selector begins."""
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
ORDER = (
    *("walk", "checkpoint-A", "checkpoint-B", "gate-bias-B", "temperature-B", "prompt", "run", "stop", "follow"),
    *("source-B", "text-B", "stop-B", "history"),
)
"""Some parts of the page, as they should follow one another."""
REACHED = """((names) => {
  const node = document.activeElement, style = getComputedStyle(node);
  const place = names.find((name) => document.getElementById(name)?.contains(node)), box = node.getBoundingClientRect();
  return {
    place, kind: node.className || node.tagName, last: node === document.body,
    seen: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none",
    shown: box.width > 0 && box.height > 0,
  };
})"""
MOVING = """document.getAnimations().filter((one) => one.playState === "running").map(
  ({ animationName, effect: { pseudoElement, target } }) => [animationName, pseudoElement, target.outerHTML]
)"""
LISTEN = """(({ told, heard }) => (
  new MutationObserver(() => told.push(heard.textContent)).observe(heard, { childList: true }), 0
))({ told: (window.told = []), heard: document.querySelector("#text-B .heard") })"""
"""Note down what screen readers are told of the second column."""
MANY = {"name": "many.csv", "mimeType": "text/csv", "buffer": b"concepts\n" + b"dog ball throw\n" * 1500}


@pytest.fixture
def visit(open_page: Open) -> Any:
    return open_page()


def violations(visit: Any) -> list[str]:
    """What axe-core calls serious or critical, one line an element."""
    found = Axe().run(visit.page).response["violations"]
    return [
        f"{rule['id']} at {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        for rule in found
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
        if not any(rule["id"] == known and str(node["target"][0]).startswith(start) for known, start in GRADIOS)
    ]


def fill(visit: Any, tab: str) -> None:
    """Bring a tab's results."""
    if tab == "Generate":
        visit.run("field, look, stand")
        visit.wait("plot('written-B').data?.length > 0")
        visit.unfold(visit.page.locator("#more > button"))
        visit.unfold(visit.page.get_by_role("button", name="Decoding"))
        visit.unfold(visit.page.locator("#share > button"))
    elif tab == "Classify":
        visit.wait("plot('pushes-B').data?.length > 0")
    elif tab == "Your data":
        visit.page.get_by_role("button", name="Try 20 film reviews").click()
        visit.page.locator("#data-preview table").wait_for()
        visit.page.click("#data-run")
        visit.page.locator("#data-differing table").wait_for()
    elif tab == "Imagine":
        visit.page.click("#imagine-run")
        visit.page.click("#between-run")
        for grid in ("latent", "softmax", "between"):
            visit.page.locator(f"#{grid}-grid .grid[aria-busy=false] .mark").first.wait_for()
    elif tab == "Memory":
        visit.page.locator("#memory-answers table").wait_for()
        visit.wait("plot('memory-curves').data?.length > 0 && plot('memory-report').data?.length > 0")
    elif tab == "Results":
        visit.page.locator("#results-claims table").wait_for()
        visit.wait("plot('results-training').data?.length > 0")
    else:
        visit.page.locator(".zoo-card").first.wait_for()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_serious_on_any_tab(open_page: Open, size: str, scheme: str) -> None:
    visit = open_page(viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce")
    found = {}
    for tab in TABS:
        visit.open_tab(tab)
        fill(visit, tab)
        visit.page.wait_for_timeout(400)
        found[tab] = violations(visit)
    assert {tab: lines for tab, lines in found.items() if lines} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_while_the_walk_stands(open_page: Open, scheme: str) -> None:
    visit = open_page(newcomer=True, color_scheme=scheme, reduced_motion="reduce")
    visit.page.locator(".walk").wait_for(state="visible")
    assert violations(visit) == []


def test_tab_reaches_the_page_in_its_order_and_the_focus_shows(visit: Any) -> None:
    visit.run("field, look, stand")
    visit.ask("(document.activeElement.blur(), window.scrollTo(0, 0), 0)")
    visit.page.mouse.click(5, 5)
    reached = []
    for _ in range(160):
        visit.page.keyboard.press("Tab")
        reached.append(visit.page.evaluate(REACHED, ORDER))
        if reached[-1]["last"] or reached[-1]["place"] == "history":
            break
    assert tuple(dict.fromkeys(one["place"] for one in reached if one["place"])) == ORDER
    assert [one for one in reached if not one["last"] and not (one["seen"] and one["shown"])] == []


def test_ctrl_enter_classifies_and_leaves_the_focus_in_the_text(visit: Any) -> None:
    visit.open_tab("Classify")
    visit.wait("plot('curves-B').data?.length > 0")
    visit.ask("document.querySelector('#classify-run').addEventListener('click', () => (window.ran = true))")
    visit.page.locator("#classify-text textarea").focus()
    visit.page.keyboard.press("Control+Enter")
    visit.wait("window.ran")
    visit.page.wait_for_timeout(100)
    assert visit.ask("document.activeElement.closest('#classify-text') !== null")


def test_ctrl_enter_runs_what_is_nearest_on_imagine_and_escape_stops_it(visit: Any) -> None:
    for letter in "AB":
        visit.pick(f"checkpoint-{letter}", f"{'Baseline' if letter == 'A' else 'HMU'} · endless")
    visit.open_tab("Imagine")
    visit.page.locator("#between-first textarea, #between-first input").focus()
    visit.page.keyboard.press("Control+Enter")
    visit.page.locator("#between-grid .grid[aria-busy=false] .mark").first.wait_for()
    assert visit.page.locator("#latent-grid .mark").count() == 0
    visit.pick("imagine-latent", "endless")
    visit.wait("document.querySelector('#imagine-compared input').value.includes('endless')")
    visit.page.fill("#imagine-count input[type=number]", "16")
    visit.page.locator("#imagine-text textarea, #imagine-text input").focus()
    visit.page.keyboard.press("Control+Enter")
    visit.page.locator("#latent-grid .grid[aria-busy=true] .mark").first.wait_for()
    visit.page.keyboard.press("Escape")
    visit.page.locator("#latent-grid .grid[aria-busy=false]").wait_for()
    assert visit.page.locator("#latent-grid .mark").count() < 16


def test_ctrl_enter_runs_a_file_and_escape_cancels_it(visit: Any) -> None:
    visit.pick("checkpoint-A", "Baseline · endless")
    visit.pick("checkpoint-B", "Baseline · endless")
    visit.open_tab("Your data")
    visit.page.locator("#data-file input[type=file]").set_input_files(MANY)
    visit.page.click("#data-task input")
    visit.page.get_by_role("option", name="Concepts to a sentence").click()
    visit.page.locator("#data-preview table").wait_for()
    visit.page.keyboard.press("Control+Enter")
    visit.wait("Number(document.querySelector('#data-meter .meter-bar').ariaValueNow) > 0")
    visit.page.keyboard.press("Escape")
    visit.page.locator("#data-meter .meter-said", has_text="Cancelled").wait_for()


def test_escape_closes_what_a_token_tells(visit: Any) -> None:
    visit.run("field, look, stand")
    visit.page.locator("#text-B .token").first.focus()
    visit.page.keyboard.press("Enter")
    visit.page.keyboard.press("Escape")
    visit.page.locator("#text-B .tip").wait_for(state="hidden")
    assert visit.ask("document.activeElement.dataset.index") == "0"


def test_a_finished_text_is_told_once_and_a_plot_says_what_it_shows(visit: Any) -> None:
    visit.ask(LISTEN)
    visit.run("field, look, stand")
    visit.wait("told.length > 0")
    assert visit.ask("told") == ["B · HMU · answers: A group of people standing in a field."]
    heights = visit.y("bars-B")
    first = visit.ask("pieces('source-B')[0].textContent")
    label = visit.ask("plot('bars-B').getAttribute('aria-label')")
    assert f"gate: {first} {heights[0]:g}, " in label
    assert " </s> " in label
    assert visit.ask("plot('bars-A').getAttribute('aria-label')").endswith("No gate to draw.")


def test_a_text_that_comes_all_at_once_is_told_too(visit: Any) -> None:
    def at_once(route: Route) -> None:
        events = (came := route.fetch()).text().split("\n\n")
        route.fulfill(response=came, body="\n\n".join(one for one in events if "process_generating" not in one))

    visit.ask(LISTEN)
    visit.page.route("**/queue/data*", at_once)
    for text in ("field, look, stand", "field, look, stand", "dog, run, park"):
        visit.run(text)
    assert [told.split(":")[0] for told in visit.ask("told")] == ["B · HMU · answers"] * 3


def test_nothing_moves_for_who_asked_for_stillness(open_page: Open) -> None:
    visit = open_page(newcomer=True, reduced_motion="reduce")
    visit.page.locator(".walk").wait_for(state="visible")
    visit.pick_pair("endless")
    visit.page.click("#run")
    visit.wait("busy('text-B')")
    visit.page.wait_for_timeout(100)
    assert visit.ask(MOVING) == []
