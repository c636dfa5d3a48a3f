"""The rules of identity: roles and scopes, what an e-mail address, a name and a password must be.

Pure: no clock, no database, no hashing. A rule reports (a reason, a list of reasons); the service refuses.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from subgraphs.common.text import is_blank, is_storable

EMAIL_LENGTH_MAX = 254  # RFC 5321, 4.5.3.1.3: the longest path that fits a MAIL command
_LOCAL_PART_LENGTH_MAX = 64  # RFC 5321, 4.5.3.1.1
PASSWORD_LENGTH_MIN = 10
PASSWORD_LENGTH_MAX = 128
_TOO_LONG = f"It must have at most {PASSWORD_LENGTH_MAX} characters."
GUESSABLE = "It is one of the passwords that are guessed first."
_NFKC_SHRINK_MAX = 4  # composed characters: no text shrinks more, so a longer one needs no work to refuse
FULL_NAME_LENGTH_MAX = 100
USER_AGENT_LENGTH_MAX = 255
DELETED_NAME = "Deleted user"

# ASCII on purpose: two addresses that look alike must be one account, and lower() must mean the same in
# Python and in Postgres. An internationalised domain is given in its xn-- form.
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]",
)

_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Role(StrEnum):
    """What an account may do beyond its own things; see `scopes_of`."""

    USER = "USER"
    SUPPORT = "SUPPORT"
    ADMIN = "ADMIN"


class AccountStatus(StrEnum):
    """Only an ACTIVE account can log in or refresh; DELETED is for ever."""

    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"
    DISABLED = "DISABLED"
    DELETED = "DELETED"


class RevokeReason(StrEnum):
    """Why a session ended before its time."""

    LOGOUT = "LOGOUT"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105  the name of an event
    TOKEN_REUSED = "TOKEN_REUSED"  # noqa: S105  the name of an event
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    ACCOUNT_SUSPENDED = "ACCOUNT_SUSPENDED"
    REVOKED = "REVOKED"


class Purpose(StrEnum):
    """What a single-use token allows."""

    VERIFY_EMAIL = "VERIFY_EMAIL"
    CHANGE_EMAIL = "CHANGE_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105  the name of an action
    MFA_LOGIN = "MFA_LOGIN"


class MailKind(StrEnum):
    """What a mail tells."""

    VERIFY_EMAIL = "VERIFY_EMAIL"
    CHANGE_EMAIL = "CHANGE_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105  the name of an action
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105  the name of an event
    EMAIL_CHANGED = "EMAIL_CHANGED"


class MfaMethod(StrEnum):
    """What a second factor can be."""

    TOTP = "TOTP"
    RECOVERY_CODE = "RECOVERY_CODE"


class AuditOutcome(StrEnum):
    """Whether what somebody tried was done."""

    ALLOWED = "ALLOWED"
    DENIED = "DENIED"


_READ_SCOPES = frozenset({"orders:read", "payments:read", "users:read", "analytics:read", "audit:read"})
_WRITE_SCOPES = frozenset(
    {"catalog:write", "orders:write", "payments:refund", "users:write", "webhooks:write"},
)
_SCOPES = {
    Role.USER: frozenset[str](),
    Role.SUPPORT: _READ_SCOPES,
    Role.ADMIN: _READ_SCOPES | _WRITE_SCOPES,
}


@dataclass(frozen=True, slots=True)
class Account:
    """One identity, without its password hash. `version` grows by one with each change that others copy."""

    id: UUID
    email: str
    email_verified: bool
    full_name: str
    role: Role
    status: AccountStatus
    version: int
    created_at: datetime
    mfa_enabled: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """One log-in and all the tokens that came from it; `expires_at` is fixed at log-in."""

    id: UUID
    account_id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    mfa_at: datetime | None
    ip: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class Client:
    """From where a request came, as far as it is known."""

    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, in which session, and from where."""

    account_id: UUID
    session_id: UUID | None = None
    client: Client = Client()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key for programs, without its secret."""

    id: UUID
    account_id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that was done, or refused."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    action: str
    target_type: str
    target_id: str
    ip: str | None
    request_id: str | None
    outcome: AuditOutcome


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to list; None means any."""

    actor_id: UUID | None = None
    action: str | None = None
    target_type: str | None = None
    target_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountExport:
    """All that auth knows of a person, for that person."""

    account: Account
    sessions: list[Session]
    api_keys: list[ApiKey]
    audit: list[AuditEntry]


def scopes_of(role: Role) -> frozenset[str]:
    """Return the scopes that an access token of this role carries."""
    return _SCOPES[role]


def normalize_email(text: str) -> str:
    """Return the one spelling under which an address is stored and looked up; what is not ASCII stays, and is no address.

    The sign for Kelvin has a `k` for its small letter, and would make one address of two.
    """
    plain = text.strip()
    return plain.lower() if plain.isascii() else plain


def is_email(normalized: str) -> bool:
    """Tell whether a normalised text is an address that we can store and write to.

    One under `.invalid` is not: those stand for deleted accounts, and nobody may take one beforehand.
    """
    if len(normalized) > EMAIL_LENGTH_MAX or normalized.find("@") > _LOCAL_PART_LENGTH_MAX:
        return False
    if normalized.endswith(".invalid"):
        return False
    return _EMAIL.fullmatch(normalized) is not None


def normalize_password(text: str) -> str:
    """Return the form that is hashed: the same password typed on another keyboard must be the same (NFKC)."""
    return unicodedata.normalize("NFKC", text)


def find_password_faults(password: str, email: str) -> list[str]:
    """List what is wrong with a new password, in sentences for its owner; empty if it is good.

    Length counts characters, not bytes (NIST SP 800-63B, 5.1.1.2): no rule on kinds of characters.
    """
    if len(password) > PASSWORD_LENGTH_MAX * _NFKC_SHRINK_MAX:
        return [_TOO_LONG]
    plain = normalize_password(password)
    folded = plain.casefold()
    faults = []
    if len(plain) < PASSWORD_LENGTH_MIN:
        faults.append(f"It must have at least {PASSWORD_LENGTH_MIN} characters.")
    if len(plain) > PASSWORD_LENGTH_MAX:
        faults.append(_TOO_LONG)
    if not is_storable(plain):
        faults.append("It must not contain control characters.")
    if folded in {email, email.partition("@")[0]}:
        faults.append("It must not be the e-mail address.")
    if plain and len(set(folded)) == 1:
        faults.append(GUESSABLE)
    return faults


def is_full_name(tidied: str) -> bool:
    """Tell whether a name, after `tidy_line`, has 1 to 100 characters, all of which can be stored, and can be seen."""
    return len(tidied) <= FULL_NAME_LENGTH_MAX and is_storable(tidied) and not is_blank(tidied)


def deleted_email(account_id: UUID) -> str:
    """Return the address that replaces a deleted account's: unique, and never deliverable (RFC 2606, 2)."""
    return f"deleted-{account_id}@deleted.invalid"


def parse_uuid(value: object) -> UUID | None:
    """Read a UUID in its usual form of 36 characters; None if the value is anything else."""
    return UUID(value) if isinstance(value, str) and _UUID.fullmatch(value) else None
