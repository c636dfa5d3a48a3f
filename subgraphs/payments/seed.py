"""Payments' demo data: none yet. Payments are made by the people who use the demo."""

from subgraphs.payments.service import PaymentsService


async def seed(service: PaymentsService) -> None:
    """Make sure that the database answers; there is nothing to load."""
    await service.database.ping()
