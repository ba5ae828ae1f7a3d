"""The Results tab's sentences and sheets, of a report that is known."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.saying import in_spanish
from app.study import FILE, about, arms, claims, read_report, tally, tasks, together
from hmu.plots import differences, retention, training
from hmu.study.claims import CLAIMS
from tests.app.support_study import small_report


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return small_report()


def test_every_claim_stands_beside_what_was_measured(told: dict[str, Any]) -> None:
    sheet = claims(told)
    assert [row[0] for row in sheet["rows"][len(CLAIMS) :]] == ["Parameters"]
    assert sheet["rows"][-1][1:] == ["does not hold", "1 → +1.25 %", "200", "250", "+25.00 %", "–"]
    mrpc, rte = sheet["rows"][:2]
    assert mrpc[:3] == ["MRPC, accuracy", "holds", "0.669 → 0.689"]
    assert mrpc[3:5] == ["0.5000 ± 0.0000 (5)", "0.5200 ± 0.0071 (5)"]
    assert mrpc[5].startswith("+0.0200 [+0.0112 … +0.0288] (5)")
    assert (mrpc[6], rte[6], rte[1]) == ("0.6000", "0.6000", "not yet enough seeds")
    assert "−1.2706" in rte[5]
    assert [row[0] for row in sheet["rows"] if row[0].startswith("P(right")] == [
        "P(right token) after 200 more (in its place)"
    ]


def test_every_row_is_counted_by_its_verdict(told: dict[str, Any]) -> None:
    verdicts = [row[1] for row in claims(told)["rows"]]
    named = ("holds", "does not hold", "not yet enough seeds", "not measurable as defined")
    assert tally(told) == ". ".join(f"{name.capitalize()}: {verdicts.count(name)}" for name in named) + "."
    assert sum(map(verdicts.count, named)) == len(verdicts)
    assert min(map(verdicts.count, named)) > 0


def test_every_title_verdict_and_head_has_spanish(told: dict[str, Any]) -> None:
    for sheet in (claims(told), arms(told)):
        cells = [row[place] for row in sheet["rows"] for place in sheet["told"]]
        assert [text for text in (sheet["caption"], *sheet["head"], *cells) if in_spanish(text) is None] == []
    assert str(in_spanish(tally(told))).startswith("Se sostiene: 1. No se sostiene: ")
    assert in_spanish(about(told)) == "16 ejecuciones, del 2026-11-21 al 2026-11-21, código 0123456, en cpu (x86_64)."


def test_what_all_tasks_say_together_is_told_in_both_languages(told: dict[str, Any]) -> None:
    assert together(told) == ""
    rows = [
        {"arm": "hmu", "metric": "accuracy", "tasks": 8, "lower": 3, "higher": 5, "p": 0.7265625},
        {"arm": "hmu_kl", "metric": "log_loss", "tasks": 9, "lower": 0, "higher": 9, "p": 0.5},
        {"arm": "hmu", "metric": "log_loss", "tasks": 7, "lower": 6, "higher": 1, "p": 0.125},
    ]
    said = together(told | {"across": rows})
    assert said.endswith("higher accuracy on 5 of 8 (sign test: p = 0.727), lower log loss on 6 of 7 (p = 0.125).")
    assert "(prueba de los signos: p = 0.727), menor pérdida logarítmica en 6 de 7" in str(in_spanish(said))
    assert together(told | {"across": rows[:2]}) == ""


def test_plots_show_what_was_measured(told: dict[str, Any]) -> None:
    dots = differences(told["arms"])["data"][0]
    assert dict(zip(dots["y"], dots["x"], strict=True)) == {
        "mrpc · accuracy (5)": 0.02,
        "rte · accuracy (2)": 0.0,
    }
    assert dots["error_x"]["array"][-1] == pytest.approx(0.0088, abs=1e-4)
    kept = retention(told["retention"])
    assert [line["name"] for line in kept["data"]] == ["baseline", "hmu"]
    assert kept["data"][1]["y"][0] == pytest.approx(0.949)
    assert tasks(told) == ["mrpc", "rte", "synthetic"]
    assert [line["y"] for line in training(told["training"], "rte")["data"]] == [[1.0, 0.5, 0.3333]] * 2


def test_beside_the_pair_other_arms_have_thin_lines_of_their_own_colours() -> None:
    arms = ("baseline", "hmu", "hmu_kl", "hmu_k32")
    drawn = training([{"task": "rte", "arm": arm, "x": [1, 2], "y": [2.0, 1.0]} for arm in arms], "rte")["data"]
    assert ["width" in line["line"] for line in drawn] == [False, False, True, True]
    assert len({line["line"]["color"] for line in drawn}) == 4


def test_what_is_no_report_is_refused_by_name_and_none_is_none(tmp_path: Path) -> None:
    assert read_report(tmp_path / "none.json") is None
    file = tmp_path / "reproduction.json"
    file.write_text("{")
    with pytest.raises(ValueError, match=r"reproduction\.json: not JSON"):
        read_report(file)
    file.write_text(json.dumps({"claims": []}))
    with pytest.raises(ValueError, match='no "arms"'):
        read_report(file)


def test_the_projects_own_report_can_be_read() -> None:
    found = read_report(FILE)
    assert found is not None
    assert len(claims(found)["rows"]) == len(CLAIMS) + len(found["costs"])
    assert found["runs"] >= len(arms(found)["rows"])
