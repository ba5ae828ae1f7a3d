"""Ratios of time: turns, pairing, interval and report against values computed by hand; the command on a tiny preset."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from hmu.study.presets import PRESETS
from hmu.study.report import report
from hmu.study.stopwatch import interleaved
from hmu.study.times import ArmTimes, Times, Timing, median_interval, read_times, timing, write_times
from hmu.study.workload import Plan, Workload
from tests.hmu.support_data import Said, hmu
from tests.hmu.test_study_report import pair

SIZES = {"vocab_size": 64, "d_model": 16, "num_heads": 2, "encoder_layers": 1, "decoder_layers": 1, "d_ff": 32}
TINY = replace(
    PRESETS["paper"],
    model={**SIZES, "dropout": 0.0, "tie_word_embeddings": False, "max_source_length": 6, "max_target_length": 5},
    batch_size=3,
)
PLAN = Plan("paper", "mrpc", ("baseline", "hmu"), steps=3, rounds=2)


@pytest.fixture
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRESETS, "tiny", TINY)


def times(folder: Path, *flags: object) -> Said:
    return hmu("times", "--preset", "tiny", "--steps", 3, "--rounds", 2, *flags, "--out", folder / "times.json")


START = {"one": 0.5, "two": 0.25, "three": 0.125}


def take(act: Callable[[], object]) -> float:
    """What a runner says that it took."""
    seconds = act()
    assert isinstance(seconds, float)
    return seconds


class Runner:
    """An arm whose steps take a known time, and the list on which it puts its name as it does one."""

    def __init__(self, name: str, seconds: float, done: list[str]) -> None:
        self.name, self.seconds, self.done = name, seconds, done

    def __call__(self, turn: int) -> Callable[[], float]:
        return partial(self.act, turn)

    def act(self, turn: int) -> float:
        self.done.append(self.name)
        return self.seconds + turn


def test_arms_take_turns_forwards_and_backwards_and_each_as_often() -> None:
    done: list[str] = []
    found = interleaved({name: Runner(name, share, done) for name, share in START.items()}, range(4), take)
    assert done == [*START, *reversed(START)] * 2
    assert found == {name: [share + turn for turn in range(4)] for name, share in START.items()}


def test_a_ratio_is_the_median_of_the_ratios_not_that_of_the_medians() -> None:
    """By hand: ratios 1.1, 1.2, 0.5, 1.4, 2, 1.25, 1.3; the medians' would be 3 / 2."""
    baseline = [1.0, 1.0, 6.0, 5.0, 2.0, 4.0, 2.0]
    mine = [1.1, 1.2, 3.0, 7.0, 4.0, 5.0, 2.6]
    found = timing(mine, baseline, parts=4)
    assert (found.ms, found.ratio, found.pairs) == pytest.approx((3.0 * 250, 1.25, 7))
    assert (found.low, found.high) == pytest.approx((0.5, 2.0))


def test_an_arm_beside_itself_has_ratio_one() -> None:
    own = [0.25, 0.125, 0.75, 0.25, 0.875, 0.5]
    assert timing(own, own) == Timing(375.0, 1.0, 1.0, 1.0, 6)


def test_what_slows_both_arms_of_a_turn_leaves_the_ratio_alone() -> None:
    baseline, slowed = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 1.0, 9.0, 1.0, 3.0, 1.0]
    mine = [1.5 * value for value in baseline]
    slow_mine, slow_baseline = ([v * slow for v, slow in zip(arm, slowed, strict=True)] for arm in (mine, baseline))
    assert timing(slow_mine, slow_baseline).ratio == timing(mine, baseline).ratio == 1.5


@pytest.mark.parametrize(("count", "cut"), [(6, 1), (8, 1), (9, 2), (20, 6), (100, 40)])
def test_a_medians_interval_is_the_sign_tests(count: int, cut: int) -> None:
    """Ranks as printed tables of the sign test have them; beyond them P is 2 × 1/64 for 6 and 2 × 10/512 for 9."""
    assert median_interval([float(value) for value in range(count, 0, -1)]) == (cut, count + 1 - cut)


