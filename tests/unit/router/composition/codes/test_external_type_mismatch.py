"""EXTERNAL_TYPE_MISMATCH: an external field has another type than where it is resolved."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int } ',
    "b": 'type T @key(fields: "id") { id: ID! x: String @external y: Int @requires(fields: "x") } ',
}
ACCEPTED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int } ',
    "b": 'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") } ',
}


def test_another_type_than_where_the_field_is_resolved_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("EXTERNAL_TYPE_MISMATCH", ("b",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_the_same_type_is_fine() -> None:
    assert codes(**ACCEPTED) == []
