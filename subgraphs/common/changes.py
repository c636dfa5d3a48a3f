"""What has changed, in the order in which it can be told: the rows behind subscriptions.

A change is a row of `changes`, written by a trigger in the transaction of what happened. Numbers that transactions draw
are no order to read in: a lower one may be committed after a higher one was read, and would be passed over for ever. So
a change gets its `position` only when it is there to be seen: whoever places holds the one row of `changes_head`, takes
what is committed and has no position, and gives out the next numbers. Positions are therefore visible in their order,
without a gap that could still fill, and whoever has read up to one has missed nothing before it. Of one subject, whose
row is locked by whoever changes it, the order is also the one in which things happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Identity, text
from sqlalchemy.dialects.postgresql import BIGINT, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from subgraphs.common.database import Database

CHANNEL = "changes"
"""Where Postgres tells that something was placed: once a batch, never a row."""
KEPT = timedelta(days=7)
"""How long a change can be told again."""
PLACED_AT_ONCE = 1_000
PURGED_AT_ONCE = 10_000

_UNPLACED = text("SELECT EXISTS (SELECT FROM changes WHERE position IS NULL)")
_LOCK_HEAD = text("SELECT position FROM changes_head FOR UPDATE")
_PLACE = text("""
    WITH next AS (
        SELECT sequence, row_number() OVER (ORDER BY sequence) AS place FROM (
            SELECT sequence FROM changes WHERE position IS NULL ORDER BY sequence LIMIT :limit
        ) AS unplaced
    )
    UPDATE changes SET position = :head + next.place FROM next WHERE changes.sequence = next.sequence
""")
_MOVE_HEAD = text("UPDATE changes_head SET position = position + :count")
_NOTIFY = text("SELECT pg_notify(:channel, '')")
_HEAD = text("SELECT position FROM changes_head")
_FIND = text("SELECT position FROM changes WHERE id = :id")
_PURGE = """
    DELETE FROM changes WHERE sequence IN (
        SELECT sequence FROM changes
        WHERE at < now() - make_interval(secs => :kept_s) AND position IS NOT NULL AND ({condition})
        LIMIT :limit
    )
"""
_COLUMNS = "SELECT position, id, subject, owner, at, data FROM changes WHERE position > :after"


class ChangeColumns:
    """The columns of a `changes` table; a service's models make a table of them. Triggers write it, SQL here reads it."""

    __tablename__ = "changes"

    sequence: Mapped[int] = mapped_column(BIGINT, Identity(always=True), primary_key=True)
    id: Mapped[UUID]
    position: Mapped[int | None] = mapped_column(BIGINT)
    subject: Mapped[UUID]
    owner: Mapped[UUID | None]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class ChangesHeadColumns:
    """The columns of a `changes_head` table, which has one row."""

    __tablename__ = "changes_head"

    is_the_head: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    position: Mapped[int] = mapped_column(BIGINT, server_default="0")


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to `subject`, which belongs to `owner`; `at` is when the subject was changed."""

    position: int
    id: UUID
    subject: UUID
    owner: UUID | None
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Watch:
    """Which changes somebody waits for: those of some subjects, or of an owner; all of them when neither is said."""

    subjects: frozenset[UUID] | None = None
    owner: UUID | None = None

    @property
    def keys(self) -> Sequence[UUID | None]:
        """Under what it is found for a change: a subject, an owner, or None for every change."""
        return [*self.subjects] if self.subjects is not None else [self.owner]

    def write_condition(self) -> tuple[str, dict[str, Any]]:
        """The condition in SQL, and its parameters."""
        if self.subjects is not None:
            return " AND subject = ANY (:subjects)", {"subjects": [*self.subjects]}
        if self.owner is not None:
            return " AND owner = :owner", {"owner": self.owner}
        return "", {}


EVERYTHING = Watch()


class ChangeLog:
    """The changes in one database; `forgettable` is a SQL condition of those that may be purged when they are old."""

    def __init__(self, database: Database, forgettable: str = "true") -> None:
        self._database = database
        self._purge = text(_PURGE.format(condition=forgettable))

    async def place(self) -> int:
        """Give positions to all that is committed and has none; gives how many. Many processes may do it at once."""
        count = 0
        while await self._has_unplaced():
            async with self._database.write(is_news=False) as session:
                head = (await session.execute(_LOCK_HEAD)).scalar_one()
                result = await session.execute(_PLACE, {"head": head, "limit": PLACED_AT_ONCE})
                placed: int = result.rowcount  # type: ignore[attr-defined]  # an UPDATE has it
                if placed:
                    await session.execute(_MOVE_HEAD, {"count": placed})
                    await session.execute(_NOTIFY, {"channel": CHANNEL})
            count += placed
        return count

    async def _has_unplaced(self) -> bool:
        async with self._database.read() as session:
            return bool((await session.execute(_UNPLACED)).scalar_one())

    async def get_head(self) -> int:
        """The last position that was given; 0 before the first."""
        async with self._database.read() as session:
            return int((await session.execute(_HEAD)).scalar_one())

    async def find_position(self, change_id: UUID) -> int | None:
        """The position of a change; None when there is none with the id, or not any more."""
        async with self._database.read() as session:
            return (await session.execute(_FIND, {"id": change_id})).scalar_one_or_none()

    async def list_after(
        self,
        position: int,
        limit: int,
        watch: Watch = EVERYTHING,
        *,
        until: int | None = None,
        since: datetime | None = None,
    ) -> list[Change]:
        """At most `limit` changes past a position, in their order: up to `until`, and later than `since`."""
        condition, given = watch.write_condition()
        statement = _COLUMNS + condition
        given |= {"after": position, "limit": limit}
        if until is not None:
            statement, given["until"] = statement + " AND position <= :until", until
        if since is not None:
            statement, given["since"] = statement + " AND at > :since", since
        async with self._database.read() as session:
            rows = await session.execute(text(statement + " ORDER BY position LIMIT :limit"), given)
        return [Change(*row) for row in rows]

    async def purge(self) -> int:
        """Delete what is older than `KEPT`; gives how much that was."""
        count = 0
        while True:
            given = {"kept_s": KEPT.total_seconds(), "limit": PURGED_AT_ONCE}
            async with self._database.write(is_news=False) as session:
                deleted: int = (await session.execute(self._purge, given)).rowcount  # type: ignore[attr-defined]
            count += deleted
            if deleted < PURGED_AT_ONCE:
                return count
