"""EMPTY_MERGED_INPUT_TYPE: no field of an input object is in all subgraphs."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type Query { f(i: I): Int @shareable } input I { a: Int }",
    "b": "type Query { f(i: I): Int @shareable } input I { b: Int }",
}
ACCEPTED = {
    "a": "type Query { f(i: I): Int @shareable } input I { a: Int c: Int }",
    "b": "type Query { f(i: I): Int @shareable } input I { b: Int c: Int }",
}


def test_an_input_object_without_a_common_field_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("EMPTY_MERGED_INPUT_TYPE", ("a", "b"))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_with_a_common_field_it_composes() -> None:
    assert codes(**ACCEPTED) == []
