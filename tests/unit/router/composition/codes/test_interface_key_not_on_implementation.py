"""INTERFACE_KEY_NOT_ON_IMPLEMENTATION: by an interface's key each of its objects can be identified."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

SDL = (
    "type Query {{ i: I }} interface I @key(fields: {}) {{ a: ID! b: O! }} "
    "type T implements I {} {{ a: ID! b: O! }} type O {{ x: Int y: Int }}"
)


@pytest.mark.parametrize(
    ("key", "own"),
    [
        ('"a b { x y }"', '@key(fields: "b { y x } a")'),
        ('"a"', '@key(fields: "b { x }") @key(fields: "{ a }")'),
        ('"a"', '@key(fields: "a a")'),
        ('"a a"', '@key(fields: "a")'),
        ('"b { x y } a"', '@key(fields: "b { y } a b { x y }")'),
        ('"a", resolvable: false', '@key(fields: "a")'),
        ('"a", resolvable: false', '@key(fields: "a", resolvable: false)'),
        ('"a"', '@key(fields: "a", resolvable: false) @key(fields: "a")'),
    ],
)
def test_an_implementation_has_the_key_however_it_is_written(key: str, own: str) -> None:
    assert codes(a=SDL.format(key, own)) == []


@pytest.mark.parametrize(
    ("key", "own", "part"),
    [
        ('"a"', "", '"T" lacks it'),
        ('"a"', '@key(fields: "b { x }")', '"T" lacks it'),
        ('"b { x y }"', '@key(fields: "b { x }")', '"T" lacks it'),
        ('"a", resolvable: false', "", '"T" lacks it'),
        ('"a"', '@key(fields: "a", resolvable: false)', "resolvable: false"),
    ],
)
def test_one_without_the_key_is_refused(key: str, own: str, part: str) -> None:
    (error,) = compose_subgraphs(a=SDL.format(key, own)).errors
    assert (error.code, error.subgraphs) == ("INTERFACE_KEY_NOT_ON_IMPLEMENTATION", ("a",))
    assert part in error.message
    assert error.locations


def test_keys_that_cannot_be_read_are_not_compared() -> None:
    assert codes(a=SDL.format('"missing"', "")) == ["KEY_INVALID_FIELDS"]
    assert codes(a=SDL.format('"a"', '@key(fields: "missing")')) == ["KEY_INVALID_FIELDS"]
