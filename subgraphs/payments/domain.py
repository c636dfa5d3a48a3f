"""The rules of a payment: its states, its methods, what a payer must do next. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

from subgraphs.common.errors import DomainError, ErrorCode, InvalidInputError
from subgraphs.common.money import Money

TOKEN_CHARACTERS_MAX = 256
URL_CHARACTERS_MAX = 2_048
NOTE_CHARACTERS_MAX = 500
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})
"""A shop in development has no certificate."""


class PaymentMethod(StrEnum):
    """How somebody pays."""

    CREDIT_CARD = "CREDIT_CARD"
    BANK_TRANSFER = "BANK_TRANSFER"
    E_WALLET = "E_WALLET"
    VIRTUAL_ACCOUNT = "VIRTUAL_ACCOUNT"


class PaymentStatus(StrEnum):
    """How far a payment has come."""

    PENDING = "PENDING"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    PROCESSING = "PROCESSING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"


class RefundReason(StrEnum):
    """Why money goes back."""

    CUSTOMER_REQUEST = "CUSTOMER_REQUEST"
    DUPLICATE = "DUPLICATE"
    FRAUDULENT = "FRAUDULENT"
    ORDER_CANCELLED = "ORDER_CANCELLED"
    PRODUCT_UNAVAILABLE = "PRODUCT_UNAVAILABLE"
    OTHER = "OTHER"


class RefundState(StrEnum):
    """How far a refund has come; all but PENDING are final."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class OrderOutcome(StrEnum):
    """What orders said to the news that a payment succeeded."""

    ACCEPTED = "ACCEPTED"
    ALREADY = "ALREADY"
    REJECTED = "REJECTED"


_S = PaymentStatus
TRANSITIONS: dict[PaymentStatus, frozenset[PaymentStatus]] = {
    _S.PENDING: frozenset(
        {_S.REQUIRES_ACTION, _S.PROCESSING, _S.SUCCEEDED, _S.FAILED, _S.CANCELLED, _S.EXPIRED}
    ),
    _S.REQUIRES_ACTION: frozenset({_S.PROCESSING, _S.SUCCEEDED, _S.FAILED, _S.CANCELLED, _S.EXPIRED}),
    _S.PROCESSING: frozenset({_S.SUCCEEDED, _S.FAILED, _S.CANCELLED, _S.EXPIRED}),
    _S.SUCCEEDED: frozenset({_S.PARTIALLY_REFUNDED, _S.REFUNDED}),
    _S.PARTIALLY_REFUNDED: frozenset({_S.REFUNDED}),
    # Money that comes late is recorded and given back, never dropped.
    _S.CANCELLED: frozenset({_S.SUCCEEDED}),
    _S.EXPIRED: frozenset({_S.SUCCEEDED}),
    _S.FAILED: frozenset(),
    _S.REFUNDED: frozenset(),
}
"""All moves there are; a trigger in the database refuses any other."""

OPEN = (_S.PENDING, _S.REQUIRES_ACTION, _S.PROCESSING)
"""A payment in one of these may still succeed."""
GIVEN_UP = (_S.CANCELLED, _S.EXPIRED)
"""Nobody waits for the money of a payment in one of these any more; it may come all the same."""
RUNNING = (*OPEN, _S.SUCCEEDED, _S.PARTIALLY_REFUNDED)
"""An order has at most one payment in one of these."""
PAID = (_S.SUCCEEDED, _S.PARTIALLY_REFUNDED)
"""The money of a payment in one of these is here."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """The payer goes on at the gateway's page."""

    url: str


@dataclass(frozen=True, slots=True)
class BankTransfer:
    """The payer transfers the amount with the note."""

    bank_name: str
    account_number: str
    transfer_note: str
    deadline: datetime


@dataclass(frozen=True, slots=True)
class VirtualAccount:
    """The payer transfers the amount to an account made for this payment."""

    bank_code: str
    account_number: str
    deadline: datetime


NextAction: TypeAlias = Redirect | BankTransfer | VirtualAccount


