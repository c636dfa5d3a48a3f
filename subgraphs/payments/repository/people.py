"""What payments knows of one person: read as a whole, and forgotten."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, case, delete, func, literal, null, select, update

from subgraphs.common.database import WriteSession
from subgraphs.common.erasure import ErasedCustomers
from subgraphs.payments.domain import OPEN, Payment
from subgraphs.payments.models import Base, IdempotencyRow, PaymentRow, RefundRow
from subgraphs.payments.repository import AnySession
from subgraphs.payments.repository.records import read_payment

ERASED = ErasedCustomers(Base.metadata.tables["erased_customers"])


async def scrub_payments(session: WriteSession, payer_id: UUID) -> None:
    """Drop what is only for the payer, and have what is open ended; the money's way stays as it was."""
    is_open = PaymentRow.status.in_(OPEN)
    await session.execute(
        update(PaymentRow)
        .where(PaymentRow.payer_id == payer_id)
        .values(
            return_url=None,
            payment_token=None,
            next_action=null(),
            cancel_requested_at=case(
                (is_open, func.coalesce(PaymentRow.cancel_requested_at, func.now())),
                else_=PaymentRow.cancel_requested_at,
            ),
            next_try_at=case((is_open, func.now()), else_=PaymentRow.next_try_at),
        )
        .execution_options(synchronize_session=False)
    )


async def drop_notes(session: WriteSession, payer_id: UUID) -> None:
    """Drop what people wrote about a payer's refunds."""
    own = select(PaymentRow.id).where(PaymentRow.payer_id == payer_id)
    await session.execute(
        update(RefundRow)
        .where(RefundRow.payment_id.in_(own), RefundRow.note.is_not(None))
        .values(note=None)
        .execution_options(synchronize_session=False)
    )


async def list_notes(session: AnySession, payment_ids: Collection[UUID]) -> dict[UUID, str]:
    """What people wrote about the refunds of payments, by refund."""
    statement = select(RefundRow.id, RefundRow.note).where(
        RefundRow.payment_id == any_(literal([*payment_ids], ARRAY(Uuid))), RefundRow.note.is_not(None)
    )
    return {refund_id: note for refund_id, note in await session.execute(statement) if note is not None}


async def drop_keys(session: WriteSession, payer_id: UUID) -> None:
    """Forget a payer's idempotency keys."""
    await session.execute(delete(IdempotencyRow).where(IdempotencyRow.user_id == payer_id))


async def list_newest(session: AnySession, payer_id: UUID, limit: int) -> list[Payment]:
    """A payer's newest payments."""
    rows = await session.scalars(
        select(PaymentRow)
        .where(PaymentRow.payer_id == payer_id)
        .order_by(PaymentRow.created_at.desc(), PaymentRow.id.desc())
        .limit(limit)
    )
    return [read_payment(row) for row in rows]
