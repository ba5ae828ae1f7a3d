"""Tasks and checkpoints that do not all know one another, in a real browser: whichever is picked, the rest follows."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from transformers import PreTrainedTokenizerBase

from app import words
from hmu import MemoryTransformer, find_task
from hmu.training.trainer import save_checkpoint
from tests.app.support_server import serving
from zoo.record import record

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

MADE = {"scenes": ("common_gen", "sst2"), "tales": ("roc_stories",), "twins": ("mrpc",)}
"""Pair → what it has learned."""
STORY, CONCEPTS = words.EXAMPLE_TEXTS["roc_stories"][0], words.EXAMPLE_TEXTS["common_gen"][0]


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_model: Callable[..., MemoryTransformer],
    tokenizer: PreTrainedTokenizerBase,
) -> Iterator[str]:
    """In the place of the page that the other tests visit."""
    root = tmp_path_factory.mktemp("agreement") / "zoo"
    for pair, tasks in MADE.items():
        labels = {name: list(find_task(name).labels) for name in tasks if not find_task(name).generates}
        for arm in ("baseline", "hmu"):
            save_checkpoint(
                tiny_model(arm, task_labels=labels, max_source_length=96), tokenizer, root / f"{pair}-{arm}"
            )
        record(root, tasks, pair)
    with serving(root, tmp_path_factory.mktemp("agreement-page")) as url:
        yield url


def picked(visit: Any, name: str) -> str:
    return str(visit.page.locator(f"#{name} input").first.input_value())


def wait_picked(visit: Any, **expected: str) -> None:
    """Until the pickers show these, a dropdown's id with "_" in the place of "-"."""
    for name, value in expected.items():
        visit.wait(f"document.querySelector('#{name.replace('_', '-')} input').value === {value!r}")


def wait_pair(visit: Any, pair: str) -> None:
    wait_picked(visit, checkpoint_A=f"Baseline · {pair}", checkpoint_B=f"HMU · {pair}")


def prompt(visit: Any) -> str:
    return str(visit.page.locator("#prompt textarea").input_value())


def test_a_picked_task_brings_checkpoints_that_know_it_and_an_example(open_page: Open) -> None:
    visit = open_page()
    wait_pair(visit, "scenes")
    visit.pick("generate-task", find_task("roc_stories").title)
    wait_pair(visit, "tales")
    assert prompt(visit) == STORY
    visit.wait("pieces('source-B').length > 20")
    visit.run()
    visit.pick("generate-task", find_task("common_gen").title)
    wait_pair(visit, "scenes")
    assert prompt(visit) == CONCEPTS


def test_the_examples_below_the_prompt_are_the_task_s(open_page: Open) -> None:
    visit = open_page()
    visit.pick("generate-task", find_task("roc_stories").title)
    visit.page.get_by_role("button", name="Tom was late for his train").click()
    visit.wait(f"document.querySelector('#prompt textarea').value === {words.EXAMPLE_TEXTS['roc_stories'][1]!r}")


def test_a_picked_checkpoint_brings_its_task_and_its_pair(open_page: Open) -> None:
    visit = open_page()
    visit.pick("checkpoint-B", "HMU · tales")
    wait_pair(visit, "tales")
    wait_picked(visit, generate_task=find_task("roc_stories").title)
    visit.wait(f"document.querySelector('#prompt textarea').value === {STORY!r}")


def test_an_opened_tab_brings_checkpoints_that_know_its_task_and_back(open_page: Open) -> None:
    visit = open_page()
    visit.pick("checkpoint-B", "HMU · tales")
    wait_pair(visit, "tales")
    visit.open_tab("Classify")
    wait_pair(visit, "scenes")
    visit.wait("plot('class-bars')?.data?.length === 2")
    visit.pick("classify-task", find_task("mrpc").title)
    wait_pair(visit, "twins")
    visit.wait("pieces('classify-source-B').some(one => one.textContent === '<sep>')")
    visit.open_tab("Generate")
    wait_pair(visit, "tales")
    assert prompt(visit) == STORY


def test_what_cannot_follow_is_told_in_its_column_and_nowhere_else(open_page: Open) -> None:
    visit = open_page()
    visit.pick("checkpoint-B", "HMU · twins")
    told = words.UNLEARNED.format("B · HMU · twins")
    visit.wait(f"document.querySelector('#notes-B').textContent.trim() === {told!r}")
    visit.wait("pieces('source-A').length > 0 && pieces('source-B').length === 0")
    assert picked(visit, "checkpoint-A") == "Baseline · scenes"
    assert picked(visit, "generate-task") == find_task("common_gen").title
    assert visit.page.locator(".toast-body").count() == 0
    visit.open_tab("Classify")
    visit.pick("checkpoint-A", "HMU · tales")
    told = words.UNLEARNED.format("A · HMU · tales")
    visit.wait(f"document.querySelector('#classify-notes').textContent.trim() === {told!r}")
    visit.wait("plot('class-bars')?.data?.length === 1")
    assert visit.page.locator(".toast-body").count() == 0


def test_imagine_has_writers_alone_and_its_task_follows_them(open_page: Open) -> None:
    visit = open_page()
    visit.open_tab("Imagine")
    visit.pick("imagine-latent", "HMU · tales")
    wait_picked(visit, imagine_task=find_task("roc_stories").title, imagine_compared="Baseline · tales")
    visit.wait(f"document.querySelector('#imagine-text textarea').value === {STORY!r}")
    visit.pick("imagine-task", find_task("common_gen").title)
    wait_picked(visit, imagine_latent="HMU · scenes", imagine_compared="Baseline · scenes")
    visit.page.click("#imagine-compared input")
    offered = visit.page.get_by_role("option").all_text_contents()
    assert [one.split("·")[-1].strip() for one in offered] == ["scenes"] * 2 + ["tales"] * 2
    visit.page.keyboard.press("Escape")


def test_a_file_s_task_brings_columns_that_know_it(open_page: Open) -> None:
    visit = open_page()
    visit.pick("checkpoint-B", "HMU · tales")
    wait_pair(visit, "tales")
    visit.open_tab("Your data")
    visit.pick("data-task", find_task("mrpc").title)
    wait_pair(visit, "twins")
    visit.pick("data-task", find_task("sst2").title)
    wait_pair(visit, "scenes")
    visit.page.get_by_role("button", name=words.DATA_EXAMPLES["pairs.csv"][0]).click()
    wait_pair(visit, "twins")
    wait_picked(visit, data_text="first", data_second="second", data_answer="label")
    visit.page.click("#data-run")
    done = words.DATA_DONE.partition("{inputs:,}")[2].partition("{")[0]
    visit.wait(f"document.querySelector('#data-meter').textContent.includes('20{done}')")
