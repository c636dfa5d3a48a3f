"""INTERFACE_FIELD_NO_IMPLEM: a type lacks a field of an interface that it implements."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { i: I } interface I { x: Int } type T implements I @key(fields: "id") { id: ID! x: Int @shareable }',
    "b": "interface I { x: Int y: Int } type U implements I { x: Int y: Int }",
}
ACCEPTED = {
    "a": "type Query { i: I } interface I { x: Int } type T implements I @shareable { x: Int }",
    "b": "interface I { x: Int } type U implements I { x: Int y: Int }",
}


def test_a_type_that_lacks_a_field_of_the_merged_interface_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("INTERFACE_FIELD_NO_IMPLEM", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_with_all_fields_it_composes() -> None:
    assert codes(**ACCEPTED) == []


def test_an_interface_has_what_an_interface_object_gives_to_the_one_that_it_implements() -> None:
    a = 'type Query { u: U } interface U @key(fields: "id") { id: ID! } interface Ad implements U @key(fields: "id") { id: ID! %s }'
    a += 'type Ed implements U & Ad @key(fields: "id") { id: ID! %s }'
    b = 'type U @interfaceObject @key(fields: "id") { id: ID! score: Int }'

    assert codes(a=a % ("", ""), b=b) == ["INTERFACE_FIELD_NO_IMPLEM"]
