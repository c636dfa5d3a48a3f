"""SATISFIABILITY_ERROR: each operation that the API allows can be answered (tests/.../satisfiability has the details)."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

A = 'type Query { t: T } type T @key(fields: "id") { id: ID! }'
B = 'type T @key(fields: "id"{}) {{ id: ID! x: Int }}'


def test_a_field_out_of_reach_is_shown_with_an_operation_and_reasons() -> None:
    (error,) = compose_subgraphs(a=A, b=B.format(", resolvable: false")).errors
    assert (error.code, error.subgraphs) == ("SATISFIABILITY_ERROR", ("a", "b"))
    assert "{\n  t {\n    x\n  }\n}" in error.message
    assert (
        '- from subgraph "a":\n  - cannot find field "T.x".\n  - cannot move to subgraph "b"' in error.message
    )
    assert [place.line for place in error.locations] == [2, 2]


def test_a_field_that_can_be_reached_is_fine() -> None:
    assert codes(a=A, b=B.format("")) == []
