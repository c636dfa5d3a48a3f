"""SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES: who shares a field agrees on what type its objects have."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs, hints

A = "type Query { i: I @shareable } interface I { x: Int } type A implements I { x: Int @shareable } "
B = A.replace("type A", "type B")
HINT = "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN"


def test_a_shared_field_has_types_in_common() -> None:
    (error,) = compose_subgraphs(a=A, b=B).errors
    assert (error.code, error.subgraphs) == ("SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES", ("a", "b"))
    assert 'subgraph "a" can return "A"; subgraph "b" can return "B"' in error.message
    assert len(error.locations) == 2


def test_some_types_in_common_are_a_hint() -> None:
    assert HINT in hints(a=A, b=A + "type B implements I { x: Int @shareable }")
    assert HINT not in hints(a=A, b=A)


def test_a_shared_mutation_is_compared_too() -> None:
    a = "type Query { q: Int @shareable } " + A.replace("type Query", "type Mutation")
    assert codes(a=a, b=a.replace("type A", "type B")) == ["SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"]


def test_interface_objects_can_be_of_any_type() -> None:
    a = 'type Query { i: I @shareable } interface I @key(fields: "id") { id: ID! } '
    a += 'type A implements I @key(fields: "id") { id: ID! }'
    b = 'type Query { i: I @shareable } type I @interfaceObject @key(fields: "id") { id: ID! }'
    assert codes(a=a, b=b) == []


def test_interfaces_without_objects_agree() -> None:
    a = "type Query { i: I @shareable } interface I { x: Int }"
    assert codes(a=a, b=a) == []


def test_who_declares_an_object_type_says_what_it_returns() -> None:
    a = A + "type B implements I { x: Int @shareable }"
    b = "type Query { i: B @shareable } interface I { x: Int } type B implements I { x: Int @shareable }"
    assert HINT not in hints(a=a, b=b)
    assert HINT in hints(a=a, b=a, c=b)


@pytest.mark.parametrize("fields", ["w: W @shareable v: W", "v: W w: W @shareable"])
def test_no_other_way_to_a_field_hides_the_difference(fields: str) -> None:
    w = "type W @shareable { i: I } interface I { x: Int } type A implements I { x: Int @shareable }"
    a = f"type Query {{ {fields} }} {w} type B implements I {{ x: Int @shareable }}"
    assert HINT in hints(a=a, b=f"type Query {{ w: W @shareable }} {w}")
