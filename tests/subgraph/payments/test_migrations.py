"""The migrations make the tables that the models describe, once, however many processes run them."""

import asyncio

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from subgraphs.common.database import Database
from subgraphs.common.migrate import migrate
from subgraphs.payments.models import Base
from tests.subgraph.payments.conftest import MIGRATIONS
from tests.support.postgres import DatabaseUrl


def differences(connection: Connection) -> list[object]:
    found = [*compare_metadata(MigrationContext.configure(connection), Base.metadata)]
    # The models leave indexes and constraints to the migrations.
    return [item for item in found if item[0] not in {"remove_index", "add_constraint", "remove_constraint"}]


async def test_the_migrated_database_is_what_the_models_say(fresh_postgres_url: DatabaseUrl) -> None:
    url = fresh_postgres_url("payments")
    await asyncio.gather(*(migrate(url, MIGRATIONS) for _ in range(3)))
    database = Database(url)
    try:
        async with database.read() as session:
            assert await (await session.connection()).run_sync(differences) == []
    finally:
        await database.close()
