"""What products' mutations answer, and their refusals."""

from typing import Annotated

import strawberry

from subgraphs.common.graphql_types import NotFoundError, UserError, ValidationError, build_user_error
from subgraphs.products import domain
from subgraphs.products.domain import reviews as reviewing
from subgraphs.products.schema.types import Category, Product, Review


@strawberry.type
class SlugTakenError(UserError):
    """See `domain.SlugTakenError`."""


@strawberry.type
class VersionConflictError(UserError):
    """See `domain.VersionConflictError`."""

    current_version: int


@strawberry.type
class NotPurchasedError(UserError):
    """See `reviewing.NotPurchasedError`."""


@build_user_error.register
def _(refusal: reviewing.NotPurchasedError) -> UserError:
    return NotPurchasedError.of(refusal)


@build_user_error.register
def _(refusal: domain.SlugTakenError) -> UserError:
    return SlugTakenError.of(refusal)


@build_user_error.register
def _(refusal: domain.VersionConflictError) -> UserError:
    return VersionConflictError.of(refusal, current_version=refusal.current_version)


ProductError = Annotated[
    ValidationError | NotFoundError | SlugTakenError | VersionConflictError,
    strawberry.union("ProductError"),
]


ReviewError = Annotated[
    ValidationError | NotFoundError | NotPurchasedError,
    strawberry.union("ReviewError"),
]


@strawberry.type
class ReviewPayload:
    """The review, or why there is none."""

    review: Review | None
    errors: list[ReviewError]


@strawberry.type
class WishlistPayload:
    """The product, or why not."""

    product: Product | None
    errors: list[ProductError]


@strawberry.type
class ProductPayload:
    """The product as it is now, or why not."""

    product: Product | None
    errors: list[ProductError]


@strawberry.type
class DeleteProductPayload:
    """The id of the archived product, or why not."""

    deleted_product_id: strawberry.ID | None
    errors: list[ProductError]


@strawberry.type
class CategoryPayload:
    """The new category, or why not."""

    category: Category | None
    errors: list[ProductError]
