"""The gateway that takes the money, as payments sees it, and the one of the development profile.

A gateway is told the payment's id with each request and gives the same answer to the same id: a repeated request is
the same charge. What a payment has come to is always asked of the gateway, never taken from a message.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from subgraphs.payments.domain import (
    GIVEN_UP,
    BankTransfer,
    Failure,
    NextAction,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Redirect,
    Refund,
    RefundState,
    Taken,
    VirtualAccount,
)

DECLINED_TOKEN = "tok_declined"  # noqa: S105 -- a name in the development gateway's own little language
TRANSFER_DAYS = 3


@dataclass(frozen=True, slots=True)
class Charge:
    """What the gateway says of a payment: REQUIRES_ACTION, PROCESSING, SUCCEEDED, FAILED or CANCELLED."""

    gateway_reference: str
    status: PaymentStatus
    next_action: NextAction | None = None
    failure: Failure | None = None


class GatewayError(Exception):
    """The gateway did not answer; the request may be repeated."""


class PaymentGateway(Protocol):
    """A company that takes money."""

    @property
    def name(self) -> str:
        """What it is called in our records."""

    async def create(self, payment: Payment) -> Charge:
        """Begin to take the money; for a payment begun before, what it has come to."""

    async def look_up(self, payment: Payment) -> Charge:
        """What a payment that was begun has come to."""

    async def cancel(self, payment: Payment) -> Charge:
        """End a payment, even one that never began: CANCELLED, or what it had come to before."""

    async def refund(self, payment: Payment, refund: Refund) -> RefundState:
        """Pay back; for a refund asked for before, what it has come to."""

    async def list_taken(self, after: datetime, before: datetime) -> list[Taken] | None:
        """What it noted between two times; None if it keeps no list."""


class DevelopmentGateway:
    """Takes no money and says that it did, the second time it is asked.

    The card token `tok_declined` is declined. Everything else needs the payer's step once and has succeeded when looked
    up, so that each method can be tried without waiting.
    """

    name = "development"

    async def create(self, payment: Payment) -> Charge:
        """The first answer, by method."""
        reference = f"dev_{payment.id.hex}"
        if payment.payment_token == DECLINED_TOKEN:
            failure = Failure("card_declined", "The card was declined.", is_retryable=True)
            return Charge(reference, PaymentStatus.FAILED, failure=failure)
        if payment.method is PaymentMethod.CREDIT_CARD:
            return Charge(reference, PaymentStatus.PROCESSING)
        return Charge(reference, PaymentStatus.REQUIRES_ACTION, self._next_action(payment))

    async def look_up(self, payment: Payment) -> Charge:
        """The money came, unless it was given up before."""
        status = PaymentStatus.CANCELLED if payment.status in GIVEN_UP else PaymentStatus.SUCCEEDED
        return Charge(payment.gateway_reference or f"dev_{payment.id.hex}", status)

    async def cancel(self, payment: Payment) -> Charge:
        """It is ended."""
        return Charge(payment.gateway_reference or f"dev_{payment.id.hex}", PaymentStatus.CANCELLED)

    async def refund(self, payment: Payment, refund: Refund) -> RefundState:  # noqa: ARG002 -- the port's form
        """The money is back."""
        return RefundState.SUCCEEDED

    async def list_taken(self, after: datetime, before: datetime) -> list[Taken] | None:  # noqa: ARG002 -- the port's form
        """It keeps no list."""
        return None

    def _next_action(self, payment: Payment) -> NextAction:
        deadline = payment.expires_at or datetime.now(UTC) + timedelta(days=TRANSFER_DAYS)
        digits = str(payment.id.int)[-10:]
        match payment.method:
            case PaymentMethod.BANK_TRANSFER:
                return BankTransfer("Marketplace Demo Bank", f"DE00{digits}", payment.reference, deadline)
            case PaymentMethod.VIRTUAL_ACCOUNT:
                return VirtualAccount("DEMO", f"88{digits}", deadline)
            case _:
                return Redirect(payment.return_url or f"https://wallet.example/pay/{payment.reference}")
