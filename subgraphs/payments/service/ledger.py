"""The double-entry ledger: every movement of money as a posting whose entries add up to zero.

GATEWAY is money that the gateway holds for us. OWED is what we owe payers: money that came and is not earned yet. SALES
is what orders have earned. A balance is the sum of an account's entries; the liabilities are negative.
"""

from subgraphs.common.database import WriteSession
from subgraphs.payments.domain import OrderOutcome, Payment, Refund
from subgraphs.payments.repository.refunds import post


async def book_capture(session: WriteSession, payment: Payment) -> None:
    """Money came."""
    minor = payment.amount.minor
    await post(session, f"capture:{payment.id}", payment, {"GATEWAY": minor, "OWED": -minor})


async def book_sale(session: WriteSession, payment: Payment) -> None:
    """Money that came has paid an order."""
    minor = payment.amount.minor
    await post(session, f"sale:{payment.id}", payment, {"OWED": minor, "SALES": -minor})


async def book_refund(session: WriteSession, payment: Payment, refund: Refund) -> None:
    """Money went back: an order's, or money that never paid one."""
    account = "OWED" if payment.order_outcome is OrderOutcome.REJECTED else "SALES"
    minor = refund.amount.minor
    await post(session, f"refund:{refund.id}", payment, {account: minor, "GATEWAY": -minor})
