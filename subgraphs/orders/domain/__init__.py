"""The rules of an order: its states, what may be ordered, what may be done now. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from subgraphs.common.errors import DomainError, ErrorCode, InvalidInputError
from subgraphs.common.money import Money, MoneyError

LINES_MAX = 50
QUANTITY_MAX = 100
LABEL_CHARACTERS_MAX = 100
NOTE_CHARACTERS_MAX = 500
_COUPON_CODE = re.compile(r"[A-Z0-9-]{3,32}", re.ASCII)


class OrderStatus(StrEnum):
    """How far an order has come."""

    PENDING = "PENDING"
    PAID = "PAID"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    REFUNDED = "REFUNDED"


class CancelReason(StrEnum):
    """Why an order was cancelled."""

    CUSTOMER = "CUSTOMER"
    ADMIN = "ADMIN"
    EXPIRED = "EXPIRED"
    PAYMENT_FAILED = "PAYMENT_FAILED"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    FRAUD = "FRAUD"


class RefundStatus(StrEnum):
    """How much of an order was paid back."""

    NONE = "NONE"
    PARTIAL = "PARTIAL"
    FULL = "FULL"


class OrderAction(StrEnum):
    """What a caller may do with an order now."""

    PAY = "PAY"
    CANCEL = "CANCEL"
    REQUEST_REFUND = "REQUEST_REFUND"
    DOWNLOAD = "DOWNLOAD"
    REVIEW = "REVIEW"


class LicenseStatus(StrEnum):
    """Whether a licence may be used."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class ActorType(StrEnum):
    """Who changed an order."""

    CUSTOMER = "CUSTOMER"
    ADMIN = "ADMIN"
    SYSTEM = "SYSTEM"


class OrderSortField(StrEnum):
    """What a list of orders can be sorted by."""

    CREATED_AT = "CREATED_AT"
    TOTAL = "TOTAL"
    NUMBER = "NUMBER"


class PaidOutcome(StrEnum):
    """What became of a payment that claims an order."""

    ACCEPTED = "ACCEPTED"
    ALREADY = "ALREADY"
    REJECTED = "REJECTED"


TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.PAID, OrderStatus.CANCELLED}),
    OrderStatus.PAID: frozenset({OrderStatus.PROCESSING, OrderStatus.REFUNDED}),
    OrderStatus.PROCESSING: frozenset({OrderStatus.COMPLETED, OrderStatus.REFUNDED}),
    OrderStatus.COMPLETED: frozenset({OrderStatus.REFUNDED}),
    OrderStatus.CANCELLED: frozenset(),
    OrderStatus.REFUNDED: frozenset(),
}
"""All moves there are; a trigger in the database refuses any other."""

ADMIN_TRANSITIONS: dict[OrderStatus, OrderStatus] = {
    OrderStatus.PROCESSING: OrderStatus.PAID,
    OrderStatus.COMPLETED: OrderStatus.PROCESSING,
    OrderStatus.CANCELLED: OrderStatus.PENDING,
}
"""The moves that people may make: wanted status -> the status that it must come from. The others follow from payments."""

SOLD = (OrderStatus.PAID, OrderStatus.PROCESSING, OrderStatus.COMPLETED)
"""An order in one of these counts as sold."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order; all amounts are in its one currency."""

    id: UUID
    number: str
    customer_id: UUID
    status: OrderStatus
    cancel_reason: CancelReason | None
    subtotal: Money
    discount_total: Money
    tax_total: Money
    total: Money
    refunded_total: Money
    payment_deadline: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def refund_status(self) -> RefundStatus:
        """How much of it was paid back."""
        if self.refunded_total.minor == 0:
            return RefundStatus.NONE
        return RefundStatus.FULL if self.refunded_total.minor >= self.total.minor else RefundStatus.PARTIAL

    def is_payable(self, now: datetime) -> bool:
        """Whether it waits for its payment, and not too long."""
        in_time = self.payment_deadline is None or now < self.payment_deadline
        return self.status is OrderStatus.PENDING and in_time


@dataclass(frozen=True, slots=True)
class Line:
    """A product in an order, with the name and price that it had then."""

    id: UUID
    order_id: UUID
    product_id: UUID
    product_name: str
    unit_price: Money
    quantity: int
    total: Money


@dataclass(frozen=True, slots=True)
class Event:
    """A change of an order's status."""

    id: UUID
    order_id: UUID
    at: datetime
    type: str
    from_status: OrderStatus | None
    to_status: OrderStatus | None
    actor_type: ActorType
    message: str | None


@dataclass(frozen=True, slots=True)
class License:
    """The right to use a product; `key` is what its owner shows."""

    id: UUID
    order_id: UUID
    customer_id: UUID
    product_id: UUID
    key: str
    status: LicenseStatus
    activation_limit: int
    expires_at: datetime | None
    created_at: datetime

    def is_usable(self, now: datetime) -> bool:
        """Whether it may be used now."""
        in_time = self.expires_at is None or now < self.expires_at
        return self.status is LicenseStatus.ACTIVE and in_time


