"""Matched temperatures, against coverages counted one text at a time."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from huggingface_hub import ModelCard

from hmu import Checkpoint, Controls, Decoding, read, remember, stream
from hmu.cli import match as module
from hmu.cli.match import HIGHEST, LOWEST, WITHIN, match, search
from hmu.evaluation.matched import with_match
from hmu.evaluation.metrics import coverage
from hmu.imagine import Sample
from hmu.tasks import Example
from tests.hmu.support_data import hmu, write_data, write_rows

SETS = tuple(map(Example, ("field look stand", "ball dog throw", "street walk café", "fall stock")))
TURNED = Controls(temperature=1.5, seed=6)


def counted(curve: Callable[[float], float]) -> tuple[list[float], Callable[[float], float]]:
    """The temperatures that were asked for, as they come, and the curve that notes them."""
    asked: list[float] = []

    def coverage_at(temperature: float) -> float:
        asked.append(temperature)
        return curve(temperature)

    return asked, coverage_at


def text_of(checkpoint: Checkpoint, example: Example, controls: Controls, decoding: Decoding) -> str:
    remembered = remember(checkpoint, read(checkpoint, "common_gen", example.source), controls)
    return "".join(step.piece for step in stream(checkpoint, remembered, decoding))


@pytest.mark.parametrize("target", [0.2, 0.5, 0.83])
def test_the_search_ends_within_a_point_of_the_target(target: float) -> None:
    temperature, reached = search(lambda t: 1 - t / 2, target)
    assert abs(reached - target) <= WITHIN
    assert temperature == pytest.approx(2 * (1 - target), abs=2 * WITHIN)


def test_an_end_within_a_point_is_not_taken_for_the_crossing() -> None:
    """Would hand the baseline its least varied samples although hotter ones are as good."""
    temperature, _ = search(lambda t: 0.8 if t < 1 else 0.8 - (t - 1) / 2, 0.795)
    assert temperature == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("level", "end"), [(0.3, LOWEST), (0.9, HIGHEST)])
def test_a_target_out_of_reach_costs_two_passes_and_gives_the_closer_end(level: float, end: float) -> None:
    asked, coverage_at = counted(lambda t: level - t / 100)
    assert search(coverage_at, 0.6)[0] == end
    assert asked == [LOWEST, HIGHEST]


def test_a_coverage_that_jumps_past_the_target_gives_the_closest_that_was_tried() -> None:
    asked, coverage_at = counted(lambda t: 0.8 if t < 0.7 else 0.5)
    temperature, reached = search(coverage_at, 0.7)
    assert reached == 0.8
    assert temperature < 0.7
    assert len(asked) < 12


def test_both_coverages_are_those_of_one_sample_for_each_input(
    hmu_checkpoint: Checkpoint, baseline_checkpoint: Checkpoint
) -> None:
    found = match(hmu_checkpoint, baseline_checkpoint, "common_gen", SETS, TURNED)
    taken = found.closest if found.softmax_temperature is None else found.softmax_temperature
    assert taken is not None
    latent, softmax = list[float](), list[float]()
    for number, example in enumerate(SETS):
        noisy = Controls(temperature=1.5, seed=6 + number)
        drawn = Decoding(temperature=taken, seed=6 + number, max_new_tokens=24)
        concepts = example.source.split()
        latent.append(coverage(text_of(hmu_checkpoint, example, noisy, Decoding(max_new_tokens=24)), concepts))
        softmax.append(coverage(text_of(baseline_checkpoint, example, Controls(), drawn), concepts))
    assert (found.coverage_latent, found.coverage_softmax) == pytest.approx((mean(latent), mean(softmax)))
    assert (found.latent_temperature, found.inputs, found.seed) == (1.5, 4, 6)


def written(text: str) -> Callable[..., Iterator[Sample]]:
    """Stands for a way of sampling: it writes one text whatever it is asked."""

    def sample(*_: Any) -> Iterator[Sample]:
        yield Sample(text, ())

    return sample


def match_cli(hmu_folder: Path, baseline_folder: Path, *flags: object) -> Any:
    return hmu("match", "--checkpoint", hmu_folder, "--baseline", baseline_folder, "--task", "common_gen", *flags)


def test_the_command_counts_its_limit_in_concept_sets(
    hmu_folder: Path, baseline_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_data(tmp_path) / "common_gen/validation.jsonl.gz"
    monkeypatch.setattr(module, "latent_samples", written("He stands."))
    monkeypatch.setattr(module, "softmax_samples", written("A field."))
    said = match_cli(hmu_folder, baseline_folder, "--data", file, "--limit", 3, "--temperature", 0.5, "--seed", 2)
    assert {"latent_temperature": 0.5, "coverage_latent": 0.5, "inputs": 3, "seed": 2}.items() <= said.value.items()
    assert list(said.value) == [
        *("latent_temperature", "softmax_temperature", "coverage_latent", "coverage_softmax", "inputs", "seed")
    ]
    assert said.value["softmax_temperature"] is not None


@pytest.mark.parametrize(
    ("latent", "softmax", "closest", "reason"),
    [
        ("Stand in a field.", "Nothing.", LOWEST, "even at 0.05 the baseline covers 0.0000, less than the latent's 1."),
        ("Nothing.", "Stand in a field.", HIGHEST, "even at 2 the baseline covers 1.0000, more than the latent's 0."),
    ],
)
def test_a_temperature_that_does_not_exist_is_null_with_its_reason(
    hmu_folder: Path,
    baseline_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    latent: str,
    softmax: str,
    closest: float,
    reason: str,
) -> None:
    file = write_data(tmp_path) / "common_gen/validation.jsonl.gz"
    monkeypatch.setattr(module, "latent_samples", written(latent))
    monkeypatch.setattr(module, "softmax_samples", written(softmax))
    value = match_cli(hmu_folder, baseline_folder, "--data", file).value
    assert (value["softmax_temperature"], value["closest"]) == (None, closest)
    assert value["reason"].startswith(reason)
    assert value["coverage_softmax"] == 1 - value["coverage_latent"]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--data", "nowhere.jsonl"), "no such file"),
        (("--data", "nowhere.jsonl", "--temperature", "-1"), "latent temperature"),
        (("--data", "nowhere.jsonl", "--seed", "-1"), "seed"),
        (("--data", "nowhere.jsonl", "--limit", "0"), "--limit"),
        (("--data", "nowhere.jsonl", "--task", "sst2"), "--task"),
        ((), "--data"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    hmu_folder: Path, baseline_folder: Path, flags: Sequence[str], told: str
) -> None:
    said = match_cli(hmu_folder, baseline_folder, *flags)
    assert (said.code, said.out, len(said.err)) == (2, "", 1)
    assert told in said.err[0]


def test_an_empty_file_is_refused(hmu_folder: Path, baseline_folder: Path, tmp_path: Path) -> None:
    said = match_cli(hmu_folder, baseline_folder, "--data", write_rows(tmp_path / "rows.jsonl", []))
    assert (said.code, len(said.err)) == (2, 1)
    assert "no inputs" in said.err[0]


@pytest.mark.parametrize(
    ("arms", "told"),
    [
        (("hmu", "hmu"), "--baseline: tiny-hmu has a gate; give the checkpoint without one"),
        (("baseline", "baseline"), "tiny-baseline: its memory has no latent to draw from; pick an HMU"),
    ],
)
def test_each_arm_in_the_others_place_is_refused(
    folders: dict[str, Path], tmp_path: Path, arms: tuple[str, str], told: str
) -> None:
    file = write_data(tmp_path) / "common_gen/validation.jsonl.gz"
    said = match_cli(*(folders[arm] for arm in arms), "--data", file)
    assert (said.code, said.err) == (2, [f"hmu: {told}"])


CARD = """---
license: other
---

