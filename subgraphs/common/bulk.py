"""Many rows at once, for what is loaded rather than done: by COPY, and by one UPDATE for many rows.

Triggers and constraints see these rows as they see any others.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ARRAY, Table, any_, column, func, literal, select, text, update
from sqlalchemy.sql.selectable import TableValuedAlias

from subgraphs.common.database import Database, WriteSession

LOADED_AT_ONCE = 1_000
"""How many things one transaction stores: it takes half a second, and that much is lost when it is interrupted."""
_LOCK_KEY = 7_263_002
_LOAD_TIMEOUT_MS = 120_000

_Item = TypeVar("_Item")


def split(items: Iterable[_Item], size: int = LOADED_AT_ONCE) -> Iterator[list[_Item]]:
    """The items in their sequence, in lists of `size`; the last may be shorter."""
    source = iter(items)
    while part := [*islice(source, size)]:
        yield part


@asynccontextmanager
async def loading(database: Database) -> AsyncIterator[WriteSession]:
    """One transaction that loads; two that load at the same time take turns, so that each sees what the other stored."""
    async with database.write() as session:
        await session.execute(text(f"SET LOCAL statement_timeout = {_LOAD_TIMEOUT_MS}"))
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        yield session


async def find_stored(session: WriteSession, key: Any, values: Collection[Any]) -> set[Any]:
    """Those of the values of a key (a column) that are there already."""
    statement = select(key).where(key == any_(literal([*values], ARRAY(key.type))))
    return {*await session.scalars(statement)}


async def copy_rows(session: WriteSession, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store rows that all have the columns of the first; JSON is given as text. Call it in `loading`."""
    if not rows:
        return
    columns = [*rows[0]]
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    records = [tuple(row[name] for name in columns) for row in rows]
    await driver.copy_records_to_table(table.name, records=records, columns=columns)


async def update_rows(session: WriteSession, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Give the rows with the ids of `rows` their other columns; all of them are there."""
    given = build_values(table, rows)
    values = {name: given.c[name] for name in rows[0] if name != "id"}
    statement = update(table).where(table.c.id == given.c.id).values(values).returning(table.c.id)
    updated = (await session.execute(statement)).all()
    assert len(updated) == len(rows), "a row of this transaction is not there"


def build_values(table: Table, rows: Sequence[Mapping[str, Any]]) -> TableValuedAlias:
    """Rows as a table `given` for the FROM of an UPDATE: its columns have the names and types of those of `table`."""
    columns = [table.c[name] for name in rows[0]]
    arrays = [literal([row[one.name] for row in rows], ARRAY(one.type)) for one in columns]
    given = func.unnest(*arrays).table_valued(*(column(one.name, one.type) for one in columns), name="given")
    return given.render_derived()
