"""CONTEXT_INVALID_SELECTION: what is selected from a context is one value, whichever type has set it."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

TAKER = 'type U @key(fields: "id") {{ id: ID f(a: {type} @fromContext(field: "$c {selection}")): Int }} '
ONE = (
    'type Query {{ t: T }} type T @context(name: "c") {{ u: U x: Int! s: String l: [Int!]! n: N! y(z: Int!): Int i: I }} '
    "type N {{ x: Int ls: [[Int]] other: Int }} interface I {{ x: Int }} type II implements I {{ x: Int }} "
    + TAKER
)
TWO = (
    'type Query {{ t: T s: S }} type T @context(name: "c") {{ u: U x: Int y: Int }} '
    'type S @context(name: "c") {{ u: U x: Int z: Int }} ' + TAKER
)
ABSTRACT = (
    'type Query {{ i: I j: J }} interface I @context(name: "c") {{ x: Int }} union J = T | S '
    "type T implements I {{ u: U x: Int y: Int }} type S implements I {{ u: U x: Int z: Int }} " + TAKER
)
UNION = ABSTRACT.replace('I @context(name: "c")', "I").replace("J =", 'J @context(name: "c") =')


@pytest.mark.parametrize(
    ("sdl", "type_", "selection"),
    [
        (ONE, "Int", "{ x }"),
        (ONE, "Int", "{ n { x } }"),
        (ONE, "[Int]", "{ l }"),
        (ONE, "[[Int]]", "{ n { ls } }"),
        (ONE, "String", "{ __typename }"),
        (ONE, "Int", "{ y(z: 1) }"),
        (ONE, "Int", "{ i { x } }"),
        (ONE, "Int", "{ ... on T { n { x } } }"),
        (TWO, "Int", "x"),
        (TWO, "Int", "{ ... on T { y } ... on S { z } }"),
        (ABSTRACT, "Int", "{ x }"),
        (ABSTRACT, "Int", "{ ... on T { y } ... on S { z } }"),
        (
            UNION,
            "Int",
            "... on T { y }",
        ),
    ],
)
def test_one_field_down_to_a_leaf_is_a_value(sdl: str, type_: str, selection: str) -> None:
    assert "CONTEXT_INVALID_SELECTION" not in codes(a=sdl.format(type=type_, selection=selection))


@pytest.mark.parametrize(
    ("selection", "told"),
    [
        ("{ x", "Syntax"),
        ("{ }", "nothing"),
        ("{ x } fragment F on T { x }", "more than one"),
        ("{ n " * 10_000, "deep"),
        ("{ x s }", "several fields"),
        ("{ n { x other } }", "more than one value"),
        ("{ n { ... on N { x } } }", "more than one value"),
        ("{ ... on T { ... on T { x } } }", "more than one value"),
        ("{ x ... on T { x } }", "either one field or by type"),
        ("{ ... { x } }", "either one field or by type"),
        ("{ ...F }", "spread"),
        ("{ x @skip(if: true) }", "directives"),
        ("{ n { a: x } }", "aliases"),
        ("{ y(z: $v) }", "variables"),
        ("{ ... on T { x } ... on T { x } }", "twice"),
        ("{ ... on T { x } ... on N { x } }", '"N" is never used'),
        ("{ ... on N { x } }", 'matches "T"'),
        ("{ nope }", "nope"),
        ("{ n }", "select fields"),
        ("{ y }", "needs a value"),
    ],
)
def test_anything_else_is_refused(selection: str, told: str) -> None:
    errors = compose_subgraphs(a=ONE.format(type="Int", selection=selection)).errors
    assert {(error.code, error.subgraphs) for error in errors} == {("CONTEXT_INVALID_SELECTION", ("a",))}
    assert any(told in error.message for error in errors)
    assert all(error.locations for error in errors)


@pytest.mark.parametrize(
    ("type_", "selection"),
    [
        ("String", "x"),
        ("[Int]", "x"),
        ("Int!", "x"),
        ("[Int!]", "l"),
        ("[Int]!", "l"),
        ("Int", "l"),
        ("[Int]", "n { ls }"),
    ],
)
def test_the_argument_is_of_the_values_type_and_may_be_null(type_: str, selection: str) -> None:
    (error,) = compose_subgraphs(a=ONE.format(type=type_, selection=selection)).errors
    assert error.code == "CONTEXT_INVALID_SELECTION"
    assert f'"{type_}"' in error.message


@pytest.mark.parametrize(
    ("sdl", "selection"),
    [
        (TWO, "{ y }"),
        (TWO, "{ ... on T { y } }"),
        (ABSTRACT, "{ y }"),
        (ABSTRACT, "{ ... on I { x } }"),
        (UNION, "{ x }"),
    ],
)
def test_each_type_that_sets_the_context_gives_a_value(sdl: str, selection: str) -> None:
    assert set(codes(a=sdl.format(type="Int", selection=selection))) == {"CONTEXT_INVALID_SELECTION"}


@pytest.mark.parametrize("selection", ["x", "o { x }"])
def test_an_interface_object_gives_no_value(selection: str) -> None:
    taker = TAKER.format(type="Int", selection=selection)
    sets, holds = ('@context(name: "c")', "") if selection == "x" else ("", '@context(name: "c")')
    sdl = (
        f"type Query {{ q: Q }} type Q {holds} {{ o: O }} {taker} "
        f'type O @interfaceObject @key(fields: "id") {sets} {{ id: ID x: Int u: U }}'
    )
    (error,) = compose_subgraphs(a=sdl).errors
    assert error.code == "CONTEXT_INVALID_SELECTION"
    assert '"O" is an @interfaceObject' in error.message
