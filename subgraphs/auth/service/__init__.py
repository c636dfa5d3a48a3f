"""What auth can do: `accounts` makes and changes them, `sessions` begins and ends log-ins."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from subgraphs.auth import repository
from subgraphs.auth.domain import Account, Role
from subgraphs.auth.service.accounts import AccountOptions, Accounts, Announce
from subgraphs.auth.service.passwords import PasswordHasher
from subgraphs.auth.service.sessions import SessionOptions, Sessions
from subgraphs.auth.service.signing import KeyRing, SigningKeyError, read_or_create_key_file
from subgraphs.auth.service.tokens import TokenIssuer
from subgraphs.auth.settings import AuthSettings
from subgraphs.common.database import Database
from subgraphs.common.settings import SettingsError


def utc_now() -> datetime:
    """Return the time, aware and in UTC: the clock of every process, and what tests replace."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AuthService:
    """The whole of auth over one database."""

    database: Database
    keys: KeyRing
    accounts: Accounts
    sessions: Sessions
    hasher: PasswordHasher

    async def count_active(self, since: datetime) -> int:
        """Count the living accounts that used a session at or after a time."""
        async with self.database.read() as session:
            return await repository.count_active_accounts(session, since)

    async def lookup(self, ids: Iterable[UUID]) -> list[Account]:
        """Return those of the accounts that exist, in no order, deleted ones too."""
        async with self.database.read() as session:
            return [*(await repository.find_accounts(session, ids)).values()]

    async def seed_account(self, account_id: UUID, person: "SeedPerson") -> bool:
        """Store an account with a fixed id; False if it, or its address, is there already."""
        values: dict[str, object] = {
            "id": account_id,
            "email": person.email,
            "email_verified": True,
            "password_hash": await self.hasher.hash(person.password),
            "full_name": person.full_name,
            "role": person.role,
        }
        async with self.database.write() as session:
            return await repository.insert_account(session, values) is not None

    async def close(self) -> None:
        """Let go of the threads and the connections."""
        self.hasher.close()
        await self.database.close()


@dataclass(frozen=True, slots=True)
class SeedPerson:
    """Somebody for the demonstration."""

    email: str
    password: str
    full_name: str
    role: Role


def build_service(
    settings: AuthSettings,
    database: Database,
    announce: Announce,
    clock: Callable[[], datetime] = utc_now,
) -> AuthService:
    """Put the parts together.

    Raises:
        SettingsError: the signing keys cannot be used.
    """
    keys = read_keys(settings)
    hasher = PasswordHasher(settings.bcrypt_cost)
    issuer = TokenIssuer(
        keys, settings.common.jwt_issuer, settings.common.jwt_audience, settings.access_ttl_s
    )
    session_options = SessionOptions(settings.session_ttl_s, admin_login_is_mfa=settings.is_development)
    sessions = Sessions(database, hasher, issuer, session_options, clock)
    account_options = AccountOptions(verified_at_registration=settings.is_development)
    accounts = Accounts(database, hasher, sessions, account_options, announce)
    return AuthService(database, keys, accounts, sessions, hasher)


def read_keys(settings: AuthSettings) -> KeyRing:
    """Read the signing keys from the environment or the file.

    Raises:
        SettingsError: they are missing or cannot be used.
    """
    path = Path(settings.signing_key_file)
    try:
        if settings.signing_key_pem:
            source = "JWT_SIGNING_KEY"
            return KeyRing.read(settings.signing_key_pem)
        source = f"JWT_SIGNING_KEY_FILE ({path})"
        return KeyRing.read(read_or_create_key_file(path) if settings.is_development else path.read_text())
    except (OSError, UnicodeDecodeError, SigningKeyError) as error:
        raise SettingsError(f"{source} cannot be used: {error}") from error
