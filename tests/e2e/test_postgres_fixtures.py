"""The run's own Postgres: each name has a database that its role owns and no other role may enter."""

import asyncpg
import pytest

from tests.support.postgres import DatabaseUrl


async def test_one_name_is_one_database_for_the_whole_run(postgres_url: DatabaseUrl) -> None:
    connection = await asyncpg.connect(postgres_url("one"))
    await connection.execute("CREATE TABLE kept (id uuid DEFAULT uuidv7())")
    await connection.close()

    again = await asyncpg.connect(postgres_url("one"))
    assert await again.fetchval("SELECT count(*) FROM kept") == 0
    await again.close()


async def test_a_fresh_database_is_another_one_at_each_call(fresh_postgres_url: DatabaseUrl) -> None:
    first, second = fresh_postgres_url("one"), fresh_postgres_url("one")

    assert first != second


async def test_a_role_enters_no_database_but_its_own(fresh_postgres_url: DatabaseUrl) -> None:
    mine, other = fresh_postgres_url("mine"), fresh_postgres_url("other")
    database_of_other = other.rpartition("/")[0], mine.split("@")[0], other.split("@")[1]

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect("@".join(database_of_other[1:]))


async def test_a_role_may_install_the_extensions_that_search_needs(fresh_postgres_url: DatabaseUrl) -> None:
    connection = await asyncpg.connect(fresh_postgres_url("search"))
    for name in ("pg_trgm", "citext", "unaccent", "btree_gist"):
        await connection.execute(f"CREATE EXTENSION {name}")
    assert await connection.fetchval("SELECT similarity('figma', 'fgma') > 0.2")
    await connection.close()
