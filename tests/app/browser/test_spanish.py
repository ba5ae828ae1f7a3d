"""The page in its visitor's language: Spanish in a Spanish browser, English in any other, turned while it is open."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import words
from app.saying import in_spanish, sentences

pytestmark = pytest.mark.browser
SENTENCE = "A group of people standing in a field."
Open = Callable[..., Any]
TABS = (words.GENERATE, words.CLASSIFY, words.DATASET, words.IMAGINE, words.MEMORY, words.RESULTS, words.ZOO)
SHOWN = """(() => {
  const names = ["aria-label", "placeholder", "title", "data-waiting"], said = [document.title];
  for (const node of document.querySelectorAll(".gradio-container *")) {
    if (node.closest(".cell-text, .token, .piece, script, style, footer, [data-testid=dataset]")) continue;
    names.forEach((name) => said.push(node.getAttribute(name) || ""));
    node.childNodes.forEach((child) => child.nodeType === 3 && said.push(child.textContent));
  }
  return said.map((text) => text.trim()).filter(Boolean);
})()"""
"""Every text of the page, but for what models and visitors wrote and for Gradio's own footer."""


@pytest.fixture
def spanish(open_page: Open) -> Any:
    visit = open_page(locale="es-ES")
    visit.wait("document.querySelector('#run').textContent.trim() === 'Ejecutar'")
    return visit


def english_in(texts: list[str]) -> list[str]:
    """Sentences of the table, as they are or with their fields filled, that stand there in English."""
    alike = {spanish for english, spanish in sentences().items()} | {text.strip() for text in words.ARMS.values()}
    told = [(text, in_spanish(text)) for text in texts if re.search(r"[A-Za-z]{2}", text)]
    return [text for text, spanish in told if spanish and spanish != text and text not in alike]


def unfold(visit: Any) -> None:
    """Open what is folded away."""
    for accordion in visit.page.locator("button.label-wrap:not(.open)").all():
        if accordion.is_visible():
            accordion.click()


def read(visit: Any, tab: str) -> list[str]:
    """A tab's texts, once it is open."""
    visit.open_tab(tab)
    unfold(visit)
    visit.page.wait_for_timeout(1500)
    return list(visit.ask(SHOWN))


def test_a_spanish_browser_shows_no_sentence_in_english(spanish: Any) -> None:
    spanish.run("field, look, stand")
    texts = [text for tab in TABS for text in read(spanish, in_spanish(tab) or tab)]
    assert len(texts) > 300
    assert english_in(texts) == []
    assert spanish.ask("document.documentElement.lang") == "es"
    assert spanish.ask("document.title") == in_spanish(words.TITLE)


def test_what_was_written_and_drawn_is_told_in_spanish(spanish: Any) -> None:
    spanish.run("field, look, stand")
    assert spanish.texts() == [SENTENCE] * 2
    assert re.fullmatch(
        r"\d+ tokens · primero en \d+ ms · .* · perplejidad [\d.]+", spanish.ask("facts('text-B').textContent")
    )
    assert spanish.ask("plot('bars-B').layout.title.text") == "Por token de la fuente"
    assert spanish.ask("plot('bars-B').layout.yaxis.title.text") == "puerta"
    assert spanish.ask("plot('written-B').layout.title.text") == "Por token escrito: la puerta que vio"
    assert spanish.ask("plot('map-B').data[0].colorbar.ticktext.join()") == "latente,literal"
    assert "puerta" in spanish.ask("pieces('source-B')[0].getAttribute('aria-label')")
    spanish.page.locator("#text-B .token").nth(1).hover()
    assert "probabilidad" in spanish.page.locator("#text-B .tip").inner_text()


def test_classes_are_told_in_spanish_and_found_by_it(spanish: Any) -> None:
    spanish.open_tab("Clasificar")
    spanish.wait("plot('pushes-B').data?.length > 0")
    assert spanish.ask("plot('class-bars').data[0].x.join()") == "Mundo,Deportes,Economía,Ciencia/Tec."
    assert re.match(r"Lo que hace por «(Mundo|Dep|Eco|Cie)", spanish.ask("plot('pushes-B').layout.title.text"))
    spanish.pick("classify-task", "Sentimiento")
    spanish.wait("plot('class-bars').data[0].x.join() === 'negativa,positiva'")
    boxes = spanish.page.locator("#classify-text textarea, #classify-text input")
    assert boxes.first.get_attribute("placeholder") == in_spanish(words.PLACEHOLDERS["sst2"])


