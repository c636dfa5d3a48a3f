"""INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE: a subgraph has a key on an interface, but not all of its implementations."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { i: I } interface I @key(fields: "id") { id: ID! } type T implements I @key(fields: "id") { id: ID! }',
    "b": 'type Query { j: I } interface I { id: ID! } type U implements I @key(fields: "id") { id: ID! }',
}
ACCEPTED = {
    "a": 'type Query { i: I } interface I @key(fields: "id", resolvable: false) { id: ID! } type T implements I @key(fields: "id") { id: ID! }',
    "b": 'type Query { j: I } interface I { id: ID! } type U implements I @key(fields: "id") { id: ID! }',
}


def test_a_subgraph_with_the_key_and_without_an_implementation_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_a_key_that_is_not_resolvable_needs_no_implementations() -> None:
    assert codes(**ACCEPTED) == []
