"""OVERRIDE_SOURCE_HAS_OVERRIDE: a field is overridden from a subgraph that overrides it too."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

REFUSED = {
    "a": 'type Query { x: Int @shareable @override(from: "b") }',
    "b": 'type Query { x: Int @shareable @override(from: "c") }',
    "c": "type Query { x: Int @shareable }",
}
ACCEPTED = {
    "a": 'type Query { x: Int @override(from: "b") }',
    "b": "type Query { x: Int }",
}


def test_what_is_taken_over_cannot_be_taken_over_too() -> None:
    (error,) = compose_subgraphs(**REFUSED).errors

    assert (error.code, error.subgraphs) == ("OVERRIDE_SOURCE_HAS_OVERRIDE", ("a",))
    assert {place.subgraph for place in error.locations} == set(error.subgraphs)


def test_one_override_is_fine() -> None:
    assert codes(**ACCEPTED) == []
