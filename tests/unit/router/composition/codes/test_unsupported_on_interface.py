"""X_UNSUPPORTED_ON_INTERFACE: field sets are for objects, keys since v2.3 also for interfaces."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.{}", import: ["@key"]) '
KEYS = 'type Query { i: I } interface I @key(fields: "%s") { id: ID! } type T implements I @key(fields: "id") { id: ID! }'


def test_an_interface_has_keys_since_version_2_3() -> None:
    (error,) = compose_subgraphs(a=LINK.format(2) + KEYS % "id").errors
    assert (error.code, error.subgraphs) == ("KEY_UNSUPPORTED_ON_INTERFACE", ("a",))
    assert "v2.3" in error.message
    assert error.locations
    assert codes(a=LINK.format(3) + KEYS % "id") == []


def test_a_key_that_is_wrong_anyway_is_told_as_that() -> None:
    assert codes(a=LINK.format(2) + KEYS % "missing") == ["KEY_INVALID_FIELDS"]


@pytest.mark.parametrize(
    ("field", "found"),
    [
        (
            'f: Int @requires(fields: "x")',
            ["REQUIRES_UNSUPPORTED_ON_INTERFACE", "REQUIRES_FIELDS_MISSING_EXTERNAL"],
        ),
        (
            'f: O @provides(fields: "x")',
            ["PROVIDES_UNSUPPORTED_ON_INTERFACE", "PROVIDES_FIELDS_MISSING_EXTERNAL"],
        ),
    ],
)
def test_fields_of_interfaces_never_have_the_others(field: str, found: list[str]) -> None:
    errors = compose_subgraphs(
        a=f"type Query {{ o: O }} type O {{ x: Int }} interface I {{ x: Int {field} }}"
    ).errors
    assert [error.code for error in errors] == found
    assert all(error.subgraphs == ("a",) and error.locations for error in errors)
