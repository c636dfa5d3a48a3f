"""How large a response may get: the same both ways to run a plan, and found out before it is put together."""

import json
from random import Random

import pytest
from graphql import build_schema, get_operation_ast, parse

from router.executor.compiled.compile import compile_plan
from router.executor.execute import ExecutionContext, Executor
from router.executor.interpret.typenames import read_typenames
from router.executor.options import ExecutorOptions
from router.executor.transport import SubgraphAnswer
from router.kit.json import write_json
from router.operation.shape import build_shape
from router.query_plan.nodes import (
    EntitySelection,
    Fetch,
    OperationKind,
    QueryPlan,
    RequiredField,
    RequiredFragment,
    Sequence,
)

SDL = """
type Query { products: [Product] weight: Float }
type Product { id: ID! name: String related: [Product] }
"""
SCHEMA, TYPENAMES = build_schema(SDL), read_typenames(parse(SDL))
KEY = (RequiredFragment("Product", tuple(RequiredField(n, n) for n in ("__typename", "id"))),)
WAYS = pytest.mark.parametrize("compile_after", [None, 0], ids=["interpreted", "compiled"])


class Shop:
    """A subgraph whose products have names of some length, and all the same products beside them."""

    def __init__(self, count, name_lengths, *, has_names=True, message_length=0):
        self.ids = [str(i) for i in range(count)]
        self.name_lengths = name_lengths
        self.has_names = has_names
        self.message_length = message_length
        self.sent_bytes = []

    async def send(self, request):
        body = json.loads(request.body)
        asked = body.get("variables", {}).get("r")
        if asked is None:
            data = {"products": self._list()}
        elif "related" in body["query"]:
            data = {"_entities": [{"related": self._list()} for _ in asked]}
        else:
            data = {"_entities": [self._name(each["id"]) for each in asked] if self.has_names else None}
        answer = json.dumps({"data": data, **self._fail(data)}).encode()
        self.sent_bytes.append(len(answer))
        return SubgraphAnswer(200, answer)

    def _fail(self, data):
        if data.get("_entities", ()) is None:
            return {"errors": [{"message": "no"}]}
        if not self.message_length or "products" in data or "related" in data["_entities"][0]:
            return {}
        message = "m" * self.message_length
        return {
            "errors": [
                {"message": message, "path": ["_entities", i, "name"]} for i in range(len(data["_entities"]))
            ]
        }

    def _list(self):
        return [{"__typename": "Product", "id": each} for each in self.ids]

    def _name(self, id_):
        return {"name": "n" * self.name_lengths[int(id_) % len(self.name_lengths)]}


def ask_for(selections, *path):
    text = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Product {selections} }} }}"
    return Fetch("b", OperationKind.QUERY, text, entities=(EntitySelection("_entities", "r", (path,), KEY),))


def nest(depth, name="name"):
    """A query of products within products, with their names in the end, and its plan."""
    query = f"{{ id {name} }}"
    path = ("products", "@")
    fetches = [Fetch("a", OperationKind.QUERY, "{ products { __typename id } }")]
    for _ in range(depth):
        query = f"{{ related {query} }}"
        fetches.append(ask_for("{ related { __typename id } }", *path))
        path += ("related", "@")
    plan = QueryPlan(OperationKind.QUERY, Sequence((*fetches, ask_for(f"{{ {name} }}", *path))))
    return f"{{ products {query} }}", plan


async def run_all(shop, query, plan, bytes_max, compile_after):
    document = parse(query)
    shape = build_shape(SCHEMA, document, get_operation_ast(document), {})
    assert compile_after is None or compile_plan(plan, shape, TYPENAMES)
    options = ExecutorOptions(compile_after=compile_after, response_bytes_max=bytes_max)
    return await Executor(TYPENAMES, shop, options).execute(plan, shape, ExecutionContext({}))


async def run(shop, query, plan, bytes_max, compile_after):
    result = await run_all(shop, query, plan, bytes_max, compile_after)
    codes = [error.extensions.get("code") for error in result.errors]
    if codes == ["RESPONSE_TOO_LARGE"]:
        assert result.data is None
        return None
    return write_json(result.data)


