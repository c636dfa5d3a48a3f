"""A process that is killed in the middle of an erasure, and the next one."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from stack.accounts import dying_with_us
from subgraphs.common.migrate import migrate
from tests.support.ports import free_ports
from tests.support.postgres import DatabaseUrl

ROOT = Path(__file__).parents[2]
USER = "01890000-0000-7000-8000-00000000abcd"


class SlowAuth(ThreadingHTTPServer):
    """Every other service: auth that deletes an account at once and answers when it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = threading.Semaphore(0)
        self.may_answer = threading.Event()
        self.deletions = 0


class _Handler(BaseHTTPRequestHandler):
    server: SlowAuth

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        user = {
            "id": USER,
            "email": f"deleted-{USER}@deleted.invalid",
            "emailVerified": False,
            "role": "USER",
            "status": "DELETED",
            "fullName": "Deleted user",
            "version": 2,
            "createdAt": "2026-03-01T12:00:00+00:00",
        }
        answer: dict[str, Any] = {"users": [user]}
        if self.path == f"/internal/people/{USER}/erase":
            answer = {"erased": True}
        if self.path.endswith("/disable"):
            self.server.deletions += 1
            self.server.asked.release()
            self.server.may_answer.wait(60)
            answer = {"user": user}
        body = orjson.dumps(answer)
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def slow_auth() -> Iterator[SlowAuth]:
    server = SlowAuth()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.may_answer.set()
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def users_process(url: str, auth_port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    (port,) = free_ports(1)
    environment = os.environ | {
        "USERS_DATABASE_URL": url,
        "USERS_PORT": str(port),
        **{
            f"{name}_URL": f"http://127.0.0.1:{auth_port}"
            for name in ("AUTH", "ORDERS", "PAYMENTS", "PRODUCTS")
        },
        "INTERNAL_SECRET": "a secret of the tests, long enough",
    }
    command = [sys.executable, "-m", "subgraphs.users", "serve"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            preexec_fn=dying_with_us(signal.SIGKILL),  # noqa: PLW1509  the only way to end with us
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(30)


async def test_an_erasure_outlives_a_kill_9(
    fresh_postgres_url: DatabaseUrl, slow_auth: SlowAuth, tmp_path: Path
) -> None:
    url = fresh_postgres_url("users")
    await migrate(url, ROOT / "subgraphs/users/migrations")
    connection = await asyncpg.connect(url)
    await connection.execute(
        "INSERT INTO profiles (id, full_name, display_name, email, email_verified, role, status,"
        " account_version, created_at)"
        " VALUES ($1, 'Ada Lovelace', 'Ada L.', 'ada@example.com', true, 'USER', 'ACTIVE', 1, now())",
        USER,
    )
    await connection.execute(
        "INSERT INTO erasure_requests (user_id, requested_by, status) VALUES ($1, $1, 'SCHEDULED')", USER
    )
    port, log = slow_auth.server_address[1], tmp_path / "users.log"
    with users_process(url, port, log) as first:
        assert slow_auth.asked.acquire(timeout=30), log.read_text()
        os.kill(first.pid, signal.SIGKILL)
        first.wait(30)
    assert await connection.fetchval("SELECT status FROM erasure_requests") == "RUNNING"
    assert await connection.fetchval("SELECT full_name FROM profiles") == "Ada Lovelace"

    slow_auth.may_answer.set()
    # The time that the killed process had for it is over.
    await connection.execute("UPDATE erasure_requests SET next_try_at = now()")
    with users_process(url, port, log):
        for _ in range(600):
            if await connection.fetchval("SELECT status FROM erasure_requests") == "COMPLETED":
                break
            await asyncio.sleep(0.05)
    steps = await connection.fetch("SELECT service, done_at FROM erasure_steps ORDER BY position")
    assert [(step["service"], step["done_at"] is not None) for step in steps] == [
        ("auth", True),
        ("orders", True),
        ("payments", True),
        ("products", True),
        ("users", True),
    ]
    assert await connection.fetchval("SELECT full_name FROM profiles") == "Deleted user"
    assert slow_auth.deletions == 2, "asked again, since nobody knew that it was done: it is the same"
    await connection.close()
