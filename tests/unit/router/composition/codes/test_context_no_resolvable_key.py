"""CONTEXT_NO_RESOLVABLE_KEY: objects whose fields take from a context are entered by a key."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

SDL = (
    'type Query {{ t: T }} type T @context(name: "c") {{ x: Int u: U }} '
    'type U {} {{ id: ID f(a: Int @fromContext(field: "$c x")): Int }}'
)


@pytest.mark.parametrize("keys", ["", '@key(fields: "id", resolvable: false)'])
def test_without_a_key_to_enter_by_no_argument_is_contextual(keys: str) -> None:
    (error,) = compose_subgraphs(a=SDL.format(keys)).errors
    assert (error.code, error.subgraphs) == ("CONTEXT_NO_RESOLVABLE_KEY", ("a",))
    assert '"U"' in error.message
    assert error.locations


def test_one_resolvable_key_is_enough() -> None:
    keys = '@key(fields: "id", resolvable: false) @key(fields: "id")'
    assert codes(a=SDL.format(keys)) == codes(a=SDL.format('@key(fields: "id")')) == []


def test_a_root_type_has_no_key() -> None:
    sdl = (
        'type Query { t: T f(a: Int @fromContext(field: "$c x")): Int } type T @context(name: "c") { x: Int }'
    )
    assert codes(a=sdl) == ["CONTEXT_NO_RESOLVABLE_KEY"]
