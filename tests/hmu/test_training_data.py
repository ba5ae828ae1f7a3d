"""The order of a training: every row as often as asked, batches of one task each."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerBase

from hmu.tasks import Example
from hmu.training.data import (
    BatchPlan,
    Encoded,
    TrainingRows,
    collate,
    not_denoised,
    planned_steps,
    split_examples,
    texts_of,
    training_rows,
)
from hmu.training.recipe import TaskPlan, read_recipe
from hmu.training.vocabulary import train_tokenizer
from tests.hmu.support_data import write_rows

PLANS = (TaskPlan("common_gen", "", epochs=3, batch_size=4), TaskPlan("sst2", "", epochs=2, batch_size=5))


PARTS = {
    "common_gen": [Example("dog " * (i % 5 + 1), references=("The ball. " * (i % 3 + 1),)) for i in range(23)],
    "sst2": [Example("film " * (i % 7 + 1), label=i % 2) for i in range(11)],
}


@pytest.fixture
def rows(tokenizer: PreTrainedTokenizerBase) -> TrainingRows:
    return TrainingRows(PARTS, tokenizer, max_source=24, max_target=12)


def test_every_row_comes_as_often_as_its_task_has_epochs(rows: TrainingRows) -> None:
    plan = BatchPlan(rows, PLANS, seed=1)
    seen = Counter(index for batch in plan for index in batch)
    epochs = {"common_gen": 3, "sst2": 2}
    assert seen == Counter({index: epochs[rows[index].task] for index in range(len(rows))})


def test_a_plan_may_ask_for_part_of_a_pass_and_for_long_sources_alone(rows: TrainingRows) -> None:
    plan = TaskPlan("common_gen", "", epochs=1.5, batch_size=4, min_words=3)
    seen = Counter(index for batch in BatchPlan(rows, [plan], seed=1) for index in batch)
    long = [i for i, example in enumerate(PARTS["common_gen"]) if len(example.source.split()) >= 3]
    assert (set(seen), seen.total(), set(seen.values())) == (set(long), round(1.5 * len(long)), {1, 2})


@pytest.mark.parametrize("epochs", [0.3, 1, 2.5])
@pytest.mark.parametrize("min_words", [0, 4])
def test_the_steps_are_counted_without_tokens(rows: TrainingRows, epochs: float, min_words: int) -> None:
    plans = (*PLANS, TaskPlan("common_gen", "", epochs, batch_size=4, min_words=min_words))
    assert planned_steps(plans, PARTS) == len(BatchPlan(rows, plans, seed=1))


def test_varied_copies_stand_behind_a_tasks_own_rows(recipe_text: str, tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(recipe_text + "\n[variants]\ncommon_gen = 2\n", encoding="utf-8")
    rows = training_rows(read_recipe(file), PARTS)
    given = PARTS["common_gen"]
    assert rows["sst2"] == PARTS["sst2"]
    assert rows["common_gen"][: len(given)] == given
    assert [row.references for row in rows["common_gen"]] == 3 * [example.references for example in given]
    assert rows == training_rows(read_recipe(file), PARTS)


def test_sentences_of_other_tasks_stand_behind_a_tasks_own_rows(recipe_text: str, tmp_path: Path) -> None:
    file = tmp_path / "recipe.toml"
    file.write_text(recipe_text + '\n[adopted]\ncommon_gen = ["sst2"]\n', encoding="utf-8")
    told = Example("A dog ran to the park. A man threw his ball in the park!", label=1)
    parts = {"common_gen": PARTS["common_gen"], "sst2": [told]}
    given = [Example("dog park ball", references=("The dog has a ball in the park .",))]
    rows = training_rows(read_recipe(file), parts | {"common_gen": given})["common_gen"]
    assert rows[:1] == given
    assert [row.references for row in rows[1:]] == []
    three = replace(told, source=told.source + " The dog lost its ball in the park.")
    rows = training_rows(read_recipe(file), {"common_gen": given, "sst2": [three]})["common_gen"]
    assert [row.references for row in rows[1:]] == [("The dog lost its ball in the park.",)]


def test_every_sentence_is_there_once_to_be_denoised(
    recipe_text: str, tmp_path: Path, tokenizer: PreTrainedTokenizerBase
) -> None:
    file = tmp_path / "recipe.toml"
    denoising = '[denoising]\nepochs = 2\nbatch_size = 3\nnoises = ["drop:0.4", "replace:0.2"]'
    file.write_text(f"{recipe_text}\n{denoising}\n", encoding="utf-8")
    sentences = [f"The dog number {n} ran to the park at {n} o'clock." for n in range(9)]
    parts = {
        "common_gen": [Example("dog run park clock", references=(text,)) for text in sentences[:5]],
        "sst2": [Example(" ".join([*sentences[4:], "Too short."]), label=1)],
        "ag_news": [Example("Too short", label=1)],
    }
    recipe = read_recipe(file)
    made = training_rows(recipe, parts)
    assert [row.references for row in made["denoising"]] == [(text,) for text in sentences]
    assert {name: made[name] for name in parts} == parts
    for row in made["denoising"]:
        words = row.references[0].split()
        assert row.source.split() != words
        assert 1 <= len(row.source.split()) <= len(words)
    assert made == training_rows(recipe, parts)
    rows = TrainingRows(made, tokenizer, max_source=24, max_target=48)
    plan = BatchPlan(rows, recipe.plans, seed=1)
    assert len(plan) == planned_steps(recipe.plans, made)
    denoised = [batch for batch in plan if rows[batch[0]].task == "denoising"]
    assert sorted(map(len, denoised)) == [3] * 6
    first = denoised[0][0]
    (text,) = made["denoising"][first - rows.spans["denoising"][0]].references
    assert rows[first].labels == tokenizer(text)["input_ids"]


def test_a_held_out_phrase_stands_in_no_text_that_the_shipped_recipe_denoises(tmp_path: Path) -> None:
    """Catches a slice that is left out as rows and comes back within the phrases around it."""
    shipped = read_recipe(Path(__file__).parents[2] / "zoo/recipes/denoising.toml")
    recipe = replace(shipped, tasks=tuple(plan for plan in shipped.tasks if plan.name == "sst2"))
    phrases = [
        f"{before}a film of kind {number}{behind}"
        for number in range(60)
        for before, behind in (("", ""), ("he calls it ", ""), ("", " indeed"))
    ]
    rows = [{"sentence": f"{phrase} ", "label": 1} for phrase in phrases]
    write_rows(tmp_path / "glue/sst2" / recipe.tasks[0].file, rows)
    held, kept = (split_examples(recipe, tmp_path, held_out) for held_out in (True, False))
    texts = [text for row in training_rows(recipe, kept)["denoising"] for text in row.references]
    told = [phrase.source for phrase in held["sst2"]]
    assert len(told) >= 9 < len(texts)
    assert [phrase for phrase in told if any(f" {phrase} " in f" {text} " for text in texts)] == []


def test_no_batch_mixes_tasks_or_is_larger_than_asked(rows: TrainingRows) -> None:
    sizes = {"common_gen": 4, "sst2": 5}
    batches = list(BatchPlan(rows, PLANS, seed=1))
    tasks = [{rows[index].task for index in batch} for batch in batches]
    assert {len(names) for names in tasks} == {1}
    assert all(len(batch) <= sizes[names.pop()] for batch, names in zip(batches, tasks, strict=True))


def test_the_order_is_the_seeds(rows: TrainingRows) -> None:
    first, again, other = (list(BatchPlan(rows, PLANS, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_tasks_are_mixed_over_the_training(rows: TrainingRows) -> None:
    """Catches one task after another, after which the first is forgotten."""
    tasks = [rows[batch[0]].task for batch in BatchPlan(rows, PLANS, seed=1)]
    assert set(tasks[: len(tasks) // 2]) == set(tasks[len(tasks) // 2 :]) == {"common_gen", "sst2"}


def test_targets_are_cut_and_sources_end(rows: TrainingRows) -> None:
    targets = [row.labels for row in rows.rows if isinstance(row.labels, list)]
    assert max(map(len, targets)) == 12
    assert {row.input_ids[-1] for row in rows.rows} == {2}


def test_a_pair_is_one_row_with_both_texts_and_both_are_in_the_vocabulary(tokenizer: PreTrainedTokenizerBase) -> None:
    parts = {"rte": [Example("the dog", second="a ball </s>", label=1), Example("zq " * 50, second="dog", label=0)]}
    rows = TrainingRows(parts, tokenizer, max_source=20, max_target=12).rows
    assert [(row.input_ids.count(3), row.input_ids.count(2), row.labels) for row in rows] == [(1, 1, 1), (1, 1, 0)]
    assert tokenizer.decode(rows[0].input_ids) == " the dog<sep> a ball </s></s>"
    assert (len(rows[1].input_ids), tokenizer.decode(rows[1].input_ids)[-13:]) == (20, "<sep> dog</s>")
    assert list(texts_of(parts)) == ["the dog", "a ball </s>", "zq " * 50, "dog"]


def test_rows_are_padded_to_the_longest() -> None:
    batch = collate([Encoded("common_gen", [5, 2], [6, 7, 2]), Encoded("common_gen", [5, 6, 2], [2])], pad=0)
    assert {name: value.tolist() if name != "task" else value for name, value in batch.items()} == {
        "input_ids": [[5, 2, 0], [5, 6, 2]],
        "attention_mask": [[1, 1, 0], [1, 1, 1]],
        "labels": [[6, 7, 2], [2, -100, -100]],
        "task": None,
    }


def test_a_batch_of_a_classification_task_carries_its_name() -> None:
    batch = collate([Encoded("sst2", [5, 2], 1), Encoded("sst2", [2], 0)], pad=0)
    assert (batch["task"], batch["labels"].tolist()) == ("sst2", [1, 0])


def test_a_vocabulary_has_the_size_asked_for_and_loses_no_text() -> None:
    made = train_tokenizer(["the dog and the ball"] * 3, size=265, max_length=24)
    text = "日本語 🐕 <tag> dog"
    assert len(made) == 265
    assert made.decode(made(text)["input_ids"], skip_special_tokens=True).strip() == text


def test_a_held_out_sentence_is_not_denoised_although_another_row_has_it_too(tmp_path: Path) -> None:
    """A slice goes by group: one sentence may answer several sets of concepts."""
    shipped = read_recipe(Path(__file__).parents[2] / "zoo/recipes/denoising.toml")
    recipe = replace(shipped, tasks=tuple(plan for plan in shipped.tasks if plan.name == "common_gen"))
    rows = [
        {"concept_set_idx": n, "concepts": [f"dog{n}", "run"], "target": f"A dog runs home number {n % 30}."}
        for n in range(300)
    ]
    write_rows(tmp_path / "common_gen" / recipe.tasks[0].file, rows)
    held = not_denoised(recipe, tmp_path)
    kept = split_examples(recipe, tmp_path, held_out=False)
    texts = {text for row in training_rows(recipe, kept, held)["denoising"] for text in row.references}
    told = {text for each in held["common_gen"] for text in each.references}
    assert len(told) > 3
    assert texts | told == {row["target"] for row in rows}
    assert texts & told == set()
    assert not_denoised(replace(recipe, denoising=None), tmp_path) == {}
