"""What is measured on the synthetic tasks: certain for an oracle, free of batch and padding, the same twice."""

from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from hmu import Checkpoint, Controls
from hmu.evaluation.published import LABEL, as_published, published
from hmu.evaluation.retention import Bench, Figure, answers
from hmu.tasks import synthetic
from hmu.training.synthetic import TRAINED
from hmu.training.trainer import save_checkpoint
from tests.hmu.support_data import hmu
from tests.hmu.support_synthetic import oracle, untrained

NOISY = Controls(gate_bias=-1.0, temperature=1.0, seed=5)


@pytest.fixture(scope="module", params=["baseline", "hmu"])
def made(request: pytest.FixtureRequest) -> Checkpoint:
    return untrained(request.param)


@pytest.mark.parametrize("steps", [0, 1, 10, 200, 400])
def test_an_oracle_retains_with_certainty(steps: int) -> None:
    found = Bench(oracle(), rows=5, batch_size=2).retention(steps)
    assert (found.rows, found.recalled) == (5, 1.0)
    assert asdict(found.probability) == pytest.approx({"mean": 1.0, "sd": 0.0, "half": 0.0}, abs=1e-6)
    assert found.cosine.mean == pytest.approx(1.0)


@pytest.mark.parametrize(("length", "pairs"), [(64, 4), (512, 64)])
def test_an_oracle_recalls_every_pair(length: int, pairs: int) -> None:
    assert Bench(oracle(), rows=3).recall(length, pairs).accuracy == Figure(1.0, 0.0, 0.0)


def test_an_oracle_copies_every_token() -> None:
    found = Bench(oracle(), rows=3).copy(32)
    assert (found.accuracy, found.whole) == (Figure(1.0, 0.0, 0.0), 1.0)


def test_what_is_read_at_once_is_what_was_written(made: Checkpoint) -> None:
    """t = 0: the text ends at the token both times."""
    found = Bench(made, NOISY, rows=8).retention(0)
    assert asdict(found.cosine) == pytest.approx({"mean": 1.0, "sd": 0.0, "half": 0.0}, abs=1e-6)


def test_the_cosine_is_between_the_text_that_ends_at_the_token_and_the_text_t_tokens_longer(made: Checkpoint) -> None:
    row = synthetic.retention(0, 0, 12).source
    states = [made.model.encode(ids[None], torch.ones(1, len(ids))) for ids in (row[:1], row[:13])]
    written, read = (made.model.remember(v, torch.ones(1, v.shape[1]), Controls()).memory[0, 0] for v in states)
    expected = torch.nn.functional.cosine_similarity(written, read, dim=0)
    assert Bench(made, rows=1).retention(12).cosine.mean == pytest.approx(float(expected), abs=1e-5)


def test_the_probability_is_that_of_the_models_own_pass(made: Checkpoint) -> None:
    row = synthetic.retention(0, 0, 12)
    logits = made.model(row.source[None], decoder_input_ids=row.asked[None], controls=Controls()).logits
    expected = float(logits[0, 0].softmax(-1)[row.source[0]])
    assert Bench(made, rows=1).retention(12).probability.mean == pytest.approx(expected, rel=1e-4)


def test_a_row_padded_by_a_longer_one_answers_as_alone(made: Checkpoint) -> None:
    rows = [synthetic.retention(0, 0, 3), synthetic.retention(0, 1, 40)]
    together = answers(made, synthetic.join(rows), [0, 1], NOISY)
    for index, row in enumerate(rows):
        alone = answers(made, synthetic.join([row]), [index], NOISY)
        torch.testing.assert_close(together[index], alone[0], rtol=0, atol=1e-5)


def test_no_figure_depends_on_the_batch_size(made: Checkpoint) -> None:
    """Would catch noise that is addressed by the place in the batch."""
    one, three = (Bench(made, NOISY, rows=7, batch_size=size) for size in (1, 3))
    assert asdict(one.retention(9))["probability"] == pytest.approx(asdict(three.retention(9))["probability"], abs=1e-5)
    assert asdict(one.retention(9))["cosine"] == pytest.approx(asdict(three.retention(9))["cosine"], abs=1e-5)
    assert one.recall(16, 3) == three.recall(16, 3)
    assert one.copy(5) == three.copy(5)
    assert asdict(published(one, (9,)))["by_steps"] == pytest.approx(published(three, (9,)).by_steps, abs=1e-7)


def test_the_same_run_gives_the_same_numbers(made: Checkpoint) -> None:
    first, again = (Bench(made, NOISY, rows=6) for _ in range(2))
    assert (first.retention(9), first.recall(16, 3)) == (again.retention(9), again.recall(16, 3))


