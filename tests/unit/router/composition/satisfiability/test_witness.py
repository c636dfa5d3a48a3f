"""The witness is an operation that clients could send; the reasons say what is wrong where."""

import pytest
from graphql import build_schema, parse, validate

from tests.unit.router.composition.composing import compose_subgraphs
from tests.unit.router.composition.satisfiability.unanswered import unanswered

SCHEMA = """
    enum E { RED } input N { i: Int! e: E f: Float! inner: M! } input M { ok: Boolean! s: String = "x" } scalar Any
"""


def test_arguments_that_are_needed_have_made_up_values() -> None:
    arguments = "a: Int! b: [Int!]! c: E! d: N! e: ID! f: Any! g: String! h: Int i: Int! = 1"
    a = f"type Query {{ t({arguments}): T }} type T @shareable {{ x: Int }} {SCHEMA}"
    (operation,) = unanswered(a=a, b="type T @shareable { y: Int }")
    assert operation.startswith("{ t(a: 0, b: [], c: RED, d: {i: 0, f: 3.14, inner: {ok: true}}, e:")
    schema = build_schema(f"type Query {{ t({arguments}): T }} type T {{ x: Int y: Int }} {SCHEMA}")
    assert validate(schema, parse(operation)) == []


@pytest.mark.parametrize(
    ("b", "reason"),
    [
        ("type T { y: Int }", 'cannot find field "T.y"'),
        ("type T { y: Int }", 'because type "T" has no @key defined in subgraph "b"'),
        (
            'type T @key(fields: "y", resolvable: false) { y: Int }',
            'resolvable (they are all "resolvable: false")',
        ),
        ('type T @key(fields: "y") { y: Int }', 'using @key(fields: "y") of "T", the key field(s) cannot'),
        (
            'type T @key(fields: "v { ...on V { y } }") { y: Int v: V } type V { y: Int }',
            '"v { ... on V { y } }"',
        ),
    ],
)
def test_reasons(b: str, reason: str) -> None:
    errors = compose_subgraphs(a="type Query { t: T } type T { x: Int }", b=b).errors
    assert any(reason in error.message for error in errors)


def test_reasons_for_fields_that_are_declared_and_not_resolved() -> None:
    key = '@key(fields: "id", resolvable: false)'
    a = f'type Query {{ t: T }} type T {key} {{ id: ID! x: Int @external y: Int @requires(fields: "x") }}'
    b = f"type T {key} {{ id: ID! x: Int }}"
    messages = [error.message for error in compose_subgraphs(a=a, b=b).errors]
    assert sum('"T.x" is not resolvable because marked @external' in text for text in messages) == 1
    assert sum('cannot satisfy @require conditions on field "T.y"' in text for text in messages) == 1
    assert len(messages) == 2


def test_an_overridden_field_says_by_whom() -> None:
    a = 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }'
    b = 'type T @key(fields: "id", resolvable: false) { id: ID! x: Int @override(from: "a") }'
    (error,) = compose_subgraphs(a=a, b=b).errors
    assert 'overridden by subgraph "b"' in error.message
    assert [(place.subgraph, place.line) for place in error.locations] == [("a", 2), ("b", 2)]


def test_a_few_of_very_many_operations_are_shown() -> None:
    fields = " ".join(f"f{i}: Int" for i in range(250))
    a = "type Query { v: V } type V @shareable { x: Int }"
    errors = compose_subgraphs(a=a, b=f"type V @shareable {{ {fields} }}").errors
    assert len(errors) == 100
    assert "150 more operations" in errors[-1].message
    assert not any("more operations" in error.message for error in errors[:-1])
