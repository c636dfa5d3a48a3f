"""Compiled runs: what they need the interpreter for, and that nothing is asked for twice then."""

import pytest
from graphql import build_schema, get_operation_ast, parse

from router.executor.compiled.compile import compile_plan
from router.executor.compiled.places import UncompilableError
from router.executor.content_types import JSON_TYPES
from router.executor.execute import ExecutionContext, Executor
from router.executor.interpret.typenames import read_typenames
from router.executor.options import ErrorExposure, ErrorExposureOptions, ExecutorOptions
from router.executor.transport import SubgraphAnswer, TransportError
from router.kit.json import RawJson, read_json, write_json
from router.operation.shape import build_shape
from router.query_plan.nodes import (
    EACH,
    Condition,
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
type Query { products: [Product] product: Product media: [Media] count: Int size: Float json: JSON kind: Kind }
type Mutation { add(n: Int): Int }
type Product { id: ID! name: String price: Int stock: Int! twin: Product }
interface Media { id: ID! title: String maker: Product }
type Book implements Media { id: ID! title: String maker: Product pages: Int }
type Film implements Media { id: ID! title: String maker: Product minutes: Int }
enum Kind { APP GAME }
scalar JSON
"""
OPTIONS = ExecutorOptions(
    error_exposure=ErrorExposureOptions(all=ErrorExposure(is_included=True)), compile_after=0
)
KEY = (RequiredFragment("Product", tuple(RequiredField(n, n) for n in ("__typename", "id"))),)


def root(subgraph, operation, kind=OperationKind.QUERY, **more):
    return Fetch(subgraph, kind, operation, **more)


def entities(subgraph, selections, *path):
    text = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Product {selections} }} }}"
    selection = EntitySelection("_entities", "r", (path,), KEY)
    return Fetch(subgraph, OperationKind.QUERY, text, entities=(selection,))


async def run(query, node, answers, *, options=OPTIONS, **variables):
    subgraphs = ScriptedSubgraphs(answers)
    document = parse(query)
    shape = build_shape(build_schema(SDL), document, get_operation_ast(document), variables)
    executor = Executor(read_typenames(parse(SDL)), subgraphs.transport, options)
    plan = QueryPlan(OperationKind.QUERY, node)
    return await executor.execute(plan, shape, ExecutionContext(variables)), subgraphs


PRODUCTS = root("a", "{ products { __typename id } }")
NAMES = Sequence((PRODUCTS, entities("b", "{ name }", "products", "@")))


def products(*ids):
    return {"data": {"products": [{"__typename": "Product", "id": each} for each in ids]}}


async def test_a_healthy_answer_is_json_text_with_the_clients_keys_only():
    answers = {
        "a": [products("1", "2", "1")],
        "b": [{"data": {"_entities": [{"name": "A"}, {"name": None}]}}],
    }
    result, subgraphs = await run("{ products { name } }", NAMES, answers)
    assert isinstance(result.data, RawJson)
    assert write_json(result.data) == b'{"products":[{"name":"A"},{"name":null},{"name":"A"}]}'
    sent = subgraphs.requests_to("b")[0]["variables"]["r"]
    assert sent == [{"__typename": "Product", "id": "1"}, {"__typename": "Product", "id": "2"}]


async def test_a_null_entity_leaves_nulls_and_needs_no_interpreter():
    answers = {"a": [products("1", "2")], "b": [{"data": {"_entities": [None, {"name": "B"}]}}]}
    result, _ = await run("{ products { name } }", NAMES, answers)
    assert isinstance(result.data, RawJson)
    assert write_json(result.data) == b'{"products":[{"name":null},{"name":"B"}]}'


async def test_objects_of_an_interface_have_their_own_keys_and_the_typename_where_the_client_put_it():
    node = root("a", "{ media { __typename id ... on Book { pages } ... on Film { minutes } } }")
    rows = [
        {"__typename": "Film", "id": "1", "minutes": 9},
        None,
        {"__typename": "Book", "id": "2", "pages": None},
    ]
    query = "{ media { ... on Book { pages } id t: __typename ... on Film { minutes } } }"
    node = root(
        "a", "{ media { __typename ... on Book { pages } id t: __typename ... on Film { minutes } } }"
    )
    rows = [row and row | {"t": row["__typename"]} for row in rows]
    result, _ = await run(query, node, {"a": [{"data": {"media": rows}}]})
    assert isinstance(result.data, RawJson)
    assert write_json(result.data) == (
        b'{"media":[{"id":"1","t":"Film","minutes":9},null,{"pages":null,"id":"2","t":"Book"}]}'
    )


INTERPRETED = ExecutorOptions(compile_after=None, error_exposure=OPTIONS.error_exposure)


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"_entities": [{"name": 5}]}},
        {"data": {"_entities": []}},
        {"data": {"_entities": [{"name": "A", "price": 1}]}},
        {"data": {"_entities": [{}]}},
        {"data": {"_entities": None}},
        {"data": {"_entities": None}, "errors": []},
        {"data": None},
        {"data": None, "errors": []},
        SubgraphAnswer(200, b"{"),
        SubgraphAnswer(200, b'{"data":{"_entities":[{"name":"\xff"}]}}'),
        SubgraphAnswer(500, b'{"data":{"_entities":[{"name":"A"}]}}'),
    ],
    ids=repr,
)
async def test_an_unusual_answer_is_interpreted_and_not_asked_for_again(answer):
    answers = {"a": [products("1")], "b": [answer]}
    result, subgraphs = await run("{ products { name } }", NAMES, answers)
    expected, _ = await run("{ products { name } }", NAMES, answers, options=INTERPRETED)
    assert result == expected
    assert isinstance(result.data, dict)
    assert [name for name, _ in subgraphs.requests] == ["a", "b"]


ERROR = {"message": "no", "path": ["_entities", 0, "name"], "extensions": {"size": 1e20, "code": None}}


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"_entities": [{"name": "A"}]}, "errors": [ERROR, {"message": "?"}]},
        {"data": {"_entities": [{"name": None}]}, "errors": [ERROR, ERROR | {"path": ["_entities", 1]}]},
        {"data": {"_entities": [{"name": "A"}]}, "errors": [{"message": 5}]},
        SubgraphAnswer(200, b'{"data":{"_entities":[{"name":"A"}]},"errors":[{"message":"\xff"}]}'),
        {"data": {"_entities": [{"name": "A"}]}, "errors": None},
        {"data": {"_entities": [{"name": "A"}]}, "errors": []},
        {"data": {"_entities": [None]}, "errors": [ERROR]},
        {"data": {"_entities": None}, "errors": [ERROR]},
        {"data": {}, "errors": [ERROR]},
        {"data": None, "errors": [ERROR]},
        {"errors": [ERROR | {"path": "x"}]},
        TransportError("reset"),
        SubgraphAnswer(503, b"<h1>busy</h1>", {"content-type": "text/html"}),
        SubgraphAnswer(500, b'{"errors":[{"message":"no"}]}'),
        SubgraphAnswer(400, b'{"errors":[{"message":"no"}]}', {"content-type": JSON_TYPES[1]}),
        SubgraphAnswer(200, b'{"data":{"_entities":[{"name":"A"}]}}', {"content-type": "text/html"}),
    ],
    ids=repr,
)
async def test_what_failed_is_told_without_the_interpreter(answer):
    answers = {"a": [products("1", "1")], "b": [answer]}
    result, _ = await run("{ products { name } }", NAMES, answers)
    expected, _ = await run("{ products { name } }", NAMES, answers, options=INTERPRETED)
    assert isinstance(result.data, RawJson)
    assert write_json(result.data) == write_json(expected.data)
    assert result.errors == expected.errors
    assert result.extensions == expected.extensions


@pytest.mark.parametrize("options", [OPTIONS, INTERPRETED], ids=["compiled", "interpreted"])
@pytest.mark.parametrize("filters", [((), ("Book",)), (("Film",), ("Book",))], ids=repr)
async def test_an_error_is_told_once_for_each_place_whatever_types_the_paths_are_of(options, filters):
    paths = tuple(("media", EACH, *([TypeFilter(each)] if each else []), "maker") for each in filters)
    selection = EntitySelection("_entities", "r", paths, KEY)
    text = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { name } } }"
    node = Sequence(
        (
            root("a", "{ media { __typename maker { __typename id } } }"),
            Fetch("b", OperationKind.QUERY, text, entities=(selection,)),
        )
    )
    maker = {"__typename": "Product", "id": "1"}
    rows = [{"__typename": each, "maker": maker} for each in ("Book", "Film", "Book")]
    answers = {
        "a": [{"data": {"media": rows}}],
        "b": [{"data": {"_entities": [None]}, "errors": [{"message": "no", "path": ["_entities", 0]}]}],
    }
    result, _ = await run("{ media { maker { name } } }", node, answers, options=options)
    assert [error.path for error in result.errors] == [("media", i, "maker") for i in range(3)]


async def test_the_errors_of_one_that_needs_the_interpreter_in_the_end_are_told_once():
    node = Sequence((NAMES, entities("c", "{ price }", "products", "@")))
    answers = {
        "a": [products("1")],
        "b": [{"data": {"_entities": [None]}, "errors": [ERROR]}],
        "c": [{"data": {"_entities": [{"price": "high"}]}}],
    }
    result, subgraphs = await run("{ products { name price } }", node, answers)
    assert result.data == {"products": [{"name": None, "price": None}]}
    assert [error.path for error in result.errors] == [("products", 0, "name")]
    assert [name for name, _ in subgraphs.requests] == ["a", "b", "c"]


async def test_a_null_that_reaches_the_root_needs_no_interpreter():
    sdl = SDL.replace("products: [Product]", "products: [Product!]!")
    document = parse("{ products { stock } }")
    shape = build_shape(build_schema(sdl), document, get_operation_ast(document), {})
    node = Sequence((PRODUCTS, entities("b", "{ stock }", "products", "@")))
    answers = {"a": [products("1")], "b": [{"data": {"_entities": [None]}}]}
    subgraphs = ScriptedSubgraphs(answers)
    executor = Executor(read_typenames(parse(sdl)), subgraphs.transport, OPTIONS)
    plan = QueryPlan(OperationKind.QUERY, node)
    result = await executor.execute(plan, shape, ExecutionContext({}))
    assert result.data is None
    assert result.extensions["valueCompletion"] == [
        {
            "message": "Cannot return null for non-nullable field Product.stock.",
            "path": ["products", 0, "stock"],
        }
    ]
    # Nothing speaks against compiling it the next time.
    cached = executor._programs.find(plan, shape)
    assert cached is not None
    assert cached.doubt == 0


async def test_a_mutation_whose_answer_is_unusual_runs_once():
    node = Sequence(
        (
            root("a", "mutation { x: add }", OperationKind.MUTATION),
            root("a", "mutation { y: add }", OperationKind.MUTATION),
            root("a", "mutation { z: add }", OperationKind.MUTATION),
        )
    )
    answers = {"a": [{"data": {"x": 1}}, {"data": {"y": "two"}}, {"data": {"z": 3}}]}
    result, subgraphs = await run("mutation { x: add y: add z: add }", node, answers)
    assert result.data == {"x": 1, "y": None, "z": 3}
    assert result.extensions["valueCompletion"][0]["path"] == ["y"]
    assert [body["query"] for body in subgraphs.requests_to("a")] == [each.operation for each in node.nodes]


async def test_what_runs_at_the_same_time_ends_before_the_interpreter_takes_over():
    node = Parallel(
        (root("a", "{ count }"), Sequence((PRODUCTS, entities("b", "{ name }", "products", "@"))))
    )
    answers = {
        "a": [{"data": {"count": "wrong"}}, products("1")],
        "b": [{"data": {"_entities": [{"name": "A"}]}}],
    }
    result, subgraphs = await run("{ count products { name } }", node, answers)
    assert result.data == {"count": None, "products": [{"name": "A"}]}
    assert sorted(name for name, _ in subgraphs.requests) == ["a", "a", "b"]


async def test_a_value_of_two_subgraphs_is_merged_item_by_item():
    node = Parallel((root("a", "{ products { name } }"), root("b", "{ products { price } }")))
    a = {"data": {"products": [{"name": "A"}, None]}}
    b = {"data": {"products": [{"price": 1}, {"price": 2}, None]}}
    result, _ = await run("{ products { price name } }", node, {"a": [a], "b": [b]})
    assert isinstance(result.data, RawJson)
    assert read_json(write_json(result.data)) == {
        "products": [{"price": 1, "name": "A"}, {"price": 2, "name": None}, None]
    }


async def test_objects_that_one_subgraph_brings_after_entities_were_asked_for_lack_what_those_bring():
    node = Parallel((NAMES, root("c", "{ products { price } }")))
    answers = {
        "a": [products("1")],
        "b": [{"data": {"_entities": [{"name": "A"}]}}],
        "c": [{"data": {"products": [{"price": 1}, {"price": 2}]}}],
    }
    result, _ = await run("{ products { name price } }", node, answers)
    assert isinstance(result.data, RawJson)
    assert read_json(write_json(result.data)) == {
        "products": [{"name": "A", "price": 1}, {"name": None, "price": 2}]
    }


async def test_conditions_are_those_of_the_shape():
    node = Condition("c", if_node=root("a", "{ count }"), else_node=root("b", "{ size }"))
    query = "query ($c: Boolean!) { count @include(if: $c) size @skip(if: $c) }"
    answers = {"a": [{"data": {"count": 1}}], "b": [{"data": {"size": 2}}]}
    yes, _ = await run(query, node, answers, c=True)
    no, _ = await run(query, node, answers, c=False)
    assert (write_json(yes.data), write_json(no.data)) == (b'{"count":1}', b'{"size":2}')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", b"1"),
        ("1.50", b"1.5"),
        ("-0.0", b"-0.0"),
        ("1e15", b"1000000000000000.0"),
        ("1e20", b"1e+20"),
        ("100000000000000000000", b"1e+20"),
        ("9" * 5000, None),
    ],
)
async def test_numbers_are_written_as_the_interpreter_writes_them(text, expected):
    answer = SubgraphAnswer(200, b'{"data":{"size":%s,"json":%s}}' % (text.encode(), text.encode()))
    result, _ = await run("{ size json }", root("a", "{ size json }"), {"a": [answer]})
    written = write_json(result.data)
    assert written == (
        b'{"size":null,"json":null}' if expected is None else b'{"size":%s,"json":%s}' % (expected, expected)
    )


async def test_a_long_path_is_walked():
    depth = 30
    twins = "twin { " * depth
    text = f"{{ product {{ {twins} __typename id {'}' * depth} }} }}"
    inner = {"__typename": "Product", "id": "7"}
    for _ in range(depth):
        inner = {"twin": inner}
    node = Sequence((root("a", text), entities("b", "{ name }", "product", *["twin"] * depth)))
    query = f"{{ product {{ {twins} name {'}' * depth} }} }}"
    answers = {"a": [{"data": {"product": inner}}], "b": [{"data": {"_entities": [{"name": "deep"}]}}]}
    result, _ = await run(query, node, answers)
    assert isinstance(result.data, RawJson)
    assert b'{"name":"deep"}' in write_json(result.data)


@pytest.mark.parametrize(
    ("query", "node"),
    [
        ("{ __schema { queryType { name } } count }", root("a", "{ count }")),
        ("{ count }", root("a", "{ c: count }", output_rewrites=(KeyRenamer(("c",), "count"),))),
        ("{ media { __typename: title } }", root("a", "{ media { __typename: title } }")),
        ("{ count }", Parallel((PRODUCTS, PRODUCTS))),
        ("{ media { id } }", root("a", "{ media { id ... on Book { pages } } }")),
    ],
)
async def test_what_only_the_interpreter_can_do_is_not_compiled(query, node):
    document = parse(query)
    shape = build_shape(build_schema(SDL), document, get_operation_ast(document), {})
    with pytest.raises(UncompilableError):
        compile_plan(QueryPlan(OperationKind.QUERY, node), shape, read_typenames(parse(SDL)))


async def test_what_the_caller_may_not_see_is_null_although_a_key_needs_it():
    document, permitted = parse("{ products { id name } }"), parse("{ products { name } }")
    schema = build_schema(SDL.replace("type Product { id: ID!", "type Product { id: ID"))
    allowed = build_shape(schema, permitted, get_operation_ast(permitted), {})
    shape = build_shape(schema, document, get_operation_ast(document), {}, allowed)
    answers = {"a": [products("1")], "b": [{"data": {"_entities": [{"name": "A"}]}}]}
    executor = Executor(read_typenames(parse(SDL)), ScriptedSubgraphs(answers).transport, OPTIONS)
    result = await executor.execute(QueryPlan(OperationKind.QUERY, NAMES), shape, ExecutionContext({}))
    assert isinstance(result.data, RawJson)
    assert write_json(result.data) == b'{"products":[{"id":null,"name":"A"}]}'


async def test_a_union_of_very_many_types_is_not_compiled():
    names = [f"T{i}" for i in range(300)]
    types = " ".join(f"type {name} {{ id: ID }}" for name in names)
    schema = build_schema(f"type Query {{ all: [U] }} union U = {' | '.join(names)} {types}")
    fragments = " ".join(f"... on {name} {{ id }}" for name in names)
    document = parse(f"{{ all {{ {fragments} }} }}")
    shape = build_shape(schema, document, get_operation_ast(document), {})
    plan = QueryPlan(OperationKind.QUERY, root("a", f"{{ all {{ __typename {fragments} }} }}"))
    with pytest.raises(UncompilableError, match="too many"):
        compile_plan(plan, shape, read_typenames(parse(SDL)))


async def test_a_list_that_two_subgraphs_bring_is_each_objects_own():
    sdl = SDL.replace("type Product {", "type Product { tags: [String]")
    document = parse("{ products { name tags } }")
    shape = build_shape(build_schema(sdl), document, get_operation_ast(document), {})
    by_name = (RequiredFragment("Product", tuple(RequiredField(n, n) for n in ("__typename", "name"))),)
    text = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { tags } } }"
    more = EntitySelection("_entities", "r", (("products", "@"),), by_name)
    node = Sequence(
        (
            root("a", "{ products { __typename id name } }"),
            entities("b", "{ tags }", "products", "@"),
            Fetch("c", OperationKind.QUERY, text, entities=(more,)),
        )
    )
    rows = [{"__typename": "Product", "id": "1", "name": name} for name in ("A", "B")]
    answers = {
        "a": [{"data": {"products": rows}}],
        "b": [{"data": {"_entities": [{"tags": ["x", None]}]}}],
        "c": [{"data": {"_entities": [{"tags": [None, "a"]}, {"tags": ["y", "b"]}]}}],
    }
    written = []
    for after in (None, 0):
        executor = Executor(
            read_typenames(parse(sdl)),
            ScriptedSubgraphs(answers).transport,
            ExecutorOptions(compile_after=after),
        )
        result = await executor.execute(QueryPlan(OperationKind.QUERY, node), shape, ExecutionContext({}))
        written.append(write_json(result.data))
    assert isinstance(result.data, RawJson)
    assert written[0] == written[1]
    assert written[0] == b'{"products":[{"name":"A","tags":["x","a"]},{"name":"B","tags":["y","b"]}]}'
