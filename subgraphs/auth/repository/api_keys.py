"""API keys."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select, update

from subgraphs.auth.domain import ApiKey
from subgraphs.auth.models import ApiKeyRow
from subgraphs.common.database import ReadSession, WriteSession
from subgraphs.common.owners import read_pages

AnySession = ReadSession | WriteSession

_KEY = (
    ApiKeyRow.id,
    ApiKeyRow.account_id,
    ApiKeyRow.name,
    ApiKeyRow.prefix,
    ApiKeyRow.scopes,
    ApiKeyRow.created_at,
    ApiKeyRow.last_used_at,
    ApiKeyRow.expires_at,
    ApiKeyRow.revoked_at,
)


async def insert_api_key(session: WriteSession, values: dict[str, object]) -> ApiKey:
    """Store a new key."""
    row = (await session.execute(insert(ApiKeyRow).values(**values).returning(*_KEY))).one()
    return _key(row)


async def list_api_keys(session: AnySession, account_id: UUID, limit: int) -> list[ApiKey]:
    """Return an account's keys, revoked ones too, youngest first."""
    statement = (
        select(*_KEY).where(ApiKeyRow.account_id == account_id).order_by(ApiKeyRow.id.desc()).limit(limit)
    )
    return [_key(row) for row in await session.execute(statement)]


async def list_api_keys_of(
    session: ReadSession, account_ids: Collection[UUID], limit: int
) -> dict[UUID, list[ApiKey]]:
    """Return each account's keys, revoked ones too, youngest first: at most `limit` of each."""
    page = select(*_KEY).order_by(ApiKeyRow.id.desc()).limit(limit)
    return await read_pages(session, ApiKeyRow.account_id, account_ids, page, _key)


async def count_live_api_keys(session: AnySession, account_id: UUID) -> int:
    """Count an account's keys that are not revoked."""
    statement = (
        select(func.count())
        .select_from(ApiKeyRow)
        .where(ApiKeyRow.account_id == account_id, ApiKeyRow.revoked_at.is_(None))
    )
    return (await session.execute(statement)).scalar_one()


async def revoke_api_key(session: WriteSession, account_id: UUID, key_id: UUID, now: datetime) -> bool:
    """Revoke a key of an account; False if it was revoked before."""
    statement = (
        update(ApiKeyRow)
        .where(ApiKeyRow.id == key_id, ApiKeyRow.account_id == account_id, ApiKeyRow.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiKeyRow.id)
    )
    return (await session.execute(statement)).one_or_none() is not None


async def has_api_key(session: AnySession, account_id: UUID, key_id: UUID) -> bool:
    """Tell whether a key is an account's."""
    statement = select(ApiKeyRow.id).where(ApiKeyRow.id == key_id, ApiKeyRow.account_id == account_id)
    return (await session.execute(statement)).one_or_none() is not None


async def delete_api_keys(session: WriteSession, account_id: UUID) -> None:
    """Revoke all keys of an account, with the tokens made for them, and forget them: their names are its owner's words."""
    keys = ApiKeyRow.account_id == account_id
    await session.execute(
        update(ApiKeyRow).where(keys, ApiKeyRow.revoked_at.is_(None)).values(revoked_at=func.now())
    )
    await session.execute(delete(ApiKeyRow).where(keys))


async def use_api_key(session: WriteSession, secret_hash: bytes, now: datetime) -> ApiKey | None:
    """Return a live key and note that it was used."""
    statement = (
        update(ApiKeyRow)
        .where(
            ApiKeyRow.secret_hash == secret_hash,
            ApiKeyRow.revoked_at.is_(None),
            or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > now),
        )
        .values(last_used_at=now)
        .returning(*_KEY)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else _key(row)


def _key(row: Any) -> ApiKey:
    values = {column.key: getattr(row, column.key) for column in _KEY}
    return ApiKey(**{**values, "scopes": tuple(row.scopes)})
