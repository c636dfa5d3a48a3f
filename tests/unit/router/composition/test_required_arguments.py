"""Arguments given in a `@requires` are taken by whoever resolves the field."""

import pytest

from tests.unit.router.composition.composing import codes, compose_subgraphs

CODE = "REQUIRES_INVALID_FIELDS"
OWNER = (
    'type Query {{ t{}: T @shareable }} type T @key(fields: "id") {{ id: ID! g{}: Int @shareable }} '
    "enum E {{ {} }} input N {{ {} }}"
)
ASKER = (
    'type T @key(fields: "id") {{ id: ID! g{}: Int @external r: Int @requires(fields: "{}") }} '
    "enum E {{ A B }} input N {{ a: Int b: Int }}"
)


def _owner(arguments: str, values: str = "A B", fields: str = "a: Int b: Int") -> str:
    return OWNER.format("", arguments, values, fields)


@pytest.mark.parametrize(
    ("arguments", "asked", "selection"),
    [
        ("(x: Int)", "(x: Int)", "g(x: 1)"),
        ("(x: Int)", "(x: Int)", "g"),
        ("(x: Int!)", "(x: Int)", "g(x: 1)"),
        ("(x: Int! = 1)", "(x: Int! = 1)", "g"),
    ],
)
def test_what_all_resolvers_take_may_be_given(arguments: str, asked: str, selection: str) -> None:
    assert codes(a=_owner(arguments), b=ASKER.format(asked, selection)) == []


@pytest.mark.parametrize(
    ("resolver", "asked", "selection", "told"),
    [
        (_owner(""), "(x: Int)", "g(x: 1)", 'no argument "x"'),
        (_owner("(x: Int!)"), "(x: Int)", "g", 'its argument "x"'),
        (_owner("(x: Int!)"), "(x: Int)", "g(x: null)", "cannot be null"),
        (_owner("(x: E)", values="A"), "(x: E)", "g(x: B)", "cannot be B"),
        (_owner("(x: N)", fields="a: Int"), "(x: N)", "g(x: {b: 1})", "cannot be"),
    ],
)
def test_what_a_resolver_does_not_take_is_refused(
    resolver: str, asked: str, selection: str, told: str
) -> None:
    (error,) = compose_subgraphs(a=resolver, b=ASKER.format(asked, selection)).errors
    assert (error.code, error.subgraphs) == (CODE, ("b", "a"))
    assert told in error.message
    assert [location.subgraph for location in error.locations] == ["b", "a"]


def test_an_argument_dropped_for_one_of_several_resolvers_is_refused() -> None:
    (error,) = compose_subgraphs(
        a=_owner("(x: Int)"), b=ASKER.format("(x: Int)", "g(x: 1)"), c=_owner("")
    ).errors
    assert (error.code, error.subgraphs) == (CODE, ("b", "c"))
    assert codes(a=_owner("(x: Int)"), b=ASKER.format("(x: Int)", "g"), c=_owner("")) == []


def test_an_argument_from_a_context_cannot_be_given() -> None:
    owner = """
        type Query { t: T } type T @context(name: "c") { y: Int u: U }
        type U @key(fields: "id") { id: ID g(x: Int @fromContext(field: "$c y")): Int }
    """
    asker = 'type U @key(fields: "id") {{ id: ID g(x: Int): Int @external r: Int @requires(fields: "{}") }}'
    assert codes(a=owner, b=asker.format("g(x: 1)")) == [CODE]
    assert codes(a=owner, b=asker.format("g")) == ["SATISFIABILITY_ERROR"]


def test_a_requirement_within_another_field_counts() -> None:
    owner = 'type Query { t: T } type T @key(fields: "id") { id: ID! o: O } type O { h(x: Int!): Int }'
    asker = """
        type T @key(fields: "id") { id: ID! o: O @external r: Int @requires(fields: "o { h }") }
        type O @external { h(x: Int): Int }
    """
    assert codes(a=owner, b=asker) == [CODE]
    assert codes(a=owner, b=asker.replace("{ h }", "{ h(x: 1) }")) == []
