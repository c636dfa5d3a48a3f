"""INVALID_FIELD_SHARING: a field is resolved by several subgraphs that have not all agreed to it."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type Query { x: Int }",
    "b": "type Query { x: Int @shareable }",
}
ACCEPTED = {
    "a": "type Query { x: Int @shareable }",
    "b": "type Query { x: Int @shareable }",
}


def test_a_field_that_not_all_agreed_to_share_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("INVALID_FIELD_SHARING", ("a", "b"))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_where_all_agree_it_composes() -> None:
    assert codes(**ACCEPTED) == []