@dataclass(frozen=True, slots=True)
class Activation:
    """A place where a licence is used."""

    id: UUID
    license_id: UUID
    label: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """A product that somebody wants, `position` being its place in the input."""

    product_id: UUID
    quantity: int
    position: int


@dataclass(frozen=True, slots=True)
class PricedItem:
    """A wanted product with what products says of it."""

    product_id: UUID
    quantity: int
    name: str
    unit_price: Money
    position: int = 0
    limit: int | None = None
    """How many of it are sold in all; None is any number."""

    @property
    def total(self) -> Money:
        """The price of all of them."""
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class Coupon:
    """Takes a percentage or an amount off; just one of them is not None."""

    code: str
    percent: int | None
    amount: Money | None

    def discount(self, subtotal: Money) -> Money | None:
        """What it takes off, at most all of it, rounded down; None if it is of another currency."""
        if self.amount is None:
            return Money(subtotal.minor * (self.percent or 0) // 100, subtotal.currency)
        if self.amount.currency != subtotal.currency:
            return None
        return Money(min(self.amount.minor, subtotal.minor), subtotal.currency)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes an order; the id is None for the system."""

    type: ActorType
    id: UUID | None


SYSTEM = Actor(ActorType.SYSTEM, None)


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders a list holds: every condition that is not None must hold."""

    customer_id: UUID | None = None
    statuses: tuple[OrderStatus, ...] | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    number: str | None = None
    product_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class OrderSortKey:
    """The order of a list; ties go by id, in the same direction."""

    field: OrderSortField = OrderSortField.CREATED_AT
    descending: bool = True


class PriceChangedError(DomainError):
    """The total is not the expected one."""

    def __init__(self, current_total: Money) -> None:
        """Tell the total as it is."""
        super().__init__("The total has changed.", ErrorCode.PRICE_CHANGED, ("input", "expectedTotal"))
        self.current_total = current_total


class OutOfStockError(DomainError):
    """A product cannot be had now."""

    def __init__(self, product_id: UUID, position: int, available: int = 0, *, is_held: bool = False) -> None:
        """Name the product, its place in the input, and how many are left; or, by what the customer holds, to be had."""
        path = ("input", "items", str(position), "productId")
        if is_held:
            message = f"Only {available} more of this can be ordered before others of it are paid."
        else:
            message = (
                f"Only {available} of this are left." if available else "This product is not available now."
            )
        super().__init__(message, ErrorCode.INSUFFICIENT_STOCK, path)
        self.product_id = product_id
        self.available = available


class InvalidTransitionError(DomainError):
    """The order's status does not allow the move."""

    def __init__(self, current: OrderStatus, wanted: OrderStatus) -> None:
        """Tell the status that stands in the way."""
        super().__init__(
            f"An order that is {current.value} cannot become {wanted.value}.",
            ErrorCode.INVALID_STATE,
            ("id",),
        )
        self.current_status = current


def check_items(items: Sequence[Item]) -> tuple[Item, ...]:
    """The wanted items, a product that is named twice as one item.

    Raises:
        InvalidInputError: none or too many, or a quantity out of bounds.
    """
    if not 1 <= len(items) <= LINES_MAX:
        raise InvalidInputError(f"An order has 1 to {LINES_MAX} items.", ("input", "items"))
    merged: dict[UUID, Item] = {}
    for item in items:
        before = merged.get(item.product_id)
        quantity = item.quantity + (before.quantity if before is not None else 0)
        if item.quantity < 1 or quantity > QUANTITY_MAX:
            raise InvalidInputError(
                f"A quantity is 1 to {QUANTITY_MAX}.", ("input", "items", str(item.position), "quantity")
            )
        merged[item.product_id] = Item(
            item.product_id, quantity, before.position if before else item.position
        )
    return tuple(merged.values())


def sum_up(items: Sequence[PricedItem]) -> Money:
    """The total of an order.

    Raises:
        InvalidInputError: the products have different currencies, or the sum is too large.
    """
    try:
        total = items[0].total
        for item in items[1:]:
            total += item.total
    except MoneyError:
        raise InvalidInputError(
            "The products of one order must be priced in one currency, and their sum must be in bounds.",
            ("input", "items"),
        ) from None
    return total


def read_coupon_code(text: str) -> str | None:
    """A coupon's code as it is stored; None if it is none."""
    code = text.strip(" ").upper()
    return code if _COUPON_CODE.fullmatch(code) else None


def list_actions(
    order: Order, licenses: Sequence[License], now: datetime, *, is_owner: bool, may_write: bool
) -> list[OrderAction]:
    """What the caller may do with the order now; `licenses` are the order's."""
    actions = []
    if is_owner and order.is_payable(now):
        actions.append(OrderAction.PAY)
    if (is_owner or may_write) and order.status is OrderStatus.PENDING:
        actions.append(OrderAction.CANCEL)
    if is_owner and order.status in SOLD:
        if order.refunded_total.minor < order.total.minor:
            actions.append(OrderAction.REQUEST_REFUND)
        if any(license_.is_usable(now) for license_ in licenses):
            actions += [OrderAction.DOWNLOAD, OrderAction.REVIEW]
    return actions
