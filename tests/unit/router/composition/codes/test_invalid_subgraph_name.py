"""INVALID_SUBGRAPH_NAME: one name is reserved."""

from tests.unit.router.composition.composing import codes, compose_subgraphs


def test_the_underscore_is_reserved() -> None:
    (error,) = compose_subgraphs(_="type Query { a: Int }").errors
    assert (error.code, error.subgraphs) == ("INVALID_SUBGRAPH_NAME", ("_",))


def test_it_may_be_part_of_a_name() -> None:
    assert codes(a_="type Query { a: Int }") == []
