"""Reports of comparisons with the gateway, and what they compare."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from subgraphs.common.database import WriteSession
from subgraphs.common.keyset import id_column, select_page
from subgraphs.common.pagination import PageRequest
from subgraphs.payments.domain import Payment, ReconciliationReport
from subgraphs.payments.models import PaymentRow, ReconciliationRow
from subgraphs.payments.repository import AnySession
from subgraphs.payments.repository.records import read_payment


async def list_of_gateway(
    session: AnySession, gateway: str, from_time: datetime, to_time: datetime
) -> list[Payment]:
    """The gateway's payments that were begun between two times."""
    statement = select(PaymentRow).where(
        PaymentRow.gateway == gateway, PaymentRow.created_at >= from_time, PaymentRow.created_at < to_time
    )
    return [read_payment(row) for row in await session.scalars(statement)]


async def find_end(session: AnySession, gateway: str) -> datetime | None:
    """Up to when payments were compared; None if none ever were."""
    statement = select(func.max(ReconciliationRow.to_time)).where(ReconciliationRow.gateway == gateway)
    return (await session.execute(statement)).scalar_one()


async def insert_report(session: WriteSession, report: ReconciliationReport) -> None:
    """Store a report; one of the same time that another process stored first stays."""
    columns = ("gateway", "from_time", "to_time", "matched", "missing_here", "missing_at_gateway")
    values = {name: getattr(report, name) for name in (*columns, "amount_mismatch")}
    await session.execute(insert(ReconciliationRow).values(**values).on_conflict_do_nothing())


async def list_reports(session: AnySession, request: PageRequest) -> list[ReconciliationReport]:
    """At most `request.limit` reports, newest first.

    Raises:
        BadUserInputError: a cursor of another list.
    """
    statement = select(ReconciliationRow)
    page = select_page(statement, [id_column(ReconciliationRow.id)], request, descending=True)
    return [
        ReconciliationReport(
            id=row.id,
            gateway=row.gateway,
            from_time=row.from_time,
            to_time=row.to_time,
            matched=row.matched,
            missing_here=row.missing_here,
            missing_at_gateway=row.missing_at_gateway,
            amount_mismatch=row.amount_mismatch,
        )
        for row in await session.scalars(page)
    ]


NEW = UUID(int=0)
"""The id of a report that is not stored yet."""
