"""Whatever subgraphs answer, the client gets a response that its schema promises."""

from graphql import build_schema, get_operation_ast, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.executor.execute import ExecutionContext, Executor
from router.executor.interpret.typenames import read_typenames
from router.kit.json import write_json
from router.operation.shape import build_shape
from router.query_plan.nodes import (
    EntitySelection,
    Fetch,
    KeyRenamer,
    OperationKind,
    Parallel,
    QueryPlan,
    RequiredField,
    RequiredFragment,
    Sequence,
    TypeFilter,
)
from tests.support.stub_subgraph import ScriptedSubgraphs

SDL = """
type Query { items: [Item!] one: Thing }
interface Item { id: ID! name: String }
type Thing implements Item { id: ID! name: String count: Int! twin: Item }
type Other implements Item { id: ID! name: String kind: Kind }
enum Kind { A }
"""
SCHEMA, DOCUMENT = build_schema(SDL), parse(SDL)
QUERY = parse(
    "{ items { id t: __typename ... on Thing { count twin { name } } ... on Other { kind } } one { name count } }"
)
KEY = (
    RequiredFragment(
        "Item",
        (
            RequiredField("__typename", "__typename"),
            RequiredField("id", "id"),
            RequiredField("twin", "twin", (RequiredFragment("Thing", (RequiredField("name", "name"),)),)),
        ),
    ),
    RequiredFragment("Thing", (RequiredField("__typename", "__typename"), RequiredField("id", "id"))),
)
PLAN = Sequence(
    (
        Parallel((Fetch("a", OperationKind.QUERY, "{ a }"), Fetch("b", OperationKind.QUERY, "{ b }"))),
        Fetch(
            "c",
            OperationKind.QUERY,
            "{ c }",
            entities=(
                EntitySelection("_e0", "r0", (("items", "@", TypeFilter(("Thing",))), ("one",)), KEY),
                EntitySelection(
                    "_e1",
                    "r1",
                    (("items", "@", "twin"),),
                    KEY,
                    (),
                    (KeyRenamer(("... on Thing", "x"), "name"),),
                ),
            ),
        ),
    )
)

KEYS = st.sampled_from(
    ["items", "one", "id", "name", "count", "twin", "kind", "x", "__typename", "_e0", "_e1"]
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["Thing", "Other", "Item", "Query", "A", "", "x"]),
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=25,
)
OBJECT = st.fixed_dictionaries(
    {"__typename": st.sampled_from(["Thing", "Other", "Item"]), "id": LEAVES},
    optional={"count": LEAVES, "twin": JSON, "name": LEAVES},
)
DATA = st.one_of(
    JSON, st.fixed_dictionaries({"items": st.lists(OBJECT, max_size=4), "one": st.one_of(JSON, OBJECT)})
)
ERRORS = st.lists(
    st.fixed_dictionaries({"message": st.text(max_size=3)}, optional={"path": JSON, "extensions": JSON}),
    max_size=2,
)
ANSWER = st.one_of(JSON, st.fixed_dictionaries({"data": DATA}, optional={"errors": ERRORS}))


def check_item(item):
    assert list(item)[:2] == ["id", "t"]
    assert isinstance(item["id"], str)
    assert item["t"] in {"Thing", "Other"}
    if item["t"] == "Thing":
        assert list(item) == ["id", "t", "count", "twin"]
        assert isinstance(item["count"], int)
        assert item["twin"] is None or list(item["twin"]) == ["name"]
    else:
        assert list(item) == ["id", "t", "kind"]
        assert item["kind"] in {None, "A"}


@given(ANSWER, ANSWER, ANSWER)
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
async def test_the_response_keeps_the_schemas_promises_whatever_comes(a, b, c):
    shape = build_shape(SCHEMA, QUERY, get_operation_ast(QUERY), {})
    subgraphs = ScriptedSubgraphs({"a": [a], "b": [b], "c": [c]})
    executor = Executor(read_typenames(DOCUMENT), subgraphs.transport)
    result = await executor.execute(QueryPlan(OperationKind.QUERY, PLAN), shape, ExecutionContext({}))
    assert result.data is not None
    assert list(result.data) == ["items", "one"]
    for item in result.data["items"] or ():
        check_item(item)
    if result.data["one"] is not None:
        assert list(result.data["one"]) == ["name", "count"]
        assert isinstance(result.data["one"]["count"], int)
    write_json([error.write() for error in result.errors])
