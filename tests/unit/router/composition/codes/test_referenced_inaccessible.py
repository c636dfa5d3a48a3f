"""REFERENCED_INACCESSIBLE: what clients see has a type that they see."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs, linked


@pytest.mark.parametrize(
    "sdl",
    [
        "type Query { a: [H!]! } type H @inaccessible { x: Int }",
        "type Query { a(h: H): Int } input H @inaccessible { x: Int }",
        "type Query { a(i: I): Int } input I { h: H x: Int } enum H @inaccessible { A }",
        "type Query { a: Int } directive @d(h: H) on FIELD scalar H @inaccessible",
    ],
)
def test_a_visible_element_cannot_have_a_hidden_type(sdl: str) -> None:
    assert codes(a=sdl) == ["REFERENCED_INACCESSIBLE"]
    assert codes(a=sdl.replace("@inaccessible", "")) == []


def test_a_hidden_element_can() -> None:
    assert codes(a="type Query { a: H @inaccessible b: Int } type H @inaccessible { h: H x: Int }") == []
    assert codes(a="type Query { a(h: H @inaccessible): Int } input H @inaccessible { x: Int }") == []


def test_the_error_names_where_the_element_is_declared() -> None:
    (error,) = compose_subgraphs(
        a="type Query { a: H } type H @shareable { x: Int }",
        b="type H @shareable @inaccessible { x: Int }",
    ).errors
    assert error.subgraphs == ("a",)
    assert '"Query.a"' in error.message


def test_the_types_of_composed_directives_are_not_for_clients() -> None:
    link = '@link(url: "https://x.dev/foo/v1.0", import: ["@foo"]) @composeDirective(name: "@foo")'
    sdl = linked(link) + "directive @foo(e: foo__E) on FIELD_DEFINITION enum foo__E { A } "
    assert codes(a=sdl + "type Query { a: foo__E @foo(e: A) }") == ["REFERENCED_INACCESSIBLE"]
    assert codes(a=sdl + "type Query { a: Int @foo(e: A) }") == []
