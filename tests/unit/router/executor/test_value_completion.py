"""Every kind of value that a subgraph may send, at every kind of place: what the client gets, and what it is told."""

import pytest
from graphql import build_schema, get_operation_ast, parse

from router.executor.execute import ExecutionContext, Executor
from router.executor.interpret.typenames import read_typenames
from router.executor.options import ExecutorOptions
from router.kit.json import read_json, write_json
from router.operation.shape import build_shape
from router.query_plan.nodes import Fetch, OperationKind, QueryPlan
from tests.support.stub_subgraph import ScriptedSubgraphs

TYPES = ("Int", "Float", "String", "Boolean", "ID", "Kind", "Any")
SDL = "enum Kind { A B } scalar Any\n" + "".join(
    f"""
    type Of{name} {{
      field: {name} strict: {name}! items: [{name}] strictItems: [{name}!] below: Of{name}
      belows: [Of{name}!] grid: [[{name}!]]
    }}
    extend type Query {{
      of{name}: Of{name} root{name}: {name} rootStrict{name}: {name}!
    }}
    """
    for name in TYPES
)
SCHEMA, DOCUMENT = build_schema(f"type Query {{ x: Int }} {SDL}"), parse(f"type Query {{ x: Int }} {SDL}")

NULL = object()

# Type, what the subgraph sends, what the client gets.
VALUES = [
    ("Int", 0, 0),
    ("Int", -(2**31), -(2**31)),
    ("Int", 2**31 - 1, 2**31 - 1),
    ("Int", 7.0, 7),
    ("Int", 2**31, NULL),
    ("Int", -(2**31) - 1, NULL),
    ("Int", 0.5, NULL),
    ("Int", 1e300, NULL),
    ("Int", "1", NULL),
    ("Int", True, NULL),
    ("Float", 0.5, 0.5),
    ("Float", 3, 3),
    ("Float", 2**40, 2**40),
    ("Float", "0.5", NULL),
    ("Float", False, NULL),
    ("String", "", ""),
    ("String", "\u00e9\U0001f600", "\u00e9\U0001f600"),
    ("String", 1, NULL),
    ("String", True, NULL),
    ("Boolean", False, False),
    ("Boolean", 0, NULL),
    ("Boolean", "true", NULL),
    ("ID", "x", "x"),
    ("ID", 3, "3"),
    ("ID", -3, "-3"),
    ("ID", 3.0, "3"),
    ("ID", 2**63, str(2**63)),
    ("ID", 0.5, NULL),
    ("ID", 1e17, NULL),
    ("ID", True, NULL),
    ("Kind", "A", "A"),
    ("Kind", "a", NULL),
    # Known to the subgraph, and @inaccessible.
    ("Kind", "HIDDEN", NULL),
    ("Kind", 0, NULL),
    ("Any", {"a": [1, None, {"b": 0.5}]}, {"a": [1, None, {"b": 0.5}]}),
    ("Any", [1, "x"], [1, "x"]),
    ("Any", 2**40, 2**40),
    *((name, [1], NULL) for name in TYPES if name != "Any"),
    *((name, {"a": 1}, NULL) for name in TYPES if name != "Any"),
]


async def complete(query, data):
    """The response to `query` if the one subgraph answers `data`; the same of both ways to run the plan."""
    responses = []
    document = parse(query)
    for compile_after in (None, 0):
        subgraphs = ScriptedSubgraphs({"a": [{"data": data}]})
        options = ExecutorOptions(compile_after=compile_after)
        executor = Executor(read_typenames(DOCUMENT), subgraphs.transport, options)
        plan = QueryPlan(OperationKind.QUERY, Fetch("a", OperationKind.QUERY, query))
        shape = build_shape(SCHEMA, document, get_operation_ast(document), {})
        result = await executor.execute(plan, shape, ExecutionContext({}))
        assert result.errors == []
        responses.append(write_json([result.data, result.extensions.get("valueCompletion", [])]))
    assert responses[0] == responses[1]
    return read_json(responses[0])


