"""Lists of payments, newest first: conditions and keyset pages."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from subgraphs.common.keyset import id_column, select_page, time_column
from subgraphs.common.owners import read_counts, read_pages
from subgraphs.common.pagination import CursorValues, PageRequest
from subgraphs.payments.domain import Payment, PaymentFilter
from subgraphs.payments.models import PaymentRow
from subgraphs.payments.repository import AnySession
from subgraphs.payments.repository.records import read_payment

_COLUMNS = PaymentRow.__table__.c
_NEWEST = [time_column(PaymentRow.created_at), id_column(PaymentRow.id)]


async def list_payments(session: AnySession, wanted: PaymentFilter, request: PageRequest) -> list[Payment]:
    """At most `request.limit` payments, nearest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    return [read_payment(row) for row in await session.execute(_page(wanted, request))]


async def list_payments_of(
    session: AnySession, payer_ids: Collection[UUID], wanted: PaymentFilter, request: PageRequest
) -> dict[UUID, list[Payment]]:
    """The newest payments of each payer: at most `request.limit`, nearest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    return await read_pages(session, PaymentRow.payer_id, payer_ids, _page(wanted, request), read_payment)


async def count_payments(session: AnySession, wanted: PaymentFilter) -> int:
    """How many payments the whole list holds."""
    statement = select(func.count()).select_from(PaymentRow).where(*_conditions(wanted))
    return (await session.execute(statement)).scalar_one()


async def count_payments_of(
    session: AnySession, payer_ids: Collection[UUID], wanted: PaymentFilter
) -> dict[UUID, int]:
    """How many payments each payer has; 0 for one who has none."""
    statement = (
        select(PaymentRow.payer_id, func.count())
        .where(PaymentRow.payer_id.in_(payer_ids), *_conditions(wanted))
        .group_by(PaymentRow.payer_id)
    )
    return await read_counts(session, payer_ids, statement)


def build_cursor_values(payment: Payment) -> CursorValues:
    """What a cursor of a list says of a payment."""
    return (payment.created_at.isoformat(), str(payment.id))


def _page(wanted: PaymentFilter, request: PageRequest) -> Any:
    return select_page(select(*_COLUMNS).where(*_conditions(wanted)), _NEWEST, request, descending=True)


def _conditions(wanted: PaymentFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.statuses is not None:
        conditions.append(PaymentRow.status.in_(wanted.statuses))
    if wanted.methods is not None:
        conditions.append(PaymentRow.method.in_(wanted.methods))
    if wanted.order_id is not None:
        conditions.append(PaymentRow.order_id == wanted.order_id)
    if wanted.reference is not None:
        conditions.append(PaymentRow.reference == wanted.reference)
    if wanted.created_from is not None:
        conditions.append(PaymentRow.created_at >= wanted.created_from)
    if wanted.created_to is not None:
        conditions.append(PaymentRow.created_at < wanted.created_to)
    return conditions
