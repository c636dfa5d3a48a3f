"""Products' mutations: each is one transaction, and presents the outcome or the refusal."""

from uuid import UUID

import strawberry
from strawberry import UNSET, federation

from subgraphs.common.auth import require_scope, require_user, require_verified_email
from subgraphs.common.errors import DomainError, ObjectNotFoundError
from subgraphs.common.graphql_types import errors_of, id_of, parse_id
from subgraphs.products.domain import check_name, check_slug
from subgraphs.products.domain.reviews import ReviewStatus, check_review
from subgraphs.products.schema.context import WRITE_SCOPE, ProductsInfo
from subgraphs.products.schema.inputs import CreateProductInput, UpdateProductInput, read_category_id
from subgraphs.products.schema.lists import NOBODY
from subgraphs.products.schema.payloads import (
    CategoryPayload,
    DeleteProductPayload,
    ProductPayload,
    ReviewPayload,
    WishlistPayload,
)
from subgraphs.products.schema.types import Category, Product, Review
from subgraphs.products.service import NewReview

_SCOPES = [[WRITE_SCOPE]]


async def create_product(
    info: ProductsInfo,
    input: CreateProductInput,  # noqa: A002 -- the schema's name
) -> ProductPayload:
    """Add a product, as a draft unless told otherwise."""
    require_scope(info.context.principal, WRITE_SCOPE)
    try:
        new = input.read()
        async with info.context.write() as session:
            product = await info.context.service.create_product(session, new)
    except DomainError as refusal:
        return ProductPayload(product=None, errors=errors_of(refusal))
    return ProductPayload(product=Product.of(product), errors=[])


async def update_product(
    info: ProductsInfo,
    id: strawberry.ID,  # noqa: A002 -- the schema's name
    input: UpdateProductInput,  # noqa: A002 -- the schema's name
    expected_version: int | None = UNSET,
) -> ProductPayload:
    """Change a product; with expectedVersion only if nobody has changed it since."""
    require_scope(info.context.principal, WRITE_SCOPE)
    expected = None if expected_version is UNSET else expected_version
    try:
        product_id, changes = _read_product_id(id), input.read()
        async with info.context.write() as session:
            product = await info.context.service.update_product(session, product_id, expected, changes)
    except DomainError as refusal:
        return ProductPayload(product=None, errors=errors_of(refusal))
    return ProductPayload(product=Product.of(product), errors=[])


async def delete_product(
    info: ProductsInfo,
    id: strawberry.ID,  # noqa: A002 -- the schema's name
) -> DeleteProductPayload:
    """Take a product out of the catalogue."""
    require_scope(info.context.principal, WRITE_SCOPE)
    try:
        product_id = _read_product_id(id)
        async with info.context.write() as session:
            product = await info.context.service.archive_product(session, product_id)
    except DomainError as refusal:
        return DeleteProductPayload(deleted_product_id=None, errors=errors_of(refusal))
    return DeleteProductPayload(deleted_product_id=id_of(product.id), errors=[])


async def create_category(
    info: ProductsInfo,
    name: str,
    slug: str | None = UNSET,
    parent_id: strawberry.ID | None = UNSET,
) -> CategoryPayload:
    """Add a category, at the top or in another."""
    require_scope(info.context.principal, WRITE_SCOPE)
    try:
        checked_name = check_name(name, ("name",))
        checked_slug = None if slug is None or slug is UNSET else check_slug(slug, ("slug",))
        parent = None if parent_id is None or parent_id is UNSET else read_category_id(parent_id, "parentId")
        async with info.context.write() as session:
            category = await info.context.service.create_category(session, checked_name, checked_slug, parent)
    except DomainError as refusal:
        return CategoryPayload(category=None, errors=errors_of(refusal))
    return CategoryPayload(category=Category.of(category), errors=[])


@strawberry.input
class CreateReviewInput:
    """What somebody says of a product."""

    product_id: strawberry.ID
    rating: int
    title: str | None = UNSET
    body: str | None = UNSET


