"""Databases with so many rows that Postgres reads a table whole only where no index serves, and their statistics."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no type information
import pytest
import pytest_asyncio

from subgraphs.common.database import Database
from subgraphs.common.demo.scope import Scope, build_bulk_scope
from tests.support.demo_data import migrate_all, run, seed
from tests.support.postgres import DatabaseUrl

ORDERS = build_bulk_scope(6_000, {})
PRODUCTS = replace(ORDERS, products=6_000)
PEOPLE = replace(ORDERS, people=6_000)

Prepare = Callable[[str, Scope], str]


@pytest.fixture(scope="session")
def load(postgres_url: DatabaseUrl, tmp_path_factory: pytest.TempPathFactory) -> Prepare:
    """Give `load("orders", ORDERS)`: the URL of a subgraph's database with its part of a story, loaded once."""
    loaded: dict[str, str] = {}

    def load_once(name: str, scope: Scope) -> str:
        if name not in loaded:
            url = loaded[name] = postgres_url(f"plans_{name}")

            async def prepare() -> None:
                await migrate_all({name: url})
                await seed({name: url}, scope, tmp_path_factory.mktemp("keys"), name)
                connection = await asyncpg.connect(url)
                await connection.execute("VACUUM (ANALYZE)")
                await connection.close()

            run(prepare())
        return loaded[name]

    return load_once


@pytest_asyncio.fixture
async def orders(load: Prepare) -> AsyncIterator[Database]:
    """Orders with 6,000 orders."""
    database = Database(load("orders", ORDERS))
    yield database
    await database.close()


@pytest_asyncio.fixture
async def payments(load: Prepare) -> AsyncIterator[Database]:
    """Payments with the payments of 6,000 orders."""
    database = Database(load("payments", ORDERS))
    yield database
    await database.close()


@pytest_asyncio.fixture
async def products(load: Prepare) -> AsyncIterator[Database]:
    """Products with 6,000 products."""
    database = Database(load("products", PRODUCTS), {"pg_trgm.word_similarity_threshold": "0.6"})
    yield database
    await database.close()


@pytest_asyncio.fixture
async def users(load: Prepare) -> AsyncIterator[Database]:
    """Users with 6,000 profiles."""
    database = Database(load("users", PEOPLE))
    yield database
    await database.close()


@pytest_asyncio.fixture
async def auth(load: Prepare, tmp_path: Path) -> AsyncIterator[Database]:
    """Auth with 6,000 accounts."""
    database = Database(load("auth", PEOPLE))
    yield database
    await database.close()
