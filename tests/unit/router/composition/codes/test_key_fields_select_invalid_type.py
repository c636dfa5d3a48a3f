"""KEY_FIELDS_SELECT_INVALID_TYPE: keys are of objects, enums and scalars."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

SDL = (
    'type Query {{ t: T }} type T @key(fields: "{}") {{ id: ID! u: U i: I l: [[U!]!] s: S ss: [S!] e: E }} '
    "union U = S interface I {{ a: Int }} type S implements I {{ a: Int }} enum E {{ X }}"
)


@pytest.mark.parametrize(
    "fields",
    ["u { __typename }", "u { ... on S { a } }", "i { a }", "l { __typename }", "id u", "u { missing }"],
)
def test_abstract_types_are_refused(fields: str) -> None:
    (error,) = compose_subgraphs(a=SDL.format(fields)).errors
    assert (error.code, error.subgraphs) == ("KEY_FIELDS_SELECT_INVALID_TYPE", ("a",))
    assert error.locations


@pytest.mark.parametrize("fields", ["s { a }", "ss { a }", "e"])
def test_objects_lists_of_them_and_enums_are_not(fields: str) -> None:
    assert codes(a=SDL.format(fields)) == []
