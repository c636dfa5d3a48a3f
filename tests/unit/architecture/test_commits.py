"""One request, one transaction, one commit: at the boundary, in `subgraphs/common/database.py`.

A commit anywhere else splits a transaction in two: what follows it may fail, and what came before stays. Such
a line looks harmless in review, so it is looked for here. Migrations commit by Alembic's own hand.
"""

import ast
from pathlib import Path

import pytest

from tests.unit.architecture.sources import ROOT, SOURCES, parse

_BOUNDARY = ROOT / "subgraphs/common/database.py"
_SUBGRAPHS = [path for path in SOURCES if path.is_relative_to(ROOT / "subgraphs") and path != _BOUNDARY]


@pytest.mark.parametrize("path", _SUBGRAPHS, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_boundary_commits(path: Path) -> None:
    assert commits(path.read_text()) == []


def test_the_check_sees_a_commit() -> None:
    assert commits("async def f(session):\n    await session.commit()\n") == [2]
    assert commits("async def f(session):\n    await session.flush()\n") == []


def commits(source: str) -> list[int]:
    """List the lines that call a method named `commit`."""
    return [
        node.lineno
        for node in ast.walk(parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
