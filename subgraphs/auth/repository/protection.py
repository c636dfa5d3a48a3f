"""Throttles, single-use tokens and the mails that carry them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, insert, or_, select, text, update

from subgraphs.auth.domain import MailKind, Purpose
from subgraphs.auth.models import ActionTokenRow, MailRow, ThrottleRow
from subgraphs.common.database import ReadSession, WriteSession

AnySession = ReadSession | WriteSession

# One statement, so that of many at once each counts. A locked key is left as it is.
_CHARGE = text(
    """
    INSERT INTO throttles AS old (key, failures, locked_until, last_at)
    VALUES (:key, 1, :now, :now)
    ON CONFLICT (key) DO UPDATE SET
        failures = CASE WHEN old.last_at < :forgotten THEN 1 ELSE old.failures + 1 END,
        locked_until = CASE
            WHEN old.last_at < :forgotten OR old.failures + 1 < :free THEN :now
            ELSE CAST(:now AS timestamptz)
                 + make_interval(secs => least(:lock_s_max, power(2, least(old.failures + 1 - :free, 20)))) END,
        last_at = :now
    WHERE old.locked_until <= :now
    RETURNING key
    """,
)


async def charge_throttle(
    session: WriteSession,
    key: str,
    now: datetime,
    *,
    free: int,
    lock_s_max: int,
    forget_after: timedelta,
) -> bool:
    """Count one attempt as failed beforehand; False if the key is locked, and then nothing is counted."""
    values = {
        "key": key,
        "now": now,
        "free": free,
        "lock_s_max": lock_s_max,
        "forgotten": now - forget_after,
    }
    return (await session.execute(_CHARGE, values)).one_or_none() is not None


async def refund_throttle(session: WriteSession, key: str, now: datetime) -> None:
    """Take the last charge back: the attempt was good."""
    await session.execute(
        update(ThrottleRow)
        .where(ThrottleRow.key == key, ThrottleRow.failures > 0)
        .values(failures=ThrottleRow.failures - 1, locked_until=now),
    )


async def clear_throttle(session: WriteSession, key: str) -> None:
    """Forget all failures of a key."""
    await session.execute(delete(ThrottleRow).where(ThrottleRow.key == key))


async def find_locks(session: AnySession, keys: Sequence[str], now: datetime) -> dict[str, datetime]:
    """Return until when those of the keys that are locked are."""
    rows = await session.execute(
        select(ThrottleRow.key, ThrottleRow.locked_until).where(
            ThrottleRow.key.in_(keys),
            ThrottleRow.locked_until > now,
        ),
    )
    return {row.key: row.locked_until for row in rows}


async def insert_action_token(
    session: WriteSession,
    token_hash: bytes,
    account_id: UUID,
    purpose: Purpose,
    *,
    email: str,
    expires_at: datetime,
) -> None:
    """Store a single-use token."""
    await session.execute(
        insert(ActionTokenRow).values(
            token_hash=token_hash,
            account_id=account_id,
            purpose=purpose,
            email=email,
            expires_at=expires_at,
        ),
    )


async def find_action_token(
    session: AnySession, token_hash: bytes, purposes: Sequence[Purpose], now: datetime
) -> Any | None:
    """Return a live token's row: account_id, purpose, email."""
    statement = select(ActionTokenRow.account_id, ActionTokenRow.purpose, ActionTokenRow.email).where(
        ActionTokenRow.token_hash == token_hash,
        ActionTokenRow.purpose.in_(purposes),
        ActionTokenRow.used_at.is_(None),
        ActionTokenRow.expires_at > now,
    )
    return (await session.execute(statement)).one_or_none()


async def use_action_token(session: WriteSession, token_hash: bytes, now: datetime) -> bool:
    """Use a live token up; of two at once only one can."""
    statement = (
        update(ActionTokenRow)
        .where(
            ActionTokenRow.token_hash == token_hash,
            ActionTokenRow.used_at.is_(None),
            ActionTokenRow.expires_at > now,
        )
        .values(used_at=now)
        .returning(ActionTokenRow.account_id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def drop_action_tokens(session: WriteSession, account_id: UUID, purposes: Sequence[Purpose]) -> None:
    """Make an account's older tokens of some purposes useless."""
    await session.execute(
        delete(ActionTokenRow).where(
            ActionTokenRow.account_id == account_id, ActionTokenRow.purpose.in_(purposes)
        ),
    )


async def insert_mail(
    session: WriteSession, kind: MailKind, email: str, account_id: UUID | None, now: datetime
) -> None:
    """Ask for a mail; it goes out after the transaction has been committed."""
    await session.execute(
        insert(MailRow).values(kind=kind, email=email, account_id=account_id, next_try_at=now),
    )


async def take_due_mail(session: WriteSession, now: datetime) -> Any | None:
    """Return one mail that is due, kept from others until the transaction ends: id, kind, email, account_id, attempts."""
    statement = (
        select(MailRow.id, MailRow.kind, MailRow.email, MailRow.account_id, MailRow.attempts)
        .where(MailRow.next_try_at <= now)
        .order_by(MailRow.next_try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).one_or_none()


async def delete_mail(session: WriteSession, mail_id: UUID) -> None:
    """Forget a mail that was sent, or that cannot be."""
    await session.execute(delete(MailRow).where(MailRow.id == mail_id))


async def drop_mails(
    session: WriteSession, account_id: UUID, kinds: Sequence[MailKind], email: str | None = None
) -> None:
    """Forget mails of some kinds of an account, and those for its address `email` that name none.

    One that is going out now has gone when this returns.
    """
    is_of = or_(MailRow.account_id == account_id, and_(MailRow.account_id.is_(None), MailRow.email == email))
    await session.execute(delete(MailRow).where(is_of, MailRow.kind.in_(kinds)))


async def postpone_mail(session: WriteSession, mail_id: UUID, next_try_at: datetime) -> None:
    """Try a mail again later."""
    await session.execute(
        update(MailRow)
        .where(MailRow.id == mail_id)
        .values(attempts=MailRow.attempts + 1, next_try_at=next_try_at),
    )
