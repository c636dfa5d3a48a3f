"""X_DIRECTIVE_IN_FIELDS_ARG: field sets have no conditions."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

OWNER = 'type Query { t: T } type T @key(fields: "id") { id: ID! w: Int @shareable n(x: Int): Int }'
USER = 'type T @key(fields: "id") { id: ID! w: Int @external r: Int @requires(fields: "%s") }'


@pytest.mark.parametrize("fields", ["id @include(if: true)", "... @skip(if: false) { id }", "id @deprecated"])
def test_a_key_has_no_directives(fields: str) -> None:
    (error,) = compose_subgraphs(
        a=f'type Query {{ t: T }} type T @key(fields: "{fields}") {{ id: ID! }}'
    ).errors
    assert (error.code, error.subgraphs) == ("KEY_DIRECTIVE_IN_FIELDS_ARG", ("a",))
    assert error.locations


def test_a_requirement_has_no_directives() -> None:
    assert codes(a=OWNER, b=USER % "w") == []
    assert codes(a=OWNER, b=USER % "w @include(if: true)") == ["REQUIRES_DIRECTIVE_IN_FIELDS_ARG"]


def test_a_provision_has_no_directives() -> None:
    sdl = 'type Query {{ p: T @provides(fields: "{}") }} type T @key(fields: "id") {{ id: ID! w: Int @external }}'
    assert codes(a=OWNER, b=sdl.format("w")) == []
    assert codes(a=OWNER, b=sdl.format("w @skip(if: true)")) == ["PROVIDES_DIRECTIVE_IN_FIELDS_ARG"]


def test_the_other_rules_of_field_sets_go_on() -> None:
    sdl = 'type Query { t: T } type T @key(fields: "n @include(if: true)") { n(x: Int): Int }'
    assert codes(a=sdl) == ["KEY_DIRECTIVE_IN_FIELDS_ARG", "KEY_FIELDS_HAS_ARGS"]
