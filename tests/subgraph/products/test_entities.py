"""`_entities` and `_service`: what other subgraphs' representations lead to, however they are made."""

from typing import Any

import pytest

from tests.subgraph.products.conftest import ADMIN, CUSTOMER, Products, make_token

ENTITIES = """query($representations: [_Any!]!) { _entities(representations: $representations) {
  __typename ... on Product { id slug name status price { amount } unitCost { amount } } ... on Category { id name } } }"""


async def entities(products: Products, token: str | None, *representations: Any) -> list[Any]:
    data = await products.ask(ENTITIES, token, representations=[*representations])
    found: list[Any] = data["_entities"]
    return found


async def test_the_service_tells_its_schema(catalogue: Products) -> None:
    sdl = (await catalogue.ask("{ _service { sdl } }"))["_service"]["sdl"]
    assert 'url: "https://specs.apollo.dev/federation/v2.9"' in sdl
    assert '@key(fields: "id") @key(fields: "slug")' in sdl
    assert "null" not in [word.strip(" ,)") for word in sdl.split(":")]


async def test_a_thousand_representations_take_one_statement_and_keep_their_order(
    catalogue: Products,
) -> None:
    pages = []
    after = None
    for _ in range(8):
        data = await catalogue.ask(
            "query($a: String) { products(first: 100, after: $a) { nodes { id slug } pageInfo { endCursor } } }",
            a=after,
        )
        pages += data["products"]["nodes"]
        after = data["products"]["pageInfo"]["endCursor"]
    known = [
        {"__typename": "Product", "id": node["id"]}
        if i % 2
        else {"__typename": "Product", "slug": node["slug"]}
        for i, node in enumerate(pages)
    ]
    unknown = [
        {"__typename": "Product", "id": f"00000000-0000-7000-8000-{i:012}"} for i in range(1000 - len(known))
    ]
    asked = [*reversed(known), *unknown]
    assert len(asked) == 1000
    with catalogue.service.database.record_statements() as statements:
        found = await entities(catalogue, None, *asked)
    assert len(statements) == 1
    assert [entity and entity["id"] for entity in found] == [
        *(node["id"] for node in reversed(pages)),
        *(None for _ in unknown),
    ]


async def test_two_types_take_two_statements(catalogue: Products) -> None:
    categories = (await catalogue.ask("{ categories { id } }"))["categories"]
    products = (await catalogue.ask("{ products { nodes { id } } }"))["products"]["nodes"]
    asked = [
        item
        for pair in zip(categories, products, strict=False)
        for item in ({"__typename": "Category"} | pair[0], {"__typename": "Product"} | pair[1])
    ]
    with catalogue.service.database.record_statements() as statements:
        found = await entities(catalogue, None, *asked)
    assert len(statements) == 2
    assert [entity["id"] for entity in found] == [item["id"] for item in asked]


async def test_who_sees_drafts_and_archived_products(products: Products) -> None:
    made = {
        status: await products.create(f"The {status}", status=status)
        for status in ("DRAFT", "PUBLISHED", "ARCHIVED")
    }
    for token, by_id, by_slug in (
        (None, {"PUBLISHED", "ARCHIVED"}, {"PUBLISHED"}),
        (CUSTOMER, {"PUBLISHED", "ARCHIVED"}, {"PUBLISHED"}),
        (make_token("orders:read", "users:write"), {"PUBLISHED", "ARCHIVED"}, {"PUBLISHED"}),
        (ADMIN, {*made}, {*made}),
    ):
        for key, seen in (("id", by_id), ("slug", by_slug)):
            asked = [{"__typename": "Product", key: product[key]} for product in made.values()]
            found = await entities(products, token, *asked)
            assert {entity["status"] for entity in found if entity} == seen, (token, key)
        listed = await products.ask("{ products { nodes { status } } }", token)
        assert [node["status"] for node in listed["products"]["nodes"]] == ["PUBLISHED"]
        for status, product in made.items():
            for key, kind in (("id", "ID"), ("slug", "String")):
                one = await products.ask(
                    f"query($k: {kind}) {{ product({key}: $k) {{ id }} }}", token, k=product[key]
                )
                assert (one["product"] is not None) == (status in by_slug), (status, key)


async def test_a_hand_made_request_does_not_show_what_a_product_costs_the_shop(products: Products) -> None:
    product = await products.create("Costly")
    await products.execute("UPDATE products SET unit_cost_minor = 5, unit_cost_currency = 'USD'")
    asked = {"__typename": "Product", "id": product["id"]}
    assert (await entities(products, CUSTOMER, asked))[0]["unitCost"] is None
    assert (await entities(products, ADMIN, asked))[0]["unitCost"] == {"amount": "0.05"}


@pytest.mark.parametrize(
    "representation",
    [
        {"__typename": "Product", "id": "nonsense"},
        {"__typename": "Product", "id": 5},
        {"__typename": "Product", "id": ["a", {"b": None}]},
        {"__typename": "Product", "id": {"$ne": None}},
        {"__typename": "Product", "id": True},
        {"__typename": "Product", "slug": 5},
        {"__typename": "Product", "slug": "x" * 100_000},
        {"__typename": "Product", "slug": "' OR 1=1 --"},
        {"__typename": "Category", "id": 1.5},
        {"__typename": "Product", "id": "nonsense", "info": 1, "cls": 2, "self": 3},
    ],
)
async def test_a_representation_of_nothing_is_null(
    catalogue: Products, representation: dict[str, Any]
) -> None:
    good = (await catalogue.ask('{ product(slug: "slack") { id } }'))["product"]
    found = await entities(catalogue, None, representation, {"__typename": "Product"} | good)
    assert found[0] is None
    assert found[1]["id"] == good["id"]


@pytest.mark.parametrize(
    "representation",
    [
        {"__typename": "Query"},
        {"__typename": "Money", "amount": "1"},
        {"__typename": "None"},
        {"__typename": 5, "id": "x"},
        {"id": "x"},
        {"__typename": "Category"},
        {"__typename": "Product"},
        {"__typename": "Product", "id": None},
        "Product",
        7,
        ["Product"],
    ],
)
async def test_an_unusable_representation_is_an_error_of_its_own(
    catalogue: Products, representation: Any
) -> None:
    good = (await catalogue.ask('{ product(slug: "slack") { id } }'))["product"]
    response = await catalogue.post(
        ENTITIES, None, representations=[representation, {"__typename": "Product"} | good]
    )
    answer = response.json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert answer["data"]["_entities"][1]["id"] == good["id"]


async def test_text_that_postgres_cannot_hold_is_refused(catalogue: Products) -> None:
    asked = [{"__typename": "Product", "slug": "nul\0"}]
    error = await catalogue.refused(ENTITIES, representations=asked)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