def test_five_pairs_have_no_interval() -> None:
    with pytest.raises(ValueError, match="5 pairs of steps; give at least 6"):
        median_interval([1.0] * 5)


@pytest.mark.usefixtures("_tiny")
@pytest.mark.parametrize(("task", "targets", "dtype"), [("mrpc", 0, "fp32"), ("common_gen", 5, "bf16")])
def test_the_command_tells_every_arms_times_and_how_they_were_measured(
    tmp_path: Path, task: str, targets: int, dtype: str
) -> None:
    arms = "baseline,hmu,hmu_quiet"
    said = times(
        tmp_path,
        *("--task", task, "--arms", arms, "--tokens", 4, "--device", "cpu"),
        *("--precision", dtype, "--note", "alone"),
    )
    assert (said.code, said.out.splitlines()[-1]) == (0, str(tmp_path / "times.json"))
    (found,) = read_times([tmp_path / "times.json"])
    assert ",".join(one.arm for one in found.arms) == arms
    assert [one.training.pairs for one in found.arms] == [one.writing.pairs for one in found.arms] == [6, 6, 6]
    assert (found.arms[0].training.ratio, found.arms[0].reading.low, found.arms[0].writing.high) == (1, 1, 1)
    assert all(0 < one.training.low <= one.training.ratio <= one.training.high for one in found.arms)
    assert found.arms[1].parameter_ratio == found.arms[1].parameters / found.arms[0].parameters > 1
    how = (found.batch_size, found.source_tokens, found.target_tokens, found.written_tokens, found.note)
    assert how == (3, 6, targets, 4, "alone")
    assert (found.device, found.dtype, found.threads) == ("cpu", dtype, torch.get_num_threads())
    assert {"python", "torch", "transformers", "hmu"} <= set(found.versions)


@pytest.mark.usefixtures("_tiny")
def test_arms_start_equal_read_the_same_rows_and_write_as_much() -> None:
    plan = replace(PLAN, preset="tiny", task="common_gen", tokens=4)
    works = [Workload(plan, arm, torch.device("cpu")) for arm in plan.arms]
    batches = [work.training(2).args[0] for work in works]  # type: ignore[attr-defined]
    assert batches[0]["input_ids"].shape == (3, 6)
    assert all(torch.equal(batches[0][name], batches[1][name]) for name in ("input_ids", "labels"))
    first, second = (work.model.state_dict() for work in works)
    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())
    assert [work.writing(1)() for work in works] == [4, 4]


@pytest.mark.usefixtures("_tiny")
def test_a_timed_step_trains_and_what_is_read_is_forgotten() -> None:
    work = Workload(replace(PLAN, preset="tiny"), "hmu", torch.device("cpu"))
    before = {name: tensor.clone() for name, tensor in work.model.state_dict().items()}
    work.reading(0)()
    work.writing(0)()
    assert all(torch.equal(tensor, before[name]) for name, tensor in work.model.state_dict().items())
    work.training(0)()
    changed = {name.split(".")[0] for name, tensor in work.model.state_dict().items() if not tensor.equal(before[name])}
    assert changed == {"embedding", "encoder_blocks", "encoder_norm", "memory", "heads"}


@pytest.mark.usefixtures("_tiny")
@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--arms", "hmu,hmu_kl"), "give baseline and others"),
        (("--arms", "baseline"), "give baseline and others"),
        (("--arms", "baseline,hmu,hmu"), "each once"),
        (("--arms", "baseline,hum"), 'arm "hum" is unknown'),
        (("--task", "synthetic"), "its rows have no one length"),
        (("--task", "story_cloze"), "scored only"),
        (("--task", "mrcp"), '"mrcp" is unknown'),
        (("--preset", "papers"), 'preset "papers" is unknown'),
        (("--rounds", "1"), "1 rounds of 3 steps; give at least 6"),
        (("--rounds", "0"), "not a whole number from 1"),
        (("--device", "abacus"), "abacus"),
        (("--tokens", "2000"), "max new tokens"),
    ],
)
def test_what_cannot_be_timed_is_refused_in_one_line(tmp_path: Path, flags: Any, told: str) -> None:
    said = times(tmp_path, *flags)
    assert (said.code, len(said.err), list(tmp_path.iterdir())) == (2, 1, [])
    assert told in said.err[0]


