"""Products in this process: GraphQL in, its own Postgres under it, access tokens signed with a key of the tests."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import orjson
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from jwt.algorithms import OKPAlgorithm
from sqlalchemy import text

from subgraphs.common.auth import TokenVerifier
from subgraphs.common.demo.scope import read_demo_scope
from subgraphs.common.internal import SIGNATURE_HEADER, PeerError, sign
from subgraphs.common.migrate import migrate
from subgraphs.common.settings import read_settings
from subgraphs.products.app import assemble, build_service
from subgraphs.products.seed import seed
from subgraphs.products.service import ProductsService
from subgraphs.products.settings import ProductsSettings, read_products_settings
from tests.support.postgres import DatabaseUrl, let_go_of_connections

MIGRATIONS = Path(__file__).parents[3] / "subgraphs" / "products" / "migrations"
SECRET = "a secret of the tests, long enough"
KEY = Ed25519PrivateKey.generate()
ERRORS = "errors { __typename ... on UserError { message code path } ... on VersionConflictError { currentVersion } }"


def make_token(*scopes: str, key: Ed25519PrivateKey = KEY, **claims: Any) -> str:
    now_s = int(time.time())
    body = {
        "sub": str(uuid4()),
        "iss": "marketplace-auth",
        "aud": "marketplace",
        "iat": now_s,
        "exp": now_s + 3600,
        "scope": " ".join(scopes),
        "role": "ADMIN" if scopes else "USER",
    }
    return jwt.encode(body | claims, key, algorithm="EdDSA", headers={"kid": "test"})


RANKED = """UPDATE products SET rating_counts[1 + (hashtext(id::text) & 3)] = 2,
  units_sold = abs(hashtext(id::text)::bigint) % 50"""
"""Gives the demo's products ratings and sales, many of them the same."""
ADMIN = make_token("catalog:write")
CUSTOMER = make_token()


@dataclass
class FakeOrders:
    """Orders at its port: knows who holds a licence of what, and can be down."""

    owned: set[tuple[str, str]] = field(default_factory=set)
    sales: list[tuple[str, int, int]] = field(default_factory=list)
    is_down: bool = False

    async def get(self, path: str) -> dict[str, Any] | None:
        raise AssertionError(path)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        if self.is_down:
            raise PeerError("orders is down")
        if path == "/internal/orders/sales":
            keys = ("productId", "units", "version")
            return {
                "sales": [
                    dict(zip(keys, sale, strict=True)) for sale in self.sales if sale[2] > body["after"]
                ]
            }
        assert path == "/internal/orders/owned"
        return {"isOwned": (body["userId"], body["productId"]) in self.owned}


@dataclass
class Products:
    """Products and a client of it."""

    app: FastAPI
    service: ProductsService
    client: httpx.AsyncClient
    orders: FakeOrders
    build_app: Callable[[], FastAPI]

    async def post(self, operation: str, token: str | None = None, **variables: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return await self.client.post(
            "/graphql", json={"query": operation, "variables": variables}, headers=headers
        )

    async def ask(self, operation: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """The answer's data, when there are no errors."""
        answer = (await self.post(operation, token, **variables)).json()
        assert not answer.get("errors"), answer
        data: dict[str, Any] = answer["data"]
        return data

    async def refused(self, operation: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """The first top-level error of an answer, which is none of our mistakes."""
        response = await self.post(operation, token, **variables)
        assert response.status_code < 500, response.text
        error: dict[str, Any] = response.json()["errors"][0]
        assert error.get("extensions", {}).get("code") not in {None, "INTERNAL_SERVER_ERROR"}, error
        return error

    async def create(self, name: str, **more: Any) -> dict[str, Any]:
        """Create a product, published unless said otherwise, in a category that is made for the test."""
        given = {
            "name": name,
            "price": {"amount": "19.99", "currency": "USD"},
            "status": "PUBLISHED",
            "categoryId": more.pop("categoryId", None) or (await self.create_category("Shelf"))["id"],
        }
        operation = f"""mutation($input: CreateProductInput!) {{ createProduct(input: $input) {{
            product {{ id slug name version status category {{ id }} }} {ERRORS} }} }}"""
        payload = (await self.ask(operation, ADMIN, input=given | more))["createProduct"]
        assert payload["errors"] == [], payload
        product: dict[str, Any] = payload["product"]
        return product

    async def create_category(self, name: str, parent: str | None = None) -> dict[str, Any]:
        operation = f"""mutation($name: String!, $parent: ID) {{ createCategory(name: $name, parentId: $parent) {{
            category {{ id slug }} {ERRORS} }} }}"""
        payload = (await self.ask(operation, ADMIN, name=name, parent=parent))["createCategory"]
        assert payload["errors"] == [], payload
        category: dict[str, Any] = payload["category"]
        return category

    async def post_internal(self, path: str, body: Any) -> httpx.Response:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {
            SIGNATURE_HEADER: sign(SECRET, "POST", path, content, int(time.time())),
            "content-type": "application/json",
        }
        return await self.client.post(path, content=content, headers=headers)

    async def rows(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        async with self.service.database.read() as session:
            return [tuple(row) for row in await session.execute(text(statement), parameters)]

    async def execute(self, statement: str, **parameters: Any) -> None:
        async with self.service.database.write() as session:
            await session.execute(text(statement), parameters)


def build_settings(url: str) -> ProductsSettings:
    environ = {"PRODUCTS_DATABASE_URL": url, "INTERNAL_SECRET": SECRET, "MARKETPLACE_PROFILE": "development"}
    return read_products_settings(read_settings("products", environ), environ)


def run(work: Any) -> None:
    """Run a coroutine to its end, whatever loop the caller may run in."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def catalogue_url(postgres_url: DatabaseUrl) -> str:
    """A database with the demo catalogue; tests of it only read."""
    url = postgres_url("products_catalogue")

    async def prepare() -> None:
        await migrate(url, MIGRATIONS)
        service = build_service(build_settings(url), FakeOrders())
        await seed(service, read_demo_scope({}))
        async with service.database.write() as session:
            await session.execute(text(RANKED))
        await service.database.close()
        await let_go_of_connections()

    run(prepare())
    return url


@pytest.fixture(scope="session")
def empty_url(postgres_url: DatabaseUrl) -> str:
    """A migrated database, emptied before each test."""
    url = postgres_url("products")
    run(migrate(url, MIGRATIONS))
    return url


@pytest_asyncio.fixture
async def catalogue(catalogue_url: str) -> AsyncIterator[Products]:
    """Products with the 776 apps of the demo; only to be read."""
    async for products in _serve(catalogue_url):
        yield products


@pytest_asyncio.fixture
async def products(empty_url: str) -> AsyncIterator[Products]:
    """Products with nothing in it."""
    async for products in _serve(empty_url):
        await products.execute(
            "TRUNCATE products, categories, reviews, review_votes, wishes, price_points, changes, erased_customers"
        )
        yield products


async def _serve(url: str) -> AsyncIterator[Products]:
    settings = build_settings(url)
    orders = FakeOrders()
    service = build_service(settings, orders)

    async def keys() -> dict[str, Any]:
        return {"keys": [OKPAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "test"}]}

    def build_app() -> FastAPI:
        return assemble(settings, service, TokenVerifier(keys, "marketplace-auth", "marketplace"))

    app = build_app()
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://products") as client:
        yield Products(app, service, client, orders, build_app)
    await service.database.close()
    await let_go_of_connections()
