"""The audit log."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select

from subgraphs.auth.domain import AuditEntry, AuditFilter, AuditOutcome
from subgraphs.auth.models import AuditRow
from subgraphs.common.database import ReadSession, WriteSession

_ENTRY = (
    AuditRow.id,
    AuditRow.at,
    AuditRow.actor_id,
    AuditRow.action,
    AuditRow.target_type,
    AuditRow.target_id,
    AuditRow.ip,
    AuditRow.request_id,
    AuditRow.outcome,
)


async def insert_entry(session: WriteSession, values: dict[str, object]) -> None:
    """Add an entry."""
    await session.execute(insert(AuditRow).values(**values))


async def list_entries(
    session: ReadSession, wanted: AuditFilter, *, before: UUID | None, limit: int
) -> list[AuditEntry]:
    """Return entries, youngest first, from after the one given."""
    statement = select(*_ENTRY).where(*_conditions(wanted)).order_by(AuditRow.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AuditRow.id < before)
    return [_entry(row) for row in await session.execute(statement)]


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    equal: list[tuple[Any, object]] = [
        (AuditRow.actor_id, wanted.actor_id),
        (AuditRow.action, wanted.action),
        (AuditRow.target_type, wanted.target_type),
        (AuditRow.target_id, wanted.target_id),
    ]
    conditions = [column == value for column, value in equal if value is not None]
    if wanted.since is not None:
        conditions.append(AuditRow.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditRow.at < wanted.until)
    return conditions


def _entry(row: Any) -> AuditEntry:
    values = {column.key: getattr(row, column.key) for column in _ENTRY}
    return AuditEntry(**{**values, "outcome": AuditOutcome(row.outcome)})
