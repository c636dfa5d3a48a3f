"""Products' mutations: each is one transaction, and presents the outcome or the refusal."""

from uuid import UUID

import strawberry
from strawberry import UNSET, federation

from subgraphs.common.auth import require_scope
from subgraphs.common.errors import DomainError, ObjectNotFoundError
from subgraphs.common.graphql_types import parse_id
from subgraphs.products.domain import check_name, check_slug
from subgraphs.products.schema.context import WRITE_SCOPE, ProductsInfo
from subgraphs.products.schema.inputs import CreateProductInput, UpdateProductInput, read_category_id
from subgraphs.products.schema.payloads import (
    CategoryPayload,
    DeleteProductPayload,
    ProductPayload,
    errors_of,
)
from subgraphs.products.schema.types import Category, Product

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
    return DeleteProductPayload(deleted_product_id=strawberry.ID(str(product.id)), errors=[])


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


@strawberry.type
class Mutation:
    """Changes of the catalogue; all need the scope catalog:write."""

    create_product: ProductPayload = federation.field(resolver=create_product, requires_scopes=_SCOPES)
    update_product: ProductPayload = federation.field(resolver=update_product, requires_scopes=_SCOPES)
    delete_product: DeleteProductPayload = federation.field(
        resolver=delete_product,
        requires_scopes=_SCOPES,
        description="Archives; ordered products are never removed.",
    )
    create_category: CategoryPayload = federation.field(resolver=create_category, requires_scopes=_SCOPES)


def _read_product_id(given: str) -> UUID:
    product_id = parse_id(given)
    if product_id is None:
        raise ObjectNotFoundError("There is no such product.", ("id",))
    return product_id
