"""Payments' mutations: each presents the outcome or the refusal."""

import strawberry
from strawberry import UNSET, federation

from subgraphs.common.auth import require_user
from subgraphs.common.errors import DomainError, InvalidInputError, ObjectNotFoundError
from subgraphs.common.graphql_types import build_cost, parse_id
from subgraphs.payments.domain import KEY_CHARACTERS_MAX, PaymentMethod, check_return_url, check_token
from subgraphs.payments.schema.context import PaymentsInfo
from subgraphs.payments.schema.payloads import PaymentPayload, VerifyPaymentPayload, errors_of
from subgraphs.payments.schema.types import Payment, find_visible
from subgraphs.payments.service import PaymentRequest
from subgraphs.payments.service.orders import UNKNOWN as UNKNOWN_ORDER
from subgraphs.payments.service.payments import UNKNOWN


@strawberry.input
class InitiatePaymentInput:
    """What to pay, and how."""

    order_id: strawberry.ID
    method: PaymentMethod
    payment_token: str | None = strawberry.field(
        default=UNSET, description="Token of the gateway's own form; card numbers never come here."
    )
    return_url: str | None = UNSET


async def initiate_payment(
    info: PaymentsInfo,
    idempotency_key: strawberry.ID,
    input: InitiatePaymentInput,  # noqa: A002 -- the schema's name
) -> PaymentPayload:
    """Begin to pay an order; what it costs is what orders says."""
    principal = require_user(info.context.principal)
    try:
        order_id = parse_id(input.order_id)
        if order_id is None:
            raise ObjectNotFoundError(UNKNOWN_ORDER, ("input", "orderId"))
        request = PaymentRequest(
            user_id=principal.user_id,
            key=_check_key(idempotency_key),
            order_id=order_id,
            method=input.method,
            payment_token=check_token(input.payment_token or None),
            return_url=check_return_url(input.return_url or None),
        )
        payment = await info.context.service.initiate(request)
    except DomainError as refusal:
        return PaymentPayload(payment=None, errors=errors_of(refusal))
    info.context.forget()
    return PaymentPayload(payment=Payment.of(payment), errors=[])


async def verify_payment(info: PaymentsInfo, reference: str) -> VerifyPaymentPayload:
    """Ask what a payment has come to."""
    require_user(info.context.principal)
    try:
        found = await find_visible(info, None, reference)
        if found is None:
            raise ObjectNotFoundError(UNKNOWN, ("reference",))
        payment = await info.context.service.verify(found)
    except DomainError as refusal:
        return VerifyPaymentPayload(payment=None, errors=errors_of(refusal))
    info.context.forget()
    return VerifyPaymentPayload(payment=Payment.of(payment), errors=[])


def _check_key(key: str) -> str:
    if not 1 <= len(key) <= KEY_CHARACTERS_MAX:
        raise InvalidInputError(
            f"An idempotencyKey has 1 to {KEY_CHARACTERS_MAX} characters.", ("idempotencyKey",)
        )
    return key


@strawberry.type
class Mutation:
    """Paying."""

    initiate_payment: PaymentPayload = federation.field(
        resolver=initiate_payment, authenticated=True, directives=[build_cost(20)]
    )
    verify_payment: VerifyPaymentPayload = federation.field(
        resolver=verify_payment,
        authenticated=True,
        directives=[build_cost(10)],
        description="Asks the gateway for the truth; safe to repeat.",
    )
