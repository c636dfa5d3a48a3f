"""Users' tables: profiles, and the proof of erasures."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.users.domain import DEFAULT_LOCALE, ErasureStatus


class Base(DeclarativeBase):
    """All of users' tables; text has no length (the domain's rules do), times are aware."""

    type_annotation_map = {str: Text, datetime: TIMESTAMP(timezone=True)}  # noqa: RUF012  SQLAlchemy's own protocol


class ProfileRow(Base):
    """One user. email, email_verified, role and status are copies of auth's, as of `account_version`."""

    __tablename__ = "profiles"
    __table_args__ = (
        Index("profiles_created", "created_at", "id"),
        Index("profiles_role", "role", "created_at", "id"),
        Index("profiles_full_name", text("lower(full_name)"), "id"),
        Index("profiles_email", "email", "id"),
        Index(
            "profiles_search",
            "full_name",
            "email",
            postgresql_using="gin",
            postgresql_ops={"full_name": "gin_trgm_ops", "email": "gin_trgm_ops"},
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    full_name: Mapped[str]
    display_name: Mapped[str]
    phone: Mapped[str | None]
    address: Mapped[dict[str, str | None] | None] = mapped_column(JSONB(none_as_null=True))
    avatar_url: Mapped[str | None]
    locale: Mapped[str] = mapped_column(server_default=DEFAULT_LOCALE)
    email: Mapped[str]
    email_verified: Mapped[bool]
    role: Mapped[str]
    status: Mapped[str]
    account_version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ErasureRequestRow(Base):
    """The erasure of one user; there is never a second one. Who works on it has it until `next_try_at`."""

    __tablename__ = "erasure_requests"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(str(s)) for s in ErasureStatus)})", name="status_known"),
        CheckConstraint("(status = 'COMPLETED') = (completed_at IS NOT NULL)", name="completed_at_given"),
        Index(
            "erasure_requests_due",
            "next_try_at",
            postgresql_where=text("status IN ('SCHEDULED', 'RUNNING')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    user_id: Mapped[UUID] = mapped_column(unique=True)
    requested_by: Mapped[UUID]
    reason: Mapped[str | None]
    status: Mapped[str]
    requested_at: Mapped[datetime] = mapped_column(server_default=func.now())
    completed_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime] = mapped_column(server_default=func.now())
    attempts: Mapped[int] = mapped_column(server_default=text("0"))


class ErasureStepRow(Base):
    """What one service had to forget, and when it had."""

    __tablename__ = "erasure_steps"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("erasure_requests.id"), primary_key=True)
    service: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(server_default=text("0"))
    done_at: Mapped[datetime | None]


class DataExportRow(Base):
    """What the services know of one user, gathered for that user; `content` is null until it is."""

    __tablename__ = "data_exports"
    __table_args__ = (
        Index("data_exports_due", "next_try_at", postgresql_where=text("content IS NULL")),
        Index("data_exports_expires", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    user_id: Mapped[UUID] = mapped_column(unique=True)
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