async def create_review(
    info: ProductsInfo,
    input: CreateReviewInput,  # noqa: A002 -- the schema's name
) -> ReviewPayload:
    """Publish a review of what the caller has bought."""
    principal = require_verified_email(info.context.principal)
    try:
        rating, title, body = check_review(input.rating, input.title or None, input.body or None)
        product_id = _read_product_id(input.product_id, ("input", "productId"))
        new = NewReview(product_id, principal.user_id, rating, title, body)
        review = await info.context.service.reviews.create(new)
    except DomainError as refusal:
        return ReviewPayload(review=None, errors=errors_of(refusal))
    info.context.forget()
    return ReviewPayload(review=Review.of(review), errors=[])


async def moderate_review(
    info: ProductsInfo,
    id: strawberry.ID,  # noqa: A002 -- the schema's name
    status: ReviewStatus,
) -> ReviewPayload:
    """Publish or hide a review."""
    require_scope(info.context.principal, WRITE_SCOPE)
    try:
        review = await info.context.service.reviews.moderate(parse_id(id) or NOBODY, status)
    except DomainError as refusal:
        return ReviewPayload(review=None, errors=errors_of(refusal))
    info.context.forget()
    return ReviewPayload(review=Review.of(review), errors=[])


async def vote_review(
    info: ProductsInfo,
    id: strawberry.ID,  # noqa: A002 -- the schema's name
    helpful: bool,
) -> ReviewPayload:
    """Find a review helpful, or not any more."""
    principal = require_user(info.context.principal)
    try:
        review = await info.context.service.reviews.vote(
            parse_id(id) or NOBODY, principal.user_id, is_helpful=helpful
        )
    except DomainError as refusal:
        return ReviewPayload(review=None, errors=errors_of(refusal))
    info.context.forget()
    return ReviewPayload(review=Review.of(review), errors=[])


async def add_to_wishlist(info: ProductsInfo, product_id: strawberry.ID) -> WishlistPayload:
    """Put a product on the caller's wishlist."""
    principal = require_user(info.context.principal)
    try:
        wished = _read_product_id(product_id, ("productId",))
        product = await info.context.service.reviews.add_wish(principal.user_id, wished)
    except DomainError as refusal:
        return WishlistPayload(product=None, errors=errors_of(refusal))
    return WishlistPayload(product=Product.of(product), errors=[])


async def remove_from_wishlist(info: ProductsInfo, product_id: strawberry.ID) -> WishlistPayload:
    """Take a product off the caller's wishlist, where it may not be."""
    principal = require_user(info.context.principal)
    unwished = parse_id(product_id) or NOBODY
    product = await info.context.service.reviews.remove_wish(principal.user_id, unwished)
    return WishlistPayload(product=None if product is None else Product.of(product), errors=[])


@strawberry.type
class Mutation:
    """Changes of the catalogue, which need the scope catalog:write; reviews and wishes."""

    create_product: ProductPayload = federation.field(resolver=create_product, requires_scopes=_SCOPES)
    update_product: ProductPayload = federation.field(resolver=update_product, requires_scopes=_SCOPES)
    delete_product: DeleteProductPayload = federation.field(
        resolver=delete_product,
        requires_scopes=_SCOPES,
        description="Archives; ordered products are never removed.",
    )
    create_category: CategoryPayload = federation.field(resolver=create_category, requires_scopes=_SCOPES)
    create_review: ReviewPayload = federation.field(
        resolver=create_review, authenticated=True, policy=[["verified_email"]]
    )
    moderate_review: ReviewPayload = federation.field(resolver=moderate_review, requires_scopes=_SCOPES)
    vote_review: ReviewPayload = federation.field(
        resolver=vote_review,
        authenticated=True,
        description="Whether the caller finds a review helpful; one vote for each customer.",
    )
    add_to_wishlist: WishlistPayload = federation.field(resolver=add_to_wishlist, authenticated=True)
    remove_from_wishlist: WishlistPayload = federation.field(
        resolver=remove_from_wishlist, authenticated=True
    )


def _read_product_id(given: str, path: tuple[str, ...] = ("id",)) -> UUID:
    product_id = parse_id(given)
    if product_id is None:
        raise ObjectNotFoundError("There is no such product.", path)
    return product_id
