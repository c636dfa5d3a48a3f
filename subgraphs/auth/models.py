"""Auth's tables. Addresses are stored normalised; passwords and refresh tokens only as hashes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.auth.domain import AccountStatus, AuditOutcome, MailKind, Purpose, RevokeReason, Role


def _one_of(column: str, values: list[str]) -> CheckConstraint:
    return CheckConstraint(
        f"{column} IN ({', '.join(repr(value) for value in values)})", name=f"{column}_known"
    )


class Base(DeclarativeBase):
    """All of auth's tables; text has no length (the domain's rules do), times are aware."""

    type_annotation_map = {str: Text, datetime: TIMESTAMP(timezone=True)}  # noqa: RUF012  SQLAlchemy's own protocol


class AccountRow(Base):
    """One identity. `version` grows with each change that `users` copies; `full_name` is a copy, as of its time."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_normalized"),
        Index("accounts_email_key", text("lower(email)"), unique=True),
        _one_of("role", [*Role]),
        _one_of("status", [*AccountStatus]),
        CheckConstraint("totp_confirmed_at IS NULL OR totp_secret IS NOT NULL", name="totp_secret_confirmed"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    email: Mapped[str]
    email_verified: Mapped[bool]
    password_hash: Mapped[str]
    full_name: Mapped[str]
    full_name_at: Mapped[datetime] = mapped_column(server_default=func.now())
    role: Mapped[str] = mapped_column(server_default=Role.USER)
    status: Mapped[str] = mapped_column(server_default=AccountStatus.ACTIVE)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_confirmed_at: Mapped[datetime | None]
    totp_used_step: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SessionRow(Base):
    """One log-in: the family of its refresh tokens. Revoking it revokes them all."""

    __tablename__ = "sessions"
    __table_args__ = (
        _one_of("revoke_reason", [*RevokeReason]),
        CheckConstraint("(revoked_at IS NULL) = (revoke_reason IS NULL)", name="revoke_reason_given"),
        Index("sessions_account", "account_id", "id"),
        Index("sessions_last_seen", "last_seen_at"),
        Index("sessions_expires", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None]
    mfa_at: Mapped[datetime | None]
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]


class RefreshTokenRow(Base):
    """A refresh token by its SHA-256; one with `used_at` has been exchanged for its successor."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index("refresh_tokens_session", "session_id"),
        # Two live tokens in one family would mean that a rotation has gone wrong.
        Index("refresh_tokens_one_live", "session_id", unique=True, postgresql_where=text("used_at IS NULL")),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCodeRow(Base):
    """A code that stands in for the second factor once, by its SHA-256."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[datetime | None]


class ActionTokenRow(Base):
    """A token that allows one thing once, by its SHA-256; `email` is the address that it was made for."""

    __tablename__ = "action_tokens"
    __table_args__ = (
        _one_of("purpose", [*Purpose]),
        Index("action_tokens_account", "account_id", "purpose"),
        Index("action_tokens_expires", "expires_at"),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    email: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class MailRow(Base):
    """A mail to be sent; gone once it is. No secret: the token in a mail is made when it is sent."""

    __tablename__ = "mails"
    __table_args__ = (_one_of("kind", [*MailKind]), Index("mails_due", "next_try_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    kind: Mapped[str]
    email: Mapped[str]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_try_at: Mapped[datetime]


class ApiKeyRow(Base):
    """A key for programs, by its SHA-256; `prefix` is what its owner recognises it by."""

    __tablename__ = "api_keys"
    __table_args__ = (Index("api_keys_account", "account_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    prefix: Mapped[str]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ThrottleRow(Base):
    """How often something was tried in vain, and until when it may not be tried again."""

    __tablename__ = "throttles"
    __table_args__ = (Index("throttles_last", "last_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    locked_until: Mapped[datetime]
    last_at: Mapped[datetime]


class RevocationRow(Base):
    """From a time on, tokens that name `subject` (an account, a session, an API key) need `version`; by triggers."""

    __tablename__ = "revocations"

    at: Mapped[datetime] = mapped_column(primary_key=True)
    subject: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]


class AuditRow(Base):
    """Something that was done, or refused. A trigger lets nobody change it, or delete it for 400 days."""

    __tablename__ = "audit_log"
    __table_args__ = (
        _one_of("outcome", [*AuditOutcome]),
        Index("audit_log_actor", "actor_id", "id"),
        Index("audit_log_action", "action", "id"),
        Index("audit_log_target", "target_id", "id"),
        Index("audit_log_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    target_type: Mapped[str]
    target_id: Mapped[str]
    ip: Mapped[str | None]
    request_id: Mapped[str | None]
    outcome: Mapped[str]
