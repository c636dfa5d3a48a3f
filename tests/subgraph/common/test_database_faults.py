"""What a client hears when the database is the fault: that it may try again, and nothing of why."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no type information
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.common.database import BUSY, SILENT, Database, Pool
from subgraphs.common.errors import UnavailableError
from tests.support.postgres import DatabaseUrl

SMALL = Pool(size=1, overflow_max=1, timeout_s=0.2)


@pytest_asyncio.fixture
async def database(postgres_url: DatabaseUrl) -> AsyncIterator[Database]:
    """A database with room for two at once, whose statements may take 300 ms."""
    made = Database(postgres_url("faults"), {"statement_timeout": "300"}, SMALL)
    yield made
    await made.close()


async def one(database: Database) -> int:
    async with database.read() as session:
        found: int = (await session.execute(text("SELECT 1"))).scalar_one()
    return found


async def test_who_finds_no_connection_is_told_to_come_again(database: Database) -> None:
    everybody_in, go = asyncio.Event(), asyncio.Event()
    inside = 0

    async def hold() -> None:
        nonlocal inside
        async with database.write() as session:
            await session.execute(text("SELECT 1"))
            inside += 1
            if inside == SMALL.size + SMALL.overflow_max:
                everybody_in.set()
            await go.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(SMALL.size + SMALL.overflow_max):
            group.create_task(hold())
        await everybody_in.wait()
        with pytest.raises(UnavailableError, match=re.escape(BUSY)):
            await one(database)
        go.set()
    assert await one(database) == 1


async def test_a_statement_that_takes_too_long_is_ended_and_told(database: Database) -> None:
    for use in (database.read, database.write):
        with pytest.raises(UnavailableError, match=re.escape(SILENT)):
            async with use() as session:
                await session.execute(text("SELECT pg_sleep(30)"))
    assert await one(database) == 1


async def test_a_connection_that_is_lost_on_the_way_is_told_and_the_next_one_works(
    database: Database, postgres_url: DatabaseUrl
) -> None:
    async def lose() -> None:
        async with database.write() as session:
            pid = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            other = await asyncpg.connect(postgres_url("faults"))
            await other.execute("SELECT pg_terminate_backend($1)", pid)
            await other.close()
            await session.execute(text("SELECT 1"))

    with pytest.raises(UnavailableError):
        await lose()
    assert await one(database) == 1


async def test_a_connection_whose_last_words_are_read_and_whose_end_is_not_is_told_as_lost(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prepare(*_: object, **__: object) -> None:
        # What asyncpg says when an idle connection got FATAL, as at each restart, and is used before it is closed.
        raise asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress")

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.Connection, "prepare", prepare)
        with pytest.raises(UnavailableError, match=re.escape(SILENT)):
            await one(database)
    assert await one(database) == 1


async def test_a_connection_that_turns_out_to_be_lost_has_the_others_replaced(
    postgres_url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgres_url("faults"), None, Pool(size=3))
    lost: set[asyncpg.Connection] = set()
    prepare = asyncpg.Connection.prepare

    async def prepare_if_alive(connection: asyncpg.Connection, *given: Any, **named: Any) -> Any:
        if connection in lost:
            raise asyncpg.InternalClientError(
                "cannot switch to state 11; another operation (2) is in progress"
            )
        return await prepare(connection, *given, **named)

    async with database.read() as first, database.read() as second, database.read() as third:
        for session in (first, second, third):
            lost.add((await (await session.connection()).get_raw_connection()).driver_connection)
    monkeypatch.setattr(asyncpg.Connection, "prepare", prepare_if_alive)
    assert len(lost) == 3
    with pytest.raises(UnavailableError):
        await one(database)
    assert await one(database) == 1
    await database.close()


async def test_where_there_is_no_server_everybody_is_told(tmp_path: object) -> None:
    nowhere = Database(f"postgresql://u:p@/x?host={tmp_path}&port=1", None, SMALL)
    for _ in range(4):
        with pytest.raises(UnavailableError, match=re.escape(SILENT)):
            await one(nowhere)
    await nowhere.close()


async def test_a_fault_of_the_statement_stays_one(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.write() as session:
            await session.execute(text("SELECT 1 / 0"))
    with pytest.raises(ValueError, match="ours"):
        async with database.write():
            raise ValueError("ours")
    assert await one(database) == 1


async def test_what_is_cut_off_is_rolled_back_and_leaves_nothing_behind(
    database: Database, postgres_url: DatabaseUrl
) -> None:
    other = await asyncpg.connect(postgres_url("faults"))
    await other.execute("CREATE TABLE IF NOT EXISTS seats (n int PRIMARY KEY)")

    async def take(number: int) -> None:
        async with database.write() as session:
            await session.execute(text("INSERT INTO seats VALUES (:n)"), {"n": number})
            waiting.set()
            await session.execute(text("LOCK TABLE seats"))

    for number in range(2 * (SMALL.size + SMALL.overflow_max)):
        waiting = asyncio.Event()
        transaction = other.transaction()
        await transaction.start()
        await other.execute("LOCK TABLE seats IN ROW EXCLUSIVE MODE")
        work = asyncio.ensure_future(take(number))
        await waiting.wait()
        work.cancel()
        await asyncio.wait([work])
        assert work.cancelled()
        await transaction.rollback()
        assert database.pool.checkedout() == 0
    assert await one(database) == 1
    assert await other.fetchval("SELECT count(*) FROM seats") == 0
    await other.close()


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "55P03"])
async def test_who_another_transaction_was_in_the_way_of_is_told_to_come_again(
    database: Database, sqlstate: str
) -> None:
    with pytest.raises(UnavailableError, match=re.escape(BUSY)):
        async with database.write() as session:
            await session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$"))


async def test_a_transaction_that_its_process_forgot_gives_its_locks_free(postgres_url: DatabaseUrl) -> None:
    database = Database(postgres_url("faults"), {"idle_in_transaction_session_timeout": "20"}, SMALL)

    async def forget() -> None:
        ended = asyncio.Event()
        async with database.write() as session:
            driver: Any = (await (await session.connection()).get_raw_connection()).driver_connection
            driver.add_termination_listener(lambda _connection: ended.set())
            await session.execute(text("SELECT 1"))
            await ended.wait()
            await session.execute(text("SELECT 1"))

    with pytest.raises(UnavailableError, match=re.escape(SILENT)):
        await forget()
    assert await one(database) == 1
    await database.close()


async def test_closing_waits_for_the_connections_that_are_in_use(postgres_url: DatabaseUrl) -> None:
    database = Database(postgres_url("faults"), pool=SMALL)
    taken, release = asyncio.Event(), asyncio.Event()

    async def use() -> Any:
        async with database.read() as session:
            connection = await (await session.connection()).get_raw_connection()
            taken.set()
            await release.wait()
            return connection.driver_connection

    using = asyncio.ensure_future(use())
    await taken.wait()
    closing = asyncio.ensure_future(database.close())
    await asyncio.sleep(0)
    assert not closing.done()
    release.set()
    driver = await using
    await closing
    assert driver.is_closed()
