"""TYPE_WITH_ONLY_UNUSED_EXTERNAL: a federation 1 type of which nothing is left."""

import pytest

from tests.unit.router.composition.composing import compose_federation_1

OWNER = "type Query { t: T } type T { x: Int }"


@pytest.mark.parametrize(
    "user", ["type Query { u: T }", "type Query { u: [T!]! }", "type Query { u: U } union U = T"]
)
def test_what_is_referred_to_cannot_go(user: str) -> None:
    (error,) = compose_federation_1(a=OWNER, b=user + " type T { x: Int @external }").errors
    assert (error.code, error.subgraphs) == ("TYPE_WITH_ONLY_UNUSED_EXTERNAL", ("b",))
    assert error.locations


def test_what_is_not_goes_silently() -> None:
    composition = compose_federation_1(a=OWNER, b="type Query { u: Int } type T { x: Int @external }")
    assert composition.errors == ()
    assert "type T\n  @join__type(graph: A)\n{\n  x: Int\n}" in (composition.supergraph_sdl or "")


def test_with_a_field_of_its_own_it_stays() -> None:
    sdl = "type Query { u: Int } type T { y: Int @external x: Int }"
    assert compose_federation_1(a=OWNER.replace("x: Int", "x: Int y: Int"), b=sdl).errors == ()