def test_a_file_is_scored_in_spanish_and_keeps_its_own_words(spanish: Any, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("text,Run,difference\nfine,negative,Task\ndull,positive,Text\n", encoding="utf-8")
    spanish.open_tab("Tus datos")
    spanish.pick("data-task", "Sentimiento")
    spanish.page.set_input_files("#data-file input[type=file]", file)
    spanish.wait("document.querySelectorAll('#data-preview td').length === 6")
    assert spanish.ask("document.querySelector('#data-preview table').innerText").split() == [
        *("Primeras", "filas", "de", "mine.csv", "·", "2", "en", "total"),
        *("text", "Run", "difference", "fine", "negative", "Task", "dull", "positive", "Text"),
    ]
    spanish.page.click("#data-answer input")
    assert [one.strip("✓ \n") for one in spanish.page.get_by_role("option").all_inner_texts()] == [
        *("(ninguna)", "text", "Run", "difference")
    ]


@pytest.mark.parametrize("locale", ["en-US", "de-DE"])
def test_any_other_browser_shows_english(open_page: Open, locale: str) -> None:
    visit = open_page(locale=locale)
    visit.run("field, look, stand")
    assert visit.page.locator("#run").inner_text() == words.RUN
    assert visit.ask("document.documentElement.lang") == "en"
    assert visit.ask("plot('bars-B').layout.title.text") == "Per source token"
    assert "first" in visit.ask("facts('text-B').textContent")
    texts = [text for tab in TABS for text in read(visit, tab)]
    assert "\u2060" not in "".join(texts)
    spanish = set(sentences().values()) - set(sentences())
    assert [text for text in texts if text in spanish] == []


def test_the_address_can_ask_for_a_language(open_page: Open) -> None:
    visit = open_page("?lang=es", locale="en-US")
    visit.wait("document.querySelector('#run').textContent.trim() === 'Ejecutar'")
    visit.wait("plot('bars-B').layout.title.text === 'Por token de la fuente'")
    assert visit.ask("document.documentElement.lang") == "es"
    back = open_page("?lang=en", locale="es-ES")
    back.wait("document.querySelector('#run').textContent.trim() === 'Run'")
    back.wait("plot('bars-B').layout.title.text === 'Per source token'")
    assert back.ask("document.title") == words.TITLE


def test_gradios_settings_turn_the_language_of_what_is_written_and_drawn(open_page: Open) -> None:
    visit = open_page(locale="en-US")
    visit.run("field, look, stand")
    visit.page.locator("footer").get_by_role("button", name="Settings").click()
    visit.page.get_by_label("Language").click()
    visit.page.get_by_role("option", name="Español").click()
    visit.wait("document.documentElement.lang === 'es'")
    visit.wait("plot('written-B').layout.title.text === 'Por token escrito: la puerta que vio'")
    assert "perplejidad" in visit.ask("facts('text-B').textContent")
    assert visit.texts() == [SENTENCE] * 2


def test_both_sides_of_the_table_agree(spanish: Any) -> None:
    """The server's own look-up, which other tests ask, is the browser's."""
    said = [
        *(
            words.DATA_FILE.format(rows=2000, megabytes=5.0),
            words.STOP_ONE.format("A"),
            "A · Baseline · one",
            "nonsense",
        ),
        words.FACTS.format(tokens=3, first=12.3, speed=4.5, logprob=-0.25, perplexity=float("inf")),
        f"{words.SOURCE_GATED}\n{words.ACTIVE.format(3)}",
        "What each token's gate does for “negative”",
        *("gate %{y:.3f} ± %{error_y.array:.3f}", "B · HMU · one minus A · Baseline · one", "Row 3, a (b): Cut."),
    ]
    for text in [*said, *(text for text in sentences() if "{" not in text)]:
        told = spanish.page.evaluate("(text) => window.HMUSay(text)", text)
        assert told == (in_spanish(text) or text), text