def test_zero_temperature_ignores_the_seed_and_the_gate_bias_is_heard() -> None:
    made = untrained("hmu")
    at = {seed: Bench(made, Controls(seed=seed), rows=4).retention(9) for seed in (1, 2)}
    assert at[1] == at[2]
    assert Bench(made, Controls(gate_bias=8.0), rows=4).retention(9).cosine != at[1].cosine
    assert Bench(made, Controls(temperature=1.0), rows=4).retention(9).cosine != at[1].cosine


def test_the_unit_is_that_of_every_real_token_and_of_no_padding() -> None:
    made = untrained("hmu")
    rows = {0: synthetic.copy(0, 0, 3).source, 1: synthetic.copy(0, 1, 9).source}
    bench = Bench(made, NOISY, rows=2)
    found = bench.unit(lambda index: synthetic.copy(0, index, (3, 9)[index]))
    asked = [made.model.encode(ids[None], torch.ones(1, len(ids))) for ids in rows.values()]
    traces = [made.model.remember(v, torch.ones(1, v.shape[1]), NOISY, [row]).trace for row, v in enumerate(asked)]
    gates = torch.cat([trace.gate[0].mean(-1) for trace in traces if trace.gate is not None])
    assert len(gates) == 14
    assert found.gate_mean == pytest.approx(float(gates.mean()), rel=1e-5)


def test_the_spread_is_that_counted_by_hand() -> None:
    found = Figure.of(torch.tensor([0.0, 1.0, 1.0, 0.0]))
    assert asdict(found) == pytest.approx({"mean": 0.5, "sd": (1 / 3) ** 0.5, "half": 0.98 * (1 / 3) ** 0.5})


def test_the_published_figure_is_the_same_for_any_t_and_any_order_of_the_ids(made: Checkpoint) -> None:
    found = published(Bench(made, rows=4), (1, 10, 50))
    assert (len(set(found.by_steps.values())), found.label) == (1, LABEL)
    assert found.ids_shuffled == pytest.approx(found.by_steps[1], abs=1e-12)


def test_the_published_figure_of_an_untrained_model_is_rounding_in_any_order(made: Checkpoint) -> None:
    found = published(Bench(made, rows=4), (1, 50))
    assert max(abs(found.by_steps[1]), abs(found.texts_shuffled)) < 1e-6


def test_the_published_figure_is_the_mean_of_the_memory_over_its_length() -> None:
    """What a LayerNorm's drifted offset alone makes of it, whatever the tokens are."""
    memory = torch.randn(2, 5, 16, generator=torch.Generator().manual_seed(0)) + 0.3
    expected = (memory.mean(-1) / memory.square().mean(-1).sqrt()).mean()
    for ids in (torch.arange(1, 11).view(2, 5), torch.full((2, 5), 77)):
        assert as_published(memory, ids, 10) == pytest.approx(float(expected), abs=1e-6)


def test_rows_that_are_measured_are_never_trained_on(made: Checkpoint) -> None:
    with pytest.raises(ValueError, match="rows: "):
        Bench(made, rows=TRAINED + 1)


def test_a_checkpoint_of_another_vocabulary_is_refused_with_the_remedy(hmu_checkpoint: Checkpoint) -> None:
    with pytest.raises(ValueError, match=r"not a checkpoint of the synthetic tasks; train one by zoo/recipes/recall"):
        Bench(hmu_checkpoint)


def test_more_tokens_than_the_checkpoint_reads_are_refused(made: Checkpoint) -> None:
    bench = Bench(replace(made, name="tiny"), rows=1)
    for ask in (lambda: bench.retention(63), lambda: bench.recall(68, 2), lambda: bench.copy(64)):
        with pytest.raises(ValueError, match=r"65|68 tokens; tiny reads at most 64"):
            ask()


def test_retain_prints_every_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hmu.evaluation.synthetic.STEPS", (1, 20))
    monkeypatch.setattr("hmu.evaluation.synthetic.PAIRS", ((16, 3),))
    monkeypatch.setattr("hmu.evaluation.synthetic.LENGTHS", (5,))
    made = untrained("hmu")
    folder = save_checkpoint(made.model, made.tokenizer, tmp_path / "tiny")
    flags = ("retain", "--checkpoint", folder, "--rows", 6, "--device", "cpu", "--gate-bias", "-2")
    said = hmu(*flags, "--json").value
    assert [(one["steps"], one["rows"]) for one in said["retention"]] == [(1, 6), (20, 6)]
    assert [list(one) for one in said["recall"]] == [["length", "pairs", "rows", "accuracy"]]
    assert (said["settings"]["gate_bias"], said["published"]["label"]) == (-2.0, LABEL)
    plain = hmu(*flags).out
    assert f"{said['retention'][0]['probability']['mean']:.4f}" in plain
    assert LABEL in plain


def test_retain_refuses_a_checkpoint_of_texts_in_one_line(hmu_folder: Path) -> None:
    said = hmu("retain", "--checkpoint", hmu_folder)
    assert (said.code, said.out, len(said.err)) == (2, "", 1)
