"""IMPLEMENTED_BY_INACCESSIBLE: what clients see of an interface they see on its implementations."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

FIELD = (
    "type Query {{ i: I }} interface I {} {{ x: Int {} y: Int }} type T implements I {{ x: Int {} y: Int }}"
)
ARGUMENT = (
    "type Query {{ i: I }} interface I {{ x(a: Int {}): Int {} y: Int }} "
    "type T implements I {{ x(a: Int {}): Int y: Int }}"
)


def test_a_hidden_field_implements_no_visible_one() -> None:
    (error,) = compose_subgraphs(a=FIELD.format("", "", "@inaccessible")).errors
    assert (error.code, error.subgraphs) == ("IMPLEMENTED_BY_INACCESSIBLE", ("a",))
    assert '"T.x"' in error.message
    assert error.locations


def test_it_may_implement_a_hidden_one() -> None:
    assert codes(a=FIELD.format("", "@inaccessible", "@inaccessible")) == []
    hidden = "type Query { t: T } interface I @inaccessible { x: Int } type T implements I { x: Int @inaccessible y: Int }"
    assert codes(a=hidden) == []


@pytest.mark.parametrize(
    ("promised", "field", "given", "code"),
    [
        ("", "", "@inaccessible", "IMPLEMENTED_BY_INACCESSIBLE"),
        ("@inaccessible", "", "@inaccessible", None),
        ("@inaccessible", "", "", None),
        ("", "@inaccessible", "@inaccessible", None),
    ],
)
def test_a_hidden_argument_implements_no_visible_one(
    promised: str, field: str, given: str, code: str | None
) -> None:
    assert codes(a=ARGUMENT.format(promised, field, given)) == ([code] if code else [])


def test_an_interface_implements_too() -> None:
    sdl = "interface J implements I { x: Int @inaccessible y: Int } type T implements I & J { x: Int y: Int }"
    assert codes(a=f"type Query {{ i: I }} interface I {{ x: Int y: Int }} {sdl}") == [
        "IMPLEMENTED_BY_INACCESSIBLE"
    ]
