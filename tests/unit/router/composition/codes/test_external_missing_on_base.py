"""EXTERNAL_MISSING_ON_BASE: a field is external in every subgraph that has it."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID!  } ',
    "b": 'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") } ',
}
ACCEPTED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int } ',
    "b": 'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") } ',
}


def test_a_field_that_is_external_everywhere_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("EXTERNAL_MISSING_ON_BASE", ("b",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_where_one_resolves_it_it_composes() -> None:
    assert codes(**ACCEPTED) == []
