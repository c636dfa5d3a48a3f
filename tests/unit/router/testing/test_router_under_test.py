"""The fixture that users of the router test with."""

import pytest

from router.hooks import Plugin
from router.testing import MockSubgraph, build_test_router

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])'
PRODUCTS = f"""{LINK}
extend type Query {{ products(first: Int = 2): [Product!]! node: Node either: Either color: Color at: Date }}
type Mutation {{ rename(name: String!): Product }}
interface Node {{ id: ID! }}
union Either = Product | Other
enum Color {{ RED GREEN }}
scalar Date
type Product implements Node @key(fields: "id") {{ id: ID! name: String! price: Float weight: Int }}
type Other {{ x: Boolean }}
"""
STOCK = f"""{LINK}
extend type Product @key(fields: "id") {{ id: ID! weight: Int @external count: Int! cost: Int @requires(fields: "weight") }}
"""


async def test_what_is_not_given_is_made_up_by_type(test_router):
    router = test_router({"products": PRODUCTS, "stock": STOCK})
    answer = await router.ask(
        "{ products { __typename id name price count } node { __typename } either { __typename ... on Other { x } } color at }"
    )
    product = {"__typename": "Product", "id": "1", "name": "text", "price": 1.5, "count": 1}
    assert (answer.status, answer.errors) == (200, [])
    assert answer.data == {
        "products": [product, product],
        "node": {"__typename": "Product"},
        "either": {"__typename": "Product"},
        "color": "RED",
        "at": "text",
    }


async def test_what_is_given_is_answered(test_router):
    products = MockSubgraph(
        PRODUCTS,
        {
            "products": lambda first: [{"id": str(i), "weight": i} for i in range(first)],
            "rename": lambda name: {"name": name},
            "either": {"__typename": "Other"},
        },
        mocks={"String": lambda: "made up", "Product": {"price": 9.5}},
    )
    stock = MockSubgraph(STOCK, entities={"Product": lambda each: {"count": int(each["id"]) * 10}})
    router = test_router({"products": products, "stock": stock})
    answer = await router.ask("query ($n: Int) { products(first: $n) { id name count } }", {"n": 2})
    assert answer.data == {
        "products": [{"id": "0", "name": "made up", "count": 0}, {"id": "1", "name": "made up", "count": 10}]
    }
    answer = await router.ask('mutation { rename(name: "N") { name } }')
    assert answer.data == {"rename": {"name": "N"}}
    assert (await router.ask("{ either { ... on Other { x } } node { ... on Product { price } } }")).data == {
        "either": {"x": True},
        "node": {"price": 9.5},
    }


async def test_an_entity_that_is_not_there_is_null(test_router):
    stock = MockSubgraph(STOCK, entities={"Product": lambda _: None})
    answer = await test_router({"products": PRODUCTS, "stock": stock}).ask("{ products { cost } }")
    assert answer.data == {"products": [{"cost": None}, {"cost": None}]}


async def test_requests_and_plans_can_be_looked_at(test_router):
    router = test_router(
        {"products": PRODUCTS, "stock": STOCK},
        config={"headers": {"all": {"request": [{"propagate": {"named": "x-a"}}]}}},
    )
    await router.ask("{ products { cost } }", headers={"X-A": "1"})
    assert [each.subgraph for each in router.requests] == ["products", "stock"]
    (asked,) = router.requests_to("stock")
    assert asked.variables["representations"] == [{"__typename": "Product", "id": "1", "weight": 1}]
    assert asked.headers == {"x-a": "1"}
    assert str(router.plan("{ products { cost } }")).count("Fetch(service:") == 2


async def test_errors_of_a_subgraph_and_hooks_are_tried(test_router):
    async def refuse(request):
        raise ValueError

    stock = MockSubgraph(STOCK, errors=[{"message": "down", "extensions": {"code": "DOWN"}}])
    subgraphs = {"products": PRODUCTS, "stock": stock}
    answer = await test_router(subgraphs).ask("{ products { cost } }")
    assert answer.codes == ["DOWN"]
    answer = await test_router(subgraphs, plugins={"p": Plugin(supergraph_request=refuse)}).ask("{ color }")
    assert (answer.status, answer.codes) == (500, ["INTERNAL_SERVER_ERROR"])


def test_subgraphs_that_do_not_compose_are_told():
    with pytest.raises(ValueError, match="INVALID_GRAPHQL"):
        build_test_router({"a": "type Query { a: Nothing }"})


def test_a_subgraph_answers_for_its_sdl():
    answer = MockSubgraph(STOCK).answer({"query": "{ _service { sdl } }"})
    assert answer == {"data": {"_service": {"sdl": STOCK}}}
