"""Accounts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from subgraphs.auth.domain import Account, AccountStatus, Role
from subgraphs.auth.models import AccountRow
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
_LIVES = AccountRow.status != AccountStatus.DELETED


async def find_accounts(session: AnySession, ids: Iterable[UUID]) -> dict[UUID, Account]:
    """Return those of the accounts that exist, by id."""
    rows = await session.execute(select(*_ACCOUNT).where(AccountRow.id == any_(literal([*ids], ARRAY(Uuid)))))
    return {row.id: _account(row) for row in rows}


async def find_credentials(session: AnySession, email: str) -> tuple[Account, str] | None:
    """Return the account of a normalised address with its password hash, deleted ones not."""
    statement = select(*_ACCOUNT, AccountRow.password_hash).where(
        func.lower(AccountRow.email) == email,
        _LIVES,
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


async def insert_accounts(session: WriteSession, rows: Sequence[dict[str, object]]) -> int:
    """Store those of the accounts whose id and address nobody has; return how many."""
    statement = upsert(AccountRow).values(rows).on_conflict_do_nothing().returning(AccountRow.id)
    return len((await session.execute(statement)).all())


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
    return await _change(
        session,
        account_id,
        AccountRow.email == email,
        AccountRow.status == AccountStatus.ACTIVE,
        password_hash=new_hash,
        email_verified=True,
    )


async def verify_email(session: WriteSession, account_id: UUID, email: str) -> Account | None:
    """Note that an active account's address is its owner's; None if it has another address now."""
    is_its_own = (AccountRow.email == email, AccountRow.status == AccountStatus.ACTIVE)
    return await _change(session, account_id, *is_its_own, email_verified=True)


async def change_email(session: WriteSession, account_id: UUID, email: str) -> Account | None:
    """Give an active account a verified address; None if another account has it."""
    is_active = AccountRow.status == AccountStatus.ACTIVE
    try:
        async with session.begin_nested():
            return await _change(session, account_id, is_active, email=email, email_verified=True)
    except IntegrityError:
        return None


async def lock_account(session: WriteSession, account_id: UUID) -> Account | None:
    """Return an account and keep others from changing it until the transaction ends.

    Rows that name it may be added meanwhile: who sends a mail with a token of it need not wait.
    """
    statement = select(*_ACCOUNT).where(AccountRow.id == account_id).with_for_update(key_share=True)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _account(row)


async def lock_credentials(session: WriteSession, account_id: UUID) -> tuple[Account, str] | None:
    """Return an active account with its password hash, and keep others from changing it until the transaction ends."""
    statement = (
        select(*_ACCOUNT, AccountRow.password_hash)
        .where(AccountRow.id == account_id, AccountRow.status == AccountStatus.ACTIVE)
        .with_for_update(key_share=True)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (_account(row), row.password_hash)


async def set_status(session: WriteSession, account_id: UUID, status: AccountStatus) -> Account | None:
    """Give a living account a status; None if there is no such account or it has the status already."""
    return await _change(session, account_id, _LIVES, AccountRow.status != status, status=status)


async def rename_account(session: WriteSession, account_id: UUID, full_name: str, at: datetime) -> bool:
    """Take over a living account's name as of a time; False if there is none, or a younger name is known."""
    statement = (
        update(AccountRow)
        .where(
            AccountRow.id == account_id,
            _LIVES,
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
    return await _change(session, account_id, _LIVES, AccountRow.role != role, role=role)


async def close_account(
    session: WriteSession, account_id: UUID, email: str, full_name: str
) -> Account | None:
    """Mark an account DELETED and take the person out of it; None if there is none or it is deleted already."""
    return await _change(
        session,
        account_id,
        _LIVES,
        status=AccountStatus.DELETED,
        email=email,
        full_name=full_name,
        password_hash="",
        totp_secret=None,
        totp_confirmed_at=None,
    )


async def _change(
    session: WriteSession, account_id: UUID, *conditions: ColumnElement[bool], **values: object
) -> Account | None:
    """Change an account and return its next version; None if there is none for which the conditions hold."""
    statement = (
        update(AccountRow)
        .where(AccountRow.id == account_id, *conditions)
        .values(**values, version=AccountRow.version + 1, updated_at=func.now())
        .returning(*_ACCOUNT)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _account(row)


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
