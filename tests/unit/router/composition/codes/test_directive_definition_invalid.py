"""DIRECTIVE_DEFINITION_INVALID: a subgraph's own definition of a spec's directive is not compatible with the spec."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "FieldSet"]) type Query { a: Int } directive @key(fields: FieldSet!, more: Int) repeatable on OBJECT scalar FieldSet',
}
ACCEPTED = {
    "a": 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "FieldSet"]) type Query { a: Int } directive @key(fields: String!) on OBJECT',
}


def test_a_definition_with_an_unknown_argument_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("DIRECTIVE_DEFINITION_INVALID", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_a_built_in_scalar_may_stand_for_one_of_the_spec() -> None:
    assert codes(**ACCEPTED) == []
