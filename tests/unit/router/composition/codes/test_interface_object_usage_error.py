"""INTERFACE_OBJECT_USAGE_ERROR: an interface object stands for an interface of other subgraphs."""

from router.composition import SubgraphSource, compose
from tests.unit.router.composition.composing import LINK, codes, compose_subgraphs

INTERFACE = (
    'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
    'type T implements I @key(fields: "id") { id: ID! }'
)
STAND_IN = "type I @interfaceObject {} {{ id: ID! n: Int }}"


def test_it_needs_a_key() -> None:
    assert codes(a=INTERFACE, b=STAND_IN.format('@key(fields: "id")')) == []
    (error,) = compose_subgraphs(a=INTERFACE, b=STAND_IN.format("")).errors
    assert (error.code, error.subgraphs) == ("INTERFACE_OBJECT_USAGE_ERROR", ("b",))
    assert error.locations


def test_it_cannot_stand_for_a_federation_1_interface_with_a_key() -> None:
    stand_in = LINK + STAND_IN.format('@key(fields: "id")')
    errors = compose([SubgraphSource("a", "", INTERFACE), SubgraphSource("b", "", stand_in)]).errors
    assert [(error.code, error.subgraphs) for error in errors] == [
        ("INTERFACE_OBJECT_USAGE_ERROR", ("a", "b"))
    ]
