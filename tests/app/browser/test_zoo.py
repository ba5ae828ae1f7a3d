"""The Zoo tab in a real browser: cards, what is in memory, checkpoints from a folder, and a page open to strangers."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from app.components.live import PLOTLY, head
from app.desk import Desk
from app.tabs.zoo import acted, drawn
from app.theme import CSS
from app.ui import build
from zoo.catalog import read_catalog

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

MARKUP = '<img src=x onerror="window.hacked=1">'
CARD = "document.querySelector('.zoo-card[data-id=\"{}\"]')"


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)


@pytest.fixture
def visit(open_page: Open) -> Any:
    opened = open_page()
    show(opened)
    return opened


@pytest.fixture
def guest(hmu_folder: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A checkpoint that no zoo has: of a folder and with a card whose texts hold markup."""
    folder = Path(shutil.copytree(hmu_folder, tmp_path / f"{request.node.name} {MARKUP}"))
    settings = folder / "generation_config.json"
    settings.write_text(settings.read_text() + "\n" * (1 + len(request.node.name)))
    (folder / "README.md").write_text(f"---\nlicense: other\nlicense_name: {json.dumps(MARKUP)}\n---\n")
    return folder


def show(visit: Any) -> None:
    visit.page.get_by_role("tab", name="Zoo").click()
    visit.page.locator(".zoo-card").first.wait_for(state="visible")


def turn(visit: Any, name: str, action: str) -> None:
    """Press a card's button and wait until its card says so."""
    visit.page.get_by_role("button", name=f"{action} {name}", exact=True).click()
    visit.wait(f"{CARD.format(name)}.dataset.loaded === '{str(action == 'Load').lower()}'")


def add(visit: Any, path: Path | str) -> str:
    """Add a folder; what the form answers."""
    visit.page.fill("#zoo-folder input, #zoo-folder textarea", str(path))
    visit.page.click("#zoo-add-folder")
    visit.wait("document.querySelector('#zoo-said .said')?.textContent")
    return str(visit.ask("document.querySelector('#zoo-said .said').textContent"))


def test_every_checkpoint_has_a_card_with_its_whole_hash(visit: Any, page_zoo: Path) -> None:
    for entry in read_catalog(page_zoo).entries:
        card = visit.page.locator(f'.zoo-card[data-id="{entry.id}"]')
        assert card.locator(".zoo-hash").get_attribute("title") == entry.sha256
        assert f"{entry.parameters:,}" in card.inner_text()
        assert card.evaluate("card => card.classList.contains('memory')") == (entry.memory != "none")


def test_a_hash_is_shown_whole_when_it_is_pressed(visit: Any) -> None:
    button = visit.page.locator(".zoo-hash").first
    button.click()
    assert button.inner_text().startswith(button.get_attribute("title"))


def test_a_checkpoint_leaves_memory_and_comes_back_and_the_keyboard_stays_on_its_button(visit: Any) -> None:
    visit.wait(f"{CARD.format('answers-hmu')}.dataset.loaded === 'true'")
    turn(visit, "answers-hmu", "Unload")
    assert "Not in memory" in visit.ask(f"{CARD.format('answers-hmu')}.textContent")
    assert visit.ask("document.activeElement.getAttribute('aria-label')") == "Load answers-hmu"
    visit.page.keyboard.press("Enter")
    assert visit.ask(f"{CARD.format('answers-hmu')}.getAttribute('aria-busy')") == "true"
    visit.wait(f"{CARD.format('answers-hmu')}.dataset.loaded === 'true'")
    assert visit.ask(f"{CARD.format('answers-hmu')}.getAttribute('aria-busy')") == "false"


def test_a_damaged_checkpoint_says_so_on_its_card_and_can_be_tried_again(visit: Any) -> None:
    card = visit.page.locator('.zoo-card[data-id="spoiled-hmu"]')
    for _ in range(2):
        card.locator(".zoo-act").click()
        visit.wait(f"{CARD.format('spoiled-hmu')}.querySelector('.zoo-said').textContent.includes('damaged')")
        assert card.get_attribute("aria-busy") == "false"


