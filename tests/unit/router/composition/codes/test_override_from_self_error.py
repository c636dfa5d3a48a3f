"""OVERRIDE_FROM_SELF_ERROR: a field is overridden from its own subgraph."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { x: Int @override(from: "a") }',
}
ACCEPTED = {
    "a": 'type Query { x: Int @override(from: "b") }',
    "b": "type Query { x: Int }",
}


def test_a_field_cannot_be_taken_over_from_its_own_subgraph() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("OVERRIDE_FROM_SELF_ERROR", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_from_another_it_can() -> None:
    assert codes(**ACCEPTED) == []
