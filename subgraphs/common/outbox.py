"""What a service has to tell another one: written in the transaction of what happened, told until it is heard.

Each service keeps its own `outbox` table, with the columns of `OutboxColumns`.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Identity, Table, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import BIGINT, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.common.database import Database, WriteSession
from subgraphs.common.delivery import Courier
from subgraphs.common.events import Event
from subgraphs.common.internal import PeerError

LEASE = timedelta(seconds=30)
"""Longer than a peer is waited for: nobody else tells the same news meanwhile."""
_DOUBLINGS_MAX = 7

_log = logging.getLogger(__name__)


class OutboxColumns:
    """The columns of an `outbox` table; a service's models make a table of them."""

    __tablename__ = "outbox"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    peer: Mapped[str]
    type: Mapped[str]
    subject: Mapped[UUID]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    next_try_at: Mapped[datetime] = mapped_column(server_default=func.now())
    tries: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(BIGINT, Identity(always=True))
    """Given while the transaction holds what happened locked, so it grows with each event of a subject."""


class Outbox:
    """Keeps and tells the news of the service `source`."""

    def __init__(self, database: Database, table: Table, source: str, courier: Courier) -> None:
        """Take the table, and who brings news to the others."""
        self._database = database
        self._table = table
        self._source = source
        self._courier = courier

    async def add(
        self, session: WriteSession, peer: str, event_type: str, subject: UUID, data: Mapping[str, Any]
    ) -> None:
        """Have `peer` told, if the caller's transaction commits."""
        await session.execute(
            insert(self._table).values(peer=peer, type=event_type, subject=subject, data=dict(data))
        )

    async def run_due(self) -> int:
        """Tell everything that is due and return how much was heard."""
        heard = 0
        while (taken := await self._take()) is not None:
            peer, event = taken
            try:
                await self._courier.deliver(peer, event)
            except PeerError as error:
                _log.warning("%s has not heard of %s %s yet: %s", peer, event.type, event.subject, error)
                continue
            async with self._database.write_alone(is_news=False) as session:
                await session.execute(delete(self._table).where(self._table.c.id == event.id))
            heard += 1
        return heard

    async def _take(self) -> tuple[str, Event] | None:
        """Take one piece of news for the time of the lease; it doubles with each try, so it is the back-off too."""
        columns = self._table.c
        due = (
            select(columns.id)
            .where(columns.next_try_at <= func.now())
            .order_by(columns.next_try_at, columns.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        wait = LEASE * func.power(2, func.least(columns.tries, _DOUBLINGS_MAX))
        statement = (
            update(self._table)
            .where(columns.id == due)
            .values(next_try_at=func.now() + wait, tries=columns.tries + 1)
            .returning(*columns)
        )
        async with self._database.write_alone(is_news=False) as session:
            row = (await session.execute(statement)).one_or_none()
        if row is None:
            return None
        return row.peer, Event(row.id, self._source, row.type, row.subject, row.at, row.data, row.version)
