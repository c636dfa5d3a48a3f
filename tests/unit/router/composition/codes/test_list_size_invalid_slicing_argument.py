"""LIST_SIZE_INVALID_SLICING_ARGUMENT: the argument that gives a list's size is a number."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

SDL = "type Query {{ f(n: Int, m: Int! = 3, s: String, l: [Int]): [Int] @listSize(slicingArguments: {}) }}"


@pytest.mark.parametrize("names", ['["s"]', '["l"]', '["missing"]', '["n", "s"]', '"s"'])
def test_other_arguments_are_refused(names: str) -> None:
    (error,) = compose_subgraphs(a=SDL.format(names)).errors
    assert (error.code, error.subgraphs) == ("LIST_SIZE_INVALID_SLICING_ARGUMENT", ("a",))
    assert error.locations


@pytest.mark.parametrize("names", ['["n"]', '["n", "m"]', '"n"', "[]", "null"])
def test_numbers_are_not(names: str) -> None:
    assert codes(a=SDL.format(names)) == []
