"""OVERRIDE_ON_INTERFACE: @override is applied on an interface's field."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { i: I } interface I { x: Int @override(from: "b") } type T implements I { x: Int }',
    "b": "type Query { b: Int }",
}
ACCEPTED = {
    "a": 'type Query { i: I } interface I { x: Int } type T implements I @key(fields: "id") { id: ID! x: Int @override(from: "b") }',
    "b": 'type Query { b: Int } type T @key(fields: "id") { id: ID! x: Int }',
}


def test_a_field_of_an_interface_cannot_be_taken_over() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("OVERRIDE_ON_INTERFACE", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_one_of_an_implementation_can() -> None:
    assert codes(**ACCEPTED) == []
