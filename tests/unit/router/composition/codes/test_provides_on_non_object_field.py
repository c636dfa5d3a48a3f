"""PROVIDES_ON_NON_OBJECT_FIELD: only of what has fields can fields be provided."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

TYPES = "enum E { X } union U = T type T { x: Int @external }"
OWNER = "type T { x: Int @shareable }"


@pytest.mark.parametrize("returned", ["Int", "[String!]!", "E"])
def test_leaves_are_refused(returned: str) -> None:
    sdl = f'type Query {{ p: {returned} @provides(fields: "x") t: T @provides(fields: "x") }} {TYPES}'
    (error,) = compose_subgraphs(a=sdl, b=OWNER).errors
    assert (error.code, error.subgraphs) == ("PROVIDES_ON_NON_OBJECT_FIELD", ("a",))
    assert error.locations


@pytest.mark.parametrize(("returned", "fields"), [("[T!]!", "x"), ("U", "... on T { x }")])
def test_objects_and_unions_are_not(returned: str, fields: str) -> None:
    assert codes(a=f'type Query {{ p: {returned} @provides(fields: "{fields}") }} {TYPES}', b=OWNER) == []


def test_nothing_else_is_told_of_that_subgraph() -> None:
    sdl = 'type Query { t: T } type T @key(fields: "missing") { x: Int @provides(fields: "x") }'
    assert codes(a=sdl) == ["PROVIDES_ON_NON_OBJECT_FIELD"]
    assert codes(a=sdl, b='type S @key(fields: "missing") { x: Int }') == [
        "PROVIDES_ON_NON_OBJECT_FIELD",
        "KEY_INVALID_FIELDS",
    ]
