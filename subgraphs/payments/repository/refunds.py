"""Refunds, and the ledger that follows the money."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, func, insert, literal, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert

from subgraphs.common.database import WriteSession
from subgraphs.common.money import Money
from subgraphs.common.outbox import LEASE
from subgraphs.payments.domain import PAID, Payment, PaymentStatus, Refund, RefundReason, RefundState
from subgraphs.payments.models import Base, PaymentRow, RefundRow
from subgraphs.payments.repository import AnySession
from subgraphs.payments.repository.payments import DOUBLINGS_MAX
from subgraphs.payments.repository.records import read_payment, read_refund

_LEDGER = Base.metadata.tables["ledger_entries"]


async def list_refunds(
    session: AnySession, payment_ids: Collection[UUID], ids: Collection[UUID] = ()
) -> list[Refund]:
    """The refunds of the payments, and those with the ids, oldest first."""
    statement = (
        select(RefundRow, PaymentRow.currency)
        .join(PaymentRow, PaymentRow.id == RefundRow.payment_id)
        .where(
            (RefundRow.payment_id == any_(literal([*payment_ids], ARRAY(Uuid))))
            | (RefundRow.id == any_(literal([*ids], ARRAY(Uuid))))
        )
        .order_by(RefundRow.id)
        .execution_options(populate_existing=True)
    )
    return [read_refund(row, currency) for row, currency in await session.execute(statement)]


async def reserve_refund(session: WriteSession, payment_id: UUID, amount: Money) -> Payment | None:
    """Set money of a payment aside for a refund; None if so much of it is not left. Two at once never overdraw."""
    statement = (
        update(PaymentRow)
        .where(
            PaymentRow.id == payment_id,
            PaymentRow.status.in_(PAID),
            PaymentRow.order_outcome.is_not(None),
            PaymentRow.currency == amount.currency,
            PaymentRow.refunding_minor + amount.minor <= PaymentRow.amount_minor,
        )
        .values(refunding_minor=PaymentRow.refunding_minor + amount.minor)
        .returning(PaymentRow)
    )
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else read_payment(row)


async def insert_refund(
    session: WriteSession, payment_id: UUID, amount: Money, reason: RefundReason, **more: Any
) -> Refund:
    """Store a pending refund of money that was set aside; `more` are its note, requested_by and next_try_at."""
    statement = (
        insert(RefundRow)
        .values(payment_id=payment_id, amount_minor=amount.minor, reason=reason, **more)
        .returning(RefundRow)
    )
    return read_refund((await session.scalars(statement)).one(), amount.currency)


async def take_due_refund(session: WriteSession) -> UUID | None:
    """Take a refund that is due, for the time of the lease, and give its id."""
    due = (
        select(RefundRow.id)
        .where(RefundRow.status == RefundState.PENDING, RefundRow.next_try_at <= func.now())
        .order_by(RefundRow.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    wait = LEASE * func.power(2, func.least(RefundRow.tries, DOUBLINGS_MAX))
    statement = (
        update(RefundRow)
        .where(RefundRow.id == due)
        .values(next_try_at=func.now() + wait, tries=RefundRow.tries + 1)
        .returning(RefundRow.id)
    )
    return (await session.scalars(statement)).one_or_none()


async def finish_refund(session: WriteSession, refund_id: UUID, state: RefundState) -> bool:
    """End a pending refund; False if it was ended before."""
    statement = (
        update(RefundRow)
        .where(RefundRow.id == refund_id, RefundRow.status == RefundState.PENDING)
        .values(status=state, completed_at=func.now())
        .returning(RefundRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def settle_refund(
    session: WriteSession, refund: Refund, state: RefundState
) -> tuple[PaymentStatus, Payment]:
    """Book an ended refund on its payment: paid back, or free to be asked for again; gives the status before, and the payment."""
    is_back = state is RefundState.SUCCEEDED
    refunded = PaymentRow.refunded_minor + (refund.amount.minor if is_back else 0)
    changes: dict[str, Any] = {"refunded_minor": refunded}
    if is_back:
        changes["status"] = func.coalesce(
            select(literal(PaymentStatus.REFUNDED.value))
            .where(refunded == PaymentRow.amount_minor)
            .correlate(PaymentRow)
            .scalar_subquery(),
            PaymentStatus.PARTIALLY_REFUNDED.value,
        )
    else:
        changes["refunding_minor"] = PaymentRow.refunding_minor - refund.amount.minor
    # What was read before may be old by now: another refund of the payment may have ended meanwhile.
    old_status: ColumnElement[str] = literal_column("old.status")
    statement = (
        update(PaymentRow)
        .where(PaymentRow.id == refund.payment_id)
        .values(**changes)
        .returning(old_status, PaymentRow)
    )
    before, row = (await session.execute(statement)).one()
    return PaymentStatus(before), read_payment(row)


async def note_total(session: WriteSession, refund_id: UUID, payment: Payment) -> None:
    """Note what of the payment had gone back with a refund; the payment is held locked, so the totals are in their order."""
    statement = (
        update(RefundRow).where(RefundRow.id == refund_id).values(running_total_minor=payment.refunded_minor)
    )
    await session.execute(statement)


async def list_totals(session: WriteSession, payment_id: UUID) -> list[tuple[UUID, int, datetime]]:
    """The refunds of a payment that went back, oldest first: id, all that had gone back with it, and when."""
    statement = (
        select(RefundRow.id, RefundRow.running_total_minor, RefundRow.completed_at)
        .where(RefundRow.payment_id == payment_id, RefundRow.running_total_minor.is_not(None))
        .order_by(RefundRow.running_total_minor)
    )
    rows = await session.execute(statement)
    return [(row.id, row.running_total_minor, row.completed_at) for row in rows]


async def count_refunds(session: WriteSession, payment_id: UUID) -> int:
    """How many refunds a payment has, but for those that came to nothing."""
    statement = (
        select(func.count())
        .select_from(RefundRow)
        .where(
            RefundRow.payment_id == payment_id,
            RefundRow.status.in_((RefundState.PENDING, RefundState.SUCCEEDED)),
        )
    )
    return (await session.scalars(statement)).one()


async def post(session: WriteSession, posting: str, payment: Payment, sides: Mapping[str, int]) -> None:
    """Write a posting, minor units by account; one that was written before stays as it is."""
    rows = [
        {
            "posting": posting,
            "account": account,
            "amount_minor": minor,
            "currency": payment.amount.currency,
            "payment_id": payment.id,
        }
        for account, minor in sides.items()
    ]
    await session.execute(postgres_insert(_LEDGER).values(rows).on_conflict_do_nothing())
