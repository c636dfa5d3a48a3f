"""Loaders: what many resolvers of one request ask for one by one, read in one statement."""

from dataclasses import dataclass
from uuid import UUID

from aiodataloader import DataLoader

from subgraphs.common.database import ReadSession
from subgraphs.common.loaders import Reading, build_finder, build_getter, for_each_rest
from subgraphs.common.pagination import Page, PageRequest
from subgraphs.payments.domain import Attempt, Payment, PaymentFilter, Refund
from subgraphs.payments.service import PaymentsService

PaymentKey = UUID | str
"""A payment's id, or its reference."""
HistoryKey = tuple[UUID, PaymentFilter, PageRequest]
"""A payer, which of the payments, and which page of them."""
CountKey = tuple[UUID, PaymentFilter]


@dataclass(frozen=True, slots=True)
class Loaders:
    """The loaders of one request; what is not there loads as None, an empty list or 0."""

    payments: DataLoader[PaymentKey, Payment | None]
    of_orders: DataLoader[UUID, list[Payment]]
    attempts: DataLoader[UUID, list[Attempt]]
    refunds: DataLoader[UUID, Refund | None]
    refunds_of: DataLoader[UUID, list[Refund]]
    histories: DataLoader[HistoryKey, Page[Payment]]
    counts: DataLoader[CountKey, int]


def build_loaders(service: PaymentsService, read: Reading) -> Loaders:
    """The loaders of one request, which read in sessions that `read` opens."""

    async def load_payments(session: ReadSession, keys: list[PaymentKey]) -> dict[PaymentKey, Payment]:
        ids = [key for key in keys if isinstance(key, UUID)]
        references = [key for key in keys if isinstance(key, str)]
        found = await service.find_payments(session, ids, references)
        return {key: payment for payment in found for key in (payment.id, payment.reference)}

    return Loaders(
        payments=build_finder(load_payments, read),
        of_orders=build_getter(service.list_of_orders, read),
        attempts=build_getter(service.list_attempts, read),
        refunds=build_finder(service.refunds.find, read),
        refunds_of=build_getter(service.refunds.list_of, read),
        histories=build_getter(for_each_rest(service.list_payments_of), read),
        counts=build_getter(for_each_rest(service.count_payments_of), read),
    )
