"""OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE: @override stands beside a directive that it does not go with."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @shareable @override(from: "b") } ',
    "b": 'type T @key(fields: "id") { id: ID! x: Int @shareable @requires(fields: "y") y: Int @external } ',
    "c": 'type T @key(fields: "id") { id: ID! y: Int } ',
}
ACCEPTED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @override(from: "b") } ',
    "b": 'type T @key(fields: "id") { id: ID! x: Int } ',
}


def test_a_field_that_requires_others_cannot_be_taken_over() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_a_plain_one_can() -> None:
    assert codes(**ACCEPTED) == []
