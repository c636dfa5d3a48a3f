"""AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE: an interface's own requirement would protect nothing behind it."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

APPLIED = ["@authenticated", '@requiresScopes(scopes: [["s"]])', '@policy(policies: "p")']
TYPE = 'type T implements I @key(fields: "id") { id: ID! }'


@pytest.mark.parametrize("applied", APPLIED)
@pytest.mark.parametrize(
    "sdl",
    [
        "interface I {} {{ id: ID! }} ",
        "interface I {{ id: ID! {} }} ",
        "interface I {{ id: ID! }} extend interface I {} ",
    ],
)
def test_interfaces_and_their_fields_have_none(sdl: str, applied: str) -> None:
    (error,) = compose_subgraphs(a="type Query { i: I } " + sdl.format(applied) + TYPE).errors
    assert (error.code, error.subgraphs) == ("AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE", ("a",))
    assert error.locations


@pytest.mark.parametrize("applied", APPLIED)
def test_interface_objects_have_none_and_their_fields_may(applied: str) -> None:
    owner = f'type Query {{ i: I }} interface I @key(fields: "id") {{ id: ID! }} {TYPE}'
    stand_in = 'type I @interfaceObject @key(fields: "id") {} {{ id: ID! n: Int {} }}'
    assert codes(a=owner, b=stand_in.format("", applied)) == []
    assert codes(a=owner, b=stand_in.format(applied, "")) == ["AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE"]
