"""The migrations make the tables that the models describe, once, however many processes run them."""

import asyncio
import shutil
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

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


BEFORE = ("0001_pre_payments.py", "0002_pre_payment_guards.py")
BEGIN = """INSERT INTO payments (order_id, order_number, payer_id, amount_minor, currency, method, gateway)
    VALUES (uuidv7(), 'PAM-1', uuidv7(), :minor, 'USD', 'E_WALLET', 'g')"""
PAY = """UPDATE payments SET status = 'SUCCEEDED', verified_at = now(), order_outcome = :outcome
    WHERE status = 'PENDING'"""
BOOKS = "SELECT account, sum(amount_minor)::bigint FROM ledger_entries GROUP BY account ORDER BY account"


async def test_money_of_before_is_in_the_books_and_on_its_way(
    fresh_postgres_url: DatabaseUrl, tmp_path: Path
) -> None:
    url = fresh_postgres_url("payments")
    for name in BEFORE:
        shutil.copy(MIGRATIONS / name, tmp_path / name)
    await migrate(url, tmp_path)
    database = Database(url)
    try:
        async with database.write() as session:
            for minor, outcome in ((500, "ACCEPTED"), (700, "REJECTED"), (0, "REJECTED"), (900, None)):
                await session.execute(text(BEGIN), {"minor": minor})
                await session.execute(text(PAY), {"outcome": outcome})
        await migrate(url, MIGRATIONS)
        async with database.read() as session:
            refunds = await session.execute(text("SELECT amount_minor, status FROM refunds"))
            assert [tuple(row) for row in refunds] == [(700, "PENDING")]
            books = await session.execute(text(BOOKS))
            assert [tuple(row) for row in books] == [("GATEWAY", 2100), ("OWED", -1600), ("SALES", -500)]
            due = await session.execute(
                text("SELECT amount_minor FROM payments WHERE next_try_at IS NOT NULL")
            )
            assert [tuple(row) for row in due] == [(900,)]
    finally:
        await database.close()
