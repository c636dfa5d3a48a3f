"""Users in this process: GraphQL in, its own Postgres under it, auth replaced at its port."""

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from subgraphs.common.auth import TokenVerifier
from subgraphs.common.database import Database
from subgraphs.common.internal import SIGNATURE_HEADER, PeerError, sign
from subgraphs.common.migrate import migrate
from subgraphs.common.settings import read_settings
from subgraphs.users.app import assemble
from subgraphs.users.service import UsersService, build_service
from subgraphs.users.settings import read_users_settings
from tests.support.postgres import DatabaseUrl, let_go_of_connections

MIGRATIONS = Path(__file__).parents[3] / "subgraphs" / "users" / "migrations"
PASSWORD = "the password of everybody"
SECRET = "a secret of the tests, long enough"
KEY = Ed25519PrivateKey.generate()
KEY_ID = "a key of the tests"
ADA, BOB, ADMIN, NOBODY = (UUID(int=0x0189_0000_0000_7000_8000_0000_0000_0000 + n) for n in range(1, 5))
ADMIN_SCOPES = "users:read users:write"


@dataclass
class FakeAuth:
    """Auth at its port: knows accounts, counts what it is asked, can be down or refuse."""

    accounts: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    lookups: list[list[str]] = field(default_factory=list)
    names: list[tuple[UUID, str]] = field(default_factory=list)
    disabled: list[UUID] = field(default_factory=list)
    is_down: bool = False
    refusal: str | None = None

    def add(self, user_id: UUID, full_name: str, **more: Any) -> dict[str, Any]:
        name = full_name.split(maxsplit=1)[0].lower()
        account = {
            "id": str(user_id),
            "email": f"{name}@example.com",
            "emailVerified": True,
            "role": "USER",
            "status": "ACTIVE",
            "fullName": full_name,
            "version": 1,
            "createdAt": datetime(2026, 3, 1, 12, tzinfo=UTC).isoformat(),
            **more,
        }
        self.accounts[user_id] = account
        return account

    async def get(self, path: str) -> dict[str, Any] | None:
        raise AssertionError(path)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        if self.is_down:
            raise PeerError("auth is down")
        if path == "/internal/users/lookup":
            self.lookups.append(body["ids"])
            assert len(body["ids"]) <= 1000
            return {"users": [self.accounts[UUID(i)] for i in body["ids"] if UUID(i) in self.accounts]}
        if path == "/internal/users/activity":
            return {"activeUsers": 2}
        user_id, what = UUID(path.split("/")[3]), path.split("/")[4]
        if what == "password":
            return {"accepted": True} if body == {"password": PASSWORD} else {"refusal": "Wrong."}
        if what == "export":
            return {"account": {"email": self.accounts[user_id]["email"]}}
        if what == "name":
            self.names.append((user_id, body["fullName"]))
            assert datetime.fromisoformat(body["at"]).tzinfo is not None
            return {"accepted": True}
        assert what == "disable"
        return self.disable(user_id)

    def disable(self, user_id: UUID) -> dict[str, Any] | None:
        self.disabled.append(user_id)
        if self.refusal:
            return {"refusal": self.refusal}
        account = self.accounts.get(user_id)
        if account is None:
            return None
        if account["status"] != "DELETED":
            account |= {"status": "DELETED", "version": account["version"] + 1, "fullName": "Deleted user"}
            account |= {"email": f"deleted-{user_id}@deleted.invalid", "emailVerified": False}
        return {"user": account}


@dataclass
class FakeKeeper:
    """A service that knows something of people, at its port: counts what it is asked, can be down."""

    erased: list[UUID] = field(default_factory=list)
    is_down: bool = False

    async def get(self, path: str) -> dict[str, Any] | None:
        raise AssertionError(path)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        if self.is_down:
            raise PeerError("it is down")
        _, _, people, user_id, what = path.split("/")
        assert (people, body) == ("people", {})
        if what == "export":
            return {"data": {"things": [user_id]}}
        assert what == "erase"
        self.erased.append(UUID(user_id))
        return {"erased": True}


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Users:
    """Users and a client of it."""

    service: UsersService
    client: httpx.AsyncClient
    auth: FakeAuth
    keepers: dict[str, FakeKeeper]
    clock: Clock

    async def ask(self, operation: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        response = await self.client.post(
            "/graphql", json={"query": operation, "variables": variables}, headers=headers
        )
        answer: dict[str, Any] = response.json()
        answer["status"] = response.status_code
        return answer

    async def tell(self, user: dict[str, Any]) -> int:
        """Tell users of an account as auth does; gives the status."""
        import orjson

        path, body = "/internal/users/changed", orjson.dumps({"user": user})
        headers = {
            SIGNATURE_HEADER: sign(SECRET, "POST", path, body, int(time.time())),
            "content-type": "application/json",
        }
        return (await self.client.post(path, content=body, headers=headers)).status_code

    async def row(self, user_id: UUID) -> Any:
        async with self.service.database.read() as session:
            found = await session.execute(text("SELECT * FROM profiles WHERE id = :id"), {"id": user_id})
            return found.one_or_none()


def token_of(user_id: UUID, scope: str = "", *, mfa_at: float | None = None) -> str:
    """Make an access token as auth does."""
    now = int(time.time())
    claims = {
        "sub": str(user_id),
        "iss": "marketplace-auth",
        "aud": "marketplace",
        "iat": now,
        "exp": now + 3600,
        "scope": scope,
        "role": "ADMIN" if scope else "USER",
    }
    if mfa_at is not None:
        claims["mfa_at"] = int(mfa_at)
    return jwt.encode(claims, KEY, algorithm="EdDSA", headers={"kid": KEY_ID})


def admin_token() -> str:
    return token_of(ADMIN, ADMIN_SCOPES, mfa_at=time.time())


@pytest.fixture(scope="session")
def users_url(postgres_url: DatabaseUrl) -> str:
    url = postgres_url("users")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, migrate(url, MIGRATIONS)).result()
    return url


@pytest_asyncio.fixture
async def users(users_url: str) -> AsyncIterator[Users]:
    """Users over an empty database; auth knows Ada, Bob and an administrator."""
    database = Database(users_url)
    async with database.write() as session:
        await session.execute(text("TRUNCATE profiles, erasure_requests, erasure_steps, data_exports"))
    environ = {"USERS_DATABASE_URL": users_url, "INTERNAL_SECRET": SECRET}

    async def keys() -> dict[str, Any]:
        jwk = jwt.algorithms.OKPAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        return {"keys": [{**jwk, "kid": KEY_ID}]}

    auth = FakeAuth()
    auth.add(ADA, "Ada Lovelace")
    auth.add(BOB, "Bob Kahn", createdAt=datetime(2026, 3, 2, 12, tzinfo=UTC).isoformat())
    auth.add(ADMIN, "Root Admin", role="ADMIN", createdAt=datetime(2026, 3, 5, tzinfo=UTC).isoformat())
    clock = Clock(datetime.now(UTC))
    common = read_settings("users", environ)
    keepers = {name: FakeKeeper() for name in ("orders", "payments", "products")}
    service = build_service(read_users_settings(common, environ), database, {"auth": auth, **keepers}, clock)
    verifier = TokenVerifier(keys, "marketplace-auth", "marketplace")
    app = assemble(common, service, verifier)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://users") as client:
        yield Users(service, client, auth, keepers, clock)
    await database.close()
    await let_go_of_connections()
