"""LIST_SIZE_APPLIED_TO_NON_LIST: only lists have a size."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

SDL = "type Query {{ f: {} @listSize({}) }} type P {{ l: [Int!]! n: Int }} union U = P"


@pytest.mark.parametrize(
    ("returned", "arguments"),
    [
        ("Int!", "assumedSize: 1"),
        ("P", "assumedSize: 1"),
        ("U", "assumedSize: 1"),
        ("P", "sizedFields: []"),
        ("P", "sizedFields: null"),
        ("P", 'sizedFields: ["n"]'),
        ("[P]", 'sizedFields: "n"'),
    ],
)
def test_what_is_no_list_has_no_size(returned: str, arguments: str) -> None:
    (error,) = compose_subgraphs(a=SDL.format(returned, arguments)).errors
    assert (error.code, error.subgraphs) == ("LIST_SIZE_APPLIED_TO_NON_LIST", ("a",))
    assert error.locations


@pytest.mark.parametrize(
    ("returned", "arguments"),
    [
        ("[Int]", "assumedSize: 1"),
        ("[Int!]!", "assumedSize: 1"),
        ("[[Int]]", "assumedSize: 1"),
        ("P", 'sizedFields: ["l"]'),
        ("P!", 'sizedFields: "l"'),
    ],
)
def test_lists_have_one_and_what_has_lists(returned: str, arguments: str) -> None:
    assert codes(a=SDL.format(returned, arguments)) == []
