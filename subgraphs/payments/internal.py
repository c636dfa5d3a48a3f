"""What is told to payments: by other subgraphs, of orders; by the gateway, of payments, at a route of its own (signed).

The gateway is never believed, only asked: its message has one effect, that its payment is looked up soon. So messages may
be lost, doubled, late, out of order or, with a stolen key, made up.
"""

import hashlib
import hmac
import time

import orjson
from fastapi import APIRouter, HTTPException, Request

from subgraphs.common.events import EventBody, Hear
from subgraphs.common.graphql_types import parse_id
from subgraphs.payments.service import PaymentsService
from subgraphs.payments.service.payments import ORDER_CLOSED

GATEWAY_SIGNATURE_HEADER = "provider-signature"
TOLERANCE_S = 300
BODY_BYTES_MAX = 16_384
_DIGITS_MAX = 12
_TEXT_MAX = 128


def build_listener(service: PaymentsService) -> Hear:
    """What payments does with the news of others."""

    async def hear(event: EventBody) -> None:
        order_id = parse_id(event.subject)
        if event.type != ORDER_CLOSED or order_id is None:
            return
        async with service.database.write() as session:
            if await service.inbox.is_news(session, event):
                await service.close_order(session, order_id)

    return hear


def is_signed(header: str, secret: str, body: bytes, now_s: float) -> bool:
    """Whether `header` (`t=<unix seconds>,v1=<hex>`) is a signature of `t.body` of the last five minutes."""
    time_part, _, digest = header.partition(",v1=")
    digits = time_part.removeprefix("t=")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX):
        return False
    expected = hmac.new(secret.encode(), f"{digits}.".encode() + body, hashlib.sha256).hexdigest()
    is_fresh = abs(now_s - int(digits)) <= TOLERANCE_S
    return hmac.compare_digest(digest.encode(), expected.encode()) and is_fresh


def build_webhook_router(service: PaymentsService, secret: str) -> APIRouter:
    """The route for the gateway's messages, signed with `secret`."""
    router = APIRouter()

    @router.post("/webhooks/gateway")
    async def take(request: Request) -> dict[str, bool]:
        """Take a message; one of a payment that is not known is taken too, or it would come for ever."""
        body = await request.body()
        header = request.headers.get(GATEWAY_SIGNATURE_HEADER, "")
        if len(body) > BODY_BYTES_MAX or not is_signed(header, secret, body, time.time()):
            raise HTTPException(401, "This route is for the payment gateway.")
        try:
            message = orjson.loads(body)
        except orjson.JSONDecodeError:
            message = None
        match message:
            case {"id": str(event_id), "type": str(event_type), "data": {"chargeId": str(charge_id)}} if (
                0 < len(event_id) <= _TEXT_MAX
                and len(event_type) <= _TEXT_MAX
                and "\0" not in event_id + event_type
            ):
                await service.hear_gateway(event_id, event_type, parse_id(charge_id))
            case _:
                raise HTTPException(422, "This is no message of the gateway.")
        return {"received": True}

    return router