def test_an_added_folder_can_be_picked_at_once_runs_and_its_markup_stays_text(
    visit: Any, open_page: Open, guest: Path
) -> None:
    assert add(visit, guest).startswith("Added: HMU")
    card = visit.page.locator(".zoo-card").last
    name = str(card.get_attribute("data-id"))
    visit.wait(f"{CARD.format(name)}")
    assert card.inner_text().count(MARKUP) == 2
    visit.page.get_by_role("tab", name="Generate").click()
    assert visit.page.locator("#checkpoint-A input").input_value() == "Baseline · answers"
    visit.pick("checkpoint-A", f"HMU · {name}")
    visit.run("field, look, stand")
    assert visit.text("text-A") == visit.text("text-B")
    assert visit.ask("document.querySelectorAll('.zoo-card img').length") == 0
    assert visit.ask("window.hacked") is None
    later = open_page(f"?task=common_gen&text=dog&a={name}&b=answers-hmu")
    later.wait(f"document.querySelector('#checkpoint-A input').value === 'HMU · {name}'")
    later.wait_written()
    later.pick("checkpoint-B", f"HMU · {name}")


@pytest.mark.parametrize("path", ["/nowhere/at/all", "not/whole", f"/{MARKUP}"])
def test_a_wrong_path_is_told_in_one_line_and_nothing_changes(visit: Any, path: str) -> None:
    before = visit.page.locator(".zoo-card").count()
    said = add(visit, path)
    assert said.startswith(f'folder "{path}": ')
    assert "\n" not in said
    assert visit.ask("document.querySelector('#zoo-said .said').classList.contains('refused')")
    assert visit.page.locator(".zoo-card").count() == before
    assert visit.ask("window.hacked") is None


def test_a_branch_is_refused_before_anything_is_asked_of_the_hub(visit: Any) -> None:
    visit.page.fill("#zoo-repo input, #zoo-repo textarea", "someone/something")
    visit.page.fill("#zoo-commit input, #zoo-commit textarea", "main")
    visit.page.click("#zoo-add-hub")
    visit.wait("document.querySelector('#zoo-said .said')?.textContent.includes('a branch or tag moves')")


def test_the_cards_fit_a_phone(open_page: Open) -> None:
    visit = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab = visit.page.get_by_role("tab", name="Zoo")
    if not tab.is_visible():
        visit.page.locator(".overflow-menu > button").first.click()
        tab = visit.page.locator(".overflow-dropdown button", has_text="Zoo").first
    tab.click()
    visit.page.locator(".zoo-card").first.wait_for(state="visible")
    assert visit.ask("document.documentElement.scrollWidth") <= 390


@pytest.fixture
def strangers(desk: Desk) -> Iterator[str]:
    """The address of a page that is open to the public."""
    desk.public = True
    gr.set_static_paths([PLOTLY])
    page = build(desk)
    _, address, _ = page.launch(prevent_thread_lock=True, quiet=True, inline=False, css=CSS, head=head())
    yield address.rstrip("/")
    page.close(verbose=False)


def test_strangers_find_cards_and_a_reason_but_no_form_and_no_buttons(strangers: str, browser: Any) -> None:
    page = browser.new_page()
    page.set_default_timeout(90_000)
    page.goto(strangers)
    page.get_by_role("tab", name="Zoo").click()
    page.locator(".zoo-card").first.wait_for(state="visible")
    assert page.locator(".zoo-hash").count() == page.locator(".zoo-card").count() > 2
    assert page.locator(".zoo-act, #zoo-folder, #zoo-repo, #zoo-add-folder, #zoo-add-hub").count() == 0
    assert "open to the public" in page.locator("#zoo-public").inner_text()
    page.close()


@pytest.mark.parametrize("place", ["public", "space"])
def test_what_strangers_send_all_the_same_is_refused(desk: Desk, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    acted(desk, {"action": "load", "id": "answers-hmu"})
    if place == "public":
        desk.public = True
    else:
        monkeypatch.setitem(os.environ, "SPACE_ID", "someone/hmu")
    for action in ("load", "unload"):
        with pytest.raises(ValueError, match="on a public page"):
            acted(desk, {"action": action, "id": "answers-hmu"})
    assert desk.shelf.loaded() == ("answers-hmu",)
    assert not drawn(desk)["turns"]


@pytest.mark.parametrize(
    "asked",
    [None, [], "load", {"action": "load"}, {"action": "drop", "id": "answers-hmu"}, {"action": ["load"], "id": "a"}],
    ids=str,
)
def test_an_action_that_no_card_has_is_refused(desk: Desk, asked: object) -> None:
    with pytest.raises(ValueError, match="press Load or Unload on a card"):
        acted(desk, asked)


def test_an_unknown_id_is_refused(desk: Desk) -> None:
    with pytest.raises(ValueError, match="is unknown"):
        acted(desk, {"action": "unload", "id": "../x"})
