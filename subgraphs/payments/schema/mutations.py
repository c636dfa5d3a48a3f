"""Payments' mutations: each presents the outcome or the refusal."""

import strawberry
from strawberry import UNSET, federation

from subgraphs.common.auth import require_recent_mfa, require_scope, require_user
from subgraphs.common.errors import DomainError, ObjectNotFoundError
from subgraphs.common.graphql_types import MoneyInput, build_cost, errors_of, parse_id
from subgraphs.common.text import check_idempotency_key, check_text
from subgraphs.payments.domain import (
    NOTE_CHARACTERS_MAX,
    PaymentMethod,
    RefundReason,
    check_return_url,
    check_token,
)
from subgraphs.payments.schema.context import REFUND_SCOPE, PaymentsInfo
from subgraphs.payments.schema.payloads import PaymentPayload, RefundPayload, VerifyPaymentPayload
from subgraphs.payments.schema.types import Payment, Refund, find_visible
from subgraphs.payments.service import PaymentRequest
from subgraphs.payments.service.orders import UNKNOWN as UNKNOWN_ORDER
from subgraphs.payments.service.paying import UNKNOWN
from subgraphs.payments.service.refunds import RefundRequest


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
    """Begin to pay an order, once for one idempotencyKey; what it costs is what the order says."""
    principal = require_user(info.context.principal)
    try:
        order_id = parse_id(input.order_id)
        if order_id is None:
            raise ObjectNotFoundError(UNKNOWN_ORDER, ("input", "orderId"))
        request = PaymentRequest(
            user_id=principal.user_id,
            key=check_idempotency_key(idempotency_key),
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


async def cancel_payment(
    info: PaymentsInfo,
    id: strawberry.ID,  # noqa: A002 -- the schema's name
) -> VerifyPaymentPayload:
    """End a payment whose money has not come."""
    principal = require_user(info.context.principal)
    try:
        found = await find_visible(info, id, None)
        if found is None or found.payer_id != principal.user_id:
            raise ObjectNotFoundError(UNKNOWN, ("id",))
        payment = await info.context.service.cancel(found)
    except DomainError as refusal:
        return VerifyPaymentPayload(payment=None, errors=errors_of(refusal))
    info.context.forget()
    return VerifyPaymentPayload(payment=Payment.of(payment), errors=[])


@strawberry.input
class RefundPaymentInput:
    """How much of a payment goes back, all that is left if no amount is given."""

    payment_id: strawberry.ID
    amount: MoneyInput | None = UNSET
    reason: RefundReason
    note: str | None = UNSET


async def refund_payment(
    info: PaymentsInfo,
    idempotency_key: strawberry.ID,
    input: RefundPaymentInput,  # noqa: A002 -- the schema's name
) -> RefundPayload:
    """Pay back an amount, all that is left if none is given; once, however often one idempotencyKey is sent."""
    principal = require_recent_mfa(require_scope(info.context.principal, REFUND_SCOPE))
    try:
        payment_id = parse_id(input.payment_id)
        if payment_id is None:
            raise ObjectNotFoundError(UNKNOWN, ("input", "paymentId"))
        request = RefundRequest(
            requested_by=principal.user_id,
            key=check_idempotency_key(idempotency_key),
            payment_id=payment_id,
            amount=input.amount.read(("input", "amount")) if input.amount else None,
            reason=input.reason,
            note=check_text(input.note or "", NOTE_CHARACTERS_MAX, ("input", "note")),
        )
        refund = await info.context.service.refunds.refund(request)
    except DomainError as refusal:
        return RefundPayload(refund=None, errors=errors_of(refusal))
    info.context.forget()
    payment = await info.context.loaders.payments.load(refund.payment_id)
    assert payment is not None, "a refund has a payment"
    return RefundPayload(refund=Refund.of(refund, payment), errors=[])


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
    cancel_payment: VerifyPaymentPayload = federation.field(resolver=cancel_payment, authenticated=True)
    refund_payment: RefundPayload = federation.field(
        resolver=refund_payment,
        requires_scopes=[[REFUND_SCOPE]],
        policy=[["recent_mfa"]],
        directives=[build_cost(20)],
    )
