"""EXTERNAL_UNUSED: a field that is resolved elsewhere is declared for a reason."""

import pytest

from tests.unit.router.composition.composing import LINK, codes, compose_subgraphs

OWNER = (
    'type Query { t: T } type T @key(fields: "id") { id: ID! w: Int @shareable o: O @shareable } '
    "type O @shareable { x: Int y: Int }"
)
CONTEXTS = LINK.replace('"@key"', '"@key", "@context", "@fromContext"')


@pytest.mark.parametrize(
    "sdl",
    [
        'type T @key(fields: "id") { id: ID! w: Int @external n: Int }',
        "type T @external { w: Int }",
        "type T { n: Int } extend type T @external { w: Int }",
        'extend type T @key(fields: "id") { id: ID! @external w: Int @external }',
    ],
)
def test_what_nothing_uses_is_refused(sdl: str) -> None:
    errors = compose_subgraphs(a=OWNER, b=sdl).errors
    assert {(error.code, error.subgraphs) for error in errors} == {("EXTERNAL_UNUSED", ("b",))}
    assert all(error.locations for error in errors)


@pytest.mark.parametrize(
    "sdl",
    [
        'type T @key(fields: "id w") { id: ID! w: Int @external n: Int }',
        'type T @key(fields: "id") { id: ID! w: Int @external r: Int @requires(fields: "w") }',
        'type Query { p: T @provides(fields: "w") } type T @key(fields: "id") { id: ID! w: Int @external }',
        'interface I { w: Int } type T implements I @key(fields: "id") { id: ID! w: Int @external }',
        'extend type T @key(fields: "id") { id: ID! @external n: Int }',
        'type T @extends @key(fields: "id") { id: ID! @external n: Int }',
    ],
)
def test_a_field_set_or_an_interface_is_a_reason(sdl: str) -> None:
    assert codes(a=OWNER, b=sdl) == []


def test_what_is_selected_on_an_interface_is_used_in_its_implementations() -> None:
    sdl = (
        'type Query { i: I @provides(fields: "o { x }") } interface I { o: O } '
        'type T implements I @key(fields: "id") { id: ID! o: O @external } type O { x: Int @external }'
    )
    assert codes(a=OWNER, b=sdl) == []


def test_a_context_is_a_reason() -> None:
    sdl = (
        'type T @key(fields: "id") @context(name: "c") { id: ID! w: Int @external u: V } '
        'type V @key(fields: "id") { id: ID! f(x: Int @fromContext(field: "$c { w }")): Int }'
    )
    assert codes(a=OWNER, b=CONTEXTS + sdl) == []
    assert codes(a=OWNER, b=CONTEXTS + sdl.replace("{ w }", "{ id }").replace("x: Int", "x: ID")) == [
        "EXTERNAL_UNUSED"
    ]


def test_a_field_that_a_wrong_field_set_names_is_used() -> None:
    sdl = (
        'type T @key(fields: "id") { id: ID! o: O @external r: Int @requires(fields: "o") } type O { x: Int }'
    )
    assert codes(a=OWNER, b=sdl) == ["REQUIRES_INVALID_FIELDS"]
