"""Auth's tables. Addresses are stored normalised; passwords and refresh tokens only as hashes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.auth.domain import AccountStatus, RevokeReason, Role


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
