"""TYPE_DEFINITION_INVALID: a subgraph's own definition of a spec's type is not compatible with the spec."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "FieldSet"]) type Query { a: Int } enum FieldSet { A }',
}
ACCEPTED = {
    "a": 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "FieldSet"]) type Query { a: Int } scalar FieldSet',
}


def test_an_enum_for_a_scalar_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("TYPE_DEFINITION_INVALID", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_the_scalar_is_fine() -> None:
    assert codes(**ACCEPTED) == []
