"""Statements on categories."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Text, Uuid, any_, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from subgraphs.common.database import WriteSession
from subgraphs.products.domain import Category, ProductStatus
from subgraphs.products.models import CategoryRow, ProductRow
from subgraphs.products.repository import AnySession, refuse_broken_constraints

CATEGORIES_MAX = 1_000
CHILDREN_MAX = 10_000
_CATEGORY = (CategoryRow.id, CategoryRow.slug, CategoryRow.name, CategoryRow.parent_id)
_IN_ORDER = (func.lower(CategoryRow.name), CategoryRow.id)


async def list_categories(session: AnySession) -> list[Category]:
    """All categories by name; at most `CATEGORIES_MAX`."""
    rows = await session.execute(select(*_CATEGORY).order_by(*_IN_ORDER).limit(CATEGORIES_MAX))
    return [_category(row) for row in rows]


async def find_categories(session: AnySession, ids: Collection[UUID]) -> dict[UUID, Category]:
    """Those of the categories that exist, by id."""
    rows = await session.execute(select(*_CATEGORY).where(CategoryRow.id == any_(_array(ids))))
    return {row.id: _category(row) for row in rows}


async def find_category_by_slug(session: AnySession, slug: str) -> Category | None:
    """The category with a slug."""
    row = (await session.execute(select(*_CATEGORY).where(CategoryRow.slug == slug))).one_or_none()
    return None if row is None else _category(row)


async def find_ids_by_slug(session: AnySession, slugs: Collection[str]) -> dict[str, UUID]:
    """The ids of those of the categories that exist, by slug."""
    statement = select(CategoryRow.slug, CategoryRow.id).where(
        CategoryRow.slug == any_(literal([*slugs], ARRAY(Text)))
    )
    return {row.slug: row.id for row in await session.execute(statement)}


async def list_children(session: AnySession, ids: Collection[UUID]) -> list[Category]:
    """The categories directly below any of `ids`, by name; at most `CHILDREN_MAX` in all."""
    statement = (
        select(*_CATEGORY)
        .where(CategoryRow.parent_id == any_(_array(ids)))
        .order_by(*_IN_ORDER)
        .limit(CHILDREN_MAX)
    )
    return [_category(row) for row in await session.execute(statement)]


async def count_published(session: AnySession, ids: Collection[UUID]) -> dict[UUID, int]:
    """How many published products each category holds; one without any is not there."""
    statement = (
        select(ProductRow.category_id, func.count().label("products"))
        .where(
            ProductRow.category_id == any_(_array(ids)),
            ProductRow.status == ProductStatus.PUBLISHED,
        )
        .group_by(ProductRow.category_id)
    )
    return {row.category_id: row.products for row in await session.execute(statement)}


async def find_slugs_like(session: AnySession, slug: str) -> frozenset[str]:
    """The slugs of categories that are `slug`, or `slug` with a number behind it."""
    statement = select(CategoryRow.slug).where(CategoryRow.slug.regexp_match(f"^{slug}(-[0-9]+)?$"))
    return frozenset((await session.execute(statement)).scalars())


async def insert_category(session: WriteSession, slug: str, name: str, parent_id: UUID | None) -> Category:
    """Store a new category.

    Raises:
        SlugTakenError, ObjectNotFoundError: see `refuse_broken_constraints`.
    """
    statement = insert(CategoryRow).values(slug=slug, name=name, parent_id=parent_id).returning(*_CATEGORY)
    with refuse_broken_constraints():
        return _category((await session.execute(statement)).one())


async def insert_missing(session: WriteSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store those categories whose id and slug are not there yet."""
    await session.execute(upsert(CategoryRow).on_conflict_do_nothing(), rows)


def _array(ids: Collection[UUID]) -> Any:
    # One bound array rather than a placeholder for each id: the statement stays the same, however many there are.
    return literal([*ids], ARRAY(Uuid))


def _category(row: Row[UUID, str, str, UUID | None]) -> Category:
    return Category(id=row.id, slug=row.slug, name=row.name, parent_id=row.parent_id)
