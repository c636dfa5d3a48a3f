"""EMPTY_MERGED_ENUM_TYPE: no value of an enum is in all the subgraphs that it has to be in."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type Query { f(e: E): Int @shareable } enum E { A }",
    "b": "type Query { f(e: E): Int @shareable } enum E { B }",
}
ACCEPTED = {
    "a": "type Query { f(e: E): Int @shareable } enum E { A C }",
    "b": "type Query { f(e: E): Int @shareable } enum E { B C }",
}


def test_an_enum_that_clients_send_without_a_common_value_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("EMPTY_MERGED_ENUM_TYPE", ("a", "b"))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_with_a_common_value_it_composes() -> None:
    assert codes(**ACCEPTED) == []
