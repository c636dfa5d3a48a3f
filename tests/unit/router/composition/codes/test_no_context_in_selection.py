"""NO_CONTEXT_IN_SELECTION: a contextual argument says from which context it takes what."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

SDL = (
    'type Query {{ t: T }} type T @context(name: "c") {{ x: Int u: U }} '
    'type U @key(fields: "id") {{ id: ID f(a: Int @fromContext{}): Int }}'
)


@pytest.mark.parametrize(
    "value",
    ["", "(field: null)", "(field: 1)", "(field: c)", '(field: ["$c { x }"])']
    + [
        f'(field: "{text}")'
        for text in ("", " ", "$", "$c", "c { x }", "{ x }", "$$c { x }", "$1 { x }", "x $c { x }")
    ],
)
def test_without_a_context_and_a_selection_nothing_is_asked_for(value: str) -> None:
    (error,) = compose_subgraphs(a=SDL.format(value)).errors
    assert (error.code, error.subgraphs) == ("NO_CONTEXT_IN_SELECTION", ("a",))
    assert "U.f(a:)" in error.message
    assert error.locations


@pytest.mark.parametrize("text", ["$c { x }", "$c{x}", "$c x", " , $ c\\n{ x }", "# of T\\n$c # of T\\nx"])
def test_braces_and_space_are_free(text: str) -> None:
    assert codes(a=SDL.format(f'(field: "{text}")')) == []
