"""OVERRIDE_LABEL_INVALID: the label of an @override is malformed."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { x: Int @override(from: "b", label: "percent(101)") }',
    "b": "type Query { x: Int }",
}
ACCEPTED = {
    "a": 'type Query { x: Int @override(from: "b", label: "percent(100)") }',
    "b": "type Query { x: Int }",
}


def test_more_than_all_is_refused() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("OVERRIDE_LABEL_INVALID", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_all_is_fine() -> None:
    assert codes(**ACCEPTED) == []
