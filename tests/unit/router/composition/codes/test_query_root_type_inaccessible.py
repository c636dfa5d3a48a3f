"""QUERY_ROOT_TYPE_INACCESSIBLE: there is something to ask for."""

from tests.unit.router.composition.composing import api, codes, compose_subgraphs


def test_the_query_root_cannot_be_hidden() -> None:
    (error,) = compose_subgraphs(
        a="type Query { a: Int }", b="extend type Query @inaccessible { b: Int }"
    ).errors
    assert (error.code, error.subgraphs) == ("QUERY_ROOT_TYPE_INACCESSIBLE", ("a", "b"))
    assert error.locations


def test_some_of_its_fields_can_be() -> None:
    assert codes(a="type Query { a: Int b: Int @inaccessible }") == []


def test_the_other_roots_can_be() -> None:
    sdl = "type Query { a: Int } type Mutation @inaccessible { m: Int } type Subscription @inaccessible { s: Int }"
    assert api(a=sdl) == "type Query {\n  a: Int\n}"
