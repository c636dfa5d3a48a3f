"""One payment at a time, or several by their keys: reading, making, moving along the state machine."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert

from subgraphs.common.database import WriteSession
from subgraphs.payments.domain import (
    RUNNING,
    Attempt,
    OrderOutcome,
    PayableOrder,
    Payment,
    PaymentMethod,
    PaymentStatus,
)
from subgraphs.payments.models import AttemptRow, EventRow, IdempotencyRow, PaymentRow
from subgraphs.payments.repository import AnySession
from subgraphs.payments.repository.records import read_payment


async def find_payments(
    session: AnySession, ids: Collection[UUID], references: Collection[str] = ()
) -> list[Payment]:
    """Those of the payments that exist."""
    wanted = or_(
        PaymentRow.id == any_(literal([*ids], ARRAY(Uuid))),
        PaymentRow.reference == any_(literal([*references], ARRAY(Text))),
    )
    return [read_payment(row) for row in await session.scalars(select(PaymentRow).where(wanted))]


async def find_running(session: AnySession, order_id: UUID) -> Payment | None:
    """The payment of an order that is under way or has succeeded."""
    statement = select(PaymentRow).where(PaymentRow.order_id == order_id, PaymentRow.status.in_(RUNNING))
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_payment(row)


async def list_of_orders(session: AnySession, order_ids: Collection[UUID]) -> list[Payment]:
    """All payments of the orders, oldest first."""
    statement = (
        select(PaymentRow)
        .where(PaymentRow.order_id == any_(literal([*order_ids], ARRAY(Uuid))))
        .order_by(PaymentRow.created_at, PaymentRow.id)
    )
    return [read_payment(row) for row in await session.scalars(statement)]


async def list_attempts(session: AnySession, payment_ids: Collection[UUID]) -> list[Attempt]:
    """What the gateway answered, oldest first."""
    statement = (
        select(AttemptRow)
        .where(AttemptRow.payment_id == any_(literal([*payment_ids], ARRAY(Uuid))))
        .order_by(AttemptRow.id)
    )
    return [
        Attempt(row.id, row.payment_id, row.at, row.gateway_reference, row.outcome)
        for row in await session.scalars(statement)
    ]


async def insert_payment(
    session: WriteSession,
    order: PayableOrder,
    method: PaymentMethod,
    gateway: str,
    client: Mapping[str, str | None],
) -> Payment | None:
    """Store a new, pending payment; None if the order has a running one. `client` has its token and return URL."""
    statement = (
        postgres_insert(PaymentRow)
        .values(
            order_id=order.id,
            order_number=order.number,
            payer_id=order.customer_id,
            amount_minor=order.total.minor,
            currency=order.total.currency,
            method=method,
            gateway=gateway,
            expires_at=order.deadline,
            return_url=client.get("return_url"),
            payment_token=client.get("payment_token"),
        )
        .on_conflict_do_nothing()
        .returning(PaymentRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_payment(row)


async def move_payment(
    session: WriteSession,
    payment_id: UUID,
    before: Collection[PaymentStatus],
    changes: Mapping[str, Any],
) -> Payment | None:
    """Change a payment whose status is one of `before`; None if it is in none of them (any more)."""
    statement = (
        update(PaymentRow)
        .where(PaymentRow.id == payment_id, PaymentRow.status.in_(before))
        .values(**changes)
        .returning(PaymentRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_payment(row)


async def take_due(session: WriteSession, now: datetime, until: datetime) -> Payment | None:
    """Take one payment that is due to be looked at, for oneself until a time."""
    due = (
        select(PaymentRow.id)
        .where(PaymentRow.next_check_at <= now)
        .order_by(PaymentRow.next_check_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(PaymentRow)
        .where(PaymentRow.id == due)
        .values(next_check_at=until, checks=PaymentRow.checks + 1)
        .returning(PaymentRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_payment(row)


async def set_next_check(session: WriteSession, payment_id: UUID, at: datetime | None) -> None:
    """When a payment is looked at again; None: never."""
    await session.execute(update(PaymentRow).where(PaymentRow.id == payment_id).values(next_check_at=at))


async def set_order_outcome(
    session: WriteSession, payment_id: UUID, outcome: OrderOutcome, failure: dict[str, Any] | None
) -> Payment | None:
    """Store what orders said; None if that was stored before."""
    statement = (
        update(PaymentRow)
        .where(PaymentRow.id == payment_id, PaymentRow.order_outcome.is_(None))
        .values(order_outcome=outcome, failure=failure)
        .returning(PaymentRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_payment(row)


async def insert_attempt(
    session: WriteSession, payment_id: UUID, gateway_reference: str | None, outcome: str
) -> None:
    """Store what the gateway answered."""
    await session.execute(
        insert(AttemptRow).values(payment_id=payment_id, gateway_reference=gateway_reference, outcome=outcome)
    )


async def insert_event(
    session: WriteSession, payment: Payment, before: PaymentStatus | None, message: str | None
) -> None:
    """Store that a payment came to the status that it has now, or what happened to it there."""
    await session.execute(
        insert(EventRow).values(
            payment_id=payment.id, from_status=before, to_status=payment.status, message=message
        )
    )


async def find_idempotent(session: AnySession, user_id: UUID, key: str) -> tuple[bytes, UUID] | None:
    """The hash of the input that a key was used with, and the payment that it led to."""
    statement = select(IdempotencyRow.request_sha256, IdempotencyRow.payment_id).where(
        IdempotencyRow.user_id == user_id,
        IdempotencyRow.operation == "initiatePayment",
        IdempotencyRow.key == key,
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (row[0], row[1])


async def claim_key(
    session: WriteSession, user_id: UUID, key: str, request_sha256: bytes, payment_id: UUID
) -> bool:
    """Take an idempotency key; False if somebody had it before. Waits for whoever is taking it right now."""
    statement = (
        postgres_insert(IdempotencyRow)
        .values(
            user_id=user_id,
            operation="initiatePayment",
            key=key,
            request_sha256=request_sha256,
            payment_id=payment_id,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyRow.key)
    )
    return (await session.execute(statement)).one_or_none() is not None
