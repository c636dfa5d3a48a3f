"""DEFAULT_VALUE_USES_INACCESSIBLE: a default that clients see is made of what they see."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

TYPES = "enum E { A B @inaccessible } input N { e: E = A n: [[N!]] h: Int @inaccessible }"


@pytest.mark.parametrize("default", ["B", "{e: B}", "{n: [[{e: A}, {e: B}]]}", "{n: {e: B}}", "{h: 1}"])
def test_hidden_values_and_fields_are_not_in_a_visible_default(default: str) -> None:
    argument = "x: E" if default == "B" else "x: N"
    (error,) = compose_subgraphs(a=f"type Query {{ a({argument} = {default}): Int }} {TYPES}").errors
    assert (error.code, error.subgraphs) == ("DEFAULT_VALUE_USES_INACCESSIBLE", ("a",))
    assert error.locations
    assert '"Query.a(x:)"' in error.message
    assert codes(a=f"type Query {{ a({argument} = {default} @inaccessible): Int }} {TYPES}") == []


def test_visible_ones_are() -> None:
    assert codes(a=f"type Query {{ a(x: N = {{e: A, n: []}}, e: E = A): Int }} {TYPES}") == []


def test_the_default_of_an_input_field_and_of_a_directives_argument_count_too() -> None:
    sdl = f"type Query {{ a: Int }} directive @d(e: E = B) on FIELD input M {{ e: E = B x: Int }} {TYPES}"
    assert codes(a=sdl) == ["DEFAULT_VALUE_USES_INACCESSIBLE"] * 2
