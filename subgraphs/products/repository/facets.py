"""What lists of products hold, counted in one statement however many lists there are."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BIGINT,
    Select,
    Text,
    Uuid,
    any_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from subgraphs.common.money import EXPONENTS
from subgraphs.products.domain import ProductQuery, ProductStatus
from subgraphs.products.domain.facets import (
    FEATURES_COUNTED_MAX,
    PRICE_STEPS,
    Facets,
    build_price_range,
    get_scale,
)
from subgraphs.products.models import ProductRow, WishRow
from subgraphs.products.repository import AnySession
from subgraphs.products.repository.listing import build_conditions

_COLUMNS = (ProductRow.category_id, ProductRow.currency, ProductRow.price_minor, ProductRow.features)
_SCALES = {currency: get_scale(currency) for currency in EXPONENTS if get_scale(currency) > 1}
_CATEGORY, _PRICE, _FEATURE = "category", "price", "feature"
_NOBODY = UUID(int=0)
"""The owner of a list that is the only one."""


async def count_facets(session: AnySession, query: ProductQuery) -> Facets:
    """The counts of the list of `query`."""
    owner = literal(_NOBODY, Uuid).label("owner")
    listed = select(owner, *_COLUMNS).where(*build_conditions(query))
    return (await _count(session, listed, [_NOBODY]))[_NOBODY]


async def count_shelf_facets(
    session: AnySession, category_ids: Collection[UUID], query: ProductQuery
) -> dict[UUID, Facets]:
    """The counts of what of `query` stands in each category."""
    listed = select(ProductRow.category_id.label("owner"), *_COLUMNS).where(
        ProductRow.category_id == any_(literal([*category_ids], ARRAY(Uuid))), *build_conditions(query)
    )
    return await _count(session, listed, category_ids)


async def count_wish_facets(session: AnySession, user_id: UUID) -> Facets:
    """The counts of what a user wishes for."""
    listed = (
        select(WishRow.user_id.label("owner"), *_COLUMNS)
        .join(ProductRow, ProductRow.id == WishRow.product_id)
        .where(WishRow.user_id == user_id, ProductRow.status != ProductStatus.DRAFT)
    )
    return (await _count(session, listed, [user_id]))[user_id]


async def _count(
    session: AnySession, lists: Select[*tuple[Any, ...]], owners: Collection[UUID]
) -> dict[UUID, Facets]:
    listed = lists.cte("listed")
    owner, number = listed.c.owner, func.count().label("number")
    scale = case(*((listed.c.currency == code, scale) for code, scale in _SCALES.items()), else_=1)
    step = func.width_bucket(listed.c.price_minor / scale, literal([*PRICE_STEPS], ARRAY(BIGINT)))
    each = select(owner, func.unnest(listed.c.features).label("name")).subquery("each")
    order = (number.desc(), each.c.name)
    place = func.row_number().over(partition_by=each.c.owner, order_by=order).label("place")
    features = select(each.c.owner, each.c.name, number, place).group_by(each.c.owner, each.c.name).subquery()
    statement = union_all(
        select(
            owner,
            literal(_CATEGORY).label("kind"),
            cast(listed.c.category_id, Text).label("name"),
            null().label("step"),
            number,
        ).group_by(owner, listed.c.category_id),
        select(owner, literal(_PRICE), cast(listed.c.currency, Text), step, number).group_by(
            owner, listed.c.currency, step
        ),
        select(features.c.owner, literal(_FEATURE), features.c.name, null(), features.c.number).where(
            features.c.place <= FEATURES_COUNTED_MAX
        ),
    )
    found: dict[UUID, list[Any]] = {owner_id: [] for owner_id in owners}
    for row in await session.execute(statement):
        found[row.owner].append(row)
    return {owner_id: _read(rows) for owner_id, rows in found.items()}


def _read(rows: Sequence[Any]) -> Facets:
    categories = [(UUID(row.name), row.number) for row in rows if row.kind == _CATEGORY]
    prices = sorted((row.name, row.step, row.number) for row in rows if row.kind == _PRICE)
    features = [(row.name, row.number) for row in rows if row.kind == _FEATURE]
    return Facets(
        categories=tuple(sorted(categories, key=lambda each: (-each[1], each[0]))),
        price_ranges=tuple(build_price_range(*price) for price in prices),
        features=tuple(sorted(features, key=lambda each: (-each[1], each[0]))),
    )
