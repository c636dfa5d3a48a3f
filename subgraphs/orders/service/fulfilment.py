"""What happens to an order once it is paid: it is worked on, and completed when everything of it can be used."""

from dataclasses import dataclass

from subgraphs.common.database import Database
from subgraphs.orders.domain import SYSTEM, OrderStatus
from subgraphs.orders.repository import orders

AT_ONCE = 100
"""How many orders one transaction moves."""
STEPS = (
    (OrderStatus.PAID, OrderStatus.PROCESSING, "Its licences are being made ready."),
    (OrderStatus.PROCESSING, OrderStatus.COMPLETED, "Everything of it can be used."),
)


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """Takes paid orders to their end; many processes may do so, each order is taken by one."""

    database: Database

    async def run_due(self) -> int:
        """Move every order that can go on by one step, or by both; return how many moves there were."""
        count = 0
        for before, after, note in STEPS:
            moved = AT_ONCE
            while moved == AT_ONCE:
                async with self.database.write() as session:
                    found = await orders.fulfil_orders(session, before, after, AT_ONCE)
                    for order in found:
                        await orders.insert_event(session, order, before, SYSTEM, note)
                moved = len(found)
                count += moved
        return count
