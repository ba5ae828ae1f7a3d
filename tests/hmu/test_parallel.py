"""A training in several processes is the training in one: shares, sums, gradients, and the command a user types."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from hmu import Controls, MemoryTransformer, load_checkpoint
from hmu.losses import alone
from hmu.training.parallel import Place, Shares, mean_and_spread
from hmu.training.reading import read_texts
from hmu.training.recipe import Recipe, read_recipe
from hmu.training.trainer import MemoryTrainer, train
from tests.hmu.support_data import RECIPE, write_data

Models = Callable[..., MemoryTransformer]
ROOT = Path(__file__).parents[2]
CHANGES = {"dropout = 0.1": "dropout = 0.0", "batch_size = 32": "batch_size = 9"}
"""Nine rows do not divide by two, and some steps are left with a single row."""
PLACES = [Place(rank, world) for world in (1, 2, 3, 5) for rank in range(world)]


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recipe]:
    """The recipe's file, beside its data, and what it says."""
    folder = tmp_path_factory.mktemp("parallel")
    write_data(folder / "data")
    text = RECIPE.replace("free_bits = 0.05", "free_bits = 0.05\ngate_weight = 1.0")
    for old, new in CHANGES.items():
        text = text.replace(old, new)
    file = folder / "tiny.toml"
    file.write_text(text, encoding="utf-8")
    return file, read_recipe(file)


