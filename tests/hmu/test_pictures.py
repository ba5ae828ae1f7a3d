"""The report's plots as files: what there is to draw, named and told; drawn by a real browser."""

import sys
from pathlib import Path

import pytest

from hmu.study.pictures import draw, gallery, numbered, pictures
from tests.app.support_study import small_report

NAMES = [
    "reproduction-differences.svg",
    "reproduction-retention.svg",
    "reproduction-training-mrpc.svg",
    "reproduction-training-rte.svg",
    "reproduction-training-synthetic.svg",
]


def test_everything_that_was_measured_has_a_picture() -> None:
    report = small_report()
    assert [one.file for one in pictures(report)] == NAMES
    assert [one.file for one in pictures(report | {"retention": [], "training": []})] == NAMES[:1]


def test_the_gallery_shows_each_picture_under_its_title() -> None:
    text = gallery(pictures(small_report()))
    assert text.startswith("\n## Plots\n")
    assert [line.split("](")[1] for line in text.splitlines() if line.startswith("![")] == [f"{n})" for n in NAMES]


def test_without_the_extra_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kaleido.errors", None)
    with pytest.raises(ValueError, match=r"pip install \"\.\[pictures\]\" .*, or leave out --plots"):
        draw(pictures(small_report()), tmp_path)


def test_random_names_are_numbered_and_keep_who_they_name() -> None:
    svg = '<g id="defs-0880c6"/><g id="clip0880c6xyplot"/><a clip-path="url(#clip0880c6xy)" class="traceb5ae4d">decade'
    told = '<g id="defs-000000"/><g id="clip000000xyplot"/><a clip-path="url(#clip000000xy)" class="trace000001">decade'
    assert numbered(svg) == told
    assert numbered(told) == told


@pytest.mark.browser
def test_pictures_are_files_with_their_titles_in_them(tmp_path: Path) -> None:
    drawn = pictures(small_report())[:2]
    draw(drawn, tmp_path)
    for one in drawn:
        text = (tmp_path / one.file).read_text(encoding="utf-8")
        assert text.startswith("<svg")
        assert one.plot["layout"]["title"]["text"] in text
    again = tmp_path / "again"
    again.mkdir()
    draw(drawn, again)
    assert [(again / one.file).read_bytes() for one in drawn] == [(tmp_path / one.file).read_bytes() for one in drawn]
