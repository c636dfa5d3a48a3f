"""EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE: who does not resolve a field provides nothing along with it."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

OWNER = 'type Query { t: T } type T @key(fields: "id") { id: ID! o: O } type O @shareable { x: Int }'
SDL = (
    'type T @key(fields: "id") {{ id: ID! o: O @external {} r: Int @requires(fields: "o {{ x }}") }} '
    "type O @shareable {{ x: Int }}"
)


@pytest.mark.parametrize("fields", ["x", "missing"])
def test_an_external_field_does_not_provide(fields: str) -> None:
    assert codes(a=OWNER, b=SDL.format("")) == []
    (error,) = compose_subgraphs(a=OWNER, b=SDL.format(f'@provides(fields: "{fields}")')).errors
    assert (error.code, error.subgraphs) == ("EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE", ("b",))
    assert error.locations


def test_that_it_has_nothing_to_provide_is_not_told_as_well() -> None:
    assert codes(a='type Query { x: Int @external @provides(fields: "y") }') == [
        "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE"
    ]
