"""Every list that auth gives is read along an index."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from subgraphs.auth.domain import AuditFilter
from subgraphs.auth.repository import accounts, api_keys, audit, sessions
from subgraphs.common.database import Database
from tests.support.places import combine
from tests.support.query_plans import expect_indexed, fill
from tests.support.shops import build_auth_service

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
)


async def fill_once(auth: Database) -> list[Any]:
    """Give everybody a session, a key and an entry; gives some ids of accounts."""
    await fill(auth, *_FILL)
    async with auth.read() as session:
        return [*await session.scalars(text("SELECT id FROM accounts ORDER BY id LIMIT 20"))]


async def test_the_audit_log(auth: Database) -> None:
    ids = await fill_once(auth)
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
    ids = await fill_once(auth)

    async def read() -> None:
        async with auth.read() as session:
            await accounts.find_accounts(session, ids)
            await sessions.list_sessions(session, ids[0], 100)
            await api_keys.list_api_keys(session, ids[0], 100)
            await sessions.count_active_accounts(session, datetime(2099, 1, 1, tzinfo=UTC))

    await expect_indexed(auth, read, "accounts")


async def test_what_upkeep_asks_again_and_again(auth: Database, tmp_path: Path) -> None:
    await fill_once(auth)
    await fill(
        auth,
        """INSERT INTO action_tokens (token_hash, account_id, purpose, email, expires_at)
        SELECT sha256(id::text::bytea), id, 'VERIFY_EMAIL', email, now() + interval '1 day' FROM accounts""",
        "INSERT INTO throttles (key, failures, locked_until, last_at) SELECT id::text, 1, now(), now() FROM accounts",
        """INSERT INTO mails (kind, email, next_try_at)
        SELECT 'VERIFY_EMAIL', email, now() + interval '1 day' FROM accounts""",
    )
    outbox = build_auth_service(auth, tmp_path).outbox

    async def work() -> None:
        await outbox.send_due()
        await outbox.drop_expired()

    await expect_indexed(auth, work, "upkeep")
