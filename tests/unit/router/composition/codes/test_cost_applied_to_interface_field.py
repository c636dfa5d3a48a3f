"""COST_APPLIED_TO_INTERFACE_FIELD: what an interface's field costs is what its implementations' cost."""

from tests.unit.router.composition.composing import codes, compose_subgraphs

SDL = "type Query {{ i: I }} interface I {{ f{}: Int {} }} type T implements I {{ f{}: Int {} }}"
COST = "@cost(weight: 2)"


def test_a_field_of_an_interface_has_no_cost() -> None:
    (error,) = compose_subgraphs(a=SDL.format("", COST, "", "")).errors
    assert (error.code, error.subgraphs) == ("COST_APPLIED_TO_INTERFACE_FIELD", ("a",))
    assert error.locations


def test_its_implementations_and_its_arguments_may() -> None:
    assert codes(a=SDL.format(f"(x: Int {COST})", "", "(x: Int)", COST)) == []
