"""REQUIRED_INACCESSIBLE: clients can leave out what they do not see."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

CASES = [
    "type Query {{ a(x: Int{} @inaccessible): Int }}",
    "type Query {{ a(n: N): Int }} input N {{ x: Int{} @inaccessible y: Int }}",
    "type Query {{ a: Int }} directive @d(x: Int{} @inaccessible) on FIELD",
]


@pytest.mark.parametrize("sdl", CASES)
def test_what_is_required_cannot_be_hidden(sdl: str) -> None:
    (error,) = compose_subgraphs(a=sdl.format("!")).errors
    assert (error.code, error.subgraphs) == ("REQUIRED_INACCESSIBLE", ("a",))
    assert error.locations
    assert codes(a=sdl.format("")) == codes(a=sdl.format("! = 1")) == []


@pytest.mark.parametrize(
    ("default", "given", "code"),
    [("", "", "REQUIRED_INACCESSIBLE"), (" = 1", "", None), ("", "@inaccessible", "REQUIRED_INACCESSIBLE")],
)
def test_a_required_argument_implements_no_hidden_one(default: str, given: str, code: str | None) -> None:
    sdl = (
        "type Query { i: I } interface I { x(a: Int! = 1 @inaccessible): Int } "
        f"type T implements I {{ x(a: Int!{default} {given}): Int }}"
    )
    assert codes(a=sdl) == ([code] if code else [])


def test_below_a_hidden_element_nothing_matters() -> None:
    assert codes(a="type Query { a(x: Int! @inaccessible): Int @inaccessible b: Int }") == []
    assert codes(a="type Query { b: Int } input N @inaccessible { x: Int! @inaccessible }") == []