@dataclass(frozen=True, slots=True)
class Failure:
    """Why money did not come, or cannot stay."""

    code: str
    message: str
    is_retryable: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment of an order, whole or not at all."""

    id: UUID
    reference: str
    order_id: UUID
    order_number: str
    payer_id: UUID
    amount: Money
    method: PaymentMethod
    gateway: str
    gateway_reference: str | None
    status: PaymentStatus
    next_action: NextAction | None
    failure: Failure | None
    order_outcome: OrderOutcome | None
    return_url: str | None
    payment_token: str | None
    verified_at: datetime | None
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    is_cancel_requested: bool = False
    refunding_minor: int = 0
    refunded_minor: int = 0

    @property
    def refundable(self) -> Money:
        """What can still be paid back: not what is on its way back already."""
        left = self.amount.minor - self.refunding_minor if self.status in PAID else 0
        return Money(left, self.amount.currency)

    @property
    def kept(self) -> Money:
        """The money that came and was not paid back."""
        left = self.amount.minor - self.refunded_minor if self.status in PAID else 0
        return Money(left, self.amount.currency)

    def is_given_up(self, now: datetime) -> bool:
        """Whether the payer, the order or the time says that no money shall come any more."""
        is_expired = self.expires_at is not None and self.expires_at <= now
        return self.status in OPEN and (self.is_cancel_requested or is_expired)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back to the payer."""

    id: UUID
    payment_id: UUID
    amount: Money
    reason: RefundReason
    status: RefundState
    created_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What the gateway's list says of one charge: the money that it took, None if it took none."""

    payment_id: UUID | None
    amount: Money | None


@dataclass(frozen=True, slots=True)
class ReconciliationReport:
    """How our payments of a time compare with the gateway's list: counts."""

    id: UUID
    gateway: str
    from_time: datetime
    to_time: datetime
    matched: int
    missing_here: int
    missing_at_gateway: int
    amount_mismatch: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the gateway answered to one request."""

    id: UUID
    payment_id: UUID
    at: datetime
    gateway_reference: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class PayableOrder:
    """What orders says of an order that somebody wants to pay."""

    id: UUID
    number: str
    customer_id: UUID
    is_payable: bool
    total: Money
    deadline: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """Which payments a list holds: every condition that is not None must hold."""

    statuses: tuple[PaymentStatus, ...] | None = None
    methods: tuple[PaymentMethod, ...] | None = None
    order_id: UUID | None = None
    reference: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None


class OrderNotPayableError(DomainError):
    """The order does not wait for money."""

    def __init__(self, order: PayableOrder) -> None:
        """Name the order."""
        super().__init__(
            "This order cannot be paid: it is paid, cancelled or past its deadline.",
            ErrorCode.INVALID_STATE,
            ("input", "orderId"),
        )
        self.order = order


class PaymentDeclinedError(DomainError):
    """The gateway said no."""

    def __init__(self, failure: Failure) -> None:
        """Tell what the gateway said."""
        super().__init__(failure.message, ErrorCode.DECLINED)
        self.failure = failure


class InvalidPaymentStateError(DomainError):
    """The payment's status does not allow it."""

    def __init__(self, status: PaymentStatus) -> None:
        """Tell the status that stands in the way."""
        super().__init__(f"A payment that is {status.value} does not allow this.", ErrorCode.INVALID_STATE)
        self.current_status = status


class RefundExceedsAmountError(DomainError):
    """More should go back than is left."""

    def __init__(self, refundable: Money) -> None:
        """Tell what is left."""
        super().__init__("That is more than can be paid back.", ErrorCode.LIMIT_EXCEEDED, ("input", "amount"))
        self.refundable = refundable


def check_token(token: str | None) -> str | None:
    """A gateway's token, if there is one.

    Raises:
        InvalidInputError: it is too long to be one.
    """
    if token is not None and not 1 <= len(token) <= TOKEN_CHARACTERS_MAX:
        raise InvalidInputError(
            f"A paymentToken has 1 to {TOKEN_CHARACTERS_MAX} characters.", ("input", "paymentToken")
        )
    return token


def check_return_url(url: str | None) -> str | None:
    """Where a payer comes back to, if anywhere.

    Raises:
        InvalidInputError: it is no address of the web.
    """
    if url is None:
        return None
    if len(url) > URL_CHARACTERS_MAX or not _is_web_address(url):
        raise InvalidInputError(
            "A returnUrl is an address that begins with https://.", ("input", "returnUrl")
        )
    return url


def _is_web_address(url: str) -> bool:
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    is_local = parts.scheme == "http" and host in LOCAL_HOSTS
    return bool(host) and (parts.scheme == "https" or is_local)
