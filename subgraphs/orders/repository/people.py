"""What orders knows of one person: read as a whole, and forgotten."""

from uuid import UUID

from sqlalchemy import delete, func, select, update

from subgraphs.common.database import WriteSession
from subgraphs.common.erasure import ErasedCustomers
from subgraphs.orders.domain import ActorType, License, LicenseStatus, Order
from subgraphs.orders.models import (
    ActivationRow,
    Base,
    EventRow,
    IdempotencyRow,
    LicenseRow,
    OrderRow,
)
from subgraphs.orders.repository import AnySession
from subgraphs.orders.repository.licenses import read_license
from subgraphs.orders.repository.orders import read_order

ERASED = ErasedCustomers(Base.metadata.tables["erased_customers"])


async def drop_words(session: WriteSession, customer_id: UUID) -> None:
    """Drop what people wrote about a customer's orders; what this service wrote says nothing of anybody."""
    own = select(OrderRow.id).where(OrderRow.customer_id == customer_id)
    await session.execute(
        update(EventRow)
        .where(
            EventRow.order_id.in_(own), EventRow.actor_type != ActorType.SYSTEM, EventRow.message.is_not(None)
        )
        .values(message=None)
        .execution_options(synchronize_session=False)
    )


async def end_licenses(session: WriteSession, customer_id: UUID) -> None:
    """End a customer's licences, and forget where they were used."""
    usable = (LicenseStatus.ACTIVE, LicenseStatus.SUSPENDED)
    # The licences first, as whoever begins or ends a use locks them: after this there is no new one.
    await session.execute(
        update(LicenseRow)
        .where(LicenseRow.customer_id == customer_id, LicenseRow.status.in_(usable))
        .values(status=LicenseStatus.REVOKED, activation_count=0)
        .execution_options(synchronize_session=False)
    )
    own = select(LicenseRow.id).where(LicenseRow.customer_id == customer_id)
    await session.execute(
        delete(ActivationRow)
        .where(ActivationRow.license_id.in_(own))
        .execution_options(synchronize_session=False)
    )


async def drop_keys(session: WriteSession, customer_id: UUID) -> None:
    """Forget a customer's idempotency keys."""
    await session.execute(delete(IdempotencyRow).where(IdempotencyRow.user_id == customer_id))


async def list_newest(session: AnySession, customer_id: UUID, limit: int) -> list[Order]:
    """A customer's newest orders."""
    rows = await session.scalars(
        select(OrderRow)
        .where(OrderRow.customer_id == customer_id)
        .order_by(OrderRow.created_at.desc(), OrderRow.id.desc())
        .limit(limit)
    )
    return [read_order(row) for row in rows]


async def list_licenses(
    session: AnySession, customer_id: UUID, limit: int
) -> list[tuple[License, list[str]]]:
    """A customer's newest licences, each with the labels of the places where it is used."""
    labels = (
        select(func.array_agg(ActivationRow.label))
        .where(ActivationRow.license_id == LicenseRow.id)
        .correlate(LicenseRow)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(LicenseRow, labels)
        .where(LicenseRow.customer_id == customer_id)
        .order_by(LicenseRow.created_at.desc(), LicenseRow.id.desc())
        .limit(limit)
    )
    return [(read_license(row), [*(found or ())]) for row, found in rows]
