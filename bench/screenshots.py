"""Pictures of the page for the README: every tab in light and in dark with something to see on it, and one on a phone.

Run from the project's folder: `python -m bench.screenshots [--out docs] [--browser PATH]`, or `make screenshots`.
Each is written as a PNG of few colours, which a page of text and flat plots does not miss.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize

from bench.page import ROOT, browser, served

PATIENCE = 120_000
"""Milliseconds that a step may take."""
COLOURS = 256
Scheme = Literal["light", "dark"]
TALLEST = 1750
"""Pixels of a picture's height: what is below is more of the same."""
WHOLE = """(tallest) => {
  const boxes = [...document.querySelectorAll('.block')].map((block) => block.getBoundingClientRect())
    .filter((box) => box.height && box.height < tallest / 2)
    .map((box) => [box.top + window.scrollY, box.bottom + window.scrollY]);
  for (let end = tallest; ; ) {
    const cut = boxes.filter(([top, bottom]) => top < end && bottom > end);
    if (!cut.length) return end;
    end = Math.min(...cut.map(([top]) => top)) - 1;
  }
}"""
"""The last line above a height that goes through none of the page's boxes."""
WIDE, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
VISITED = "try { localStorage.setItem('hmu-walk', 'seen') } catch {}"
WRITTEN = (
    "['A', 'B'].every(c => /tokens/.test(document.querySelector(`#text-${c} .strip-facts`)?.textContent)"
    " && document.querySelector(`#text-${c} .strip`).getAttribute('aria-busy') === 'false'"
    " && document.querySelector(`#written-${c} .main-svg`))"
)
FULL = (
    "['latent-grid', 'softmax-grid', 'between-grid'].every(id => document.querySelector(`#${id} .mark`)"
    " && document.querySelector(`#${id} .grid`).getAttribute('aria-busy') === 'false')"
)


def generate(page: Page) -> None:
    """A finished run, with a gate that was forced."""
    page.fill("#prompt textarea, #prompt input", "wave, surfer, ride, ocean")
    page.wait_for_function("document.querySelectorAll('#source-B .piece').length > 6")
    page.locator("#source-B .piece").nth(2).click()
    page.click("#run")
    page.wait_for_function(WRITTEN)


def classify(page: Page) -> None:
    """Classes over the gate bias, and what each token's gate does."""
    page.wait_for_selector("#curves-B .main-svg")
    page.wait_for_selector("#pushes-B .main-svg")


def dataset(page: Page) -> None:
    """The example of film reviews, scored."""
    page.get_by_role("button", name="20").first.click()
    page.wait_for_selector("#data-preview table")
    page.click("#data-run")
    page.wait_for_selector("#data-differing table")
    page.wait_for_selector("#confusion-B .main-svg")


def imagine(page: Page) -> None:
    """Two grids of texts, and the way from one prompt to another."""
    page.click("#imagine-run")
    page.click("#between-run")
    page.wait_for_function(FULL)


def memory(page: Page) -> None:
    """What is left of a token in the latents."""
    page.wait_for_selector("#memory-curves .main-svg")
    page.wait_for_selector("#memory-answers table")
    before = page.inner_text("#memory-answers")
    page.focus("#memory-gate-bias input[type=range]")
    page.keyboard.press("Home")
    page.wait_for_function("(before) => document.querySelector('#memory-answers').innerText !== before", arg=before)
    page.wait_for_timeout(500)


def results(page: Page) -> None:
    """Claims, differences and curves."""
    page.wait_for_selector("#results-claims table")
    page.wait_for_selector("#results-training .main-svg")


def zoo(page: Page) -> None:
    """The cards, one of the checkpoints in memory."""
    page.wait_for_selector(".zoo-card")


SCENES: dict[str, Callable[[Page], None]] = {
    "generate": generate,
    "classify": classify,
    "dataset": dataset,
    "imagine": imagine,
    "memory": memory,
    "results": results,
    "zoo": zoo,
}
"""Name of a picture, and of a tab by its place → what is done there first."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Start the page, walk through its tabs, write the pictures."""
    parse = argparse.ArgumentParser(prog="bench.screenshots", description=__doc__.splitlines()[0])
    parse.add_argument("--out", type=Path, default=ROOT / "docs")
    parse.add_argument("--browser", help="path of a Chromium")
    options = parse.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    with served() as url, browser(options.browser) as chromium:
        for scheme in get_args(Scheme):
            for name, png in pictures(chromium, url, scheme, WIDE, SCENES):
                options.out.joinpath(f"{name}-{scheme}.png").write_bytes(png)
            for _, png in pictures(chromium, url, scheme, PHONE, ["generate"]):
                options.out.joinpath(f"phone-{scheme}.png").write_bytes(png)


def pictures(
    chromium: Browser, url: str, scheme: Scheme, size: ViewportSize, names: Iterable[str]
) -> Iterator[tuple[str, bytes]]:
    """Tabs as PNGs, each from its top, as tall as it is and as is allowed, with no box cut in two.

    Args:
        chromium: a browser.
        url: of the page.
        scheme: of its colours.
        size: of the window.
        names: in `SCENES`.
    """
    context = chromium.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.set_default_navigation_timeout(PATIENCE)
    page.add_init_script(VISITED)
    page.goto(url)
    page.wait_for_selector("#map-B .main-svg")
    for name in names:
        page.get_by_role("tab").nth(list(SCENES).index(name)).click()
        SCENES[name](page)
        page.evaluate("document.activeElement?.blur()")
        page.mouse.move(0, 0)
        page.wait_for_timeout(1500)
        yield name, _compact(page.screenshot(full_page=True), int(page.evaluate(WHOLE, TALLEST)))
    context.close()


def _compact(png: bytes, end: int) -> bytes:
    whole = Image.open(BytesIO(png)).convert("RGB")
    top = whole.crop((0, 0, whole.width, min(end, whole.height)))
    small = top.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    written = BytesIO()
    small.save(written, "PNG", optimize=True)
    return written.getvalue()


if __name__ == "__main__":
    main()
