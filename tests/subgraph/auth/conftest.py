"""Auth in this process: GraphQL in, its own Postgres under it, `users` replaced at its port."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import text

from subgraphs.auth.app import assemble
from subgraphs.auth.domain import Role
from subgraphs.auth.service import AuthService, SeedPerson, build_service
from subgraphs.auth.service.mail import MailError
from subgraphs.auth.service.wire import Announcer
from subgraphs.auth.settings import read_auth_settings
from subgraphs.common.database import Database
from subgraphs.common.internal import SIGNATURE_HEADER, PeerError, sign
from subgraphs.common.migrate import migrate
from subgraphs.common.settings import read_settings
from tests.support.postgres import DatabaseUrl, let_go_of_connections

MIGRATIONS = Path(__file__).parents[3] / "subgraphs" / "auth" / "migrations"
SECRET = "a secret of the tests, long enough"
PASSWORD = "correct horse battery"


def make_key() -> str:
    return (
        Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    )


@dataclass
class FakeUsers:
    """`users` at its port: remembers what it was told, or does not answer."""

    told: list[dict[str, Any]] = field(default_factory=list)
    is_down: bool = False

    async def get(self, path: str) -> dict[str, Any] | None:
        raise AssertionError(path)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        if self.is_down:
            raise PeerError("users is down")
        assert path == "/internal/users/changed"
        self.told.append(body["user"])
        return {"accepted": True}


@dataclass
class FakeMailer:
    """The way out for mail: keeps what it is given, or does not take it."""

    sent: list[EmailMessage] = field(default_factory=list)
    is_down: bool = False

    async def send(self, message: EmailMessage, name: str) -> None:
        if self.is_down:
            raise MailError("down")
        assert name in str(message["Message-ID"])
        self.sent.append(message)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Auth:
    """Auth and a client of it."""

    service: AuthService
    client: httpx.AsyncClient
    users: FakeUsers
    clock: Clock
    mailer: FakeMailer

    async def ask(
        self, operation: str, token: str | None = None, ip: str | None = None, **variables: Any
    ) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        headers |= {"x-forwarded-for": ip, "x-request-id": "request-1"} if ip else {}
        response = await self.client.post(
            "/graphql", json={"query": operation, "variables": variables}, headers=headers
        )
        answer: dict[str, Any] = response.json()
        answer["status"] = response.status_code
        return answer

    async def register(
        self, email: str, password: str = PASSWORD, full_name: str = "Ada Lovelace"
    ) -> dict[str, Any]:
        answer = await self.ask(REGISTER, email=email, password=password, fullName=full_name)
        assert "errors" not in answer, answer
        payload: dict[str, Any] = answer["data"]["register"]
        return payload

    async def login(self, email: str, password: str = PASSWORD) -> dict[str, Any]:
        answer = await self.ask(LOGIN, email=email, password=password)
        assert "errors" not in answer, answer
        payload: dict[str, Any] = answer["data"]["login"]
        return payload

    async def refresh(self, refresh_token: str) -> dict[str, Any]:
        answer = await self.ask(REFRESH, given=refresh_token)
        assert "errors" not in answer, answer
        payload: dict[str, Any] = answer["data"]["refreshToken"]
        return payload

    async def do(self, operation: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
        """Run a mutation of one field that must not fail as a whole; gives its payload."""
        answer = await self.ask(operation, token, **variables)
        assert "errors" not in answer, answer
        payload: dict[str, Any]
        (payload,) = answer["data"].values()
        return payload

    async def mailed_token(self) -> str:
        """Send what is due and give the token in the youngest mail."""
        await self.service.outbox.send_due()
        content: str = self.mailer.sent[-1].get_content()
        return content.partition("#token=")[2].split()[0]

    async def rows(self, statement: str) -> list[Any]:
        async with self.service.database.read() as session:
            return [*(await session.execute(text(statement))).all()]

    async def make_admin(self, email: str = "root@example.com") -> str:
        """Make an administrator and return its access token."""
        person = SeedPerson(email, PASSWORD, "Root", Role.ADMIN, datetime.now(UTC))
        async with self.service.database.read() as session:
            new_id = (await session.execute(text("SELECT uuidv7()"))).scalar_one()
        await self.service.seed_accounts({new_id: person})
        token: str = (await self.login(email))["tokens"]["accessToken"]
        return token

    async def post_internal(self, path: str, body: bytes) -> httpx.Response:
        at_s = int(datetime.now(UTC).timestamp())
        headers = {
            SIGNATURE_HEADER: sign(SECRET, "POST", path, body, at_s),
            "content-type": "application/json",
        }
        return await self.client.post(path, content=body, headers=headers)

    async def count(self, table: str) -> int:
        async with self.service.database.read() as session:
            found: int = (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
        return found


def claims_of(token: str) -> dict[str, Any]:
    """Read a token's claims without a look at its signature."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def id_of(token: str) -> UUID:
    return UUID(claims_of(token)["sub"])


TOKENS = "tokens { accessToken tokenType expiresIn refreshToken refreshExpiresIn }"
ERRORS = "errors { __typename ... on UserError { message code path } ... on WeakPasswordError { reasons } }"
USER = "user { id email emailVerified role status mfaEnabled }"
REGISTER = f"""mutation($email: String!, $password: String!, $fullName: String!) {{
  register(input: {{email: $email, password: $password, fullName: $fullName}}) {{ {USER} {TOKENS} {ERRORS} }} }}"""
LOGIN = f"""mutation($email: String!, $password: String!) {{
  login(input: {{email: $email, password: $password}}) {{
    {USER} {TOKENS} errors {{ __typename ... on UserError {{ message code path }} }} }} }}"""
REFRESH = f"""mutation($given: String!) {{ refreshToken(refreshToken: $given) {{ {TOKENS} {ERRORS} }} }}"""


@pytest.fixture(scope="session")
def auth_url(postgres_url: DatabaseUrl) -> str:
    url = postgres_url("auth")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, migrate(url, MIGRATIONS)).result()
    return url


def settings_of(url: str, profile: str, **more: str) -> Any:
    environ = {
        "AUTH_DATABASE_URL": url,
        "INTERNAL_SECRET": SECRET,
        "MARKETPLACE_PROFILE": profile,
        "AUTH_BCRYPT_COST": "4",
        "JWT_SIGNING_KEY": make_key(),
        "AUTH_MAIL_URL": "smtp://localhost",
        **more,
    }
    return read_auth_settings(read_settings("auth", environ), environ)


async def start(url: str, profile: str) -> AsyncIterator[Auth]:
    settings = settings_of(url, profile)
    users = FakeUsers()
    clock = Clock(datetime.now(UTC))
    database = Database(url)
    async with database.write() as session:
        await session.execute(text("TRUNCATE accounts, throttles, audit_log CASCADE"))
    mailer = FakeMailer()
    service = build_service(settings, database, Announcer(users), clock, mailer)
    transport = httpx.ASGITransport(app=assemble(settings, service))
    async with httpx.AsyncClient(transport=transport, base_url="http://auth") as client:
        yield Auth(service, client, users, clock, mailer)
    await service.close()
    await let_go_of_connections()


@pytest_asyncio.fixture
async def auth(auth_url: str) -> AsyncIterator[Auth]:
    """Auth in the development profile."""
    async for started in start(auth_url, "development"):
        yield started


@pytest_asyncio.fixture
async def strict_auth(auth_url: str) -> AsyncIterator[Auth]:
    """Auth in the production profile."""
    async for started in start(auth_url, "production"):
        yield started
