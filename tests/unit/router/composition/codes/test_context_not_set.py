"""CONTEXT_NOT_SET: a contextual argument is set by a type of the subgraph, and by nothing else."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

SETTER = 'type Query { t: T } type T @context(name: "c") { x: Int u: U } '
TAKER = 'type U @key(fields: "id") { id: ID f(a: Int @fromContext(field: "$c x")): Int } '


def test_an_argument_of_a_field_takes_from_a_context_of_its_subgraph() -> None:
    assert codes(a=SETTER + TAKER) == []


@pytest.mark.parametrize(
    ("sdl", "told"),
    [
        (SETTER + TAKER.replace("$c", "$d"), "never set"),
        (SETTER + TAKER.replace("Int @", "Int = 1 @"), "default"),
        (SETTER + TAKER.replace("U @", "U implements I @") + "interface I { f: Int }", '"I.f"'),
        (
            SETTER + 'interface I { f(a: Int @fromContext(field: "$c")): Int } '
            'type U implements I @key(fields: "id") { id: ID f(a: Int): Int }',
            "of an interface's field",
        ),
        (SETTER + TAKER + 'directive @d(a: Int @fromContext(field: "$c x")) on FIELD', "of a directive"),
    ],
)
def test_nothing_else_may_give_the_argument(sdl: str, told: str) -> None:
    (error,) = compose_subgraphs(a=sdl).errors
    assert (error.code, error.subgraphs) == ("CONTEXT_NOT_SET", ("a",))
    assert told in error.message
    assert error.locations


def test_contexts_of_other_subgraphs_do_not_count() -> None:
    (error,) = compose_subgraphs(
        a=SETTER + 'type U @key(fields: "id") { id: ID }', b="type Query { q: Int } " + TAKER
    ).errors
    assert (error.code, error.subgraphs) == ("CONTEXT_NOT_SET", ("b",))


def test_an_interface_may_have_other_fields() -> None:
    assert codes(a=SETTER + TAKER.replace("U @", "U implements I @") + "interface I { id: ID }") == []
