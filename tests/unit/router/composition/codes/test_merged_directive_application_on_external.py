"""MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL: a composed directive is applied on an external field."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int } ',
    "b": 'type T @key(fields: "id") { id: ID! x: Int @external @tag(name: "t") y: Int @requires(fields: "x") } ',
}
ACCEPTED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @tag(name: "t") } ',
    "b": 'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") } ',
}


def test_a_tag_on_an_external_field_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL", ("b",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_where_the_field_is_resolved_it_is_fine() -> None:
    assert codes(**ACCEPTED) == []
