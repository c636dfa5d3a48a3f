"""Orders' routes for the other subgraphs: signed JSON over HTTP, never through the router."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from subgraphs.common.errors import ObjectNotFoundError
from subgraphs.common.graphql_types import parse_id
from subgraphs.common.money import Money, MoneyError
from subgraphs.orders.service import OrdersService
from subgraphs.orders.service.orders import UNKNOWN

ID_CHARACTERS_MAX = 64


class PayableRequest(BaseModel):
    """Whose order it should be."""

    model_config = ConfigDict(strict=True)

    user_id: str = Field(alias="userId", max_length=ID_CHARACTERS_MAX)


class OwnedRequest(BaseModel):
    """A user and a product."""

    model_config = ConfigDict(strict=True)

    user_id: str = Field(alias="userId", max_length=ID_CHARACTERS_MAX)
    product_id: str = Field(alias="productId", max_length=ID_CHARACTERS_MAX)


class AmountBody(BaseModel):
    """Minor units and currency."""

    model_config = ConfigDict(strict=True)

    minor: int
    currency: str


class PaidRequest(BaseModel):
    """A payment that succeeded."""

    model_config = ConfigDict(strict=True)

    payment_id: str = Field(alias="paymentId", max_length=ID_CHARACTERS_MAX)
    amount: AmountBody


class RefundedRequest(BaseModel):
    """How much of a payment has been given back in all."""

    model_config = ConfigDict(strict=True)

    payment_id: str = Field(alias="paymentId", max_length=ID_CHARACTERS_MAX)
    refunded: AmountBody


def build_router(service: OrdersService, check_signature: Callable[[Request], Awaitable[None]]) -> APIRouter:
    """The routes, each behind `check_signature`."""
    router = APIRouter(prefix="/internal/orders", dependencies=[Depends(check_signature)])

    @router.post("/{order_id}/payable")
    async def payable(order_id: str, body: PayableRequest) -> dict[str, Any]:
        """What is to be paid, by whom; 404 if it is not this user's order."""
        key, user_id = parse_id(order_id), parse_id(body.user_id)
        async with service.database.read() as session:
            found = await service.find_orders(session, [key]) if key is not None else {}
        order = found.get(key) if key is not None else None
        if order is None or order.customer_id != user_id:
            raise HTTPException(status_code=404, detail=UNKNOWN)
        return {
            "orderId": str(order.id),
            "number": order.number,
            "customerId": str(order.customer_id),
            "status": order.status,
            "isPayable": order.is_payable(datetime.now(UTC)),
            "total": {"minor": order.total.minor, "currency": order.total.currency},
            "paymentDeadline": None if order.payment_deadline is None else order.payment_deadline.isoformat(),
        }

    @router.post("/owned")
    async def owned(body: OwnedRequest) -> dict[str, bool]:
        """Whether a user holds an active licence of a product."""
        user_id, product_id = parse_id(body.user_id), parse_id(body.product_id)
        if user_id is None or product_id is None:
            return {"isOwned": False}
        async with service.database.read() as session:
            found = await service.licenses.find_owned(session, [(user_id, product_id)])
        return {"isOwned": found[user_id, product_id]}

    _add_money_routes(router, service)
    return router


def _add_money_routes(router: APIRouter, service: OrdersService) -> None:
    @router.post("/{order_id}/mark-paid")
    async def mark_paid(order_id: str, body: PaidRequest) -> dict[str, str]:
        """Let a payment pay the order; safe to repeat."""
        key, payment_id, amount = _read(order_id, body.payment_id, body.amount)
        try:
            async with service.database.write() as session:
                outcome, status = await service.mark_paid(session, key, payment_id, amount)
        except ObjectNotFoundError:
            raise HTTPException(status_code=404, detail=UNKNOWN) from None
        return {"outcome": outcome, "status": status}

    @router.post("/{order_id}/refunded")
    async def refunded(order_id: str, body: RefundedRequest) -> dict[str, str]:
        """Note how much of the order's payment has been given back in all; safe to repeat and to overtake."""
        key, payment_id, amount = _read(order_id, body.payment_id, body.refunded)
        try:
            async with service.database.write() as session:
                status = await service.note_refund(session, key, payment_id, amount)
        except ObjectNotFoundError:
            raise HTTPException(status_code=404, detail=UNKNOWN) from None
        return {"status": status}


def _read(order_id: str, payment_id: str, amount: AmountBody) -> tuple[UUID, UUID, Money]:
    """The ids and the amount that a payment tells of; 404 and 422 if they are none."""
    order_key, payment_key = parse_id(order_id), parse_id(payment_id)
    if order_key is None or payment_key is None:
        raise HTTPException(status_code=404, detail=UNKNOWN)
    try:
        return order_key, payment_key, Money(amount.minor, amount.currency)
    except MoneyError as error:
        raise HTTPException(status_code=422, detail=str(error)) from None
