"""The process around the schema: internal routes, health, bounds of what comes in, migrations, settings."""

import asyncio
import time
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import text

from subgraphs.common.auth import TokenVerifier
from subgraphs.common.database import Database
from subgraphs.common.internal import SIGNATURE_HEADER, sign
from subgraphs.common.migrate import migrate
from subgraphs.common.settings import SettingsError
from subgraphs.products.app import assemble, build_service
from subgraphs.products.settings import read_products_settings
from tests.subgraph.products.conftest import MIGRATIONS, SECRET, FakeOrders, Products, build_settings
from tests.support.json_server import running
from tests.support.postgres import DatabaseUrl

QUOTE = "/internal/products/quote"


async def test_a_quote_keeps_the_order_and_leaves_out_what_cannot_be_ordered(products: Products) -> None:
    sold = await products.create("Sold", licenseLimit=7)
    draft = await products.create("Draft", status="DRAFT")
    archived = await products.create("Archived", status="ARCHIVED")
    wanted = [archived["id"], "nonsense", draft["id"], sold["id"], sold["id"], "nul\0"]
    with products.service.database.record_statements() as statements:
        response = await products.post_internal(
            QUOTE, {"items": [{"productId": product_id, "quantity": 1} for product_id in wanted]}
        )
    assert response.status_code == 200, response.text
    assert len(statements) == 1
    lines = response.json()["lines"]
    assert [line and line["status"] for line in lines] == [
        "ARCHIVED",
        None,
        None,
        "PUBLISHED",
        "PUBLISHED",
        None,
    ]
    assert lines[3] == {
        "productId": sold["id"],
        "name": "Sold",
        "slug": "sold",
        "status": "PUBLISHED",
        "availability": "AVAILABLE",
        "unitPrice": {"minor": 1999, "currency": "USD"},
        "licenseLimit": 7,
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"items": "x"},
        {"items": [{}]},
        {"items": [{"productId": 5, "quantity": 1}]},
        {"items": [{"productId": "x", "quantity": 0}]},
        {"items": [{"productId": "x", "quantity": "1"}]},
        {"items": [{"productId": "x" * 65, "quantity": 1}]},
        {"items": [{"productId": "x", "quantity": 1}] * 1001},
        b"no json",
        b"",
    ],
)
async def test_a_quote_of_a_wrong_shape_is_refused(catalogue: Products, body: Any) -> None:
    response = await catalogue.post_internal(QUOTE, body)
    assert response.status_code == 422


async def test_internal_routes_need_a_signature_of_just_this_request(catalogue: Products) -> None:
    body = b'{"items": []}'
    now_s = int(time.time())
    for header in (
        None,
        "",
        "t=1,v1=00",
        "nonsense",
        sign("another secret of the tests, long", "POST", QUOTE, body, now_s),
        sign(SECRET, "POST", "/internal/other", body, now_s),
        sign(SECRET, "POST", QUOTE, b"{}", now_s),
        sign(SECRET, "POST", QUOTE, body, now_s - 301),
        sign(SECRET, "POST", QUOTE, body, now_s + 400),
    ):
        headers = {"content-type": "application/json"} | (
            {} if header is None else {SIGNATURE_HEADER: header}
        )
        response = await catalogue.client.post(QUOTE, content=body, headers=headers)
        assert response.status_code == 401, header


async def test_health_tells_that_all_is_well(catalogue: Products) -> None:
    for path in ("/health", "/health/live", "/health/ready"):
        assert (await catalogue.client.get(path)).status_code == 200


