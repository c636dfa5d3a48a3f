"""INVALID_SHAREABLE_USAGE: `@shareable` is for object fields, once for each declaration."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs


@pytest.mark.parametrize(
    "sdl",
    [
        "type Query { f: Int @shareable @shareable }",
        "type Query @shareable @shareable { f: Int }",
        "type Query { f: Int } extend type Query @shareable @shareable { g: Int }",
        "extend type Query @shareable @shareable { f: Int }",
        "type Query { i: I } interface I { f: Int @shareable } type T implements I { f: Int }",
    ],
)
def test_it_is_refused_on_interfaces_and_twice(sdl: str) -> None:
    (error,) = compose_subgraphs(a=sdl).errors
    assert (error.code, error.subgraphs) == ("INVALID_SHAREABLE_USAGE", ("a",))
    assert error.locations


@pytest.mark.parametrize(
    "sdl",
    [
        "type Query @shareable { f: Int @shareable }",
        "type Query @shareable { f: Int } extend type Query @shareable { g: Int }",
        "extend type Query @shareable { f: Int } extend type Query @shareable { g: Int }",
    ],
)
def test_each_declaration_may_have_it(sdl: str) -> None:
    assert codes(a=sdl) == []


def test_it_is_about_the_fields_of_that_declaration_only() -> None:
    sdl = "type Query @shareable { f: Int } extend type Query { g: Int }"
    assert codes(a=sdl, b="type Query { f: Int @shareable }") == []
    assert codes(a=sdl, b="type Query { g: Int @shareable }") == ["INVALID_FIELD_SHARING"]
