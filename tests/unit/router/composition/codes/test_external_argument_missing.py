"""EXTERNAL_ARGUMENT_MISSING: an external field lacks an argument that it has where it is resolved."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int): Int } ',
    "b": 'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") } ',
}
ACCEPTED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int): Int } ',
    "b": 'type T @key(fields: "id") { id: ID! x(n: Int): Int @external y: Int @requires(fields: "x") } ',
}


def test_an_argument_that_the_external_field_lacks_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("EXTERNAL_ARGUMENT_MISSING", ("b",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_with_the_argument_it_composes() -> None:
    assert codes(**ACCEPTED) == []
