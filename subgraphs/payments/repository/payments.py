"""One payment at a time, or several by their keys: reading, making, moving along the state machine."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, any_, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert

from subgraphs.common.database import WriteSession
from subgraphs.common.erasure import lock_customer
from subgraphs.common.outbox import LEASE
from subgraphs.payments.domain import (
    OPEN,
    RUNNING,
    Attempt,
    OrderOutcome,
    PayableOrder,
    Payment,
    PaymentMethod,
    PaymentStatus,
)
from subgraphs.payments.models import AttemptRow, Base, GatewayEventRow, IdempotencyRow, PaymentRow
from subgraphs.payments.repository import AnySession
from subgraphs.payments.repository.records import read_payment

DOUBLINGS_MAX = 7
"""Half a minute doubled so often is about an hour: the longest wait between two tries."""
# Of the tables, not of the mapped classes: nobody wants the keys of what is stored.
_ATTEMPT = insert(Base.metadata.tables["payment_attempts"]).inline()
_EVENT = insert(Base.metadata.tables["payment_events"]).inline()


async def find_payments(
    session: AnySession, ids: Collection[UUID], references: Collection[str] = ()
) -> list[Payment]:
    """Those of the payments that exist."""
    wanted = or_(
        PaymentRow.id == any_(literal([*ids], ARRAY(Uuid))),
        PaymentRow.reference == any_(literal([*references], ARRAY(Text))),
    )
    # Read anew, whatever this session has seen before.
    statement = select(PaymentRow).where(wanted).execution_options(populate_existing=True)
    return [read_payment(row) for row in await session.scalars(statement)]


async def find_running(session: AnySession, order_id: UUID) -> Payment | None:
    """The payment of an order that is under way or has succeeded."""
    statement = select(PaymentRow).where(
        PaymentRow.order_id == order_id, PaymentRow.status.in_(RUNNING), PaymentRow.is_late.is_(False)
    )
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


async def lock_order(session: WriteSession, order_id: UUID) -> None:
    """Wait for who begins to pay an order; nobody does until this transaction ends."""
    await session.execute(select(_build_lock(order_id)))


def _build_lock(order_id: UUID) -> ColumnElement[Any]:
    return func.pg_advisory_xact_lock(func.hashtextextended(str(order_id), 0))


async def insert_payment(
    session: WriteSession,
    order: PayableOrder,
    method: PaymentMethod,
    gateway: str,
    client: Mapping[str, str | None],
) -> Payment | None:
    """Store a new, pending payment; None if the order has a running one. `client` has its token and return URL.

    Who hears that the order is closed waits until this transaction ends.
    """
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
            # Whoever stores it goes on with it at once; after that time anybody may.
            next_try_at=func.now() + LEASE,
            return_url=client.get("return_url"),
            payment_token=client.get("payment_token"),
        )
        .on_conflict_do_nothing()
        .returning(PaymentRow, _build_lock(order.id))
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


async def set_order_outcome(
    session: WriteSession, payment_id: UUID, outcome: OrderOutcome, failure: dict[str, Any] | None
) -> Payment | None:
    """Store what orders said, with which a payment has nothing more to do; None if that was stored before."""
    statement = (
        update(PaymentRow)
        .where(PaymentRow.id == payment_id, PaymentRow.order_outcome.is_(None))
        .values(order_outcome=outcome, failure=failure, next_try_at=None)
        .returning(PaymentRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_payment(row)


async def take_due_payment(session: WriteSession) -> Payment | None:
    """Take a payment that is due, for the time of the lease; it doubles with each try, so it is the back-off too."""
    due = (
        select(PaymentRow.id)
        .where(PaymentRow.next_try_at <= func.now())
        .order_by(PaymentRow.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    wait = LEASE * func.power(2, func.least(PaymentRow.tries, DOUBLINGS_MAX))
    statement = (
        update(PaymentRow)
        .where(PaymentRow.id == due)
        .values(next_try_at=func.now() + wait, tries=PaymentRow.tries + 1)
        .returning(PaymentRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_payment(row)


async def wake_payment(session: WriteSession, payment_id: UUID) -> None:
    """Have a payment looked up now, even one that was over: money may have come late."""
    await session.execute(
        update(PaymentRow).where(PaymentRow.id == payment_id).values(next_try_at=func.now(), tries=0)
    )


async def insert_gateway_event(
    session: WriteSession, gateway: str, event_id: str, event_type: str, payment_id: UUID | None
) -> bool:
    """Note a message of the gateway; False if it was noted before."""
    statement = (
        postgres_insert(GatewayEventRow)
        .values(gateway=gateway, event_id=event_id, type=event_type, payment_id=payment_id)
        .on_conflict_do_nothing()
        .returning(GatewayEventRow.event_id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def request_cancel(session: WriteSession, column: Any, key: UUID) -> Payment | None:
    """Ask for the end of the open payment whose `column` (its id, or its order) is `key`; None if there is none."""
    statement = (
        update(PaymentRow)
        .where(column == key, PaymentRow.status.in_(OPEN))
        .values(
            cancel_requested_at=func.coalesce(PaymentRow.cancel_requested_at, func.now()),
            next_try_at=func.now(),
            tries=0,
        )
        .returning(PaymentRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_payment(row)


async def insert_attempt(
    session: WriteSession, payment_id: UUID, gateway_reference: str | None, outcome: str
) -> None:
    """Store what the gateway answered."""
    await session.execute(
        _ATTEMPT.values(payment_id=payment_id, gateway_reference=gateway_reference, outcome=outcome)
    )


async def insert_event(
    session: WriteSession, payment: Payment, before: PaymentStatus | None, message: str | None
) -> None:
    """Store that a payment came to the status that it has now, or what happened to it there."""
    await session.execute(
        _EVENT.values(payment_id=payment.id, from_status=before, to_status=payment.status, message=message)
    )


async def find_idempotent(
    session: AnySession, user_id: UUID, operation: str, key: str
) -> IdempotencyRow | None:
    """What is stored with a key: the hash of the input that it was used with, and what that led to."""
    return await session.get(IdempotencyRow, (user_id, operation, key))


async def claim_key(session: WriteSession, **columns: Any) -> bool:
    """Take an idempotency key; False if somebody had it before. Waits for whoever is taking it right now.

    Nobody else takes one in that name, or forgets it, until this transaction ends.
    """
    statement = (
        postgres_insert(IdempotencyRow)
        .values(**columns)
        .on_conflict_do_nothing()
        .returning(IdempotencyRow.key, lock_customer(columns["user_id"]))
    )
    return (await session.execute(statement)).one_or_none() is not None
