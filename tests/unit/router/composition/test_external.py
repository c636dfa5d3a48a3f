"""External fields: why they are there, and that they agree with the field they stand for."""

import pytest

from tests.unit.router.composition.composing import codes

OWNER = 'type Query { t: T } type T @key(fields: "id") { id: ID! w(x: Int = 1): Int! }'
USE = 'r: Int @requires(fields: "w(x: 1)")'


def other(declared, use=USE):
    return f'type T @key(fields: "id") {{ id: ID! {declared} {use} }}'


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("w(x: Int = 1): String @external", "EXTERNAL_TYPE_MISMATCH"),
        ("w(x: Int = 1, y: Int): Int! @external", None),
        ("w(x: String = 1): Int! @external", "INVALID_GRAPHQL"),
        ("w(x: Float = 1): Int! @external", "EXTERNAL_ARGUMENT_TYPE_MISMATCH"),
        ('w(x: Int = 1): Int! @external @tag(name: "t")', "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"),
    ],
)
def test_an_external_field_agrees_with_its_owner(declared, code):
    assert codes(a=OWNER, b=other(declared)) == ([code] if code else [])


def test_an_external_field_has_its_owners_arguments():
    assert codes(a=OWNER, b=other("w: Int! @external", 'r: Int @requires(fields: "w")')) == [
        "EXTERNAL_ARGUMENT_MISSING"
    ]


def test_somebody_has_to_resolve_a_field():
    owner = 'type Query { t: T } type T @key(fields: "id") { id: ID! }'
    assert codes(a=owner, b=other("w: Int! @external", 'r: Int @requires(fields: "w")')) == [
        "EXTERNAL_MISSING_ON_BASE"
    ]


def test_the_key_of_an_extended_type_may_be_marked_external():
    assert codes(a=OWNER, b='extend type T @key(fields: "id") { id: ID! @external n: Int }') == []
