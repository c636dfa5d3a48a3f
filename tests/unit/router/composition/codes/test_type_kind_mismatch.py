"""TYPE_KIND_MISMATCH: a type is of different kinds in different subgraphs."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type Query { a: Int @shareable } type T { x: Int }",
    "b": "type Query { a: Int @shareable } input T { x: Int }",
}
ACCEPTED = {
    "a": "type Query { a: Int @shareable } type T { x: Int @shareable }",
    "b": "type Query { a: Int @shareable } type T { x: Int @shareable }",
}


def test_a_type_of_two_kinds_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("TYPE_KIND_MISMATCH", ("a", "b"))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_of_one_kind_it_composes() -> None:
    assert codes(**ACCEPTED) == []
