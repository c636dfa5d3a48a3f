"""Rows that have served their time: deleted a little at a time, by whichever process comes by.

A batch is found by an index on the time and taken with SKIP LOCKED, so that neither a large backlog nor two processes
hold anybody up. What is left when the hour's share is done waits for the next hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, select, tuple_

from subgraphs.common.database import Database

BATCH = 500
"""How many rows one transaction deletes."""
BATCHES_MAX = 200
"""How many batches of one table an hour takes at most."""


@dataclass(frozen=True, slots=True)
class Purge:
    """The rows of `table` whose time `at` is `keep` ago, and for which `unless` is not so."""

    table: Table
    at: Any
    keep: timedelta
    unless: ColumnElement[bool] | None = None

    async def run(self, database: Database) -> int:
        """Delete the hour's share and return how many rows there were."""
        count = 0
        for _ in range(BATCHES_MAX):
            deleted = await self._delete_batch(database)
            count += deleted
            if deleted < BATCH:
                break
        return count

    async def _delete_batch(self, database: Database) -> int:
        keys = [*self.table.primary_key.columns]
        old = select(*keys).where(self.at < func.now() - self.keep)
        if self.unless is not None:
            old = old.where(~self.unless)
        batch = old.order_by(self.at).limit(BATCH).with_for_update(skip_locked=True)
        statement = delete(self.table).where(tuple_(*keys).in_(batch)).returning(*keys)
        async with database.write() as session:
            return len((await session.execute(statement)).all())


@dataclass(frozen=True, slots=True)
class Purges:
    """All that one service forgets."""

    database: Database
    purges: Sequence[Purge]

    async def run_due(self) -> int:
        """Delete what is old; return how many rows there were."""
        return sum([await purge.run(self.database) for purge in self.purges])
