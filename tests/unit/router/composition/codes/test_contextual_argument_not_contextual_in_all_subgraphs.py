"""CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS: nobody can give what the router takes from a context."""

import pytest

from tests.unit.router.composition.composing import api, compose_subgraphs, hints

CODE = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
A = (
    'type Query { t: T } type T @context(name: "c") { x: Int u: U } '
    'type U @key(fields: "id") { id: ID f(a: Int @fromContext(field: "$c x")): Int @shareable }'
)
B = 'type U @key(fields: "id") {{ id: ID f{}: Int @shareable }}'


@pytest.mark.parametrize("arguments", ["(a: Int!)", "(a: String!)"])
def test_where_it_is_required_nobody_gives_it(arguments: str) -> None:
    (error,) = compose_subgraphs(a=A, b=B.format(arguments)).errors
    assert (error.code, error.subgraphs) == (CODE, ("b",))
    assert "U.f(a:)" in error.message
    assert error.locations


@pytest.mark.parametrize("arguments", ["(a: Int)", "(a: String)", "(a: Int! = 1)"])
def test_where_it_is_optional_it_is_left_out(arguments: str) -> None:
    assert hints(a=A, b=B.format(arguments)) == [CODE]
    assert "f: Int" in api(a=A, b=B.format(arguments))


def test_where_it_is_not_there_or_contextual_too_all_is_well() -> None:
    assert hints(a=A, b=B.format("")) == []
    second = 'type S @context(name: "d") { y: Int u: U } ' + B.format('(a: Int @fromContext(field: "$d y"))')
    assert hints(a=A, b="type Query { s: S } " + second) == []
