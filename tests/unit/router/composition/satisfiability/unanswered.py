"""The operations that subgraphs cannot answer, in one line each."""

from tests.unit.router.composition.composing import compose_subgraphs


def unanswered(**sdls: str) -> list[str]:
    """The operations of each error of composing, without line breaks, sorted; empty if it composes."""
    composition = compose_subgraphs(**sdls)
    assert {error.code for error in composition.errors} <= {"SATISFIABILITY_ERROR"}
    return sorted(_read_operations(error.message) for error in composition.errors)


def _read_operations(message: str) -> str:
    lines = message.split("\n")
    start = next(number for number, line in enumerate(lines) if line.endswith("{"))
    end = max(number for number, line in enumerate(lines) if line == "}")
    return " ".join(" ".join(lines[start : end + 1]).split())
