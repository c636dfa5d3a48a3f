"""Sessions and their refresh tokens."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Uuid,
    any_,
    distinct,
    func,
    insert,
    literal,
    select,
    update,
)

from subgraphs.auth.domain import AccountStatus, RevokeReason, Session
from subgraphs.auth.models import AccountRow, RefreshTokenRow, SessionRow
from subgraphs.common.database import ReadSession, WriteSession
from subgraphs.common.owners import read_counts, read_pages

AnySession = ReadSession | WriteSession

_SESSION = (
    SessionRow.id,
    SessionRow.account_id,
    SessionRow.created_at,
    SessionRow.last_seen_at,
    SessionRow.expires_at,
    SessionRow.revoked_at,
    SessionRow.mfa_at,
    SessionRow.ip,
    SessionRow.user_agent,
)


async def insert_session(session: WriteSession, values: dict[str, object]) -> Session:
    """Store a new log-in."""
    statement = insert(SessionRow).values(**values).returning(*_SESSION)
    return _session((await session.execute(statement)).one())


async def touch_live_session(session: WriteSession, session_id: UUID, now: datetime) -> Session | None:
    """Note that a session was used; None if it is revoked or past its end."""
    statement = (
        update(SessionRow)
        .where(SessionRow.id == session_id, *_is_live(now))
        .values(last_seen_at=now)
        .returning(*_SESSION)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _session(row)


async def find_live_session(session: AnySession, session_id: UUID, now: datetime) -> Session | None:
    """Return a session that is neither revoked nor past its end."""
    statement = select(*_SESSION).where(SessionRow.id == session_id, *_is_live(now))
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _session(row)


async def find_session(session: AnySession, session_id: UUID) -> Session | None:
    """Return a session, live or not."""
    row = (await session.execute(select(*_SESSION).where(SessionRow.id == session_id))).one_or_none()
    return None if row is None else _session(row)


async def list_addresses(session: AnySession, email: str, limit: int) -> list[str]:
    """Return the network addresses of the last `limit` sessions of the account of a normalised address."""
    statement = (
        select(SessionRow.ip)
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .where(func.lower(AccountRow.email) == email)
        .order_by(SessionRow.id.desc())
        .limit(limit)
    )
    return [ip for ip in (await session.execute(statement)).scalars() if ip is not None]


async def scrub_sessions(session: WriteSession, account_id: UUID) -> None:
    """Take from where and with what out of all sessions of an account."""
    await session.execute(
        update(SessionRow).where(SessionRow.account_id == account_id).values(ip=None, user_agent=None)
    )


async def revoke_sessions(
    session: WriteSession,
    which: Sequence[ColumnElement[bool]],
    reason: RevokeReason,
    now: datetime,
) -> int:
    """End the live sessions that fulfil all conditions; return how many there were."""
    statement = (
        update(SessionRow)
        .where(*which, *_is_live(now))
        .values(revoked_at=now, revoke_reason=reason)
        .returning(SessionRow.id)
    )
    return len((await session.execute(statement)).all())


def is_session(session_id: UUID, account_id: UUID) -> list[ColumnElement[bool]]:
    """Name one session of one account for `revoke_sessions`."""
    return [SessionRow.id == session_id, SessionRow.account_id == account_id]


def is_session_of(account_id: UUID, *, but: UUID | None = None) -> list[ColumnElement[bool]]:
    """Name all sessions of an account for `revoke_sessions`, with the exception of one."""
    mine = [SessionRow.account_id == account_id]
    return mine if but is None else [*mine, SessionRow.id != but]


async def insert_refresh_token(
    session: WriteSession, token_hash: bytes, session_id: UUID, now: datetime
) -> None:
    """Store the live refresh token of a session."""
    await session.execute(
        insert(RefreshTokenRow).values(token_hash=token_hash, session_id=session_id, issued_at=now),
    )


async def use_refresh_token(session: WriteSession, token_hash: bytes, now: datetime) -> bool:
    """Use a live refresh token up; of two at once only one can."""
    statement = (
        update(RefreshTokenRow)
        .where(RefreshTokenRow.token_hash == token_hash, RefreshTokenRow.used_at.is_(None))
        .values(used_at=now)
        .returning(RefreshTokenRow.session_id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def drop_live_refresh_token(session: WriteSession, session_id: UUID, now: datetime) -> None:
    """Use the live refresh token of a session up, whoever has it."""
    await session.execute(
        update(RefreshTokenRow)
        .where(RefreshTokenRow.session_id == session_id, RefreshTokenRow.used_at.is_(None))
        .values(used_at=now),
    )


async def lock_session_of_token(session: WriteSession, token_hash: bytes) -> tuple[UUID, UUID] | None:
    """Return session id and account id of a refresh token, live or used; nobody else renews its session until the transaction ends."""
    statement = (
        select(SessionRow.id, SessionRow.account_id)
        .join(RefreshTokenRow, RefreshTokenRow.session_id == SessionRow.id)
        .where(RefreshTokenRow.token_hash == token_hash)
        .with_for_update(of=SessionRow, key_share=True)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (row.id, row.account_id)


async def count_active_accounts(session: AnySession, since: datetime) -> int:
    """Count the living accounts that used a session at or after a time."""
    statement = (
        select(func.count(distinct(SessionRow.account_id)))
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .where(SessionRow.last_seen_at >= since, AccountRow.status != AccountStatus.DELETED)
    )
    return (await session.execute(statement)).scalar_one()


async def list_live_sessions(
    session: ReadSession,
    account_ids: Collection[UUID],
    now: datetime,
    *,
    before: UUID | None,
    limit: int,
) -> dict[UUID, list[Session]]:
    """Return live sessions of each account, youngest first, from after the one given: at most `limit` of each."""
    # An id is a UUIDv7, so its order is that of time.
    page = select(*_SESSION).where(*_is_live(now)).order_by(SessionRow.id.desc()).limit(limit)
    if before is not None:
        page = page.where(SessionRow.id < before)
    return await read_pages(session, SessionRow.account_id, account_ids, page, _session)


async def list_sessions(session: ReadSession, account_id: UUID, limit: int) -> list[Session]:
    """Return sessions of an account, ended ones too, youngest first."""
    statement = (
        select(*_SESSION)
        .where(SessionRow.account_id == account_id)
        .order_by(SessionRow.id.desc())
        .limit(limit)
    )
    return [_session(row) for row in await session.execute(statement)]


async def count_live_sessions(
    session: ReadSession, account_ids: Collection[UUID], now: datetime
) -> dict[UUID, int]:
    """Count the live sessions of each account; 0 for one that has none."""
    statement = (
        select(SessionRow.account_id, func.count())
        .where(SessionRow.account_id == any_(literal([*account_ids], ARRAY(Uuid))), *_is_live(now))
        .group_by(SessionRow.account_id)
    )
    return await read_counts(session, account_ids, statement)


def _is_live(now: datetime) -> list[ColumnElement[bool]]:
    return [SessionRow.revoked_at.is_(None), SessionRow.expires_at > now]


def _session(row: Any) -> Session:
    return Session(**{column.key: getattr(row, column.key) for column in _SESSION})
