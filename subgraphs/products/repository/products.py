"""Statements on single products, and on many by their keys."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Text, Uuid, any_, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from subgraphs.common.bulk import build_values, find_stored
from subgraphs.common.database import WriteSession
from subgraphs.common.money import Money
from subgraphs.products.domain import Availability, NewProduct, Product, ProductChanges, ProductStatus
from subgraphs.products.models import ProductRow
from subgraphs.products.repository import AnySession, refuse_broken_constraints

COLUMNS = (
    ProductRow.id,
    ProductRow.slug,
    ProductRow.name,
    ProductRow.description,
    ProductRow.category_id,
    ProductRow.price_minor,
    ProductRow.currency,
    ProductRow.unit_cost_minor,
    ProductRow.unit_cost_currency,
    ProductRow.features,
    ProductRow.attributes,
    ProductRow.status,
    ProductRow.availability,
    ProductRow.license_limit,
    ProductRow.created_at,
    ProductRow.updated_at,
    ProductRow.version,
    ProductRow.rating_counts,
)


async def find_products(
    session: AnySession, ids: Collection[UUID], slugs: Collection[str] = ()
) -> list[Product]:
    """The products with one of the ids or one of the slugs, of any status, in no order."""
    statement = select(*COLUMNS).where(
        or_(
            ProductRow.id == any_(literal([*ids], ARRAY(Uuid))),
            ProductRow.slug == any_(literal([*slugs], ARRAY(Text))),
        )
    )
    return [read_product(row) for row in await session.execute(statement)]


async def find_ids(session: WriteSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of the ids that products have."""
    return await find_stored(session, ProductRow.id, ids)


async def lock_product(session: WriteSession, product_id: UUID) -> Product | None:
    """The product, which nobody else can change until the transaction ends."""
    statement = select(*COLUMNS).where(ProductRow.id == product_id).with_for_update()
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else read_product(row)


async def find_slugs_like(session: AnySession, slug: str) -> frozenset[str]:
    """The slugs of products that are `slug`, or `slug` with a number behind it."""
    statement = select(ProductRow.slug).where(ProductRow.slug.regexp_match(f"^{slug}(-[0-9]+)?$"))
    return frozenset((await session.execute(statement)).scalars())


async def insert_product(session: WriteSession, product: NewProduct, slug: str) -> Product:
    """Store a new product.

    Raises:
        SlugTakenError, ObjectNotFoundError: see `refuse_broken_constraints`.
    """
    statement = (
        insert(ProductRow)
        .values(
            slug=slug,
            name=product.name,
            description=product.description,
            category_id=product.category_id,
            price_minor=product.price.minor,
            currency=product.price.currency,
            features=[*product.features],
            attributes=dict(product.attributes),
            status=product.status,
            license_limit=product.license_limit,
        )
        .returning(*COLUMNS)
    )
    with refuse_broken_constraints():
        return read_product((await session.execute(statement)).one())


async def update_product(session: WriteSession, product_id: UUID, changes: ProductChanges) -> Product:
    """Change a locked product and count its version up.

    Raises:
        SlugTakenError, ObjectNotFoundError: see `refuse_broken_constraints`.
    """
    values: dict[str, Any] = {**changes}
    price = changes.get("price")
    if price is not None:
        del values["price"]
        values |= {"price_minor": price.minor, "currency": price.currency}
    if "features" in values:
        values["features"] = [*values["features"]]
    statement = (
        update(ProductRow)
        .where(ProductRow.id == product_id)
        .values(**values, version=ProductRow.version + 1, updated_at=func.clock_timestamp())
        .returning(*COLUMNS)
    )
    with refuse_broken_constraints():
        return read_product((await session.execute(statement)).one())


async def insert_missing(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Store those products whose id and slug are not there yet, and tell which."""
    statement = upsert(ProductRow).values([*rows]).on_conflict_do_nothing().returning(ProductRow.id)
    return {*await session.scalars(statement)}


async def change_prices(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Give each product (`id`) a price (`price_minor`) from a time on (`updated_at`)."""
    given = build_values(ProductRow.metadata.tables["products"], rows)
    statement = (
        update(ProductRow)
        .where(ProductRow.id == given.c.id)
        .values(
            price_minor=given.c.price_minor, updated_at=given.c.updated_at, version=ProductRow.version + 1
        )
        .execution_options(synchronize_session=False)
    )
    await session.execute(statement)


def read_product(row: Row[Any]) -> Product:
    """The product in a row of `COLUMNS`."""
    return Product(
        id=row.id,
        slug=row.slug,
        name=row.name,
        description=row.description,
        category_id=row.category_id,
        price=Money(row.price_minor, row.currency),
        unit_cost=None if row.unit_cost_minor is None else Money(row.unit_cost_minor, row.unit_cost_currency),
        features=tuple(row.features),
        attributes=row.attributes,
        status=ProductStatus(row.status),
        availability=Availability(row.availability),
        license_limit=row.license_limit,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        rating_counts=tuple(row.rating_counts),
    )
