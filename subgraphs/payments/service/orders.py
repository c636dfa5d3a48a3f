"""What orders says of an order, and telling it that money came."""

from datetime import datetime
from uuid import UUID

from subgraphs.common.errors import ObjectNotFoundError, UnavailableError
from subgraphs.common.internal import InternalPeer, JsonObject, PeerError
from subgraphs.common.money import Money
from subgraphs.payments.domain import OrderOutcome, PayableOrder, Payment

UNKNOWN = "There is no such order."
_SILENT = "Orders cannot be asked just now. Try again soon: nothing is lost."


async def get_payable(orders: InternalPeer, order_id: UUID, user_id: UUID) -> PayableOrder:
    """The order as its customer may pay it: what it costs is what orders says.

    Raises:
        ObjectNotFoundError: there is no such order of this user.
        UnavailableError: orders does not answer.
    """
    answer = await _ask(orders, f"/internal/orders/{order_id}/payable", {"userId": str(user_id)})
    if answer is None:
        raise ObjectNotFoundError(UNKNOWN, ("input", "orderId"))
    deadline = answer["paymentDeadline"]
    return PayableOrder(
        id=UUID(answer["orderId"]),
        number=answer["number"],
        customer_id=UUID(answer["customerId"]),
        is_payable=answer["isPayable"],
        total=Money(answer["total"]["minor"], answer["total"]["currency"]),
        deadline=None if deadline is None else datetime.fromisoformat(deadline),
    )


async def mark_paid(orders: InternalPeer, payment: Payment) -> OrderOutcome:
    """Tell orders that a payment succeeded; safe to repeat. An order that is gone rejects it.

    Raises:
        UnavailableError: orders does not answer.
    """
    amount = {"minor": payment.amount.minor, "currency": payment.amount.currency}
    body: JsonObject = {"paymentId": str(payment.id), "amount": amount}
    answer = await _ask(orders, f"/internal/orders/{payment.order_id}/mark-paid", body)
    return OrderOutcome.REJECTED if answer is None else OrderOutcome(answer["outcome"])


async def _ask(orders: InternalPeer, path: str, body: JsonObject) -> JsonObject | None:
    try:
        return await orders.post(path, body)
    except PeerError as error:
        raise UnavailableError(_SILENT) from error
