"""Tasks of two texts in a real browser: both boxes, the answer, the gates, a link, a file, and a phone."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app import words
from app.saying import in_spanish
from tests.app.support_server import serving

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

FIRST, SECOND = "the dog runs after the ball", "a film , dull"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LINK = f"?task=mnli&text={FIRST}&second={SECOND}&a=twofold-baseline&b=twofold-hmu&b.bias=-2&b.forced=l.z"
DRAWN = "['class-bars', 'class-difference', 'curves-B', 'pushes-B'].every(id => plot(id).data?.length > 0)"
ANSWERED = f"{DRAWN} && pieces('classify-source-B').length > 1 && drawn()"


@pytest.fixture(scope="module")
def server(two_texts_zoo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """In the place of the page that the other tests visit: its checkpoints read two texts, too."""
    with serving(two_texts_zoo, tmp_path_factory.mktemp("two-texts-page")) as url:
        yield url


def opened(visit: Any, task: str = "MNLI") -> Any:
    """The visit on the Classify tab, with a task picked and answered."""
    visit.open_tab("Classify")
    visit.wait(ANSWERED)
    visit.pick("classify-task", task)
    visit.wait(f"{ANSWERED} && pieces('classify-source-B').some(one => one.textContent === '<sep>')")
    return visit


def box(visit: Any, which: str) -> Any:
    return visit.page.locator(f"#classify-{which} textarea")


def write(visit: Any) -> None:
    """Put our own words into both boxes, press Run and wait until they are answered."""
    box(visit, "text").fill(FIRST)
    box(visit, "second").fill(SECOND)
    visit.page.click("#classify-run")
    visit.wait(f"{ANSWERED} && {read_by('A')} && {read_by('B')}")


def read_by(letter: str) -> str:
    """That a column's strip holds both texts, to the end of the second."""
    tokens = f"pieces('classify-source-{letter}').map(one => one.textContent).join('').replaceAll('␣', '')"
    return f"{tokens} === {f'{FIRST}<sep>{SECOND}</s>'.replace(' ', '')!r}"


def test_both_texts_are_answered_by_both_columns_and_the_second_one_counts(open_page: Open) -> None:
    visit = opened(open_page())
    write(visit)
    assert visit.ask("Array.from(plot('class-bars').data[0].x)") == ["entailment", "neutral", "contradiction"]
    before = [visit.y("class-bars", column) for column in (0, 1)]
    assert [sum(shares) for shares in before] == pytest.approx([1, 1], abs=2e-3)
    box(visit, "second").fill(FIRST)
    visit.wait(f"Array.from(plot('class-bars').data[0].y).join() !== {','.join(map(str, before[0]))!r}")
    visit.wait(f"Array.from(plot('class-bars').data[1].y).join() !== {','.join(map(str, before[1]))!r}")


def test_the_gate_bias_and_a_forced_token_of_the_second_text_move_the_answer(open_page: Open) -> None:
    visit = opened(open_page())
    write(visit)
    plain, shares = visit.y("class-bars", 0), visit.y("class-bars", 1)
    visit.slide("gate-bias-B", "End")
    visit.wait("plot('curves-B').layout.shapes[0].x0 === 8")
    assert visit.y("class-bars", 0) == plain
    assert visit.y("class-bars", 1) != shares
    visit.slide("gate-bias-B", "Home")
    visit.wait("plot('curves-B').layout.shapes[0].x0 === -8")
    turned = visit.y("class-bars", 1)
    visit.page.locator("#classify-source-B .piece").nth(-2).click()
    visit.wait(f"Array.from(plot('class-bars').data[1].y).join() !== {','.join(map(str, turned))!r}")
    assert visit.page.locator("#classify-source-B .piece.literal").count() == 1


def test_each_text_has_a_line_of_its_own_in_the_strip(open_page: Open) -> None:
    visit = opened(open_page())
    write(visit)
    above, below = visit.ask(
        "(all => ['<sep>', null].map(name => all[all.findIndex(one => one.textContent === '<sep>') + (name ? 0 : 1)]"
        ".getBoundingClientRect().top))(pieces('classify-source-B'))"
    )
    assert below > above


def test_an_example_fills_both_boxes_and_says_what_to_look_at(open_page: Open) -> None:
    visit = opened(open_page(), "MRPC")
    (first, second), told = list(words.EXAMPLES_OF_TWO["mrpc"].items())[1]
    visit.page.get_by_text(f"{first} | {second}").first.click()
    visit.page.locator("#classify-text-look-at", has_text=told).wait_for()
    assert (box(visit, "text").input_value(), box(visit, "second").input_value()) == (first, second)


def test_a_task_of_one_text_hides_the_second_box_and_forgets_it(open_page: Open) -> None:
    visit = opened(open_page())
    write(visit)
    visit.pick("classify-task", "Sentiment")
    visit.wait("plot('class-bars').data[0].x.length === 2")
    assert not box(visit, "second").is_visible()
    assert "<sep>" not in visit.ask("pieces('classify-source-B').map(one => one.textContent)")
    assert "second=" not in address(visit)


