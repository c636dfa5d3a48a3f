"""Accounts, sessions and their refresh tokens."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, distinct, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from subgraphs.auth.domain import Account, AccountStatus, RevokeReason, Role, Session
from subgraphs.auth.models import AccountRow, RefreshTokenRow, SessionRow
from subgraphs.common.database import ReadSession, WriteSession

AnySession = ReadSession | WriteSession

_ACCOUNT = (
    AccountRow.id,
    AccountRow.email,
    AccountRow.email_verified,
    AccountRow.full_name,
    AccountRow.role,
    AccountRow.status,
    AccountRow.version,
    AccountRow.created_at,
    AccountRow.totp_confirmed_at,
)
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


async def find_accounts(session: AnySession, ids: Iterable[UUID]) -> dict[UUID, Account]:
    """Return those of the accounts that exist, by id."""
    rows = await session.execute(select(*_ACCOUNT).where(AccountRow.id == any_(literal([*ids], ARRAY(Uuid)))))
    return {row.id: _account(row) for row in rows}


async def find_credentials(session: AnySession, email: str) -> tuple[Account, str] | None:
    """Return the account of a normalised address with its password hash, deleted ones not."""
    statement = select(*_ACCOUNT, AccountRow.password_hash).where(
        func.lower(AccountRow.email) == email,
        AccountRow.status != AccountStatus.DELETED,
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (_account(row), row.password_hash)


async def find_credentials_by_id(session: AnySession, account_id: UUID) -> tuple[Account, str] | None:
    """Return an account with its password hash."""
    statement = select(*_ACCOUNT, AccountRow.password_hash).where(AccountRow.id == account_id)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (_account(row), row.password_hash)


async def insert_account(session: WriteSession, values: dict[str, object]) -> Account | None:
    """Store a new account; None if its address (or its fixed id) is taken already."""
    statement = upsert(AccountRow).values(**values).on_conflict_do_nothing().returning(*_ACCOUNT)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _account(row)


async def replace_password(session: WriteSession, account_id: UUID, old_hash: str, new_hash: str) -> bool:
    """Change a password hash if it still is the one that was checked."""
    statement = (
        update(AccountRow)
        .where(
            AccountRow.id == account_id,
            AccountRow.password_hash == old_hash,
            AccountRow.status == AccountStatus.ACTIVE,
        )
        .values(password_hash=new_hash, updated_at=func.now())
        .returning(AccountRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def reset_password(
    session: WriteSession, account_id: UUID, email: str, new_hash: str
) -> Account | None:
    """Give an active account a password and note that its address is its owner's; None if the address has changed."""
    statement = (
        update(AccountRow)
        .where(
            AccountRow.id == account_id,
            AccountRow.email == email,
            AccountRow.status == AccountStatus.ACTIVE,
        )
        .values(
            password_hash=new_hash,
            email_verified=True,
            version=AccountRow.version + 1,
            updated_at=func.now(),
        )
        .returning(*_ACCOUNT)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _account(row)


async def verify_email(session: WriteSession, account_id: UUID, email: str) -> Account | None:
    """Note that an active account's address is its owner's; None if it has another address now."""
    statement = (
        update(AccountRow)
        .where(
            AccountRow.id == account_id,
            AccountRow.email == email,
            AccountRow.status == AccountStatus.ACTIVE,
        )
        .values(email_verified=True, version=AccountRow.version + 1, updated_at=func.now())
        .returning(*_ACCOUNT)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _account(row)


async def change_email(session: WriteSession, account_id: UUID, email: str) -> Account | None:
    """Give an active account a verified address; None if another account has it."""
    statement = (
        update(AccountRow)
        .where(AccountRow.id == account_id, AccountRow.status == AccountStatus.ACTIVE)
        .values(email=email, email_verified=True, version=AccountRow.version + 1, updated_at=func.now())
        .returning(*_ACCOUNT)
    )
    try:
        async with session.begin_nested():
            row = (await session.execute(statement)).one_or_none()
    except IntegrityError:
        return None
    return None if row is None else _account(row)


async def lock_account(session: WriteSession, account_id: UUID) -> Account | None:
    """Return an account and keep others from changing it until the transaction ends."""
    statement = select(*_ACCOUNT).where(AccountRow.id == account_id).with_for_update()
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _account(row)


async def set_status(session: WriteSession, account_id: UUID, status: AccountStatus) -> Account | None:
    """Give a living account a status; None if there is no such account or it has the status already."""
    statement = (
        update(AccountRow)
        .where(
            AccountRow.id == account_id,
            AccountRow.status != AccountStatus.DELETED,
            AccountRow.status != status,
        )
        .values(status=status, version=AccountRow.version + 1, updated_at=func.now())
        .returning(*_ACCOUNT)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _account(row)


async def rename_account(session: WriteSession, account_id: UUID, full_name: str, at: datetime) -> bool:
    """Take over a living account's name as of a time; False if there is none, or a younger name is known."""
    statement = (
        update(AccountRow)
        .where(
            AccountRow.id == account_id,
            AccountRow.status != AccountStatus.DELETED,
            AccountRow.full_name_at < at,
        )
        .values(full_name=full_name, full_name_at=at, updated_at=func.now())
        .returning(AccountRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def lock_active_admins(session: WriteSession) -> set[UUID]:
    """Return all active administrators; none can change its role or status until the transaction ends."""
    statement = (
        select(AccountRow.id)
        .where(AccountRow.role == Role.ADMIN, AccountRow.status == AccountStatus.ACTIVE)
        .order_by(AccountRow.id)
        .with_for_update()
    )
    return set(await session.scalars(statement))


async def set_role(session: WriteSession, account_id: UUID, role: Role) -> Account | None:
    """Give a living account a role; None if there is no such account or it has the role already."""
    statement = (
        update(AccountRow)
        .where(
            AccountRow.id == account_id,
            AccountRow.status != AccountStatus.DELETED,
            AccountRow.role != role,
        )
        .values(role=role, version=AccountRow.version + 1, updated_at=func.now())
        .returning(*_ACCOUNT)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _account(row)


async def close_account(
    session: WriteSession, account_id: UUID, email: str, full_name: str
) -> Account | None:
    """Mark an account DELETED and take the person out of it; None if there is none or it is deleted already."""
    statement = (
        update(AccountRow)
        .where(AccountRow.id == account_id, AccountRow.status != AccountStatus.DELETED)
        .values(
            status=AccountStatus.DELETED,
            email=email,
            full_name=full_name,
            password_hash="",
            totp_secret=None,
            totp_confirmed_at=None,
            version=AccountRow.version + 1,
            updated_at=func.now(),
        )
        .returning(*_ACCOUNT)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _account(row)


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


async def use_refresh_token(session: WriteSession, token_hash: bytes, now: datetime) -> UUID | None:
    """Use a live refresh token up and return its session; of two at once only one can."""
    statement = (
        update(RefreshTokenRow)
        .where(RefreshTokenRow.token_hash == token_hash, RefreshTokenRow.used_at.is_(None))
        .values(used_at=now)
        .returning(RefreshTokenRow.session_id)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def drop_live_refresh_token(session: WriteSession, session_id: UUID, now: datetime) -> None:
    """Use the live refresh token of a session up, whoever has it."""
    await session.execute(
        update(RefreshTokenRow)
        .where(RefreshTokenRow.session_id == session_id, RefreshTokenRow.used_at.is_(None))
        .values(used_at=now),
    )


async def find_session_of_token(session: AnySession, token_hash: bytes) -> tuple[UUID, UUID] | None:
    """Return session id and account id of a refresh token, live or used."""
    statement = (
        select(SessionRow.id, SessionRow.account_id)
        .join(RefreshTokenRow, RefreshTokenRow.session_id == SessionRow.id)
        .where(RefreshTokenRow.token_hash == token_hash)
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
    account_id: UUID,
    now: datetime,
    *,
    before: UUID | None,
    limit: int,
) -> list[Session]:
    """Return live sessions of an account, youngest first, from after the one given."""
    # An id is a UUIDv7, so its order is that of time.
    statement = (
        select(*_SESSION)
        .where(SessionRow.account_id == account_id, *_is_live(now))
        .order_by(SessionRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(SessionRow.id < before)
    return [_session(row) for row in await session.execute(statement)]


async def list_sessions(session: ReadSession, account_id: UUID, limit: int) -> list[Session]:
    """Return sessions of an account, ended ones too, youngest first."""
    statement = (
        select(*_SESSION)
        .where(SessionRow.account_id == account_id)
        .order_by(SessionRow.id.desc())
        .limit(limit)
    )
    return [_session(row) for row in await session.execute(statement)]


async def count_live_sessions(session: ReadSession, account_id: UUID, now: datetime) -> int:
    """Count the live sessions of an account."""
    statement = (
        select(func.count())
        .select_from(SessionRow)
        .where(SessionRow.account_id == account_id, *_is_live(now))
    )
    return (await session.execute(statement)).scalar_one()


def _is_live(now: datetime) -> list[ColumnElement[bool]]:
    return [SessionRow.revoked_at.is_(None), SessionRow.expires_at > now]


def _account(row: Any) -> Account:
    return Account(
        id=row.id,
        email=row.email,
        email_verified=row.email_verified,
        full_name=row.full_name,
        role=Role(row.role),
        status=AccountStatus(row.status),
        version=row.version,
        created_at=row.created_at,
        mfa_enabled=row.totp_confirmed_at is not None,
    )


def _session(row: Any) -> Session:
    return Session(**{column.key: getattr(row, column.key) for column in _SESSION})
