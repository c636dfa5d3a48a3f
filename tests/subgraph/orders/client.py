"""A client of one subgraph in this process: GraphQL, signed internal requests, and a look at the tables."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID, uuid4

import httpx
import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm
from sqlalchemy import event, text

from subgraphs.common.auth import TokenVerifier
from subgraphs.common.database import Database
from subgraphs.common.internal import SIGNATURE_HEADER, sign
from subgraphs.common.revocation import Revocations

SECRET = "a secret of the tests, long enough"
KEY = Ed25519PrivateKey.generate()
KEY_ID = "a key of the tests"
ADA, BOB, ADMIN = (UUID(int=0x0189_0000_0000_7000_8000_0000_0000_0000 + n) for n in range(1, 4))
MALFORMED_IDS = [
    "",
    "nonsense",
    "0" * 5000,
    "' OR 1=1 --",
    "00000000-0000-0000-0000-00000000000g",
    "\U0001f600",
]
BROKEN_CURSORS = ["", "x", "e30", "bnVsbA", "W10", "WzFd", "WyJhIiwiYiJd", "=" * 10, "é", "A" * 2000]
"""The empty one is none and so asks for nothing; the others are no cursors, or of no list of orders."""


def token_of(user_id: UUID, *scopes: str, verified: bool = True, recent_mfa: bool = False) -> str:
    """Make an access token as auth does."""
    now_s = int(time.time())
    claims = {
        "sub": str(user_id),
        "iss": "marketplace-auth",
        "aud": "marketplace",
        "iat": now_s,
        "exp": now_s + 3600,
        "scope": " ".join(scopes),
        "role": "ADMIN" if scopes else "USER",
        "email_verified": verified,
    }
    if recent_mfa:
        claims["mfa_at"] = now_s
    return jwt.encode(claims, KEY, algorithm="EdDSA", headers={"kid": KEY_ID})


async def keys() -> dict[str, Any]:
    """The key set that auth would publish."""
    return {"keys": [OKPAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": KEY_ID}]}


def build_verifier(revocations: Revocations | None = None) -> TokenVerifier:
    """What checks the tokens of `token_of`."""
    return TokenVerifier(keys, "marketplace-auth", "marketplace", revocations or Revocations())


def run(work: Any) -> None:
    """Run a coroutine to its end, whatever loop the caller may run in."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def new_key() -> str:
    return f"key-{uuid4().hex}"


@dataclass
class Client:
    """A subgraph, asked in every way that it can be."""

    http: httpx.AsyncClient
    database: Database

    async def post(self, operation: str, token: str | None = None, **variables: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return await self.http.post(
            "/graphql", json={"query": operation, "variables": variables}, headers=headers
        )

    async def ask(self, operation: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """The answer's data, when there are no errors."""
        answer = (await self.post(operation, token, **variables)).json()
        assert not answer.get("errors"), answer
        data: dict[str, Any] = answer["data"]
        return data

    async def refused(self, operation: str, token: str | None = None, **variables: Any) -> str:
        """The code of an answer's first top-level error, which is none of our mistakes."""
        response = await self.post(operation, token, **variables)
        assert response.status_code < 500, response.text
        code: str = response.json()["errors"][0]["extensions"]["code"]
        assert code != "INTERNAL_SERVER_ERROR", response.text
        return code

    async def entities(self, token: str | None, typename: str, fields: str, *keys: Any) -> list[Any]:
        """The entities with the keys: ids, or whole representations."""
        asked = [
            {"__typename": typename, **(key if isinstance(key, dict) else {"id": str(key)})} for key in keys
        ]
        operation = f"""query($asked: [_Any!]!) {{ _entities(representations: $asked) {{
            ... on {typename} {{ {fields} }} }} }}"""
        found: list[Any] = (await self.ask(operation, token, asked=asked))["_entities"]
        return found

    async def post_internal(self, path: str, body: Any, secret: str = SECRET) -> httpx.Response:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {
            SIGNATURE_HEADER: sign(secret, "POST", path, content, int(time.time())),
            "content-type": "application/json",
        }
        return await self.http.post(path, content=content, headers=headers)

    async def execute(self, statement: str, **parameters: Any) -> None:
        async with self.database.write() as session:
            await session.execute(text(statement), parameters)

    async def rows(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        async with self.database.read() as session:
            return [tuple(row) for row in await session.execute(text(statement), parameters)]

    async def count(self, *tables: str) -> list[int]:
        return [(await self.rows(f"SELECT count(*) FROM {table}"))[0][0] for table in tables]


class Looking(Protocol):
    """What can look into a database."""

    async def rows(self, statement: str, /) -> list[Any]:
        """The rows of a statement."""
        ...  # pragma: no cover


async def until_somebody_waits(client: Looking, count: int = 1) -> None:
    """Return when so many statements in the client's database wait for a lock that another one holds."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while await client.rows(waiting) != [(count,)]:  # noqa: ASYNC110  Postgres has no event for it
        await asyncio.sleep(0.01)


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


async def cut_at(client: Client, statement_number: int, work: Callable[[], Any]) -> bool:
    """Do `work` and end it at its n-th statement or commit, as a killed process would; False if it has not so many."""
    seen = 0

    def strike(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == statement_number:
            raise Killed

    engine = client.database.engine.sync_engine
    for name in ("before_cursor_execute", "commit"):
        event.listen(engine, name, strike)
    try:
        await work()
    except Killed:
        return True
    finally:
        for name in ("before_cursor_execute", "commit"):
            event.remove(engine, name, strike)
    return False
