"""The migrations make the tables that the models describe, once, however many processes run them."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from subgraphs.auth.models import Base
from subgraphs.common.database import Database
from subgraphs.common.migrate import migrate
from tests.subgraph.auth.conftest import MIGRATIONS
from tests.support.postgres import DatabaseUrl


def differences(connection: Connection) -> list[object]:
    return [*compare_metadata(MigrationContext.configure(connection), Base.metadata)]


async def test_the_migrated_database_is_what_the_models_say(fresh_postgres_url: DatabaseUrl) -> None:
    url = fresh_postgres_url("auth")
    await asyncio.gather(*(migrate(url, MIGRATIONS) for _ in range(3)))
    database = Database(url)
    try:
        async with database.read() as session:
            assert await (await session.connection()).run_sync(differences) == []
    finally:
        await database.close()
