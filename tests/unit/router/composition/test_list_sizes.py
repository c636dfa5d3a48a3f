"""`@listSize` keeps the slicing arguments that merging keeps."""

import pytest

from tests.unit.router.composition.composing import compose_subgraphs, supergraph

A = "type Query {{ f(n: Int m: Int): [Int] @shareable @listSize(assumedSize: 3 slicingArguments: {}) }}"


@pytest.mark.parametrize("names", ['["n", "m"]', '["m"]', '"m"'])
def test_the_names_of_dropped_arguments_are_left_out(names: str) -> None:
    sdl = supergraph(a=A.format(names), b="type Query { f(m: Int): [Int] @shareable }")
    assert 'slicingArguments: ["m"]' in sdl or 'slicingArguments: "m"' in sdl
    assert '"n"' not in sdl


def test_the_names_of_one_subgraph_may_all_go_if_anothers_stay() -> None:
    other = 'type Query { f(m: Int): [Int] @shareable @listSize(slicingArguments: ["m"]) }'
    assert 'slicingArguments: ["m"]' in supergraph(a=A.format('["n"]'), b=other)


def test_without_any_the_size_is_not_known() -> None:
    (error,) = compose_subgraphs(a=A.format('["n", "m"]'), b="type Query { f: [Int] @shareable }").errors
    assert (error.code, error.subgraphs) == ("LIST_SIZE_INVALID_SLICING_ARGUMENT", ("a",))
    assert '"m", "n"' in error.message
    assert error.locations
