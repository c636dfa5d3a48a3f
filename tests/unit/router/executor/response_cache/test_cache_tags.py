"""`@cacheTag`: tags of root fields by their arguments, of entities by their keys, from composition to invalidation."""

import json

import httpx
import pytest

from router import Supergraph, compose, create_app
from router.executor.transport import SubgraphAnswer
from router.supergraph.cache_tags import ARGUMENTS, KEY, read_cache_tag, read_cache_tags

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@cacheTag"])'
PRODUCTS = f"""{LINK}
type Query {{
  product(id: ID!, shop: Shop): Product @cacheTag(format: "product-{{$args.id}}") @cacheTag(format: "products")
  page(first: Int = 3, is_new: Boolean, shop: Shop): [Product]
    @cacheTag(format: "page-{{ $args.first }}-{{$args.is_new}}") @cacheTag(format: "shop-{{$args.shop.owner.name}}")
  plain: Int
}}
input Shop {{ owner: Person }}
input Person {{ name: String }}
type Product @key(fields: "id") {{ id: ID! name: String }}
"""
STOCK = f"""{LINK}
type Product @key(fields: "id owner {{ id }}") @key(fields: "id") @cacheTag(format: "stock-{{$key.id}}") {{
  id: ID!
  owner: Owner
  count: Int
}}
type Owner {{ id: ID! }}
"""
SECRET = "key of the tests"
FRESH = {"content-type": "application/json", "cache-control": "public, max-age=60"}


def compose_shop():
    composed = compose({"products": PRODUCTS, "stock": STOCK})
    assert not composed.errors
    return Supergraph.read(composed.supergraph_sdl)


class Subgraphs:
    """Answer anything: products by their ids, what is in stock."""

    def __init__(self):
        self.count = 0

    async def send(self, request):
        self.count += 1
        body = json.loads(request.body)
        variables = body.get("variables", {})
        if request.subgraph == "stock":
            data = {"_entities": [{"count": 1} for _ in variables["representations"]]}
        else:
            product = {"__typename": "Product", "id": "1", "name": "n"}
            data = {"product": product, "a": product, "page": [product], "plain": 1}
        return SubgraphAnswer(200, json.dumps({"data": data}).encode(), FRESH)

    async def close(self):
        pass


async def invalidate_after(query, tag, variables=None, subgraph="products"):
    """How much of the answer to `query` is thrown away by `tag`."""
    transport = Subgraphs()
    cache = {
        "enabled": True,
        "invalidation": {"path": "/invalidation"},
        "subgraph": {"all": {"invalidation": {"enabled": True, "shared_key": SECRET}}},
    }
    app = create_app(compose_shop(), config={"response_cache": cache}, transport=transport)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://router") as client:
        answer = await client.post("/", json={"query": query, "variables": variables or {}})
        assert "errors" not in answer.json()
        wanted = [{"kind": "cache_tag", "subgraphs": [subgraph], "cache_tag": tag}]
        told = await client.post("/invalidation", json=wanted, headers={"authorization": SECRET})
        before = transport.count
        await client.post("/", json={"query": query, "variables": variables or {}})
        assert transport.count - before == told.json()["count"]
    await app.close()
    return told.json()["count"]


@pytest.mark.parametrize(
    ("query", "variables", "tag"),
    [
        ('{ product(id: "7") { name } }', {}, "product-7"),
        ('{ product(id: "7") { name } }', {}, "products"),
        ("{ a: product(id: 7) { name } }", {}, "product-7"),
        ("query($id: ID!) { product(id: $id) { name } }", {"id": "x"}, "product-x"),
        ("query { ... on Query { ...F } } fragment F on Query { product(id: 8) { name } }", {}, "product-8"),
        ("{ page(is_new: true) { name } }", {}, "page-3-true"),
        (
            "query($n: Int, $b: Boolean) { page(first: $n, is_new: $b) { name } }",
            {"b": False},
            "page-3-false",
        ),
        ('{ page(shop: {owner: {name: "A"}}) { name } }', {}, "shop-A"),
        ("query($s: Shop) { page(shop: $s) { name } }", {"s": {"owner": {"name": "B"}}}, "shop-B"),
        ('{ product(id: "1") { name } page(first: 5, is_new: true) { name } }', {}, "page-5-true"),
    ],
)
async def test_root_fields_are_found_by_their_arguments(query, variables, tag):
    assert await invalidate_after(query, tag, variables) == 1


@pytest.mark.parametrize(
    ("query", "tag"),
    [
        ('{ product(id: "7") { name } }', "product-8"),
        ('{ product(id: "7") { name } }', "product-{$args.id}"),
        ("{ page { name } }", "page-3-"),
        ("{ page(is_new: null) { name } }", "page-3-null"),
        ("{ page(shop: {owner: null}) { name } }", "shop-"),
        ("{ plain }", "products"),
    ],
)
async def test_other_tags_and_those_without_a_value_find_nothing(query, tag):
    assert await invalidate_after(query, tag) == 0


async def test_entities_are_found_by_their_keys():
    query = '{ product(id: "1") { count } }'
    assert await invalidate_after(query, "stock-1", subgraph="stock") == 1
    assert await invalidate_after(query, "stock-2", subgraph="stock") == 0
    assert await invalidate_after(query, "stock-1", subgraph="products") == 0


def test_tags_are_each_subgraphs_own():
    tags = read_cache_tags(compose_shop())
    assert set(tags.fields) == {("products", "product"), ("products", "page")}
    assert set(tags.types) == {("stock", "Product")}
    assert tags.defaults["page"] == {"first": 3}
    assert not tags.faults


@pytest.mark.parametrize("text", ["", "x", "{$args.a}", "a-{$args.a.b}{$args.c}-b", "{ $args.a }"])
def test_what_is_a_tag(text):
    assert read_cache_tag(text, ARGUMENTS) is not None


@pytest.mark.parametrize(
    "text", ["{$key.a}", "{$args}", "{$args.}", "{args.a}", "a{", "}", "{{$args.a}}", "{$args.1}"]
)
def test_what_is_none(text):
    assert read_cache_tag(text, ARGUMENTS) is None


@pytest.mark.parametrize(
    ("value", "filled"),
    [("s", "k-s"), (1, "k-1"), (1.5, "k-1.5"), (True, "k-true"), (None, None), ([1], None), ({}, None)],
)
def test_only_leaves_are_values(value, filled):
    assert read_cache_tag("k-{$key.a}", KEY).fill({"a": value}) == filled


def test_what_is_no_tag_is_told_and_left_out():
    sdl = compose_shop().sdl.replace("stock-{$key.id}", "stock-{$args.id}")
    tags = read_cache_tags(Supergraph.read(sdl))
    assert not tags.types
    assert tags.faults == ("Product: @cacheTag(format: 'stock-{$args.id}') is no tag with values of $key",)
