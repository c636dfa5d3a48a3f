"""What auth can do: `accounts` makes and changes them, `logins` lets people in, `sessions` keeps them in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from subgraphs.auth.domain import Account, AccountExport, AuditFilter, Role
from subgraphs.auth.repository import accounts as repository
from subgraphs.auth.repository import api_keys as api_key_rows
from subgraphs.auth.repository import audit as audit_rows
from subgraphs.auth.repository import revocations as revocation_rows
from subgraphs.auth.repository import sessions as session_rows
from subgraphs.auth.service.accounts import AccountOptions, Accounts
from subgraphs.auth.service.api_keys import ApiKeys
from subgraphs.auth.service.audit import Audit
from subgraphs.auth.service.confirming import PasswordCheck
from subgraphs.auth.service.factors import Factors
from subgraphs.auth.service.logins import Logins
from subgraphs.auth.service.mail import Mailer, build_mailer
from subgraphs.auth.service.outbox import Outbox, OutboxOptions
from subgraphs.auth.service.passwords import PasswordHasher
from subgraphs.auth.service.recovery import Recovery
from subgraphs.auth.service.secrets import SecretBox
from subgraphs.auth.service.sessions import SessionOptions, Sessions
from subgraphs.auth.service.signing import KeyFile, KeyRing, SigningKeyError, read_or_create_key_file
from subgraphs.auth.service.throttle import Throttle
from subgraphs.auth.service.tokens import TokenIssuer
from subgraphs.auth.service.wire import Announce
from subgraphs.auth.settings import AuthSettings
from subgraphs.common.bulk import split
from subgraphs.common.database import Database
from subgraphs.common.errors import ObjectNotFoundError
from subgraphs.common.revocation import KEPT, PAGE, RevocationPage
from subgraphs.common.settings import SettingsError

EXPORTED_MAX = 1_000


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
    logins: Logins
    factors: Factors
    recovery: Recovery
    api_keys: ApiKeys
    outbox: Outbox
    throttle: Throttle
    audit: Audit
    hasher: PasswordHasher

    async def count_active(self, since: datetime) -> int:
        """Count the living accounts that used a session at or after a time."""
        async with self.database.read() as session:
            return await session_rows.count_active_accounts(session, since)

    async def lookup(self, ids: Iterable[UUID]) -> list[Account]:
        """Return those of the accounts that exist, in no order, deleted ones too."""
        async with self.database.read() as session:
            return [*(await repository.find_accounts(session, ids)).values()]

    async def read_revocations(self, after: datetime | None) -> RevocationPage:
        """Return which tokens were called back at a time or later; None is all that can still matter."""
        async with self.database.read() as session:
            since = after or utc_now() - KEPT
            return RevocationPage(revoked=await revocation_rows.list_revocations(session, since, PAGE))

    async def export(self, account_id: UUID) -> AccountExport:
        """Return everything that is known of an account, the lists youngest first and at most 1,000 long.

        Raises:
            ObjectNotFoundError: there never was such an account.
        """
        async with self.database.read() as session:
            account = (await repository.find_accounts(session, [account_id])).get(account_id)
            if account is None:
                raise ObjectNotFoundError("There is no such user.", ("id",))
            sessions = await session_rows.list_sessions(session, account_id, EXPORTED_MAX)
            keys = await api_key_rows.list_api_keys(session, account_id, EXPORTED_MAX)
            # What was done to the account, and what was done by it.
            logged = [
                entry
                for wanted in (AuditFilter(target_id=str(account_id)), AuditFilter(actor_id=account_id))
                for entry in await audit_rows.list_entries(session, wanted, before=None, limit=EXPORTED_MAX)
            ]
        entries = sorted({entry.id: entry for entry in logged}.values(), key=lambda entry: entry.id)
        entries = entries[-EXPORTED_MAX:][::-1]
        return AccountExport(account, sessions, keys, entries)

    async def seed_accounts(self, people: Mapping[UUID, "SeedPerson"]) -> int:
        """Store accounts with fixed ids and return how many; one that is there, or its address, stays as it is.

        Those that share a password share its hash too: a salt for each would hide nothing, and take minutes.
        """
        known = {account.id for account in await self.lookup(people)}
        missing = {account_id: person for account_id, person in people.items() if account_id not in known}
        hashes = {
            password: await self.hasher.hash(password)
            for password in {person.password for person in missing.values()}
        }
        rows = [
            {
                "id": account_id,
                "email": person.email,
                "email_verified": True,
                "password_hash": hashes[person.password],
                "full_name": person.full_name,
                "role": person.role,
                "created_at": person.created_at,
            }
            for account_id, person in missing.items()
        ]
        count = 0
        for part in split(rows):
            async with self.database.write() as session:
                count += await repository.insert_accounts(session, part)
        return count

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
    created_at: datetime


def build_service(
    settings: AuthSettings,
    database: Database,
    announce: Announce,
    clock: Callable[[], datetime] = utc_now,
    mailer: Mailer | None = None,
) -> AuthService:
    """Put the parts together; without a `mailer` the one of the settings is made.

    Raises:
        SettingsError: the signing keys cannot be used.
    """
    keys = read_keys(settings)
    common = settings.common
    hasher = PasswordHasher(settings.bcrypt_cost)
    issuer = TokenIssuer(keys, common.jwt_issuer, common.jwt_audience, settings.access_ttl_s)
    audit, throttle = Audit(clock), Throttle(database, clock)
    session_options = SessionOptions(settings.session_ttl_s, admin_login_is_mfa=settings.is_development)
    sessions = Sessions(database, issuer, session_options, audit, clock)
    passwords = PasswordCheck(database, hasher, throttle)
    factors = Factors(database, SecretBox(common.internal_secret), passwords, throttle, audit, clock)
    outbox_options = OutboxOptions(settings.mail_from, settings.link_base)
    outbox = Outbox(database, mailer or build_mailer(settings.mail_url), outbox_options, clock)
    shared: dict[str, Any] = {
        "hasher": hasher,
        "sessions": sessions,
        "throttle": throttle,
        "audit": audit,
    }
    mailed = shared | {"passwords": passwords, "outbox": outbox, "announce": announce}
    options = AccountOptions(verified_at_registration=settings.is_development)
    return AuthService(
        database=database,
        keys=keys,
        accounts=Accounts(database, **mailed, options=options),
        sessions=sessions,
        logins=Logins(database, **shared, factors=factors, clock=clock),
        factors=factors,
        recovery=Recovery(database, **mailed, clock=clock),
        api_keys=ApiKeys(database, issuer, throttle, audit, clock),
        outbox=outbox,
        throttle=throttle,
        audit=audit,
        hasher=hasher,
    )


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
        if settings.is_development:
            read_or_create_key_file(path)
        return KeyFile(path)
    except (OSError, UnicodeDecodeError, SigningKeyError) as error:
        raise SettingsError(f"{source} cannot be used: {error}") from error
