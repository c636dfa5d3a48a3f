"""Orders' tables. The migration makes them, with the triggers that guard what only SQL can guard."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CHAR, ForeignKey, Identity, Text, func
from sqlalchemy.dialects.postgresql import BIGINT, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.common.changes import ChangeColumns, ChangesHeadColumns
from subgraphs.common.erasure import ErasedCustomerColumns
from subgraphs.common.inbox import InboxColumns
from subgraphs.common.outbox import OutboxColumns


class Base(DeclarativeBase):
    """All of orders' tables; text has no length (the domain's rules do), times are aware."""

    type_annotation_map = {str: Text, datetime: TIMESTAMP(timezone=True)}  # noqa: RUF012 -- SQLAlchemy's protocol


class OrderRow(Base):
    """An order; amounts are minor units of `currency`."""

    __tablename__ = "orders"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    number: Mapped[str]
    customer_id: Mapped[UUID]
    status: Mapped[str]
    cancel_reason: Mapped[str | None]
    currency: Mapped[str] = mapped_column(CHAR(3))
    subtotal_minor: Mapped[int] = mapped_column(BIGINT)
    discount_minor: Mapped[int] = mapped_column(BIGINT)
    tax_minor: Mapped[int] = mapped_column(BIGINT)
    total_minor: Mapped[int] = mapped_column(BIGINT)
    refunded_minor: Mapped[int] = mapped_column(BIGINT)
    paid_by: Mapped[UUID | None]
    payment_deadline: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class LineRow(Base):
    """A line of an order; it never changes."""

    __tablename__ = "order_lines"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    product_id: Mapped[UUID]
    product_name: Mapped[str]
    unit_price_minor: Mapped[int] = mapped_column(BIGINT)
    quantity: Mapped[int]
    total_minor: Mapped[int] = mapped_column(BIGINT)


class EventRow(Base):
    """A change of an order, in the order of `sequence`."""

    __tablename__ = "order_events"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    sequence: Mapped[int] = mapped_column(BIGINT, Identity(always=True))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    type: Mapped[str]
    from_status: Mapped[str | None]
    to_status: Mapped[str | None]
    actor_type: Mapped[str]
    actor_id: Mapped[UUID | None]
    message: Mapped[str | None]
    refund_id: Mapped[UUID | None]
    """The refund that it is of; no other event is."""


class IdempotencyRow(Base):
    """The answer to a client's idempotency key: which order it made, and of what input."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[bytes]
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class LicenseRow(Base):
    """The right to use a product that was paid for."""

    __tablename__ = "licenses"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    line_id: Mapped[UUID] = mapped_column(ForeignKey("order_lines.id"))
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    customer_id: Mapped[UUID]
    product_id: Mapped[UUID]
    key: Mapped[str]
    status: Mapped[str]
    activation_limit: Mapped[int]
    activation_count: Mapped[int] = mapped_column(server_default="0")
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ActivationRow(Base):
    """A place where a licence is used."""

    __tablename__ = "license_activations"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    license_id: Mapped[UUID] = mapped_column(ForeignKey("licenses.id"))
    label: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class StockRow(Base):
    """How many of a limited product are in orders that are not over; counted by triggers."""

    __tablename__ = "stock"

    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    taken: Mapped[int] = mapped_column(BIGINT)


class CouponRow(Base):
    """What a code takes off: a percentage, or an amount in its currency."""

    __tablename__ = "coupons"

    code: Mapped[str] = mapped_column(primary_key=True)
    percent: Mapped[int | None]
    amount_minor: Mapped[int | None] = mapped_column(BIGINT)
    currency: Mapped[str | None] = mapped_column(CHAR(3))
    valid_from: Mapped[datetime] = mapped_column(server_default=func.now())
    valid_until: Mapped[datetime | None]
    uses_max: Mapped[int | None]
    uses: Mapped[int] = mapped_column(server_default="0")


class CouponUseRow(Base):
    """Who used a coupon, and for which order."""

    __tablename__ = "coupon_uses"

    code: Mapped[str] = mapped_column(ForeignKey("coupons.code"), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))


class ErasedCustomerRow(ErasedCustomerColumns, Base):
    """A customer who is forgotten."""


class OutboxRow(OutboxColumns, Base):
    """What payments has to be told."""


class ChangeRow(ChangeColumns, Base):
    """What subscriptions tell."""


class ChangesHeadRow(ChangesHeadColumns, Base):
    """The last position that a change was given."""


class ProductSalesRow(Base):
    """How many of a product were sold; `version` grows with each change of any product's."""

    __tablename__ = "product_sales"

    product_id: Mapped[UUID] = mapped_column(primary_key=True)
    units: Mapped[int] = mapped_column(BIGINT)
    version: Mapped[int] = mapped_column(BIGINT)


class ProductSalesHeadRow(Base):
    """Up to which change sales were counted, and the last version that was given; there is one row."""

    __tablename__ = "product_sales_head"

    is_the_head: Mapped[bool] = mapped_column(primary_key=True, server_default="true")
    position: Mapped[int] = mapped_column(BIGINT)
    version: Mapped[int] = mapped_column(BIGINT)


class InboxRow(InboxColumns, Base):
    """What was heard of payments."""
