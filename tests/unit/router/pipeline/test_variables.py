"""Plain variables read the short way are those that the general rules give."""

import pytest
from graphql import OperationDefinitionNode, build_schema, get_variable_values, parse
from graphql.execution.values import VariableValues

from router.pipeline.variables import VariableReader

SCHEMA = build_schema(
    "type Query { a(s: String, i: ID, b: Boolean, n: Int, f: Float): Int } input In { a: Int }"
)
TYPES = ["String", "ID", "Boolean", "Int", "Float", "In", "[Int]", "[String!]!"]
VALUES = [
    None,
    "",
    "x",
    0,
    -1,
    2**31 - 1,
    2**31,
    -(2**31),
    -(2**31) - 1,
    1.0,
    1.5,
    True,
    False,
    [],
    [1],
    {},
    {"a": 1},
]
ABSENT = object()


def read(declared: str, value: object) -> tuple[object, object]:
    """What the short way gives and what the general rules give."""
    (node,) = parse(f"query ({declared}) {{ a }}").definitions
    assert isinstance(node, OperationDefinitionNode)
    definitions = node.variable_definitions or ()
    sent = {} if value is ABSENT else {"v": value, "undeclared": 1}
    general = get_variable_values(SCHEMA, definitions, sent)
    return VariableReader(definitions).read_plain(sent), general


@pytest.mark.parametrize("default", ["", " = null"])
@pytest.mark.parametrize("suffix", ["", "!"])
@pytest.mark.parametrize("type_", TYPES)
def test_what_is_read_is_what_the_general_rules_give(type_, suffix, default):
    if (default or suffix) and ((default and suffix) or type_.endswith("!")):
        return
    for value in [*VALUES, ABSENT]:
        plain, general = read(f"$v: {type_}{suffix}{default}", value)
        if plain is not None:
            assert isinstance(general, VariableValues), value
            assert plain == general.coerced, value


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("String", "x"),
        ("String!", "x"),
        ("ID", "1"),
        ("Boolean!", True),
        ("Int", 7),
        ("Int", None),
        ("ID", ABSENT),
    ],
)
def test_plain_values_are_read_the_short_way(type_, value):
    plain, _ = read(f"$v: {type_}", value)
    assert plain == ({} if value is ABSENT else {"v": value})
