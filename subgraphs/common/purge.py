"""Rows that have served their time: deleted a little at a time, by whichever process comes by.

A batch is found by an index on the time and taken with SKIP LOCKED, so that neither a large backlog nor two processes
hold anybody up. What is left when the hour's share is done waits for the next hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, func, select, tuple_

from subgraphs.common.database import Database

BATCH = 500
"""How many rows one transaction deletes."""
BATCHES_MAX = 200
"""How many batches of one table an hour takes at most."""


@dataclass(frozen=True, slots=True)
class Purge:
    """The rows of `table` whose time `at`, and time `age` if there is one, is `keep` ago; `batch` at once."""

    table: Table
    at: Any
    keep: timedelta
    age: Any = None
    batch: int | None = None

    async def run(self, database: Database, now: datetime | None = None) -> int:
        """Delete the hour's share and return how many rows there were; None is the database's own time."""
        size, count = self.batch or BATCH, 0
        for _ in range(BATCHES_MAX):
            deleted = await self._delete_batch(database, now, size)
            count += deleted
            if deleted < size:
                break
        return count

    async def _delete_batch(self, database: Database, now: datetime | None, size: int) -> int:
        keys = [*self.table.primary_key.columns]
        bound = func.now() - self.keep if now is None else now - self.keep
        old = select(*keys).where(self.at < bound)
        if self.age is not None:
            old = old.where(self.age < bound)
        batch = old.order_by(self.at).limit(size).with_for_update(skip_locked=True)
        statement = delete(self.table).where(tuple_(*keys).in_(batch)).returning(*keys)
        async with database.write() as session:
            return len((await session.execute(statement)).all())


@dataclass(frozen=True, slots=True)
class Purges:
    """All that one service forgets."""

    database: Database
    purges: Sequence[Purge]

    async def run_due(self, now: datetime | None = None) -> int:
        """Delete what is old; return how many rows there were."""
        return sum([await purge.run(self.database, now) for purge in self.purges])
