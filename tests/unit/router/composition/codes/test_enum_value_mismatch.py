"""ENUM_VALUE_MISMATCH: a value of an enum that is both read and sent is not in all subgraphs."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": "type Query { f(e: E): E @shareable } enum E { A B }",
    "b": "type Query { f(e: E): E @shareable } enum E { A }",
}
ACCEPTED = {
    "a": "type Query { f(e: E): E @shareable } enum E { A B @inaccessible }",
    "b": "type Query { f(e: E): E @shareable } enum E { A }",
}


def test_a_value_that_some_lack_is_refused_where_an_enum_is_read_and_sent() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("ENUM_VALUE_MISMATCH", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_a_hidden_value_may_be_missing() -> None:
    assert codes(**ACCEPTED) == []