@pytest.mark.parametrize(("name", "sent", "got"), VALUES)
async def test_a_leaf_is_coerced_or_null_wherever_it_stands(name, sent, got):
    type_, wrong = f"Of{name}", got is NULL
    value = None if wrong else got
    query = f"{{ root{name} of{name} {{ field items below {{ f: field }} belows {{ field }} }} }}"
    of = {"field": sent, "items": [sent, None], "below": {"f": sent}, "belows": [{"field": sent}]}
    data, told = await complete(query, {f"root{name}": sent, f"of{name}": of})

    assert data == {
        f"root{name}": value,
        f"of{name}": {
            "field": value,
            "items": [value, None],
            "below": {"f": value},
            "belows": [{"field": value}],
        },
    }
    at = f"of{name}"
    expected = [
        (f"field Query.root{name}", [f"root{name}"]),
        (f"field {type_}.field", [at, "field"]),
        (f"array element of type {name} at index 0", [at, "items", 0]),
        (f"field {type_}.f", [at, "below", "f"]),
        (f"field {type_}.field", [at, "belows", 0, "field"]),
    ]
    assert told == (
        [{"message": f"Invalid value found for {place}.", "path": path} for place, path in expected]
        if wrong
        else []
    )


@pytest.mark.parametrize(("name", "sent"), [(name, sent) for name, sent, got in VALUES if got is NULL])
async def test_a_wrong_leaf_in_a_non_null_place_takes_its_parent_along_and_is_told_once(name, sent):
    query = f"{{ of{name} {{ below {{ strict }} strictItems grid }} x }}"
    of = {"below": {"strict": sent}, "strictItems": [sent, sent], "grid": [[sent], None, []]}
    data, told = await complete(query, {f"of{name}": of, "x": 1})

    assert data == {f"of{name}": {"below": None, "strictItems": None, "grid": [None, None, []]}, "x": 1}
    at = f"of{name}"
    assert [entry["path"] for entry in told] == [
        [at, "below", "strict"],
        [at, "strictItems", 0],
        [at, "grid", 0, 0],
    ]
    root, told = await complete(f"{{ x rootStrict{name} }}", {f"rootStrict{name}": sent, "x": 1})
    assert root is None
    assert [entry["path"] for entry in told] == [[f"rootStrict{name}"]]


@pytest.mark.parametrize("name", TYPES)
async def test_a_null_or_missing_value_is_told_only_where_none_may_be(name):
    query = f"{{ of{name} {{ field items below {{ s: strict }} belows {{ strict }} strictItems }} }}"
    of = {"field": None, "below": {"s": None}, "belows": [{}], "strictItems": [None]}
    data, told = await complete(query, {f"of{name}": of})

    nulls = dict.fromkeys(("field", "items", "below", "belows", "strictItems"))
    assert data == {f"of{name}": nulls}
    at = f"of{name}"
    assert told == [
        {
            "message": f"Cannot return null for non-nullable field Of{name}.s.",
            "path": [at, "below", "s"],
        },
        {
            "message": f"Cannot return null for non-nullable field Of{name}.strict.",
            "path": [at, "belows", 0, "strict"],
        },
        {
            "message": f"Cannot return null for non-nullable array element of type {name} at index 0.",
            "path": [at, "strictItems", 0],
        },
    ]


@pytest.mark.parametrize("sent", ["x", 1, True, {"0": 1}])
async def test_what_is_no_list_is_null_where_one_should_be(sent):
    data, told = await complete("{ ofInt { items grid } }", {"ofInt": {"items": sent, "grid": [sent]}})

    assert data == {"ofInt": {"items": None, "grid": [None]}}
    assert told == [
        {"message": "Invalid non-list value found for field OfInt.items.", "path": ["ofInt", "items"]},
        {
            "message": "Invalid non-list value found for array element of type [Int!] at index 0.",
            "path": ["ofInt", "grid", 0],
        },
    ]


@pytest.mark.parametrize("sent", ["x", 1, True, [{"field": 1}]])
async def test_what_is_no_object_is_null_where_one_should_be(sent):
    data, told = await complete(
        "{ ofInt { below { field } } more: ofInt { belows { field } } }",
        {"ofInt": {"below": sent}, "more": {"belows": [sent]}},
    )

    assert data == {"ofInt": {"below": None}, "more": {"belows": None}}
    assert [entry["path"] for entry in told] == [["ofInt", "below"], ["more", "belows", 0]]


@pytest.mark.parametrize(
    ("typename", "is_known"), [("OfInt", True), ("OfID", True), ("", True), (None, True), ("Nobody", False)]
)
async def test_an_object_of_a_type_that_there_is_not_is_null(typename, is_known):
    query = "{ ofInt { __typename field } }"
    data, told = await complete(query, {"ofInt": {"__typename": typename, "field": 1}})

    assert data == {"ofInt": {"__typename": "OfInt", "field": 1} if is_known else None}
    message = "Invalid __typename found for object at field Query.ofInt."
    assert told == ([] if is_known else [{"message": message, "path": ["ofInt"]}])
