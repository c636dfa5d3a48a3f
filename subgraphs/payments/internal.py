"""Payments' route for news of the other subgraphs: signed JSON over HTTP, never through the router."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Depends, Request

from subgraphs.common.events import PATH, EventBody
from subgraphs.common.graphql_types import parse_id
from subgraphs.payments.service import PaymentsService

ORDER_CLOSED = "com.marketplace.orders.order.closed.v1"
"""An order cannot be paid any more: it was cancelled, or has expired."""


def build_router(
    service: PaymentsService, check_signature: Callable[[Request], Awaitable[None]]
) -> APIRouter:
    """The route, behind `check_signature`."""
    router = APIRouter(dependencies=[Depends(check_signature)])

    @router.post(PATH)
    async def take(event: EventBody) -> dict[str, bool]:
        """Take an event, any number of times and in any order; one of another type is none of ours."""
        order_id = parse_id(event.subject)
        if event.type == ORDER_CLOSED and order_id is not None:
            await service.close_order(order_id)
        return {"accepted": True}

    return router
