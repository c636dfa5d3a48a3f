"""EXTERNAL_ARGUMENT_DEFAULT_MISMATCH: an external field's argument has another default than where it is resolved."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int = 1): Int } ',
    "b": 'type T @key(fields: "id") { id: ID! x(n: Int = 2): Int @external y: Int @requires(fields: "x") } ',
}
ACCEPTED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x(n: Int = 1): Int } ',
    "b": 'type T @key(fields: "id") { id: ID! x(n: Int = 1): Int @external y: Int @requires(fields: "x") } ',
}


def test_another_default_than_where_the_field_is_resolved_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("EXTERNAL_ARGUMENT_DEFAULT_MISMATCH", ("b",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_the_same_default_is_fine() -> None:
    assert codes(**ACCEPTED) == []
