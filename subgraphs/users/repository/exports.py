"""Data exports."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from subgraphs.common.database import ReadSession, WriteSession
from subgraphs.users.domain import DataExport, ErasureStatus
from subgraphs.users.models import DataExportRow

AnySession = ReadSession | WriteSession


async def insert_export(
    session: WriteSession, user_id: UUID, now: datetime, expires_at: datetime, next_try_at: datetime
) -> None:
    """Ask for a user's export, unless there is one already."""
    values = {
        "user_id": user_id,
        "requested_at": now,
        "expires_at": expires_at,
        "next_try_at": next_try_at,
    }
    await session.execute(insert(DataExportRow).values(values).on_conflict_do_nothing())


async def find_export(session: AnySession, user_id: UUID) -> DataExport | None:
    """Return a user's export."""
    statement = select(
        DataExportRow.id, DataExportRow.expires_at, DataExportRow.content.is_not(None).label("is_done")
    ).where(DataExportRow.user_id == user_id)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    status = ErasureStatus.COMPLETED if row.is_done else ErasureStatus.RUNNING
    return DataExport(row.id, user_id, status, row.expires_at)


async def read_export(session: ReadSession, export_id: UUID, now: datetime) -> dict[str, Any] | None:
    """Return the content of an export that has not expired."""
    statement = select(DataExportRow.content).where(
        DataExportRow.id == export_id, DataExportRow.expires_at > now
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def take_due_export(session: WriteSession, now: datetime, until: datetime) -> UUID | None:
    """Take one export that is to be gathered, for oneself until a time, and return its user's id."""
    due = (
        select(DataExportRow.id)
        .where(DataExportRow.content.is_(None), DataExportRow.next_try_at <= now)
        .order_by(DataExportRow.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(DataExportRow)
        .where(DataExportRow.id == due)
        .values(next_try_at=until)
        .returning(DataExportRow.user_id)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def fill_export(session: WriteSession, user_id: UUID, content: dict[str, Any]) -> None:
    """Store what was gathered; an export that was filled or dropped meanwhile stays so."""
    await session.execute(
        update(DataExportRow)
        .where(DataExportRow.user_id == user_id, DataExportRow.content.is_(None))
        .values(content=content),
    )


async def drop_export(session: WriteSession, user_id: UUID) -> None:
    """Forget a user's export."""
    await session.execute(delete(DataExportRow).where(DataExportRow.user_id == user_id))


async def drop_expired_exports(session: WriteSession, now: datetime) -> None:
    """Forget the exports whose time is over."""
    await session.execute(delete(DataExportRow).where(DataExportRow.expires_at <= now))