def address(visit: Any) -> str:
    """The link that the page makes of itself."""
    visit.unfold(visit.page.locator("#share > button"))
    visit.page.click("#make-link")
    visit.wait("/[?]/.test(document.querySelector('#address textarea, #address input').value)")
    return str(visit.page.input_value("#address textarea, #address input"))


def test_an_empty_second_text_is_told_in_words_and_the_page_lives_on(open_page: Open) -> None:
    visit = opened(open_page())
    box(visit, "second").fill("  ")
    visit.page.click("#classify-run")
    visit.page.get_by_text("second text: empty; write a few words").first.wait_for(state="visible")
    write(visit)


def test_a_link_opens_with_both_texts_and_gives_the_same_answer(open_page: Open) -> None:
    visit = opened(open_page())
    write(visit)
    visit.slide("gate-bias-B", "ArrowLeft")
    visit.wait("plot('curves-B').layout.shapes[0].x0 < 0")
    visit.page.locator("#classify-source-B .piece").nth(1).click()
    visit.wait("plot('pushes-B').data[0].y[1] === 0 && drawn()")
    again = open_page("?" + address(visit).split("?", 1)[1])
    again.wait(f"{ANSWERED} && {read_by('B')} && plot('pushes-B').data[0].y[1] === 0")
    assert (box(again, "text").input_value(), box(again, "second").input_value()) == (FIRST, SECOND)
    for trace in (0, 1):
        assert again.y("class-bars", trace) == visit.y("class-bars", trace)
    assert again.page.locator("#classify-source-B .piece.literal").count() == 1


def test_a_link_of_another_task_keeps_its_own_text(open_page: Open) -> None:
    """The tab's first task is another: its examples must not come in the link's place."""
    visit = open_page(f"?task=mrpc&text={FIRST}&second={SECOND}&a=twofold-baseline&b=twofold-hmu")
    visit.wait(f"{ANSWERED} && {read_by('A')} && {read_by('B')}")
    assert (box(visit, "text").input_value(), box(visit, "second").input_value()) == (FIRST, SECOND)
    visit.page.get_by_text("Ben fed the cat. | The cat was fed by Ben.").first.wait_for()


def test_on_a_phone_nothing_is_wider_than_the_screen(open_page: Open) -> None:
    visit = open_page(LINK, **PHONE)
    visit.wait(f"{ANSWERED} && {read_by('B')}")
    assert visit.ask("document.documentElement.scrollWidth - window.innerWidth") == 0
    first, second = (box(visit, which).bounding_box() for which in ("text", "second"))
    assert second["y"] >= first["y"] + first["height"]
    assert second["x"] + second["width"] <= 390


def test_a_spanish_browser_names_both_boxes_in_spanish(open_page: Open) -> None:
    visit = open_page(LINK, locale="es-ES")
    visit.wait(f"{ANSWERED} && {read_by('B')}")
    for which, label in zip(("text", "second"), words.TEXT_LABELS["mnli"], strict=True):
        visit.page.locator(f"#classify-{which}", has_text=in_spanish(label)).wait_for()
    names = [in_spanish(placeholder) for placeholder in words.PLACEHOLDERS_OF_TWO["mnli"]]
    assert [box(visit, which).get_attribute("placeholder") for which in ("text", "second")] == names


def test_a_file_of_two_texts_is_scored_and_shown_with_both(open_page: Open, tmp_path: Path) -> None:
    visit = open_page()
    visit.open_tab("Your data")
    file = tmp_path / "mine.csv"
    with file.open("w", encoding="utf-8", newline="") as cells:
        csv.writer(cells).writerows([("label", "hypothesis", "premise"), ("neutral", SECOND, FIRST), (0, "dog", FIRST)])
    visit.page.locator("#data-file input[type=file]").set_input_files(file)
    visit.page.locator("#data-preview table").wait_for()
    assert not visit.page.locator("#data-second").is_visible()
    visit.pick("data-task", "MNLI")
    visit.page.locator("#data-second input").wait_for()
    visit.wait("document.querySelector('#data-second input')?.value === 'hypothesis'")
    assert [visit.page.input_value(f"#data-{name} input") for name in ("text", "answer")] == ["premise", "label"]
    visit.page.click("#data-run")
    visit.page.locator("#data-meter .meter-said", has_text="inputs ×").wait_for()
    rows = "document.querySelectorAll('#data-differing tbody tr')"
    shown = visit.ask(f"Array.from({rows}, row => [row.cells[1].textContent, row.cells[2].textContent])")
    assert sorted(shown) == [[FIRST, SECOND], [FIRST, "dog"]]
    with visit.page.expect_download() as begun:
        visit.page.locator("#data-out a[download='answers.json']").click()
    answers = json.loads(Path(begun.value.path()).read_text(encoding="utf-8"))
    assert [row["second"] for row in answers["rows"]] == [SECOND, "dog"]
