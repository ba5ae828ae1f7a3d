"""Nothing that is published or loaded is unpickled."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(file for folder in ("hmu", "zoo", "app") for file in (ROOT / folder).rglob("*.py"))
PICKLERS = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}


def unpickling(tree: ast.AST) -> set[str]:
    """Every import of a pickling library, and every torch.load or numpy.load, by name."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] in PICKLERS}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} if node.module.split(".")[0] in PICKLERS else set()
            found |= {
                f"{node.module}.{alias.name}" for alias in node.names if (node.module, alias.name) == ("torch", "load")
            }
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= (
                {f"{node.value.id}.load"}
                if (node.attr == "load" and node.value.id in {"torch", "np", "numpy"})
                else set()
            )
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_file_unpickles(file: Path) -> None:
    assert unpickling(ast.parse(file.read_text(encoding="utf-8"))) == set()


def test_the_search_finds_what_it_looks_for() -> None:
    source = "import pickle\nfrom torch import load\nimport torch\ntorch.load(1)\nfrom joblib import dump"
    assert unpickling(ast.parse(source)) == {"pickle", "torch.load", "joblib"}
