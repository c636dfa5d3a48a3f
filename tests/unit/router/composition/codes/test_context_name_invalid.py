"""CONTEXT_NAME_INVALID: a context is named by letters and digits."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

SDL = 'type Query {{ t: T }} type T @context(name: "{}") {{ x: Int }}'


@pytest.mark.parametrize("name", ["", "_", "a_b", "_a", "1a", "a b", "a-b", "$a", "é", "a\\n"])
def test_other_names_are_refused(name: str) -> None:
    (error,) = compose_subgraphs(a=SDL.format(name)).errors
    assert (error.code, error.subgraphs) == ("CONTEXT_NAME_INVALID", ("a",))
    assert error.locations


@pytest.mark.parametrize("name", ["a", "A1", "theContext2"])
def test_letters_and_digits_are_a_name(name: str) -> None:
    assert codes(a=SDL.format(name)) == []
