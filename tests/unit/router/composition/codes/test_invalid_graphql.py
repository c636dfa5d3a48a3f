"""INVALID_GRAPHQL: a schema breaks a rule of GraphQL itself."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type Query { x: Nope }",
}
ACCEPTED = {
    "a": "type Query { x: Int }",
}


def test_a_subgraph_that_is_no_valid_graphql_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("INVALID_GRAPHQL", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_a_valid_one_composes() -> None:
    assert codes(**ACCEPTED) == []
