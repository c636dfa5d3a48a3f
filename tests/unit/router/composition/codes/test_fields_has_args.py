"""KEY_/PROVIDES_FIELDS_HAS_ARGS: a field with arguments is not one value."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

OWNER = (
    'type Query { t: T } type T @key(fields: "id") { id: ID! w(x: Int): Int @shareable v: Int @shareable }'
)
ENTITY = 'type T @key(fields: "id") { id: ID! w(x: Int): Int @external }'


@pytest.mark.parametrize("fields", ["n", "n(x: 1)", "id s { n }"])
def test_a_key_selects_no_field_with_arguments(fields: str) -> None:
    types = "type S { n(x: Int): Int }"
    (error,) = compose_subgraphs(
        a=f'type Query {{ t: T }} {types} type T @key(fields: "{fields}") {{ id: ID! n(x: Int): Int s: S }}'
    ).errors
    assert (error.code, error.subgraphs) == ("KEY_FIELDS_HAS_ARGS", ("a",))
    assert error.locations


def test_a_provision_selects_no_field_with_arguments() -> None:
    assert codes(a=OWNER, b=f'type Query {{ p: T @provides(fields: "w(x: 1)") }} {ENTITY}') == [
        "PROVIDES_FIELDS_HAS_ARGS"
    ]
    plain = ENTITY.replace("w(x: Int)", "v")
    assert codes(a=OWNER, b=f'type Query {{ p: T @provides(fields: "v") }} {plain}') == []


def test_a_requirement_may() -> None:
    entity = ENTITY.replace("@external }", '@external r: Int @requires(fields: "w(x: 1)") }')
    assert codes(a=OWNER, b=entity) == []
