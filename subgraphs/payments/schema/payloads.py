"""What payments' mutations answer, and their refusals."""

from typing import Annotated

import strawberry

from subgraphs.common.graphql_types import (
    IdempotencyError,
    MoneyType,
    NotFoundError,
    UserError,
    ValidationError,
    build_user_error,
)
from subgraphs.payments import domain
from subgraphs.payments.schema.types import Order, Payment, Refund


@strawberry.type
class OrderNotPayableError(UserError):
    """See `domain.OrderNotPayableError`."""

    order: Order


@strawberry.type
class PaymentDeclinedError(UserError):
    """See `domain.PaymentDeclinedError`."""

    decline_code: str
    retryable: bool


@strawberry.type
class InvalidPaymentStateError(UserError):
    """See `domain.InvalidPaymentStateError`."""

    current_status: domain.PaymentStatus


@strawberry.type
class RefundExceedsAmountError(UserError):
    """See `domain.RefundExceedsAmountError`."""

    refundable: MoneyType


@build_user_error.register
def _(refusal: domain.RefundExceedsAmountError) -> UserError:
    return RefundExceedsAmountError.of(refusal, refundable=MoneyType.of(refusal.refundable))


@build_user_error.register
def _(refusal: domain.OrderNotPayableError) -> UserError:
    return OrderNotPayableError.of(refusal, order=Order.of(refusal.order.id, refusal.order.number))


@build_user_error.register
def _(refusal: domain.PaymentDeclinedError) -> UserError:
    failure = refusal.failure
    return PaymentDeclinedError.of(refusal, decline_code=failure.code, retryable=failure.is_retryable)


@build_user_error.register
def _(refusal: domain.InvalidPaymentStateError) -> UserError:
    return InvalidPaymentStateError.of(refusal, current_status=refusal.current_status)


InitiatePaymentError = Annotated[
    ValidationError | NotFoundError | OrderNotPayableError | PaymentDeclinedError | IdempotencyError,
    strawberry.union("InitiatePaymentError"),
]
VerifyPaymentError = Annotated[
    NotFoundError | InvalidPaymentStateError | PaymentDeclinedError,
    strawberry.union("VerifyPaymentError"),
]

RefundError = Annotated[
    ValidationError | NotFoundError | InvalidPaymentStateError | RefundExceedsAmountError | IdempotencyError,
    strawberry.union("RefundError"),
]


@strawberry.type
class PaymentPayload:
    """The payment, or why there is none."""

    payment: Payment | None
    errors: list[InitiatePaymentError]


@strawberry.type
class VerifyPaymentPayload:
    """The payment as it is now, or why not."""

    payment: Payment | None
    errors: list[VerifyPaymentError]


@strawberry.type
class RefundPayload:
    """The refund, or why there is none."""

    refund: Refund | None
    errors: list[RefundError]
