"""What a service has heard: of each subject the newest version, so that what comes twice or late changes nothing.

Each service keeps its own `inbox` table, with the columns of `InboxColumns`: a row for each subject, not for each event.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BIGINT, Table, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.common.database import WriteSession
from subgraphs.common.events import EventBody
from subgraphs.common.purge import Purge

KEEP = timedelta(days=90)
"""Longer than news is tried to be told at least once an hour; what is forgotten is guarded by the states themselves."""


class InboxColumns:
    """The columns of an `inbox` table; a service's models make a table of them."""

    __tablename__ = "inbox"

    source: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BIGINT)
    at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True, slots=True)
class Inbox:
    """The inbox of one service."""

    table: Table

    async def is_news(self, session: WriteSession, event: EventBody) -> bool:
        """Note an event, if the caller's transaction commits; False if this or a newer one was heard.

        Waits for whoever is hearing of the same subject right now.
        """
        if event.version is None:
            return True
        new = insert(self.table).values(
            source=event.source, type=event.type, subject=event.subject, version=event.version
        )
        statement = new.on_conflict_do_update(
            index_elements=["source", "type", "subject"],
            set_={"version": new.excluded.version, "at": func.now()},
            where=self.table.c.version < new.excluded.version,
        ).returning(self.table.c.version)
        return (await session.execute(statement)).one_or_none() is not None

    async def has_heard(self, session: WriteSession, source: str, event_type: str, subject: str) -> bool:
        """Whether an event of this type was heard of a subject."""
        columns = self.table.c
        heard = exists().where(
            columns.source == source, columns.type == event_type, columns.subject == subject
        )
        return (await session.execute(select(heard))).scalar_one()

    @property
    def purge(self) -> Purge:
        """What is forgotten of it."""
        return Purge(self.table, self.table.c.at, KEEP)