def launched(*asked: object) -> subprocess.CompletedProcess[str]:
    """`accelerate launch -m hmu train` in two processes on the CPU, as a user starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = (sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch")
    flags = ("--multi_gpu", "--num_processes", "2", "--main_process_port", port, "-m", "hmu", "train")
    env = os.environ | {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*command, *flags, *map(str, asked)],
        check=False,
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.mark.parametrize("arm", ["baseline", "hmu"])
def test_two_launched_processes_log_the_losses_of_one(recipe: tuple[Path, Recipe], tmp_path: Path, arm: str) -> None:
    """Catches whole batches dealt out in turn, means of unequal shares, and noise drawn again by each process."""
    file, read = recipe
    ended = launched("--recipe", file, "--arm", arm, "--data-root", file.parent / "data", "--out", tmp_path / "two")
    assert (ended.returncode, ended.stdout) == (0, f"{tmp_path / 'two/final'}\n"), ended.stderr[-3000:]
    alone_ = train(read, arm, file.parent / "data", tmp_path / "one")
    one, two = (logged(tmp_path / name) for name in ("one", "two"))
    assert len(one) == alone_.steps > 15
    assert [set(entry) for entry in one] == [set(entry) for entry in two]
    for first, second in zip(one, two, strict=True):
        assert second["loss"] == pytest.approx(first["loss"], abs=2e-5)
        assert second == pytest.approx(first, abs=1.1e-4)  # the others are rounded to four digits
    assert load_checkpoint(tmp_path / "two/final", device="cpu").has_gate == (arm == "hmu")


def logged(out: Path) -> list[dict[str, float]]:
    """What Trainer wrote into its last resume file, step by step."""
    (file,) = out.glob("resume/*/trainer_state.json")
    history: list[dict[str, float]] = json.loads(file.read_text())["log_history"]
    return [entry for entry in history if "loss" in entry]


def test_the_launched_steps_are_not_all_divisible(recipe: tuple[Path, Recipe]) -> None:
    """What the test above is worth: equal shares would hide a mean of means."""
    file, read = recipe
    sizes = {len(batch) for batch in read_texts(read, read.config("hmu"), file.parent / "data", None).plan}
    assert {1, 9} <= sizes


def test_only_the_main_process_writes_the_checkpoint(
    recipe: tuple[Path, Recipe], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, read = recipe
    monkeypatch.setattr(MemoryTrainer, "is_world_process_zero", lambda trainer: False)
    short = replace(read, tasks=read.tasks[1:2])
    assert not train(short, "baseline", file.parent / "data", tmp_path).folder.exists()


@pytest.mark.parametrize("count", [1, 2, 4, 9])
@pytest.mark.parametrize("world", [1, 2, 3, 5])
def test_the_shares_of_a_step_are_its_rows_each_once(world: int, count: int) -> None:
    places, rows = [Place(rank, world) for rank in range(world)], [f"row {n}" for n in range(count)]
    shares = [place.share(rows) for place in places]
    counted = [row for place, share in zip(places, shares, strict=True) if place.rank < count for row in share]
    assert sorted(counted) == rows
    assert all(shares)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize("place", PLACES)
def test_a_row_has_the_address_of_its_place_in_the_step(place: Place) -> None:
    step = list(range(11))
    assert list(place.addresses(len(place.share(step)))) == place.share(step)


def test_every_process_takes_its_share_of_every_batch_in_order() -> None:
    plan: Any = [[3, 1, 4], [1], [5, 9]]
    assert [list(Shares(plan, Place(rank, 2))) for rank in (0, 1)] == [[[3, 4], [1], [5]], [[1], [1], [9]]]
    assert len(Shares(plan, Place(1, 2))) == 3


class Exchange:
    """all_reduce without processes: the first time each takes its turn it is listened to, the second time answered."""

    def __init__(self, world: int) -> None:
        self.said: list[list[Tensor]] = [[] for _ in range(world)]
        self.rank, self.place, self.listening = 0, 0, True

    def begin(self, rank: int, listening: bool) -> None:
        self.rank, self.place, self.listening = rank, 0, listening

    def all_reduce(self, value: Tensor) -> None:
        if self.listening:
            self.said[self.rank].append(value.clone())
        else:
            value.copy_(torch.stack([said[self.place] for said in self.said]).sum(0))
        self.place += 1


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("task", [None, "sst2"])
def test_the_mean_over_processes_of_their_gradients_is_that_of_the_whole_step(
    tiny_model: Models, monkeypatch: pytest.MonkeyPatch, task: str | None, count: int
) -> None:
    """Lengths differ, the KL has a floor and the gate's cost is a square: no mean of the processes' losses has it."""
    model = tiny_model("hmu", dropout=0.0, kl_weight=0.5, free_bits=0.02, gate_weight=2.0, gate_target=0.9)
    whole, wanted = loss_and_gradients(model, range(count), task)
    exchange = Exchange(world=2)
    monkeypatch.setattr(torch.distributed, "all_reduce", exchange.all_reduce)
    for listening in (True, False):
        found = []
        for place in (Place(0, 2), Place(1, 2)):
            exchange.begin(place.rank, listening)
            found.append(loss_and_gradients(model, place.share(range(count)), task, place, count))
    for loss, _ in found:
        torch.testing.assert_close(loss, whole)
    mean = [(one + other) / 2 for one, other in zip(*(gradients for _, gradients in found), strict=True)]
    torch.testing.assert_close(mean, wanted, rtol=1e-4, atol=1e-6)


def loss_and_gradients(
    model: MemoryTransformer, rows: Sequence[int], task: str | None, place: Place | None = None, step: int = 0
) -> tuple[Tensor, list[Tensor]]:
    """What one process gets from its rows of the step; row n has n + 2 source tokens and 3 − n target tokens."""
    ids = torch.tensor([[40 + row + n for n in range(4)] for row in rows])
    mask = torch.tensor([[int(n < row + 2) for n in range(4)] for row in rows])
    targets = torch.tensor([[60 + row + n if n < 3 - row else -100 for n in range(3)] for row in rows])
    labels = torch.tensor([row % 2 for row in rows]) if task else targets
    shared: dict[str, Any] = {"total": alone}
    if place is not None:
        shared = {"total": place.total(step), "rows": place.addresses(len(rows))}
    model.zero_grad()
    controls = Controls(temperature=1.0, seed=3)
    loss = model(input_ids=ids, attention_mask=mask, labels=labels, task=task, controls=controls, **shared).loss
    loss.backward()
    gradients = [torch.zeros(()) if p.grad is None else p.grad.clone() for p in model.parameters()]
    return loss.detach(), gradients


def test_mean_and_spread_of_one_process_are_those_of_its_values() -> None:
    values = torch.tensor([0.5, 0.25, 1.0, 0.125])
    torch.testing.assert_close(mean_and_spread(values, alone), (values.mean(), values.std()))


def test_processes_that_read_something_else_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the other process's maximum would change ours."""
    other = torch.tensor((7, -7))
    monkeypatch.setattr(
        torch.distributed, "all_reduce", lambda ends, kind: ends.copy_(torch.maximum(ends, other.to(ends)))
    )
    assert not Place(0, 2).alike("rows", torch.device("cpu"))
    monkeypatch.setattr(torch.distributed, "all_reduce", lambda ends, kind: None)
    assert Place(0, 2).alike("rows", torch.device("cpu"))
