"""INPUT_FIELD_DEFAULT_MISMATCH: a field of an input object has different defaults in different subgraphs."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type Query { f(i: I): Int @shareable } input I { n: Int = 1 }",
    "b": "type Query { f(i: I): Int @shareable } input I { n: Int = 2 }",
}
ACCEPTED = {
    "a": "type Query { f(i: I): Int @shareable } input I { n: Int = 1 }",
    "b": "type Query { f(i: I): Int @shareable } input I { n: Int }",
}


def test_different_defaults_are_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("INPUT_FIELD_DEFAULT_MISMATCH", ("a", "b"))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_a_default_in_some_subgraphs_composes_and_is_dropped() -> None:
    assert codes(**ACCEPTED) == []
