"""Refunds: asking for them, and what becomes of them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from subgraphs.common.database import WriteSession
from subgraphs.common.money import Money
from subgraphs.payments.domain import Payment, PaymentStatus, Refund, RefundReason, RefundState
from subgraphs.payments.models import IdempotencyRow, PaymentRow, RefundRow
from subgraphs.payments.repository import AnySession
from subgraphs.payments.repository.records import read_payment, read_refund

_OPERATION = "refundPayment"


async def find_refunds(session: AnySession, ids: Collection[UUID]) -> list[Refund]:
    """Those of the refunds that exist."""
    statement = select(RefundRow).where(RefundRow.id == any_(literal([*ids], ARRAY(Uuid))))
    return [read_refund(row) for row in await session.scalars(statement)]


async def list_of_payments(session: AnySession, payment_ids: Collection[UUID]) -> list[Refund]:
    """All refunds of the payments, oldest first."""
    statement = (
        select(RefundRow)
        .where(RefundRow.payment_id == any_(literal([*payment_ids], ARRAY(Uuid))))
        .order_by(RefundRow.id)
    )
    return [read_refund(row) for row in await session.scalars(statement)]


async def lock_payment(session: WriteSession, payment_id: UUID) -> Payment | None:
    """The payment, which nobody else changes or refunds until the transaction ends."""
    statement = select(PaymentRow).where(PaymentRow.id == payment_id).with_for_update()
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_payment(row)


async def sum_refunds(session: AnySession, payment_id: UUID, states: Collection[RefundState]) -> int:
    """What a payment's refunds in these states come to, in minor units."""
    statement = select(func.coalesce(func.sum(RefundRow.amount_minor), 0)).where(
        RefundRow.payment_id == payment_id, RefundRow.status.in_(states)
    )
    return int((await session.execute(statement)).scalar_one())


async def insert_refund(  # noqa: PLR0913 -- a row
    session: WriteSession,
    payment_id: UUID,
    amount: Money,
    reason: RefundReason,
    *,
    note: str | None = None,
    requested_by: UUID | None = None,
    refund_id: UUID | None = None,
) -> Refund | None:
    """Store a new, pending refund; None if there is one with the id."""
    given = {"id": refund_id} if refund_id is not None else {}
    statement = (
        insert(RefundRow)
        .values(
            **given,
            payment_id=payment_id,
            amount_minor=amount.minor,
            currency=amount.currency,
            reason=reason,
            note=note,
            requested_by=requested_by,
        )
        .on_conflict_do_nothing(index_elements=[RefundRow.id])
        .returning(RefundRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_refund(row)


async def complete_refund(
    session: WriteSession, refund_id: UUID, state: RefundState, gateway_reference: str
) -> Refund | None:
    """Store what a pending refund came to; None if it is not pending (any more)."""
    statement = (
        update(RefundRow)
        .where(RefundRow.id == refund_id, RefundRow.status == RefundState.PENDING)
        .values(status=state, gateway_reference=gateway_reference, completed_at=func.now())
        .returning(RefundRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_refund(row)


async def mark_refunded(session: WriteSession, payment: Payment, status: PaymentStatus) -> Payment:
    """Move a paid payment, whose row is locked, to how much of it was given back."""
    statement = (
        update(PaymentRow).where(PaymentRow.id == payment.id).values(status=status).returning(PaymentRow)
    )
    return read_payment((await session.scalars(statement)).one())


async def take_due(session: WriteSession, now: datetime, until: datetime) -> Refund | None:
    """Take one refund that is due, for oneself until a time."""
    due = (
        select(RefundRow.id)
        .where(RefundRow.next_try_at <= now)
        .order_by(RefundRow.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(RefundRow)
        .where(RefundRow.id == due)
        .values(next_try_at=until, tries=RefundRow.tries + 1)
        .returning(RefundRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_refund(row)


async def rest(session: WriteSession, refund_id: UUID) -> None:
    """There is nothing more to do about a refund."""
    await session.execute(update(RefundRow).where(RefundRow.id == refund_id).values(next_try_at=None))


async def find_idempotent(session: AnySession, user_id: UUID, key: str) -> tuple[bytes, UUID] | None:
    """The hash of the input that a key was used with, and the refund that it led to."""
    statement = select(IdempotencyRow.request_sha256, IdempotencyRow.refund_id).where(
        IdempotencyRow.user_id == user_id,
        IdempotencyRow.operation == _OPERATION,
        IdempotencyRow.key == key,
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None or row[1] is None else (row[0], row[1])


async def claim_key(
    session: WriteSession, user_id: UUID, key: str, request_sha256: bytes, refund: Refund
) -> bool:
    """Take an idempotency key; False if somebody had it before. Waits for whoever is taking it right now."""
    statement = (
        insert(IdempotencyRow)
        .values(
            user_id=user_id,
            operation=_OPERATION,
            key=key,
            request_sha256=request_sha256,
            payment_id=refund.payment_id,
            refund_id=refund.id,
        )
        .on_conflict_do_nothing()
        .returning(IdempotencyRow.key)
    )
    return (await session.execute(statement)).one_or_none() is not None