# one

About it.

## Figures

Some.

## Limits and licence

Few.

## Cite

This.
"""
MATCH = {
    "latent_temperature": 1.0,
    "softmax_temperature": 0.725,
    "coverage_latent": 0.8,
    "coverage_softmax": 0.801,
    "inputs": 993,
    "seed": 0,
    "task": "common_gen",
    "baseline": "one-baseline",
}


def test_a_card_tells_a_match_in_its_metadata_and_before_its_limits() -> None:
    told = with_match(CARD, MATCH)
    head = ModelCard(told).data.to_dict()
    assert head == {"license": "other", "matched_softmax": MATCH}
    assert re.findall("^## (.*)$", told, re.MULTILINE) == ["Figures", "Imagination", "Limits and licence", "Cite"]
    assert "temperature **0.725**" in told
    assert [line for line in CARD.splitlines() if line not in told.splitlines()] == []


def test_a_second_match_takes_the_place_of_the_first() -> None:
    other = MATCH | {"softmax_temperature": None, "closest": 2.0, "reason": "even at 2 it is far"}
    assert with_match(with_match(CARD, MATCH), other) == with_match(CARD, other)
    assert "even at 2 it is far" in with_match(CARD, other)


def test_a_card_without_metadata_is_refused() -> None:
    with pytest.raises(ValueError, match="no metadata"):
        with_match("# one", MATCH)


def test_the_command_tells_the_card(hmu_folder: Path, baseline_folder: Path, tmp_path: Path) -> None:
    file, card = write_data(tmp_path) / "common_gen/validation.jsonl.gz", tmp_path / "README.md"
    card.write_text(CARD, encoding="utf-8")
    said = match_cli(hmu_folder, baseline_folder, "--data", file, "--limit", 2, "--card", card)
    told = ModelCard.load(card).data.to_dict()["matched_softmax"]
    assert told == said.value | {"task": "common_gen", "baseline": baseline_folder.name}


def test_a_card_that_is_not_there_is_told(hmu_folder: Path, baseline_folder: Path, tmp_path: Path) -> None:
    file = write_data(tmp_path) / "common_gen/validation.jsonl.gz"
    said = match_cli(hmu_folder, baseline_folder, "--data", file, "--limit", 1, "--card", tmp_path / "none.md")
    assert (said.code, said.out, len(said.err)) == (2, "", 1)
    assert "none.md" in said.err[0]
