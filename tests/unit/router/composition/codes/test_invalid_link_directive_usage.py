"""INVALID_LINK_DIRECTIVE_USAGE: a @link is malformed, or its names clash."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: [{name: "@key", as: "key"}]) type Query { a: Int }',
}
ACCEPTED = {
    "a": 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: [{name: "@key", as: "@k"}]) type Query { a: Int }',
}


def test_an_import_that_renames_a_directive_to_a_type_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("INVALID_LINK_DIRECTIVE_USAGE", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_one_that_renames_it_to_a_directive_is_fine() -> None:
    assert codes(**ACCEPTED) == []
