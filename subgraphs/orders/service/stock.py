"""Limited products: never more in orders than there are licences to sell, nor too many with one who has not paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.database import Database, WriteSession
from subgraphs.common.errors import ErrorCode, InvalidInputError
from subgraphs.orders.domain import OutOfStockError, PricedItem
from subgraphs.orders.repository import orders, stock

UNPAID_MAX = 1000
"""How many orders of one customer wait for money at once."""
HELD_MIN = 10
"""How many of a limited product one customer may hold without having paid, however few there are."""
HELD_SHARE = 2
"""Of more there are, one customer may hold half."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What is taken, in one database."""

    database: Database

    async def count(self, items: Sequence[PricedItem]) -> None:
        """Have the limited products counted; the first order of one of them waits for those that are being made."""
        limited = {item.product_id for item in items if item.limit is not None}
        if not limited:
            return
        async with self.database.read() as session:
            missing = limited - await stock.list_counted(session, limited)
        if missing:
            async with self.database.write() as session:
                await stock.stop_ordering(session)
                await stock.start_counting(session, sorted(missing))

    async def check_unpaid(self, session: WriteSession, customer_id: UUID) -> None:
        """Refuse the order that the caller's transaction has just made if it is one too many.

        Raises:
            InvalidInputError: so many of the customer's orders wait for money.
        """
        if await orders.count_unpaid(session, customer_id) > UNPAID_MAX:
            message = f"{UNPAID_MAX} of your orders are not paid yet: pay or cancel one of them first."
            raise InvalidInputError(message, ("input",), ErrorCode.LIMIT_EXCEEDED)

    async def check(self, session: WriteSession, customer_id: UUID, items: Sequence[PricedItem]) -> None:
        """Let the caller's transaction take the items, and nobody take them meanwhile.

        Raises:
            OutOfStockError: so many are not left, or are too many for a customer who has not paid for them.
        """
        limited = [item.product_id for item in items if item.limit is not None]
        if not limited:
            return
        taken = await stock.lock_taken(session, [item.product_id for item in items])
        held = await stock.count_held(session, customer_id, limited)
        for item in items:
            if item.limit is not None:
                left = max(item.limit - taken[item.product_id], 0)
                free = max(_count_held_max(item.limit) - held.get(item.product_id, 0), 0)
                if item.quantity > min(left, free):
                    is_held = free < left
                    raise OutOfStockError(item.product_id, item.position, min(left, free), is_held=is_held)


def _count_held_max(limit: int) -> int:
    return max(HELD_MIN, limit // HELD_SHARE)