def known(**changes: Any) -> Times:
    """A measurement as the command writes it."""
    one, reading = Timing(200.0, 1.0, 1.0, 1.0, 48), Timing(4.0, 1.0, 1.0, 1.0, 48)
    slower, later = Timing(216.125, 1.08, 1.0712, 1.0899, 48), Timing(4.5, 1.1, 0.99, 1.2, 48)
    told = Times(
        preset="paper",
        task="mrpc",
        arms=(
            ArmTimes("baseline", 1_000_000, 1.0, one, reading, reading),
            ArmTimes("hmu", 1_012_500, 1.0125, slower, later, reading),
        ),
        batch_size=32,
        source_tokens=32,
        target_tokens=0,
        written_tokens=16,
        rows="synthetic",
        order="in turns",
        interval="95 %",
        rounds=12,
        steps=4,
        seed=1,
        device="cpu",
        hardware="cpu (x86_64)",
        dtype="fp32",
        threads=1,
        versions={"python": "3.11", "torch": "2.13"},
        commit="0123456789+",
        date="2026-11-21",
        note="the machine was shared",
    )
    return replace(told, **changes)


SEEN = """
| task | arm | parameters | published | training, ms | × baseline [95 %] | published | reading a source, ms | × baseline [95 %] | writing a token, ms | × baseline [95 %] |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| Same meaning (MRPC) | `baseline` | 1,000,000 | – | 200.00 | 1 | – | 4.00 | 1 | 4.00 | 1 |
| Same meaning (MRPC) | `hmu` | 1,012,500 (+1.25 %) | +1.25 % | 216.12 | 1.080 [1.071, 1.090] | +7 % | 4.50 | 1.100 [0.990, 1.200] | 4.00 | 1.000 [1.000, 1.000] |

- `baseline`: the Transformer alone
- `hmu`: the unit of the paper's text: gated, noise in training, no KL in the loss
- Same meaning (MRPC): 48 pairs of each kind; 32 rows of 32 source tokens a step; 16 tokens written; cpu (x86_64), 1 thread, fp32; python 3.11, torch 2.13; commit 0123456+; 2026-11-21; the machine was shared.
"""  # noqa: E501 - a table


def test_the_report_of_known_times_is_what_it_should_be() -> None:
    text, value = report(pair("mrpc", [0.5], [0.6]), "paper", [known()])
    assert text.partition("## Time\n")[2].partition("\n## What differs")[0].partition("no verdict.\n")[2] == SEEN
    assert value["times"]["published"] == {"parameters": "+1.25 %", "training": "+7 %"}
    assert value["times"]["measured"] == [json.loads(json.dumps(asdict(known())))]


def test_a_report_without_times_has_no_section_of_them() -> None:
    text, value = report(pair("mrpc", [0.5], [0.6]), "paper")
    assert ("## Time" in text, value["times"]["measured"]) == (False, [])


def test_times_of_another_preset_are_refused() -> None:
    with pytest.raises(ValueError, match="of preset zoo, but the report is of paper"):
        report(pair("mrpc", [0.5], [0.6]), "paper", [known(preset="zoo")])


def test_times_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_times(tmp_path / "new/times.json", known())
    assert read_times([tmp_path / "new/times.json"]) == [known()]


@pytest.mark.parametrize("text", ["{", "[]", '{"arms": []}', '{"arms": [{"arm": "hmu"}]}'])
def test_what_is_no_file_of_times_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "times.json"
    with pytest.raises(ValueError, match="no such file of times"):
        read_times([file])
    file.write_text(text)
    with pytest.raises(ValueError, match=r"times\.json: no times"):
        read_times([file])
