"""How long from a slider's move to the redrawn plot, in a real browser, and how much of it is the server's?

Run from the project's folder on an idle machine: `python -m bench.slider [--moves 40] [--browser PATH]`.
Prints one JSON line: milliseconds as median and 90th percentile, from key press to both plots redrawn (gate of a
40-token source, per token and per channel); the server's own share (remember, plots, JSON); first tokens of a run.
"""

import argparse
import json
import re
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from playwright.sync_api import Page

from app.gpu import open_desk
from app.handlers.asks import Ask, controls_of
from app.handlers.looking import look
from app.render import look_plots, source
from bench.page import browser, served

TEXT = " ".join(["dog ball throw field look stand kid dance room cook kitchen food prepare"] * 3)
TIMER = """() => new Promise((done) => {
  const plots = ["bars-B", "map-B"].map((id) => document.querySelector(`#${id} .live-plot`));
  const before = plots.map((plot) => plot.dataset.draws), start = performance.now();
  const look = () => plots.every((plot, i) => plot.dataset.draws !== before[i]) && done(performance.now() - start);
  plots.forEach((plot) => new MutationObserver(look).observe(plot, { attributeFilter: ["data-draws"] }));
  const range = document.querySelector("#gate-bias-B input[type=range]");
  range.value = String(Number(range.value) >= 8 ? -8 : Number(range.value) + 0.1);
  range.dispatchEvent(new Event("input", { bubbles: true }));
  range.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
})"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Start the page, measure, print."""
    parse = argparse.ArgumentParser(prog="bench.slider", description=__doc__.splitlines()[0])
    parse.add_argument("--moves", type=int, default=40)
    parse.add_argument("--browser", help="path of a Chromium")
    options = parse.parse_args(arguments)
    server = _milliseconds(_server_part(), options.moves)
    with served() as url, browser(options.browser) as chromium:
        tab = chromium.new_page(viewport={"width": 1280, "height": 1400})
        tab.set_default_timeout(60_000)
        tab.goto(url)
        tokens, moved, first = _in_browser(tab, options.moves)
    print(
        json.dumps({"source_tokens": tokens, "slider_to_plot_ms": moved, "server_ms": server, "first_token_ms": first})
    )


def _in_browser(tab: Page, moves: int) -> tuple[int, dict[str, float], list[int]]:
    tab.wait_for_selector("#map-B .main-svg")
    tab.fill("#prompt textarea, #prompt input", TEXT)
    tab.wait_for_function("document.querySelectorAll('#source-B .piece').length > 38")
    tab.wait_for_timeout(1500)
    taken = []
    for _ in range(moves):
        taken.append(tab.evaluate(TIMER))
        tab.wait_for_timeout(150)
    tab.click("#run")
    tab.wait_for_function(
        "[...document.querySelectorAll('.strip-facts')].slice(0, 2).every(f => /first/.test(f.textContent))"
    )
    tab.wait_for_timeout(3000)
    facts = [tab.inner_text(f"#text-{letter} .strip-facts") for letter in "AB"]
    first = [int(found.group(1)) for fact in facts if (found := re.search(r"first (\d+) ms", fact))]
    return tab.locator("#source-B .piece").count(), _summary(taken), first


def _server_part() -> Callable[[float], Any]:
    desk = open_desk()
    memory = desk.catalog.pairs()[0].memory_arm.id

    def once(bias: float) -> str:
        ask = Ask(memory, "common_gen", TEXT, controls_of(bias, 0.0, 0))
        found = look(desk, ask)
        return json.dumps([source(found, ask.controls), *look_plots(found, by_gate=True)])

    return once


def _milliseconds(action: Callable[[float], Any], times: int) -> dict[str, float]:
    action(0.0)
    taken = []
    for move in range(times):
        start = time.perf_counter()
        action((move % 160 - 80) / 10)
        taken.append((time.perf_counter() - start) * 1000)
    return _summary(taken)


def _summary(taken: Sequence[float]) -> dict[str, float]:
    return {"median": round(statistics.median(taken), 1), "p90": round(statistics.quantiles(taken, n=10)[-1], 1)}


if __name__ == "__main__":
    main()
