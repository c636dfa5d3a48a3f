"""Second factors: the TOTP secret of an account and its recovery codes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from subgraphs.auth.models import AccountRow, RecoveryCodeRow, SessionRow
from subgraphs.common.database import ReadSession, WriteSession

AnySession = ReadSession | WriteSession


async def find_totp(session: AnySession, account_id: UUID) -> Any | None:
    """Return an account's totp_secret (encrypted, may be null) and totp_confirmed_at."""
    statement = select(AccountRow.totp_secret, AccountRow.totp_confirmed_at).where(
        AccountRow.id == account_id
    )
    return (await session.execute(statement)).one_or_none()


async def enroll_totp(session: WriteSession, account_id: UUID, secret: bytes) -> bool:
    """Store a secret that is still to be confirmed; False if one is confirmed already."""
    statement = (
        update(AccountRow)
        .where(AccountRow.id == account_id, AccountRow.totp_confirmed_at.is_(None))
        .values(totp_secret=secret, totp_used_step=0, updated_at=func.now())
        .returning(AccountRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def use_totp_step(session: WriteSession, account_id: UUID, step: int) -> bool:
    """Use up the code of a time step; False if it, or a later one, has been used. Of two at once only one can."""
    statement = (
        update(AccountRow)
        .where(AccountRow.id == account_id, AccountRow.totp_used_step < step)
        .values(totp_used_step=step)
        .returning(AccountRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def confirm_totp(session: WriteSession, account_id: UUID, now: datetime) -> None:
    """Switch the second factor on."""
    await session.execute(update(AccountRow).where(AccountRow.id == account_id).values(totp_confirmed_at=now))


async def remove_totp(session: WriteSession, account_id: UUID) -> None:
    """Switch the second factor off and forget secret and codes."""
    await session.execute(
        update(AccountRow)
        .where(AccountRow.id == account_id)
        .values(totp_secret=None, totp_confirmed_at=None, totp_used_step=0),
    )
    await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))


async def replace_recovery_codes(session: WriteSession, account_id: UUID, hashes: Sequence[bytes]) -> None:
    """Store an account's codes in place of those that it has."""
    await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
    await session.execute(
        insert(RecoveryCodeRow).values(
            [{"account_id": account_id, "code_hash": code_hash} for code_hash in hashes]
        ),
    )


async def use_recovery_code(session: WriteSession, account_id: UUID, code_hash: bytes, now: datetime) -> bool:
    """Use a code up; of two at once only one can."""
    statement = (
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.account_id == account_id,
            RecoveryCodeRow.code_hash == code_hash,
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCodeRow.account_id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def note_mfa(session: WriteSession, session_id: UUID, now: datetime) -> None:
    """Note in a session that its owner has just given a second factor."""
    await session.execute(update(SessionRow).where(SessionRow.id == session_id).values(mfa_at=now))