@pytest.mark.parametrize(
    "operation",
    [
        "{",
        "{ products { nodes { nothing } } }",
        "{ " + " ".join(f'p{i}: product(slug: "x") {{ id }}' for i in range(201)) + " }",
        "{ categories " + "{ children " * 25 + "{ id } " + "}" * 25 + " }",
        "{ products(filter: {features: " + "[" * 3000 + "]" * 3000 + "}) { totalCount } }",
        "{" * 5000,
        "{ a(" + "x " * 16000 + ") }",
        "{ ...F0 } "
        + "".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }} " for i in range(60))
        + "fragment F60 on Query { a: __typename }",
        "{ ...F0 } "
        + "".join(f"fragment F{i} on Query {{ ...F{i + 1} }} " for i in range(1500))
        + "fragment F1500 on Query { nothing }",
        "fragment A on Category { children { ...A } } { categories { ...A } }",
    ],
)
async def test_an_operation_past_a_bound_gets_a_clear_error(catalogue: Products, operation: str) -> None:
    error = await catalogue.refused(operation)
    assert error["extensions"]["code"] in {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no json", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"{}", 400),
        (b'{"query": 5}', 400),
        (b'{"query": "{ products { totalCount } }", "variables": 5}', 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (b'{"query": "' + b"x" * 10_000_000 + b'"}', 413),
    ],
)
async def test_a_body_that_is_no_request_is_refused(catalogue: Products, body: bytes, status: int) -> None:
    response = await catalogue.client.post(
        "/graphql", content=body, headers={"content-type": "application/json"}
    )
    assert response.status_code == status, response.text
    assert "Traceback" not in response.text


async def test_migrating_twice_and_at_once_is_safe(fresh_postgres_url: DatabaseUrl) -> None:
    url = fresh_postgres_url("products")
    await asyncio.gather(*(migrate(url, MIGRATIONS) for _ in range(3)))
    await migrate(url, MIGRATIONS)
    database = Database(url)
    async with database.read() as session:
        assert (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one() == max(
            path.name[:4] for path in MIGRATIONS.glob("[0-9]*.py")
        )
    await database.close()


async def test_the_models_are_what_the_migration_makes(empty_url: str) -> None:
    from subgraphs.products.models import Base

    database = Database(empty_url)
    async with database.read() as session:
        rows = await session.execute(
            text(
                "SELECT table_name, column_name, is_nullable FROM information_schema.columns WHERE table_schema = 'public'"
            )
        )
        made = {(table, column): nullable == "YES" for table, column, nullable in rows}
    await database.close()
    made = {key: value for key, value in made.items() if key[0] in Base.metadata.tables}
    declared = {
        (table.name, column.name): bool(column.nullable)
        for table in Base.metadata.tables.values()
        for column in table.columns
    }
    declared["products", "searchable"] = True
    assert made == declared


@pytest.mark.parametrize("similarity", ["0", "1.5", "much", "nan", ""])
def test_an_unusable_setting_is_told(similarity: str) -> None:
    common = build_settings("postgresql://localhost/x").common
    with pytest.raises(SettingsError, match="PRODUCTS_SEARCH_SIMILARITY"):
        read_products_settings(common, {"PRODUCTS_SEARCH_SIMILARITY": similarity})


async def test_a_client_that_sends_far_too_much_reads_why(catalogue: Products) -> None:
    """Over a real socket: a server that answers and hangs up while the client sends gets it a reset instead."""
    config = uvicorn.Config(catalogue.app, port=0, log_config=None, http="httptools", lifespan="off")
    async with asyncio.timeout(60), running(config) as port, httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{port}/graphql"
        body = b'{"query": "' + b"x" * 10_000_000 + b'"}'
        response = await client.post(url, content=body, headers={"content-type": "application/json"})
        assert response.status_code == 413
        assert response.json()["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"
        response = await client.post(url, json={"query": "{ products { totalCount } }"})
        assert response.json() == {"data": {"products": {"totalCount": 776}}}


async def test_health_tells_when_the_database_does_not_answer(
    fresh_postgres_url: DatabaseUrl, products: Products
) -> None:
    url = fresh_postgres_url("products_down").replace("/products_down", "/no_such_database_products_down", 1)
    settings = build_settings(url)
    service = build_service(settings, FakeOrders())

    async def no_keys() -> dict[str, Any]:
        return {}

    app = assemble(settings, service, TokenVerifier(no_keys, "us", "shop"))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://products") as client:
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 503
        answer = (await client.post("/graphql", json={"query": "{ products { totalCount } }"})).json()
    await service.database.close()
    assert answer["data"] is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL_SERVER_ERROR"]
    assert "no_such_database" not in str(answer)
