"""Every list that auth gives is read along an index."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from subgraphs.auth.domain import AuditFilter
from subgraphs.auth.repository import accounts, api_keys, audit, sessions
from subgraphs.common.database import Database
from tests.support.places import combine
from tests.support.query_plans import expect_indexed

ROWS = 6_000
_FILL = (
    """
    INSERT INTO audit_log (at, actor_id, action, target_type, target_id, outcome)
    SELECT now(), a.id, CASE WHEN n % 500 = 0 THEN 'account.close' ELSE 'session.start' END, 'ACCOUNT', a.id::text, 'ALLOWED'
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM accounts) a WHERE NOT EXISTS (SELECT FROM audit_log)
    """,
    """
    INSERT INTO sessions (account_id, created_at, last_seen_at, expires_at)
    SELECT id, now(), now(), now() FROM accounts WHERE NOT EXISTS (SELECT FROM sessions)
    """,
    """
    INSERT INTO api_keys (account_id, name, prefix, secret_hash, scopes, created_at)
    SELECT id, 'a key', 'mk', sha256(id::text::bytea), '{}', now() FROM accounts WHERE NOT EXISTS (SELECT FROM api_keys)
    """,
    "ANALYZE",
)


async def fill(auth: Database) -> list[Any]:
    """Give everybody a session, a key and an entry; gives some ids of accounts."""
    async with auth.write() as session:
        for statement in _FILL:
            await session.execute(text(statement))
        return [*await session.scalars(text("SELECT id FROM accounts ORDER BY id LIMIT 20"))]


async def test_the_audit_log(auth: Database) -> None:
    ids = await fill(auth)
    async with auth.read() as session:
        (place,) = await session.scalars(text("SELECT id FROM audit_log ORDER BY id OFFSET 3000 LIMIT 1"))
    conditions: dict[str, tuple[Any, ...]] = {
        "actor_id": (ids[0],),
        "action": ("account.close", "session.start", "no.such"),
        "target_type": ("ACCOUNT",),
        "target_id": (str(ids[0]),),
        "since": (datetime(2026, 1, 1, tzinfo=UTC),),
        "until": (datetime(2026, 1, 1, tzinfo=UTC),),
    }
    for values in combine(conditions, 3):
        for before in (None, place):

            async def read(values: dict[str, Any] = values, before: Any = before) -> None:
                async with auth.read() as session:
                    await audit.list_entries(session, AuditFilter(**values), before=before, limit=21)

            await expect_indexed(auth, read, f"{values} {before}")


async def test_what_belongs_to_accounts(auth: Database) -> None:
    ids = await fill(auth)

    async def read() -> None:
        async with auth.read() as session:
            await accounts.find_accounts(session, ids)
            await sessions.list_sessions(session, ids[0], 100)
            await api_keys.list_api_keys(session, ids[0], 100)
            await sessions.count_active_accounts(session, datetime(2099, 1, 1, tzinfo=UTC))

    await expect_indexed(auth, read, "accounts")
