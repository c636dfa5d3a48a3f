"""Orders that were placed elsewhere or before: stored with their past, by the rules that every order has.

A past is replayed here, move by move, before a row of it is written; what the machine does not allow is refused. Then the
rows go through the tables' own triggers: each order is stored as pending, and moved as often as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from subgraphs.common.bulk import loading
from subgraphs.common.database import Database
from subgraphs.common.errors import DomainError, ErrorCode
from subgraphs.common.money import Money
from subgraphs.orders.domain import (
    TRANSITIONS,
    Actor,
    ActorType,
    CancelReason,
    InvalidTransitionError,
    Item,
    LicenseStatus,
    OrderStatus,
    PricedItem,
    check_items,
    sum_up,
)
from subgraphs.orders.repository import history as repository
from subgraphs.orders.service.messages import NOT_PAID_IN_TIME, PAID, tell_refund


@dataclass(frozen=True, slots=True)
class PastMove:
    """What happened to an order at a time: it came to `status`, or so much of it was paid back in all.

    `cancel_reason` belongs to a cancellation, `payment_id` to what a payment did.
    """

    at: datetime
    status: OrderStatus
    actor: Actor
    cancel_reason: CancelReason | None = None
    payment_id: UUID | None = None
    refunded: Money | None = None


@dataclass(frozen=True, slots=True)
class PastLine:
    """A line of an order, and the licence that was issued for it if the order was paid."""

    id: UUID
    item: PricedItem
    license_id: UUID
    license_key: str


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An order with its past, oldest first."""

    id: UUID
    number: str
    customer_id: UUID
    placed_at: datetime
    payment_deadline: datetime
    lines: tuple[PastLine, ...]
    moves: tuple[PastMove, ...]


class ImpossiblePastError(DomainError):
    """An order cannot have had such a past."""

    def __init__(self, number: str, why: str) -> None:
        """Name the order and the fault."""
        super().__init__(f"{number} cannot have happened: {why}", ErrorCode.INVALID_STATE, ())


async def import_orders(database: Database, past: Sequence[PastOrder]) -> int:
    """Store those of the orders that are not there yet, by number, in one transaction; return how many.

    Raises:
        ImpossiblePastError, InvalidTransitionError, InvalidInputError: one of them could not have come about.
    """
    async with loading(database) as session:
        stored = await repository.find_numbers(session, [order.number for order in past])
        new = [order for order in past if order.number not in stored]
        if not new:
            return 0
        totals = [check_past(order) for order in new]
        await repository.insert_orders(
            session, [_build_order(o, t) for o, t in zip(new, totals, strict=True)]
        )
        await repository.insert_lines(session, [line for order in new for line in _build_lines(order)])
        for step in range(max(len(order.moves) for order in new)):
            moving = [order for order in new if len(order.moves) > step]
            await repository.move_orders(session, [_build_move(order, step) for order in moving])
        licenses = [row for order in new for row in _build_licenses(order)]
        await repository.insert_licenses(session, licenses)
        events = [event for order in new for event in _build_events(order)]
        await repository.insert_events(session, sorted(events, key=lambda event: event["at"]))
    return len(new)


def check_past(order: PastOrder) -> Money:
    """Go through the past of an order; return what it cost.

    Raises:
        ImpossiblePastError, InvalidTransitionError, InvalidInputError: it could not have come about.
    """
    items = [line.item for line in order.lines]
    if len(check_items([Item(item.product_id, item.quantity, i) for i, item in enumerate(items)])) < len(
        items
    ):
        raise ImpossiblePastError(order.number, "a product stands in two of its lines.")
    total = sum_up(items)
    status, at, payer, refunded = OrderStatus.PENDING, order.placed_at, None, Money(0, total.currency)
    for move in order.moves:
        if move.at < at:
            raise ImpossiblePastError(order.number, "its moves are not in the order of time.")
        if move.refunded is None and move.status not in TRANSITIONS[status]:
            raise InvalidTransitionError(status, move.status)
        if move.status is OrderStatus.PAID:
            payer = move.payment_id
        if move.refunded is not None:
            # As with the news of a refund: of the payment that paid, more than before, and all of it is the end.
            is_whole = move.refunded == total
            wanted = OrderStatus.REFUNDED if is_whole else status
            grows = refunded.minor < move.refunded.minor <= total.minor
            if payer is None or move.payment_id != payer or not grows or move.status is not wanted:
                raise ImpossiblePastError(order.number, "its refunds do not fit its payment.")
            refunded = move.refunded
        status, at = move.status, move.at
    return total


