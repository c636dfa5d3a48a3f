"""LIST_SIZE_INVALID_SIZED_FIELD: sized fields are fields of what the field returns."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

SDL = "type Query {{ f: {} @listSize(sizedFields: {}) }} type P {{ l: [Int] }} union U = P"


@pytest.mark.parametrize(
    ("returned", "names"),
    [("P", '["missing"]'), ("[P!]", '["l", "missing"]'), ("Int", '["l"]'), ("U", '["l"]')],
)
def test_what_is_no_field_there_is_refused(returned: str, names: str) -> None:
    (error,) = compose_subgraphs(a=SDL.format(returned, names)).errors
    assert (error.code, error.subgraphs) == ("LIST_SIZE_INVALID_SIZED_FIELD", ("a",))
    assert error.locations


def test_a_list_in_it_is_one() -> None:
    assert codes(a=SDL.format("P", '["l"]')) == []
