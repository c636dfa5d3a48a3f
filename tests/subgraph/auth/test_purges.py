"""What has no effect any more goes, a little at a time; what has stays."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from subgraphs.common import purge
from tests.subgraph.auth.conftest import Auth

OLD_SESSIONS = """INSERT INTO sessions (account_id, created_at, last_seen_at, expires_at)
  SELECT id, at, at, at FROM accounts, generate_series(1, 50) n, LATERAL (SELECT now() - make_interval(days => n * 2)) AS d(at)"""
OLD_TOKENS = """INSERT INTO refresh_tokens (token_hash, session_id, issued_at)
  SELECT sha256(id::text::bytea), id, created_at FROM sessions WHERE expires_at < now()"""
OLD_AUDIT = """INSERT INTO audit_log (at, action, target_type, target_id, outcome)
  SELECT now() - make_interval(days => n * 100), 'login', 'User', 'x', 'ALLOWED' FROM generate_series(1, 10) n"""


async def execute(auth: Auth, *statements: str) -> None:
    async with auth.service.database.write() as session:
        for statement in statements:
            await session.execute(text(statement))


async def test_sessions_end_with_their_tokens_and_the_audit_log_has_a_bound(auth: Auth) -> None:
    ada = await auth.register("ada@example.com")
    before = await auth.count("audit_log")
    await execute(auth, OLD_SESSIONS, OLD_TOKENS, OLD_AUDIT)
    await auth.service.outbox.drop_expired()
    assert await auth.count("sessions") == 1 + 15
    assert await auth.count("refresh_tokens") == 1 + 15
    assert await auth.count("audit_log") == before + 4
    assert (await auth.refresh(ada["tokens"]["refreshToken"]))["errors"] == []


async def test_many_are_dropped_in_many_bites_by_many_processes(
    auth: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "BATCH", 2)
    monkeypatch.setattr(purge, "BATCHES_MAX", 2)
    before = await auth.count("audit_log")
    await execute(auth, *[OLD_AUDIT] * 3)
    await auth.service.outbox.drop_expired()
    assert await auth.count("audit_log") == before + 30 - 4
    for _ in range(6):
        await asyncio.gather(*(auth.service.outbox.drop_expired() for _ in range(2)))
    assert await auth.count("audit_log") == before + 12


async def test_nobody_drops_what_is_young(auth: Auth) -> None:
    await auth.register("ada@example.com")
    with pytest.raises(DBAPIError, match="only added to"):
        await execute(auth, "DELETE FROM audit_log")


async def test_a_locked_account_stays_locked_however_old_its_last_failure(auth: Auth) -> None:
    await execute(
        auth,
        "INSERT INTO throttles VALUES ('a', 9, now() + interval '1 day', now() - interval '30 days'),"
        " ('b', 9, now() - interval '9 days', now() - interval '30 days')",
    )
    await auth.service.outbox.drop_expired()
    assert await auth.rows("SELECT key FROM throttles") == [("a",)]
