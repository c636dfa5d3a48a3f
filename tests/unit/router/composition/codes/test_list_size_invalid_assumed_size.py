"""LIST_SIZE_INVALID_ASSUMED_SIZE: a size is a count."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

SDL = "type Query {{ f: [Int] @listSize(assumedSize: {}) }}"


def test_it_is_not_negative() -> None:
    (error,) = compose_subgraphs(a=SDL.format(-1)).errors
    assert (error.code, error.subgraphs) == ("LIST_SIZE_INVALID_ASSUMED_SIZE", ("a",))
    assert error.locations


@pytest.mark.parametrize("size", ["0", "2147483647", "null"])
def test_it_may_be_nothing(size: str) -> None:
    assert codes(a=SDL.format(size)) == []
