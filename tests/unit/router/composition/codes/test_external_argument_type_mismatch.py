"""EXTERNAL_ARGUMENT_TYPE_MISMATCH: an external field's argument has another type than where it is resolved."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int): Int } ',
    "b": 'type T @key(fields: "id") { id: ID! x(n: String): Int @external y: Int @requires(fields: "x") } ',
}
ACCEPTED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int!): Int } ',
    "b": 'type T @key(fields: "id") { id: ID! x(n: Int): Int @external y: Int @requires(fields: "x(n: 1)") } ',
}


def test_another_type_of_an_argument_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("EXTERNAL_ARGUMENT_TYPE_MISMATCH", ("b",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_a_wider_type_of_an_argument_is_fine() -> None:
    assert codes(**ACCEPTED) == []
