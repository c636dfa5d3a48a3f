"""REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH: an argument is required in one subgraph and missing in another."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type Query { f(n: Int!): Int @shareable }",
    "b": "type Query { f: Int @shareable }",
}
ACCEPTED = {
    "a": "type Query { f(n: Int! = 1): Int @shareable }",
    "b": "type Query { f: Int @shareable }",
}


def test_an_argument_that_some_lack_cannot_be_required() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_with_a_default_it_is_dropped() -> None:
    assert codes(**ACCEPTED) == []