@WAYS
async def test_lists_within_lists_are_not_put_together_past_the_bound(compile_after):
    shop = Shop(10, [5])
    query, plan = nest(12)
    assert await run(shop, query, plan, 100_000, compile_after) is None
    # All levels ask the same of the same products, which is asked once. Of their names nobody asks any more.
    assert len(shop.sent_bytes) == 2


@pytest.mark.parametrize("seed", range(12))
async def test_what_is_too_large_is_so_both_ways(seed):
    random = Random(seed)  # noqa: S311 -- a reproducible draw, no secret
    count, depth = random.randrange(1, 6), random.randrange(4)
    lengths = [random.choice([1, 10, 2_000]) for _ in range(3)]
    query, plan = nest(depth)
    whole = await run(Shop(count, lengths), query, plan, 1 << 30, None)
    assert whole is not None
    for bytes_max in (len(whole) // 2, len(whole) - 1, len(whole) * 2, random.randrange(2 * len(whole))):
        interpreted = await run(Shop(count, lengths), query, plan, bytes_max, None)
        assert await run(Shop(count, lengths), query, plan, bytes_max, 0) == interpreted
        assert interpreted is None or bytes_max >= len(whole)
    # What the client does not see counts too, which is less than as much again.
    assert interpreted is None or await run(Shop(count, lengths), query, plan, 20 * len(whole), 0) == whole


@WAYS
async def test_one_large_entity_among_small_ones_counts_where_it_stands(compile_after):
    query, plan = nest(1)
    # Of ten products one has a name, which stands at ten places.
    few = await run(Shop(10, [1_000, *[1] * 9]), query, plan, 40_000, compile_after)
    assert few is not None
    assert few.count(b"n" * 1_000) == 10
    assert await run(Shop(10, [4_000, *[1] * 9]), query, plan, 40_000, compile_after) is None


@WAYS
async def test_keys_whose_values_nobody_has_brought_count_too(compile_after):
    query, plan = nest(1, f"{'k' * 1_000}: name")
    shop = Shop(10, [5], has_names=False)
    whole = await run(shop, query, plan, 1_000_000, compile_after)
    assert whole is not None
    assert whole.count(b"k" * 1_000) == 100
    assert await run(shop, query, plan, 100_000, compile_after) is None
    assert await run(shop, query, plan, len(whole), compile_after) == whole
    assert await run(shop, query, plan, len(whole) - 1, compile_after) is None


class Brief:
    """A subgraph that says less than is written."""

    def __init__(self, body):
        self.body = body

    async def send(self, _request):
        return SubgraphAnswer(200, self.body)


@WAYS
@pytest.mark.parametrize(
    ("body", "whole"),
    [(b'{"data":{}}', b'{"weight":null}'), (b'{"data":{"weight":1e15}}', b'{"weight":1000000000000000.0}')],
)
async def test_what_is_written_is_measured_to_the_byte(body, whole, compile_after):
    query = "{ weight }"
    plan = QueryPlan(OperationKind.QUERY, Fetch("a", OperationKind.QUERY, query))
    assert await run(Brief(body), query, plan, len(whole), compile_after) == whole
    assert await run(Brief(body), query, plan, len(whole) - 1, compile_after) is None


@WAYS
async def test_errors_count_at_each_place_that_they_are_told_of(compile_after):
    query, plan = nest(1)
    # Ten products in ten, each with an error.
    shop = Shop(10, [5], message_length=1_000)
    assert await run(shop, query, plan, 90_000, compile_after) is None
    assert await run(shop, query, plan, 200_000, compile_after) is not None


async def test_the_more_errors_there_are_the_fewer_places_each_is_told_of():
    query, plan = nest(1)
    result = await run_all(Shop(120, [5], message_length=1), query, plan, 1 << 30, 0)
    # Each of 120 entities stands at 120 places: 83 of them for each error, 100 if there were fewer.
    assert len(result.errors) == 120 * 83


async def test_introspection_counts_with_the_clients_keys():
    query, plan = (
        f"{{ __schema {{ types {{ {'k' * 1_000}: name }} }} }}",
        QueryPlan(OperationKind.QUERY, None),
    )
    whole = await run(None, query, plan, 100_000, None)
    assert whole is not None
    assert len(whole) > 5_000
    assert await run(None, query, plan, 5_000, None) is None
