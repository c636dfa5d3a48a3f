"""Field sets of `@key`, `@requires` and `@provides`."""

import pytest

from tests.unit.router.composition.composing import codes

QUERY = "type Query { t: T }"


def key(fields, body="id: ID! n(x: Int): Int u: U sub: S", more=""):
    types = "union U = S type S { a: Int }"
    return f"{QUERY} type T @key(fields: {fields}) {{ {body} }} {types} {more}"


@pytest.mark.parametrize("fields", ['"id"', '"{ id }"', '"id sub { a }"', '"id __typename"', '" id "'])
def test_a_key_may_be_written_so(fields):
    assert codes(a=key(fields)) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ('"id', None),
        ('"id {"', "KEY_INVALID_FIELDS"),
        ('"missing"', "KEY_INVALID_FIELDS"),
        ('"sub"', "KEY_INVALID_FIELDS"),
        ('"id { a }"', "KEY_INVALID_FIELDS"),
        ('"x: id"', "KEY_INVALID_FIELDS"),
        ('""', "KEY_INVALID_FIELDS"),
        ('"id } fragment f on T { id"', "KEY_INVALID_FIELDS"),
        ("1", "KEY_INVALID_FIELDS_TYPE"),
        ("id", "KEY_INVALID_FIELDS_TYPE"),
        ('["id"]', "KEY_INVALID_FIELDS_TYPE"),
        ('"id @include(if: true)"', "KEY_DIRECTIVE_IN_FIELDS_ARG"),
        ('"n"', "KEY_FIELDS_HAS_ARGS"),
        ('"u { ... on S { a } }"', "KEY_FIELDS_SELECT_INVALID_TYPE"),
    ],
)
def test_a_key_may_not_be_written_so(fields, code):
    assert codes(a=key(fields)) == [code or "INVALID_GRAPHQL"]


def test_an_interface_has_keys_since_version_2_3():
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.{}", import: ["@key"])'
    body = f'{QUERY} interface I @key(fields: "id") {{ id: ID! }} type T implements I @key(fields: "id") {{ id: ID! }}'
    assert codes(a=link.format(2) + body) == ["KEY_UNSUPPORTED_ON_INTERFACE"]
    assert codes(a=link.format(3) + body) == []


def test_a_key_of_an_interface_is_a_key_of_each_implementation_in_whatever_order():
    interface = 'interface I @key(fields: "a b") { a: ID! b: ID! }'
    good = 'type T implements I @key(fields: "b a") { a: ID! b: ID! }'
    assert codes(a=f"{QUERY} {interface} {good}") == []
    assert codes(a=f"{QUERY} {interface} {good.replace('b a', 'a')}") == [
        "INTERFACE_KEY_NOT_ON_IMPLEMENTATION"
    ]


OWNER = 'type T @key(fields: "id") { id: ID! w: Int }'


def requiring(fields, declared="w: Int @external"):
    return f'type T @key(fields: "id") {{ id: ID! {declared} r: Int @requires(fields: {fields}) }}'


def test_a_requirement_needs_external_fields():
    assert codes(a=QUERY + OWNER, b=requiring('"w"')) == []
    assert codes(
        a=QUERY + OWNER.replace("w: Int", "w: Int @shareable"), b=requiring('"w"', "w: Int @shareable")
    ) == ["REQUIRES_FIELDS_MISSING_EXTERNAL"]
    assert codes(a=QUERY + OWNER, b=requiring('"nothing"', "")) == ["REQUIRES_INVALID_FIELDS"]
    assert codes(a=QUERY + OWNER, b=requiring("1", "")) == ["REQUIRES_INVALID_FIELDS_TYPE"]


def test_a_requirement_may_give_arguments_and_a_provision_may_not():
    owner = 'type Query { t: T } type T @key(fields: "id") { id: ID! w(x: Int): Int @shareable }'
    assert codes(a=owner, b=requiring('"w(x: 1)"', "w(x: Int): Int @external")) == []
    provider = 'type Query { p: T @provides(fields: "w(x: 1)") } type T @key(fields: "id") { id: ID! w(x: Int): Int @external }'
    assert codes(a=owner, b=provider) == ["PROVIDES_FIELDS_HAS_ARGS"]


def test_a_provision_is_about_an_object_and_needs_external_fields():
    owner = 'type Query { t: T } type T @key(fields: "id") { id: ID! w: Int @shareable }'
    entity = 'type T @key(fields: "id") { id: ID! w: Int @external }'
    assert codes(a=owner, b=f'type Query {{ p: T @provides(fields: "w") }} {entity}') == []
    assert codes(
        a=owner, b=f'type Query {{ p: Int @provides(fields: "w") }} {OWNER.replace("Int", "Int @shareable")}'
    ) == ["PROVIDES_ON_NON_OBJECT_FIELD"]
    assert codes(
        a=owner, b=f'type Query {{ p: T @provides(fields: "w") }} {OWNER.replace("Int", "Int @shareable")}'
    ) == ["PROVIDES_FIELDS_MISSING_EXTERNAL"]
