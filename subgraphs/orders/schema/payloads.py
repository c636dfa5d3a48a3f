"""What orders' mutations answer, and their refusals."""

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
from subgraphs.orders import domain
from subgraphs.orders.schema.products import Product
from subgraphs.orders.schema.types import License, Order


@strawberry.type
class PriceChangedError(UserError):
    """See `domain.PriceChangedError`."""

    current_total: MoneyType


@strawberry.type
class OutOfStockError(UserError):
    """See `domain.OutOfStockError`."""

    product: Product
    available: int


@strawberry.type
class InvalidTransitionError(UserError):
    """See `domain.InvalidTransitionError`."""

    current_status: domain.OrderStatus


@build_user_error.register
def _(refusal: domain.PriceChangedError) -> UserError:
    return PriceChangedError.of(refusal, current_total=MoneyType.of(refusal.current_total))


@build_user_error.register
def _(refusal: domain.OutOfStockError) -> UserError:
    product = Product.of(refusal.product_id)
    return OutOfStockError.of(refusal, product=product, available=refusal.available)


@build_user_error.register
def _(refusal: domain.InvalidTransitionError) -> UserError:
    return InvalidTransitionError.of(refusal, current_status=refusal.current_status)


CreateOrderError = Annotated[
    ValidationError | NotFoundError | PriceChangedError | OutOfStockError | IdempotencyError,
    strawberry.union("CreateOrderError"),
]
OrderChangeError = Annotated[
    NotFoundError | InvalidTransitionError | IdempotencyError | ValidationError,
    strawberry.union("OrderChangeError"),
]


@strawberry.type
class CreateOrderPayload:
    """The new order, or why there is none."""

    order: Order | None
    errors: list[CreateOrderError]


@strawberry.type
class OrderPayload:
    """The order as it is now, or why not."""

    order: Order | None
    errors: list[OrderChangeError]


@strawberry.type
class LicensePayload:
    """The licence as it is now, or why not."""

    license: License | None
    errors: list[OrderChangeError]
