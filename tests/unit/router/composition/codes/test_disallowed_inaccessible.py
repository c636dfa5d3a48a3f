"""DISALLOWED_INACCESSIBLE: elements of a spec are never shown, so that hiding them means nothing."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs, linked

LINK = '@link(url: "https://x.dev/foo/v1.0", import: ["@foo"]) @composeDirective(name: "@foo")'


@pytest.mark.parametrize(
    "sdl",
    [
        "directive @foo(x: Int @inaccessible) on FIELD_DEFINITION",
        "directive @foo(x: foo__E) on FIELD_DEFINITION enum foo__E @inaccessible { A }",
        "directive @foo(x: foo__E) on FIELD_DEFINITION enum foo__E { A @inaccessible B }",
    ],
)
def test_nothing_of_a_composed_spec_is_hidden(sdl: str) -> None:
    sdl = linked(LINK) + f"type Query {{ a: Int @foo }} {sdl}"
    (error,) = compose_subgraphs(a=sdl).errors
    assert (error.code, error.subgraphs) == ("DISALLOWED_INACCESSIBLE", ("a",))
    assert error.locations
    assert codes(a=sdl.replace(" @inaccessible", "")) == []


def test_an_executable_directives_argument_can_be_hidden() -> None:
    assert codes(a="directive @foo(x: Int @inaccessible) on FIELD type Query { a: Int }") == []
