"""FIELD_ARGUMENT_DEFAULT_MISMATCH: an argument has different defaults in different subgraphs."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type Query { f(n: Int = 1): Int @shareable }",
    "b": "type Query { f(n: Int = 2): Int @shareable }",
}
ACCEPTED = {
    "a": "type Query { f(n: Int = 1): Int @shareable }",
    "b": "type Query { f(n: Int = 1): Int @shareable }",
}


def test_different_defaults_are_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("FIELD_ARGUMENT_DEFAULT_MISMATCH", ("a", "b"))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_one_default_composes() -> None:
    assert codes(**ACCEPTED) == []
