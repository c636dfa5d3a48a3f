"""ONLY_INACCESSIBLE_CHILDREN: of a visible type something is visible."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

CASES = [
    "type Query {{ a: T }} type T {{ x: Int @inaccessible y: Int {} }}",
    "type Query {{ a: I }} interface I {{ x: Int @inaccessible y: Int {} }}",
    "type Query {{ a(n: N): Int }} input N {{ x: Int @inaccessible y: Int {} }}",
    "type Query {{ a: E }} enum E {{ X @inaccessible Y {} }}",
    "type Query {{ a: U }} union U = V | W type V @inaccessible {{ x: Int }} type W {} {{ x: Int }}",
]


@pytest.mark.parametrize("sdl", CASES)
def test_not_all_that_a_visible_type_is_made_of_is_hidden(sdl: str) -> None:
    (error,) = compose_subgraphs(a=sdl.format("@inaccessible")).errors
    assert (error.code, error.subgraphs) == ("ONLY_INACCESSIBLE_CHILDREN", ("a",))
    assert error.locations
    assert codes(a=sdl.format("")) == []


def test_a_hidden_type_may_hide_all() -> None:
    assert codes(a="type Query { a: Int } type T @inaccessible { x: Int @inaccessible }") == []
