"""Orders' demo data: none yet. Orders are made by the people who use the demo."""

from subgraphs.orders.service import OrdersService


async def seed(service: OrdersService) -> None:
    """Make sure that the database answers; there is nothing to load."""
    await service.database.ping()
