"""REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH: a field of an input object is required in one subgraph and missing in another."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type Query { f(i: I): Int @shareable } input I { n: Int! m: Int }",
    "b": "type Query { f(i: I): Int @shareable } input I { m: Int }",
}
ACCEPTED = {
    "a": "type Query { f(i: I): Int @shareable } input I { n: Int m: Int }",
    "b": "type Query { f(i: I): Int @shareable } input I { m: Int }",
}


def test_a_field_that_some_lack_cannot_be_required() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_an_optional_one_is_dropped() -> None:
    assert codes(**ACCEPTED) == []
