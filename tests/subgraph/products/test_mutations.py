"""Changing the catalogue: who may, what is refused and how, and that a refusal writes nothing."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from subgraphs.common.money import Money
from subgraphs.products.domain import NewProduct
from tests.subgraph.orders.client import until_somebody_waits
from tests.subgraph.products.conftest import ADMIN, CUSTOMER, ERRORS, Products, make_token

PRODUCT = "product { id slug name description features attributes status version price { amount currency } category { id } }"
CREATE = f"mutation($input: CreateProductInput!) {{ createProduct(input: $input) {{ {PRODUCT} {ERRORS} }} }}"
UPDATE = f"""mutation($id: ID!, $expected: Int, $input: UpdateProductInput!) {{
  updateProduct(id: $id, expectedVersion: $expected, input: $input) {{ {PRODUCT} {ERRORS} }} }}"""
DELETE = f"mutation($id: ID!) {{ deleteProduct(id: $id) {{ deletedProductId {ERRORS} }} }}"
CREATE_CATEGORY = f"""mutation($name: String!, $slug: String, $parentId: ID) {{
  createCategory(name: $name, slug: $slug, parentId: $parentId) {{
    category {{ id slug name parent {{ id children {{ name }} }} }} {ERRORS} }} }}"""
NOBODY = "00000000-0000-7000-8000-000000000000"


async def create(products: Products, **given: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await products.ask(CREATE, ADMIN, input=given))["createProduct"]
    return payload


async def update(
    products: Products, product_id: str, expected: int | None = None, **given: Any
) -> dict[str, Any]:
    payload: dict[str, Any] = (
        await products.ask(UPDATE, ADMIN, id=product_id, expected=expected, input=given)
    )["updateProduct"]
    return payload


async def count(products: Products, table: str = "products") -> int:
    async with products.service.database.read() as session:
        found: int = (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
    return found


async def test_a_product_is_created_with_all_its_fields(products: Products) -> None:
    shelf = await products.create_category("Tools & Toys")
    assert shelf["slug"] == "tools-toys"
    payload = await create(
        products,
        name="  Café Über  ",
        description=" What it is. ",
        categoryId=shelf["id"],
        price={"amount": "19.9", "currency": "EUR"},
        features=["fast", "small", "fast"],
        attributes={"os": ["linux"], "deep": {"n": 1.5, "none": None}},
        licenseLimit=3,
    )
    assert payload["errors"] == []
    product = payload["product"]
    assert product["slug"] == "cafe-uber"
    assert product["name"] == "Café Über"
    assert product["description"] == "What it is."
    assert product["price"] == {"amount": "19.90", "currency": "EUR"}
    assert product["features"] == ["fast", "small"]
    assert product["attributes"] == {"os": ["linux"], "deep": {"n": 1.5, "none": None}}
    assert (product["status"], product["version"], product["category"]["id"]) == ("DRAFT", 1, shelf["id"])


async def test_the_minor_units_follow_the_currency(products: Products) -> None:
    for i, (amount, currency, minor) in enumerate(
        [("1500", "JPY", 1500), ("1.234", "KWD", 1234), ("0", "USD", 0)]
    ):
        await products.create(f"P{i}", price={"amount": amount, "currency": currency})
        async with products.service.database.read() as session:
            row = (
                await session.execute(
                    text("SELECT price_minor, currency FROM products WHERE name = :n"), {"n": f"P{i}"}
                )
            ).one()
        assert tuple(row) == (minor, currency)


async def test_equal_names_at_once_get_numbered_slugs(products: Products) -> None:
    shelf = await products.create_category("Shelf")
    new = NewProduct(
        name="Same", slug=None, description=None, category_id=UUID(shelf["id"]), price=Money(1, "USD")
    )
    async with products.service.database.write() as session:
        await products.service.create_product(session, new)
        product = asyncio.create_task(products.create("Same", categoryId=shelf["id"]))
        await until_somebody_waits(products)
    async with products.service.database.write() as session:
        await products.service.create_category(session, "Same", None, None)
        category = asyncio.create_task(products.create_category("Same"))
        await until_somebody_waits(products)
    assert (await product)["slug"] == (await category)["slug"] == "same-2"


async def test_equal_names_get_numbered_slugs_and_a_taken_slug_is_refused(products: Products) -> None:
    assert [(await products.create("Same"))["slug"] for _ in range(3)] == ["same", "same-2", "same-3"]
    shelf = await products.create_category("X")
    payload = await create(
        products, name="Other", slug="same", categoryId=shelf["id"], price={"amount": "1", "currency": "USD"}
    )
    assert payload["errors"][0] | {"message": ""} == {
        "__typename": "SlugTakenError",
        "message": "",
        "code": "NOT_UNIQUE",
        "path": ["slug"],
    }


@pytest.mark.parametrize(
    ("given", "kind", "path"),
    [
        ({"name": ""}, "ValidationError", ["name"]),
        ({"name": "   "}, "ValidationError", ["name"]),
        ({"name": "x" * 121}, "ValidationError", ["name"]),
        ({"name": "two\nlines"}, "ValidationError", ["name"]),
        ({"slug": "Not A Slug"}, "ValidationError", ["slug"]),
        ({"slug": "a--b"}, "ValidationError", ["slug"]),
        ({"slug": "x" * 81}, "ValidationError", ["slug"]),
        ({"slug": ""}, "ValidationError", ["slug"]),
        ({"description": "x" * 10_001}, "ValidationError", ["description"]),
        ({"categoryId": "nonsense"}, "NotFoundError", ["categoryId"]),
        ({"categoryId": NOBODY}, "NotFoundError", ["categoryId"]),
        ({"price": {"amount": "-0.01", "currency": "USD"}}, "ValidationError", ["price", "amount"]),
        ({"price": {"amount": "1", "currency": "XXX"}}, "ValidationError", ["price"]),
        ({"price": {"amount": "1.001", "currency": "USD"}}, "ValidationError", ["price"]),
        ({"price": {"amount": "999999999999999999", "currency": "USD"}}, "ValidationError", ["price"]),
        ({"price": {"amount": "NaN", "currency": "USD"}}, "ValidationError", ["price"]),
        ({"features": ["ok", ""]}, "ValidationError", ["features", "1"]),
        ({"features": ["x" * 61]}, "ValidationError", ["features", "0"]),
        ({"features": [str(i) for i in range(51)]}, "ValidationError", ["features"]),
        ({"attributes": [1]}, "ValidationError", ["attributes"]),
        ({"attributes": "text"}, "ValidationError", ["attributes"]),
        ({"attributes": {"big": "x" * 20_000}}, "ValidationError", ["attributes"]),
        ({"licenseLimit": 0}, "ValidationError", ["licenseLimit"]),
        ({"licenseLimit": 2_000_000_000}, "ValidationError", ["licenseLimit"]),
        ({"imageFileId": "f1"}, "ValidationError", ["imageFileId"]),
    ],
)
async def test_wrong_input_is_refused_by_create_and_update_and_nothing_is_written(
    products: Products, given: dict[str, Any], kind: str, path: list[str]
) -> None:
    product = await products.create("Good")
    whole = {
        "name": "New",
        "categoryId": product["category"]["id"],
        "price": {"amount": "1", "currency": "USD"},
    }
    for payload in (
        await create(products, **(whole | given)),
        await update(products, product["id"], **given),
    ):
        assert payload["product"] is None
        (error,) = payload["errors"]
        assert (error["__typename"], error["path"]) == (kind, path), error
    assert await count(products) == 1
    assert (await products.ask('{ product(slug: "good") { version } }'))["product"]["version"] == 1


@pytest.mark.parametrize(
    "given",
    [
        {"name": "nul\0"},
        {"attributes": {"k": ["nul\0"]}},
        {"attributes": {"nul\0": 1}},
        {"features": ["nul\0"]},
        {"price": {"amount": 5, "currency": "USD"}},
        {"price": {"amount": "5", "currency": "usd"}},
        {"price": {"amount": "5"}},
        {"licenseLimit": 2**31},
        {"licenseLimit": "many"},
        {"status": "SOLD"},
        {"unknown": 1},
        {"attributes": __import__("functools").reduce(lambda v, _: {"a": v}, range(40), {})},
    ],
)
async def test_input_of_a_wrong_shape_is_a_top_level_error(products: Products, given: dict[str, Any]) -> None:
    whole = {"name": "New", "categoryId": NOBODY, "price": {"amount": "1", "currency": "USD"}}
    error = await products.refused(CREATE, ADMIN, input=whole | given)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert await count(products) == 0


async def test_update_changes_what_it_names_and_nothing_else(products: Products) -> None:
    product = await products.create("Before", description="kept", features=["a"], licenseLimit=5)
    payload = await update(products, product["id"], name="After", price={"amount": "5", "currency": "JPY"})
    changed = payload["product"]
    assert (changed["name"], changed["slug"], changed["version"]) == ("After", "before", 2)
    assert (changed["description"], changed["features"]) == ("kept", ["a"])
    assert changed["price"] == {"amount": "5", "currency": "JPY"}
    emptied = (
        await update(
            products, product["id"], description=None, features=None, attributes=None, licenseLimit=None
        )
    )["product"]
    assert (emptied["description"], emptied["features"], emptied["attributes"]) == (None, [], {})
    for name in ("name", "slug", "price", "categoryId", "status"):
        payload = await update(products, product["id"], **{name: None})
        assert (payload["errors"][0]["code"], payload["errors"][0]["path"]) == ("REQUIRED", [name])


async def test_the_searched_text_follows_a_change(products: Products) -> None:
    product = await products.create("Zebra")
    await update(products, product["id"], name="Giraffe")
    search = "query($s: String) { products(filter: {search: $s}) { totalCount } }"
    assert (await products.ask(search, s="zebra"))["products"]["totalCount"] == 0
    assert (await products.ask(search, s="girafe"))["products"]["totalCount"] == 1


async def test_only_one_of_many_writers_with_the_same_version_wins(products: Products) -> None:
    product = await products.create("Wanted")
    payloads = await asyncio.gather(
        *(update(products, product["id"], expected=1, name=f"Winner {i}") for i in range(8))
    )
    winners = [payload["product"] for payload in payloads if payload["product"]]
    conflicts = [error for payload in payloads for error in payload["errors"]]
    assert len(winners) == 1
    assert {error["__typename"] for error in conflicts} == {"VersionConflictError"}
    assert {error["currentVersion"] for error in conflicts} == {2}
    assert (await products.ask('{ product(slug: "wanted") { name } }'))["product"]["name"] == winners[0][
        "name"
    ]


async def test_many_products_of_one_name_at_once_all_get_an_answer(products: Products) -> None:
    shelf = await products.create_category("Shelf")
    given = {"name": "Rush", "categoryId": shelf["id"], "price": {"amount": "1", "currency": "USD"}}
    payloads = await asyncio.gather(*(create(products, **given) for _ in range(6)))
    made = [payload["product"]["slug"] for payload in payloads if payload["product"]]
    refused = [payload["errors"][0]["__typename"] for payload in payloads if payload["errors"]]
    assert len(made) == len({*made}) == await count(products) >= 1
    assert {*refused} <= {"SlugTakenError"}


async def test_a_slug_taken_by_update_is_refused(products: Products) -> None:
    await products.create("One")
    two = await products.create("Two")
    payload = await update(products, two["id"], slug="one")
    assert payload["errors"][0]["__typename"] == "SlugTakenError"
    assert (await update(products, two["id"], slug="two"))["errors"] == []


@pytest.mark.parametrize(
    ("current", "wanted", "allowed"),
    [
        ("DRAFT", "PUBLISHED", True),
        ("DRAFT", "ARCHIVED", True),
        ("PUBLISHED", "ARCHIVED", True),
        ("PUBLISHED", "PUBLISHED", True),
        ("ARCHIVED", "PUBLISHED", True),
        ("PUBLISHED", "DRAFT", False),
        ("ARCHIVED", "DRAFT", False),
    ],
)
async def test_statuses_follow_each_other(
    products: Products, current: str, wanted: str, allowed: bool
) -> None:
    product = await products.create("It", status=current)
    payload = await update(products, product["id"], status=wanted)
    assert [error["code"] for error in payload["errors"]] == ([] if allowed else ["INVALID_STATE"])


async def test_delete_archives_and_can_be_repeated(products: Products) -> None:
    product = await products.create("Gone")
    for _ in range(2):
        payload = (await products.ask(DELETE, ADMIN, id=product["id"]))["deleteProduct"]
        assert payload == {"deletedProductId": product["id"], "errors": []}
    assert await count(products) == 1
    assert (await products.ask("{ products { totalCount } }"))["products"]["totalCount"] == 0
    archived = await products.ask(
        "{ products(filter: {status: ARCHIVED}) { nodes { slug version } } }", ADMIN
    )
    assert archived["products"]["nodes"] == [{"slug": "gone", "version": 2}]


@pytest.mark.parametrize("product_id", [NOBODY, "nonsense", "", "x" * 10_000])
async def test_a_product_that_is_not_there(products: Products, product_id: str) -> None:
    for payload in (
        (await products.ask(DELETE, ADMIN, id=product_id))["deleteProduct"],
        await update(products, product_id, name="X"),
    ):
        (error,) = payload["errors"]
        assert (error["__typename"], error["code"], error["path"]) == ("NotFoundError", "NOT_FOUND", ["id"])


async def test_categories_stand_in_each_other_and_lists_are_fresh_after_each_mutation(
    products: Products,
) -> None:
    top = await products.create_category("Top")
    operation = f"""mutation($p: ID) {{
      a: createCategory(name: "Sub", parentId: $p) {{ category {{ slug parent {{ children {{ slug }} }} }} {ERRORS} }}
      b: createCategory(name: "Sub", parentId: $p) {{ category {{ slug parent {{ children {{ slug }} }} }} {ERRORS} }} }}"""
    data = await products.ask(operation, ADMIN, p=top["id"])
    assert data["a"]["category"]["parent"]["children"] == [{"slug": "sub"}]
    assert data["b"]["category"]["parent"]["children"] == [{"slug": "sub"}, {"slug": "sub-2"}]
    for given, kind, path in (
        ({"name": "X", "parentId": NOBODY}, "NotFoundError", ["parentId"]),
        ({"name": "X", "parentId": "nonsense"}, "NotFoundError", ["parentId"]),
        ({"name": "X", "slug": "top"}, "SlugTakenError", ["slug"]),
        ({"name": " "}, "ValidationError", ["name"]),
    ):
        payload = (await products.ask(CREATE_CATEGORY, ADMIN, **given))["createCategory"]
        assert [(error["__typename"], error["path"]) for error in payload["errors"]] == [(kind, path)]
    assert await count(products, "categories") == 3


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        (None, 200, "UNAUTHENTICATED"),
        (CUSTOMER, 200, "FORBIDDEN"),
        (make_token("orders:write"), 200, "FORBIDDEN"),
        ("nonsense", 401, "UNAUTHENTICATED"),
        (make_token("catalog:write", key=Ed25519PrivateKey.generate()), 401, "UNAUTHENTICATED"),
        (make_token("catalog:write", exp=1), 401, "UNAUTHENTICATED"),
        (make_token("catalog:write", aud="other"), 401, "UNAUTHENTICATED"),
        (make_token("catalog:write", iss="other"), 401, "UNAUTHENTICATED"),
        (make_token("catalog:write", sub="nobody"), 401, "UNAUTHENTICATED"),
    ],
)
async def test_nobody_else_may_change_anything(
    products: Products, token: str | None, status: int, code: str
) -> None:
    product = await products.create("Mine")
    new = {
        "name": "New",
        "categoryId": product["category"]["id"],
        "price": {"amount": "1", "currency": "USD"},
    }
    for operation, variables in (
        (CREATE, {"input": new}),
        (UPDATE, {"id": product["id"], "input": {"name": "Yours"}}),
        (DELETE, {"id": product["id"]}),
        (CREATE_CATEGORY, {"name": "Yours"}),
    ):
        response = await products.post(operation, token, **variables)
        assert response.status_code == status
        assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]
    assert await count(products) == 1
    assert (await products.ask('{ product(slug: "mine") { name version } }'))["product"] == {
        "name": "Mine",
        "version": 1,
    }


@pytest.mark.parametrize(
    "change",
    [
        "price_minor = -1",
        "currency = 'us'",
        "status = 'SOLD'",
        "slug = 'Not A Slug'",
        "attributes = '[]'",
        "unit_cost_minor = 1",
        "category_id = uuidv7()",
        "license_limit = 0",
    ],
)
async def test_the_database_refuses_what_the_code_should_never_write(products: Products, change: str) -> None:
    await products.create("Guarded")
    with pytest.raises(IntegrityError):
        await products.execute(f"UPDATE products SET {change}")