def _build_order(order: PastOrder, total: Money) -> dict[str, Any]:
    return {
        "id": order.id,
        "number": order.number,
        "customer_id": order.customer_id,
        "currency": total.currency,
        "subtotal_minor": total.minor,
        "total_minor": total.minor,
        "payment_deadline": order.payment_deadline,
        "created_at": order.placed_at,
        "updated_at": order.placed_at,
    }


def _build_lines(order: PastOrder) -> list[dict[str, Any]]:
    return [
        {
            "id": line.id,
            "order_id": order.id,
            "position": position,
            "product_id": line.item.product_id,
            "product_name": line.item.name,
            "unit_price_minor": line.item.unit_price.minor,
            "quantity": line.item.quantity,
            "total_minor": line.item.total.minor,
        }
        for position, line in enumerate(order.lines)
    ]


def _build_move(order: PastOrder, step: int) -> dict[str, Any]:
    past = order.moves[: step + 1]
    paid_by = [move.payment_id for move in past if move.payment_id is not None]
    refunded = [move.refunded.minor for move in past if move.refunded is not None]
    return {
        "id": order.id,
        "status": past[-1].status,
        "cancel_reason": past[-1].cancel_reason,
        "paid_by": paid_by[0] if paid_by else None,
        "refunded_minor": refunded[-1] if refunded else 0,
        # Later than what was before, also where both happened at once.
        "updated_at": past[-1].at + timedelta(microseconds=len(past)),
    }


def _build_licenses(order: PastOrder) -> list[dict[str, Any]]:
    """What was issued with the payment, in the state in which the order's last move left it."""
    paid = [move for move in order.moves if move.status is OrderStatus.PAID]
    if not paid:
        return []
    is_over = order.moves[-1].status is OrderStatus.REFUNDED
    return [
        {
            "id": line.license_id,
            "line_id": line.id,
            "order_id": order.id,
            "customer_id": order.customer_id,
            "product_id": line.item.product_id,
            "key": line.license_key,
            "status": LicenseStatus.REVOKED if is_over else LicenseStatus.ACTIVE,
            "activation_limit": line.item.quantity,
            "created_at": paid[0].at,
        }
        for line in order.lines
    ]


def _build_events(order: PastOrder) -> list[dict[str, Any]]:
    customer = Actor(ActorType.CUSTOMER, order.customer_id)
    placed = PastMove(order.placed_at, OrderStatus.PENDING, customer)
    events = [_build_event(order, placed, None, "CREATED", None)]
    before = OrderStatus.PENDING
    for move in order.moves:
        name, message = "STATUS_CHANGED", None
        if move.refunded is not None:
            message = tell_refund(move.refunded)
            name = name if move.status is not before else "PARTLY_REFUNDED"
        elif move.status is OrderStatus.PAID:
            message = PAID
        elif move.cancel_reason is CancelReason.EXPIRED:
            message = NOT_PAID_IN_TIME
        events.append(_build_event(order, move, before, name, message))
        before = move.status
    return events


def _build_event(
    order: PastOrder, move: PastMove, before: OrderStatus | None, name: str, message: str | None
) -> dict[str, Any]:
    return {
        "order_id": order.id,
        "at": move.at,
        "type": name,
        "from_status": before,
        "to_status": move.status,
        "actor_type": move.actor.type,
        "actor_id": move.actor.id,
        "message": message,
    }
