"""The double-entry ledger: every movement of money as a posting whose entries add up to zero.

GATEWAY is money that the gateway holds for us. OWED is what we owe payers: money that came and is not earned yet. SALES
is what orders have earned. A balance is the sum of an account's entries; the liabilities are negative.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from subgraphs.common.database import WriteSession
from subgraphs.payments.domain import OrderOutcome, Payment, Refund
from subgraphs.payments.repository.refunds import post


@dataclass(frozen=True, slots=True)
class Posting:
    """A movement of money by its name, which it has once and for all: minor units by account, that add up to zero."""

    name: str
    sides: Mapping[str, int]


def build_capture(payment_id: UUID, minor: int) -> Posting:
    """Money came."""
    return Posting(f"capture:{payment_id}", {"GATEWAY": minor, "OWED": -minor})


def build_sale(payment_id: UUID, minor: int) -> Posting:
    """Money that came has paid an order."""
    return Posting(f"sale:{payment_id}", {"OWED": minor, "SALES": -minor})


def build_refund(refund_id: UUID, minor: int, outcome: OrderOutcome | None) -> Posting:
    """Money went back: an order's, or money that never paid one."""
    account = "OWED" if outcome is OrderOutcome.REJECTED else "SALES"
    return Posting(f"refund:{refund_id}", {account: minor, "GATEWAY": -minor})


async def book_capture(session: WriteSession, payment: Payment) -> None:
    """Note that the money of a payment came."""
    await _book(session, payment, build_capture(payment.id, payment.amount.minor))


async def book_sale(session: WriteSession, payment: Payment) -> None:
    """Note that a payment has paid its order."""
    await _book(session, payment, build_sale(payment.id, payment.amount.minor))


async def book_refund(session: WriteSession, payment: Payment, refund: Refund) -> None:
    """Note that money of a payment went back."""
    await _book(session, payment, build_refund(refund.id, refund.amount.minor, payment.order_outcome))


async def _book(session: WriteSession, payment: Payment, posting: Posting) -> None:
    await post(session, posting.name, payment, posting.sides)
