"""How many of each product were sold, counted after the fact so that no purchase waits for another."""

from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.database import Database
from subgraphs.orders.repository import sales

COUNTED_AT_ONCE = 1_000
TOLD_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Sales:
    """The sales in one database."""

    database: Database

    async def count_due(self) -> int:
        """Count what was not counted; gives how many transactions that took."""
        rounds = 0
        while await self._count_some():
            rounds += 1
        return rounds

    async def list_after(self, version: int) -> list[tuple[UUID, int, int]]:
        """Product, units in all, and version of what changed after a version; at most `TOLD_AT_ONCE`, in that order."""
        async with self.database.read() as session:
            return [*await sales.list_sales(session, version, TOLD_AT_ONCE)]

    async def _count_some(self) -> bool:
        async with self.database.write(is_news=False) as session:
            return await sales.count_sales(session, COUNTED_AT_ONCE)
