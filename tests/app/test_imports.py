"""One direction, app → zoo → hmu, and rooms that know no gradio; read from the source, nothing is imported."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = {
    "hmu": {"gradio", "zoo", "app"},
    "zoo": {"gradio", "app"},
    "app/handlers": {"gradio"},
    "app/api/looking.py": {"gradio"},
    "app/api/writing.py": {"gradio"},
    "app/api/scoring.py": {"gradio"},
    "app/api/links.py": {"gradio"},
    "app/desk.py": {"gradio"},
    "app/exports.py": {"gradio"},
    "app/links.py": {"gradio"},
    "app/render.py": {"gradio"},
    "app/saying.py": {"gradio", "hmu", "zoo"},
    "app/words": {"gradio", "hmu", "zoo"},
}


def imported(source: str) -> Iterator[str]:
    """Every module that a source imports, anywhere in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "a relative import hides where it leads"
            yield str(node.module)


def files_of(place: str) -> list[Path]:
    found = ROOT / place
    return [found] if found.is_file() else sorted(found.rglob("*.py"))


@pytest.mark.parametrize("place", FORBIDDEN)
def test_imports_run_one_way(place: str) -> None:
    files = files_of(place)
    tops = {name.split(".")[0] for file in files for name in imported(file.read_text(encoding="utf-8"))}
    assert files
    assert tops & FORBIDDEN[place] == set()


def test_nobody_imports_the_entry() -> None:
    """`import app` must mean the folder: a name that only app.py has is never asked of it."""
    folder = ROOT / "app"
    for file in (file for place in ("app", "zoo", "hmu", "tests") for file in files_of(place)):
        for name in imported(file.read_text(encoding="utf-8")):
            top, *rest = name.split(".")
            if top == "app" and rest:
                assert folder.joinpath(*rest).is_dir() or folder.joinpath(*rest).with_suffix(".py").is_file(), file
    assert (folder / "__init__.py").is_file()
    assert not (ROOT / "tests" / "app" / "__init__.py").exists()


def test_the_search_sees_imports_inside_functions() -> None:
    assert list(imported("def f():\n    import gradio as gr\n    from app.ui import build")) == ["gradio", "app.ui"]
