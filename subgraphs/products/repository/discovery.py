"""Finding products that nobody has named: what a beginning may become, and what is like another product."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, BIGINT, Uuid, bindparam, select, text

from subgraphs.products.domain import Product
from subgraphs.products.models import ProductRow
from subgraphs.products.repository import AnySession
from subgraphs.products.repository.products import COLUMNS, read_product

CANDIDATES_MAX = 500
"""How much of a shelf is looked at for what is like a product of it."""
_LIKE_SPECIAL = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})

_SUGGESTIONS = text("""
    SELECT name FROM products
    WHERE status = 'PUBLISHED'
        AND (plain_text(name) %> plain_text(:typed) OR plain_text(name) LIKE plain_text(:pattern) || '%')
    GROUP BY name
    ORDER BY starts_with(plain_text(name), plain_text(:typed)) DESC,
        word_similarity(plain_text(:typed), plain_text(name)) DESC, max(units_sold) DESC, name
    LIMIT :count_max
""")

_RELATED = (
    text("""
    SELECT origin.id AS origin_id, likest.id, likest.place
    FROM products AS origin CROSS JOIN LATERAL (
        SELECT near.id, row_number() OVER (ORDER BY shared DESC, units_sold DESC, near.id) AS place
        FROM (
            SELECT other.id, other.units_sold, (
                SELECT count(*) FROM unnest(other.features) AS feature WHERE feature = ANY (origin.features)
            ) AS shared
            FROM products AS other
            WHERE other.category_id = origin.category_id AND other.status = 'PUBLISHED' AND other.id <> origin.id
            ORDER BY lower(other.name), other.id LIMIT :candidates_max
        ) AS near
        ORDER BY place LIMIT :count_max
    ) AS likest
    WHERE origin.id = ANY (:ids)
    """)
    .bindparams(bindparam("ids", type_=ARRAY(Uuid)), candidates_max=CANDIDATES_MAX)
    .columns(origin_id=Uuid, id=Uuid, place=BIGINT)
    .subquery("related")
)


async def suggest_names(session: AnySession, typed: str, count_max: int) -> list[str]:
    """Names of published products that begin with what was typed, or have a word like it: the likeliest first."""
    given = {"typed": typed, "pattern": typed.translate(_LIKE_SPECIAL), "count_max": count_max}
    return [*(await session.scalars(_SUGGESTIONS, given))]


async def list_related(
    session: AnySession, product_ids: Collection[UUID], count_max: int
) -> dict[UUID, list[Product]]:
    """For each product, published ones beside it: those that share most features first, then what sells best."""
    statement = (
        select(_RELATED.c.origin_id, *COLUMNS)
        .join_from(_RELATED, ProductRow, ProductRow.id == _RELATED.c.id)
        .order_by(_RELATED.c.place)
    )
    found: dict[UUID, list[Product]] = {product_id: [] for product_id in product_ids}
    for row in await session.execute(statement, {"ids": [*product_ids], "count_max": count_max}):
        found[row.origin_id].append(read_product(row))
    return found
