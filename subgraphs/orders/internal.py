"""Orders' routes beside GraphQL: for the other subgraphs, signed JSON over HTTP; for customers, downloads by signed links."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from subgraphs.common.errors import ObjectNotFoundError
from subgraphs.common.events import EventBody, Hear, UnusableEventError
from subgraphs.common.graphql_types import parse_id
from subgraphs.common.money import Money, MoneyError
from subgraphs.orders.domain.refunds import Refunded
from subgraphs.orders.service import OrdersService
from subgraphs.orders.service.refunds import note_refund

ID_CHARACTERS_MAX = 64
REFUNDED = "com.marketplace.payments.payment.refunded.v1"
"""Money of a payment went back."""
REFUNDS_MAX = 1000
"""How many refunds one piece of news tells of: payments makes no more than a tenth of it."""


class PayableRequest(BaseModel):
    """Whose order it should be."""

    model_config = ConfigDict(strict=True)

    user_id: str = Field(alias="userId", max_length=ID_CHARACTERS_MAX)


class OwnedRequest(BaseModel):
    """A user and a product."""

    model_config = ConfigDict(strict=True)

    user_id: str = Field(alias="userId", max_length=ID_CHARACTERS_MAX)
    product_id: str = Field(alias="productId", max_length=ID_CHARACTERS_MAX)


class SalesRequest(BaseModel):
    """From which version on."""

    model_config = ConfigDict(strict=True)

    after: int = Field(ge=0, le=2**63 - 1)


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


class RefundBody(BaseModel):
    """A refund, and what had gone back of its payment with it."""

    id: UUID
    refunded_minor: int = Field(alias="refundedMinor", strict=True)
    at: AwareDatetime


class RefundedData(BaseModel):
    """All that was paid back of the payment of an order, and with which refunds; an older release does not say which."""

    model_config = ConfigDict(strict=True)

    order_id: str = Field(alias="orderId", max_length=ID_CHARACTERS_MAX)
    refunded: AmountBody
    refunds: list[RefundBody] = Field(default=[], max_length=REFUNDS_MAX)


def build_router(service: OrdersService, check_signature: Callable[[Request], Awaitable[None]]) -> APIRouter:
    """The routes, each behind `check_signature`."""
    router = APIRouter(dependencies=[Depends(check_signature)])

    @router.post("/internal/orders/{order_id}/payable")
    async def payable(order_id: str, body: PayableRequest) -> dict[str, Any]:
        """What is to be paid, by whom; 404 if it is not this user's order."""
        key, user_id = parse_id(order_id), parse_id(body.user_id)
        async with service.database.read() as session:
            found = await service.find_orders(session, [key]) if key is not None else {}
        order = found.get(key) if key is not None else None
        if order is None or order.customer_id != user_id:
            raise HTTPException(status_code=404, detail="There is no such order.")
        return {
            "orderId": str(order.id),
            "number": order.number,
            "customerId": str(order.customer_id),
            "status": order.status,
            "isPayable": order.is_payable(datetime.now(UTC)),
            "total": {"minor": order.total.minor, "currency": order.total.currency},
            "paymentDeadline": None if order.payment_deadline is None else order.payment_deadline.isoformat(),
        }

    @router.post("/internal/orders/{order_id}/mark-paid")
    async def mark_paid(order_id: str, body: PaidRequest) -> dict[str, str]:
        """Let a payment pay the order; safe to repeat."""
        key, payment_id = parse_id(order_id), parse_id(body.payment_id)
        if key is None or payment_id is None:
            raise HTTPException(status_code=404, detail="There is no such order.")
        try:
            amount = Money(body.amount.minor, body.amount.currency)
            async with service.database.write() as session:
                outcome, status = await service.mark_paid(session, key, payment_id, amount)
        except MoneyError as error:
            raise HTTPException(status_code=422, detail=str(error)) from None
        except ObjectNotFoundError:
            raise HTTPException(status_code=404, detail="There is no such order.") from None
        return {"outcome": outcome, "status": status}

    @router.post("/internal/orders/owned")
    async def owned(body: OwnedRequest) -> dict[str, bool]:
        """Whether a user holds an active licence of a product."""
        return {"isOwned": await _is_owned(service, body)}

    _add_sales(router, service)
    return router


def build_download_router(service: OrdersService) -> APIRouter:
    """The route at which a customer gets what a licence is for, with nothing but its link."""
    router = APIRouter(prefix="/downloads")

    @router.get("/{license_id}")
    async def download(license_id: UUID, expires: int = 0, signature: str = "") -> JSONResponse:
        """The licence as a file."""
        content = await service.downloads.read(license_id, expires, signature)
        if content is None:
            raise HTTPException(
                status_code=404, detail="This link does not work any more. Ask for a new one."
            )
        headers = {
            "content-disposition": 'attachment; filename="license.json"',
            "cache-control": "private, no-store",
        }
        return JSONResponse(content, headers=headers)

    return router


def _add_sales(router: APIRouter, service: OrdersService) -> None:
    @router.post("/internal/orders/sales")
    async def sales(body: SalesRequest) -> dict[str, list[dict[str, Any]]]:
        """How many of each product were sold in all, where that changed after a version."""
        found = await service.sales.list_after(body.after)
        return {
            "sales": [
                {"productId": str(product_id), "units": units, "version": version}
                for product_id, units, version in found
            ]
        }


async def _is_owned(service: OrdersService, body: OwnedRequest) -> bool:
    user_id, product_id = parse_id(body.user_id), parse_id(body.product_id)
    if user_id is None or product_id is None:
        return False
    async with service.database.read() as session:
        return bool(await service.licenses.list_owned(session, user_id, [product_id]))


def build_listener(service: OrdersService) -> Hear:
    """What orders does with the news of others."""

    async def hear(event: EventBody) -> None:
        if event.type != REFUNDED:
            return
        try:
            news = RefundedData.model_validate(event.data)
            refunded = Money(news.refunded.minor, news.refunded.currency)
            back = [
                Refunded(Money(one.refunded_minor, refunded.currency), one.id, one.at) for one in news.refunds
            ]
        except (ValidationError, MoneyError) as error:
            raise UnusableEventError(str(error)) from error
        order_id, payment_id = parse_id(news.order_id), parse_id(event.subject)
        if order_id is None or payment_id is None:
            return
        async with service.database.write() as session:
            if await service.inbox.is_news(session, event):
                await note_refund(session, service.licenses, order_id, payment_id, refunded, back)

    return hear
