"""What orders make of the news that money went back."""

from collections.abc import Sequence
from uuid import UUID

from subgraphs.common.database import WriteSession
from subgraphs.common.money import Money
from subgraphs.orders.domain import OrderStatus
from subgraphs.orders.domain.refunds import Refunded, list_news
from subgraphs.orders.repository import orders
from subgraphs.orders.service.licenses import Licenses
from subgraphs.orders.service.messages import tell_refund


async def note_refund(
    session: WriteSession,
    licenses: Licenses,
    order_id: UUID,
    payment_id: UUID,
    refunded: Money,
    refunds: Sequence[Refunded] = (),
) -> None:
    """Take over how much of an order was paid back in all, and with which `refunds`: each that is news is an event.

    What was sold for an order that was paid back whole may not be used any more.
    """
    changed = await orders.refund_order(session, order_id, payment_id, refunded)
    if changed is None:
        return
    before, order = changed
    for refund in list_news(before.refunded_total, refunded, refunds):
        at = order if refund.total == refunded else before
        await orders.insert_refund_event(session, before.status, at, refund, tell_refund(refund.total))
    if order.status is OrderStatus.REFUNDED:
        await licenses.revoke_all(session, order)
