"""EXTERNAL_ON_INTERFACE: fields of interfaces are resolved by nobody."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

SDL = (
    'type Query {{ i: I @provides(fields: "f") }} interface I {{ f: Int {} }} '
    "type T implements I {{ f: Int @external }}"
)
OWNER = "type T { f: Int @shareable }"


def test_a_field_of_an_interface_is_never_external() -> None:
    (error,) = compose_subgraphs(a=SDL.format("@external"), b=OWNER).errors
    assert (error.code, error.subgraphs) == ("EXTERNAL_ON_INTERFACE", ("a",))
    assert error.locations


def test_those_of_its_implementations_may_be() -> None:
    sdl = SDL.format("").replace('"f"', '"... on T { f }"')
    assert codes(a=sdl, b=OWNER) == []


def test_one_that_nothing_uses_is_that_too() -> None:
    assert codes(a="type Query { i: I } interface I { f: Int @external } type T implements I { f: Int }") == [
        "EXTERNAL_ON_INTERFACE",
        "EXTERNAL_UNUSED",
    ]
