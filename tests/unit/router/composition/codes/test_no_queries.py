"""NO_QUERIES: no subgraph has a query."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type T { x: Int }",
}
ACCEPTED = {
    "a": "type T { x: Int }",
    "b": "type Query { t: Int }",
}


def test_subgraphs_without_a_query_are_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("NO_QUERIES", ())
    assert error.locations == ()


def test_one_query_is_enough() -> None:
    assert codes(**ACCEPTED) == []
