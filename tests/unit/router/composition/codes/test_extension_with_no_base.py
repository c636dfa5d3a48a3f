"""EXTENSION_WITH_NO_BASE: a type that is extended is defined somewhere."""

import pytest

from router.composition import CompositionError, SubgraphSource, compose
from tests.unit.router.composition.composing import LINK, compose_federation_1, compose_subgraphs

QUERY = "type Query { x: Int }"


def summary(errors: tuple[CompositionError, ...]) -> list[tuple[str, tuple[str, ...]]]:
    assert all(error.locations for error in errors)
    return [(error.code, error.subgraphs) for error in errors]


@pytest.mark.parametrize(
    "sdl",
    [
        "extend type T { x: Int }",
        'extend type T @key(fields: "x") { x: Int }',
        "extend interface T { x: Int }",
        "extend union T = Query",
        "extend enum T { A }",
        "extend input T { x: Int }",
    ],
)
def test_what_nobody_defines_cannot_be_extended(sdl: str) -> None:
    assert summary(compose_subgraphs(a=QUERY, b=sdl).errors) == [("EXTENSION_WITH_NO_BASE", ("b",))]
    assert summary(compose_federation_1(a=QUERY, b=sdl).errors) == [("EXTENSION_WITH_NO_BASE", ("b",))]


def test_it_is_told_of_each_subgraph() -> None:
    errors = compose_subgraphs(a=QUERY, b="extend type T { x: Int }", c="extend type T { y: Int }").errors
    assert summary(errors) == [("EXTENSION_WITH_NO_BASE", ("b",)), ("EXTENSION_WITH_NO_BASE", ("c",))]


def test_a_definition_anywhere_is_enough() -> None:
    assert compose_subgraphs(a=QUERY + " type T { y: Int }", b="extend type T { x: Int }").errors == ()
    assert compose_federation_1(a=QUERY + " type T { y: Int }", b="extend type T { x: Int }").errors == ()


def test_the_root_types_need_none() -> None:
    assert (
        compose_subgraphs(a="extend type Query { x: Int }", b="extend type Mutation { x: Int }").errors == ()
    )
    assert (
        compose_federation_1(a="extend type Query { x: Int }", b="extend type Mutation { x: Int }").errors
        == ()
    )


def test_extending_by_directive_is_extending_in_federation_1_only() -> None:
    sdl = 'type T @extends @key(fields: "x") { x: Int }'
    assert compose_subgraphs(a=QUERY, b=sdl).errors == ()
    assert summary(compose_federation_1(a=QUERY, b=sdl).errors) == [("EXTENSION_WITH_NO_BASE", ("b",))]


def test_what_another_subgraph_extends_by_directive_has_a_definition() -> None:
    sdl = 'type T @extends @key(fields: "x") { x: Int @external }'
    sources = [
        SubgraphSource("a", "", LINK + QUERY),
        SubgraphSource("b", "", sdl),
        SubgraphSource("c", "", sdl),
    ]
    assert compose(sources).errors == ()


def test_no_other_fault_of_that_subgraph_is_told() -> None:
    wrong = ' type U @key(fields: "missing") { x: Int }'
    sdl = "extend type T { x: Int }"
    assert summary(compose_federation_1(a=QUERY + wrong, b=sdl).errors) == [
        ("EXTENSION_WITH_NO_BASE", ("b",)),
        ("KEY_INVALID_FIELDS", ("a",)),
    ]
    assert summary(compose_federation_1(a=QUERY, b=sdl + wrong).errors) == [
        ("EXTENSION_WITH_NO_BASE", ("b",))
    ]
