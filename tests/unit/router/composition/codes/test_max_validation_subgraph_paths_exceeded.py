"""MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED: satisfiability is given up when there are too many ways."""

import pytest

from router.composition.satisfiability import visited
from tests.unit.router.composition.composing import codes, compose_subgraphs

SDLS = {
    f"s{i}": f"type Query {{ v: V @shareable }} type V @shareable {{ x: Int {fields} }}"
    for i, fields in enumerate(
        (" ".join(f"r{n}: V" for n in range(12) if n % 6 != i) for i in range(6)),
    )
}


def test_too_many_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visited, "PATHS_MAX", 3)
    (error,) = compose_subgraphs(**SDLS).errors
    assert error.code == "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"
    assert "@override" in error.message


def test_many_ways_are_fine() -> None:
    assert "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED" not in codes(**SDLS)
