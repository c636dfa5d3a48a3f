"""The Python files that the rules of this folder are about: ours, without the fixtures of other tools."""

import ast
from pathlib import Path

from router.kit.garbage import collection_paused

ROOT = Path(__file__).resolve().parents[3]
_FOLDERS = ("router", "subgraphs", "stack", "tests", "bench")
SOURCES = sorted(
    path
    for folder in _FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts and "__pycache__" not in path.parts
)


def parse(source: str) -> ast.Module:
    """The syntax tree of a file."""
    # CPython 3.11 loses count of its depth when the collector runs Python code meanwhile, as Hypothesis has it do.
    with collection_paused():
        return ast.parse(source)
