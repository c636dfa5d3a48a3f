"""Payments' tables. The migration makes them, with the triggers that guard what only SQL can guard."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CHAR, ForeignKey, Text, func
from sqlalchemy.dialects.postgresql import BIGINT, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.common.changes import ChangeColumns, ChangesHeadColumns
from subgraphs.common.erasure import ErasedCustomerColumns
from subgraphs.common.inbox import InboxColumns
from subgraphs.common.outbox import OutboxColumns


class Base(DeclarativeBase):
    """All of payments' tables; text has no length (the domain's rules do), times are aware."""

    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy's own protocol
        str: Text,
        datetime: TIMESTAMP(timezone=True),
        dict[str, Any]: JSONB,
    }


class PaymentRow(Base):
    """A payment; the amount is minor units of `currency`."""

    __tablename__ = "payments"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    reference: Mapped[str]
    order_id: Mapped[UUID]
    order_number: Mapped[str]
    payer_id: Mapped[UUID]
    amount_minor: Mapped[int] = mapped_column(BIGINT)
    currency: Mapped[str] = mapped_column(CHAR(3))
    method: Mapped[str]
    gateway: Mapped[str]
    gateway_reference: Mapped[str | None]
    status: Mapped[str]
    next_action: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    order_outcome: Mapped[str | None]
    return_url: Mapped[str | None]
    payment_token: Mapped[str | None]
    verified_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    cancel_requested_at: Mapped[datetime | None]
    is_late: Mapped[bool] = mapped_column(server_default="false")
    refunding_minor: Mapped[int] = mapped_column(BIGINT, server_default="0")
    refunded_minor: Mapped[int] = mapped_column(BIGINT, server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AttemptRow(Base):
    """What the gateway answered to one request."""

    __tablename__ = "payment_attempts"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    gateway_reference: Mapped[str | None]
    outcome: Mapped[str]


class EventRow(Base):
    """A change of a payment."""

    __tablename__ = "payment_events"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    from_status: Mapped[str | None]
    to_status: Mapped[str]
    message: Mapped[str | None]


class IdempotencyRow(Base):
    """The answer to a client's idempotency key: which payment it made or got, and of what input."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[bytes]
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RefundRow(Base):
    """Money that goes back; the amount is minor units of the payment's currency."""

    __tablename__ = "refunds"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    amount_minor: Mapped[int] = mapped_column(BIGINT)
    reason: Mapped[str]
    note: Mapped[str | None]
    requested_by: Mapped[UUID | None]
    status: Mapped[str]
    next_try_at: Mapped[datetime] = mapped_column(server_default=func.now())
    tries: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    completed_at: Mapped[datetime | None]
    running_total_minor: Mapped[int | None] = mapped_column(BIGINT)
    """What of the payment had gone back with this one; None while it has not, and of releases that did not note it."""


class LedgerRow(Base):
    """One side of a posting; the entries of a posting add up to zero."""

    __tablename__ = "ledger_entries"

    posting: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    amount_minor: Mapped[int] = mapped_column(BIGINT)
    currency: Mapped[str] = mapped_column(CHAR(3))
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())


class GatewayEventRow(Base):
    """A message of the gateway that was taken."""

    __tablename__ = "gateway_events"

    gateway: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID | None]
    type: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ReconciliationRow(Base):
    """What comparing a day's payments with the gateway's list has found."""

    __tablename__ = "reconciliation_reports"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    gateway: Mapped[str]
    from_time: Mapped[datetime]
    to_time: Mapped[datetime]
    matched: Mapped[int]
    missing_here: Mapped[int]
    missing_at_gateway: Mapped[int]
    amount_mismatch: Mapped[int]


class ErasedCustomerRow(ErasedCustomerColumns, Base):
    """A customer who is forgotten."""


class OutboxRow(OutboxColumns, Base):
    """What orders has to be told."""


class ChangeRow(ChangeColumns, Base):
    """What subscriptions tell."""


class ChangesHeadRow(ChangesHeadColumns, Base):
    """The last position that a change was given."""


class InboxRow(InboxColumns, Base):
    """What was heard of orders."""
