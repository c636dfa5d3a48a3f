"""Orders' subscriptions."""

import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Self
from uuid import UUID

import strawberry
from strawberry import UNSET, federation

from subgraphs.common.auth import require_scope, require_user
from subgraphs.common.changes import EVERYTHING, Change, Watch
from subgraphs.common.errors import NothingThereError
from subgraphs.common.graphql_types import id_of, parse_id
from subgraphs.orders import domain
from subgraphs.orders.schema.context import READ_SCOPE, OrdersInfo
from subgraphs.orders.schema.types import Order

_RESUMING = (
    "Tells what has happened after the event lastEventId (an eventId, or the id of one of the order's events), or after "
    "the time since (the order's updatedAt), else from now on."
)


@strawberry.type
class OrderStatusChange:
    """A move of an order, with the order as it is when this is told."""

    order: Order
    from_: domain.OrderStatus | None = strawberry.field(name="from")
    to: domain.OrderStatus
    at: dt.datetime
    event_id: strawberry.ID

    @classmethod
    def of(cls, change: Change, order: domain.Order) -> Self:
        """The move; who may see the order may see it."""
        before = change.data["from"]
        return cls(
            order=Order.of(order),
            from_=None if before is None else domain.OrderStatus(before),
            to=domain.OrderStatus(change.data["to"]),
            at=dt.datetime.fromisoformat(change.data["at"]),
            event_id=id_of(change.id),
        )


async def follow_orders(
    info: OrdersInfo,
    order_id: strawberry.ID | None = UNSET,
    last_event_id: strawberry.ID | None = UNSET,
    since: dt.datetime | None = UNSET,
) -> AsyncGenerator[OrderStatusChange, None]:
    """The moves of one order that the caller may see, or of all of the caller's own."""
    watch = Watch(owner=require_user(info.context.principal).user_id)
    if order_id:
        key = parse_id(order_id)
        await _get_visible(info, key)
        assert key is not None, "there is an order with it"
        watch = Watch(subjects=frozenset({key}))
    async with aclosing(info.context.follow(watch, last_event_id or None, since or None)) as changes:
        async for change in changes:
            yield await _build_change(info, change)


async def follow_all(
    info: OrdersInfo,
    statuses: list[domain.OrderStatus] | None = UNSET,
    last_event_id: strawberry.ID | None = UNSET,
    since: dt.datetime | None = UNSET,
) -> AsyncGenerator[OrderStatusChange, None]:
    """The moves of everybody's orders, to one of the statuses if any are said."""
    require_scope(info.context.principal, READ_SCOPE)
    async with aclosing(info.context.follow(EVERYTHING, last_event_id or None, since or None)) as changes:
        async for change in changes:
            if not statuses or domain.OrderStatus(change.data["to"]) in statuses:
                yield await _build_change(info, change)


async def _build_change(info: OrdersInfo, change: Change) -> OrderStatusChange:
    order = await info.context.find_again(partial(_get_visible, info, change.subject))
    return OrderStatusChange.of(change, order)


async def _get_visible(info: OrdersInfo, order_id: UUID | None) -> domain.Order:
    found = await info.context.loaders.orders.load(order_id) if order_id is not None else None
    if found is None or not info.context.may_see(found):
        raise NothingThereError("There is no such order.")
    return found


@strawberry.type
class Subscription:
    """What becomes of orders."""

    order_status_changed = federation.field(
        resolver=follow_orders, is_subscription=True, authenticated=True, description=_RESUMING
    )
    all_order_status_changes = federation.field(
        resolver=follow_all, is_subscription=True, requires_scopes=[[READ_SCOPE]], description=_RESUMING
    )
