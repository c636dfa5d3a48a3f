"""FIELD_ARGUMENT_TYPE_MISMATCH: an argument has types that do not fit together."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type Query { f(n: [Int]): Int @shareable }",
    "b": "type Query { f(n: Int): Int @shareable }",
}
ACCEPTED = {
    "a": "type Query { f(n: [Int]): Int @shareable }",
    "b": "type Query { f(n: [Int!]): Int @shareable }",
}


def test_types_that_do_not_fit_together_are_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("FIELD_ARGUMENT_TYPE_MISMATCH", ("a", "b"))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_the_narrower_type_is_taken() -> None:
    assert codes(**ACCEPTED) == []
