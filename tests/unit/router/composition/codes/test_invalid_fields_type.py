"""X_INVALID_FIELDS_TYPE: a field set is written as a string."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

NO_STRINGS = ["1", "1.5", "true", "null", "x", "[]", '["x"]', "{x: 1}"]


def sdl(directive: str, fields: str) -> str:
    marks = dict.fromkeys(("key", "requires", "provides"), "") | {
        directive: f"@{directive}(fields: {fields})"
    }
    return (
        f"type Query {{ t: T {marks['provides']} }} "
        f"type T {marks['key']} {{ x: Int @shareable r: Int {marks['requires']} }}"
    )


@pytest.mark.parametrize("fields", NO_STRINGS)
@pytest.mark.parametrize("directive", ["key", "provides", "requires"])
def test_other_values_are_refused(directive: str, fields: str) -> None:
    (error,) = compose_subgraphs(a=sdl(directive, fields)).errors
    assert (error.code, error.subgraphs) == (f"{directive.upper()}_INVALID_FIELDS_TYPE", ("a",))
    assert error.locations


@pytest.mark.parametrize("fields", ['"x"', '"""x"""'])
def test_a_string_may_be_a_block(fields: str) -> None:
    assert codes(a=sdl("key", fields)) == []
